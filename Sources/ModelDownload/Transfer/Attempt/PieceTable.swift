internal import ModelCatalog

/// The pieces of a file that may be taken from this disk, while it is found out of which that is true: until then only
/// their samples are fetched.
struct PieceTable {
    private struct Candidate {
        let piece: LocalPiece
        let samples: [Range<Int64>]
    }

    /// In the order of the file.
    private var undecided: [Candidate] = []
    /// What is not to be fetched now.
    private(set) var heldBack = ByteRangeSet()

    /// - Parameter written: What is here: of a piece that is here as a whole nothing is to be decided.
    init(_ pieces: [LocalPiece], _ sampling: Sampling, written: ByteRangeSet) {
        for piece in pieces where !written.contains(piece.range) {
            let samples = sampling.samples(of: piece)
            undecided.append(Candidate(piece: piece, samples: samples))
            for gap in ByteRangeSet(samples).gaps(in: piece.range) { heldBack.insert(gap) }
        }
    }

    /// The pieces whose samples have all come, each once, with its samples.
    mutating func decidable(after written: ByteRangeSet) -> [(piece: LocalPiece, samples: [Range<Int64>])] {
        guard !undecided.isEmpty else { return [] }
        let isHere = undecided.map { $0.samples.allSatisfy { written.contains($0) } }
        guard isHere.contains(true) else { return [] }
        defer { undecided = zip(undecided, isHere).filter { !$1 }.map(\.0) }
        return zip(undecided, isHere).filter { $1 }.map { ($0.0.piece, $0.0.samples) }
    }

    /// Nothing more comes of this piece from the disk: what is not here is to be fetched.
    mutating func release(_ piece: LocalPiece) {
        heldBack = heldBack.subtracting(ByteRangeSet([piece.range]))
    }
}
