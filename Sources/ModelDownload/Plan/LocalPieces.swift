internal import Disk
package import Foundation
package import SystemPackage

/// A stretch of a file that another file on this disk may have as well.
package struct LocalPiece: Hashable, Sendable {
    /// The other file.
    package let path: FilePath
    /// Where the stretch begins there, in bytes.
    package let offset: Int64
    /// Where it belongs, in bytes from the start of the file that is wanted.
    package let range: Range<Int64>

    package init(path: FilePath, offset: Int64, range: Range<Int64>) {
        self.path = path
        self.offset = offset
        self.range = range
    }
}

/// What of a wanted file is, or may be, on this disk already. The rest comes from the origin, and so do samples of each
/// piece: where they agree with the other file, the piece is taken from there. What that is worth is decided by the
/// SHA-256 of the whole.
package struct LocalPieces: Hashable, Sendable {
    /// Disjoint, in the order of the wanted file.
    package let pieces: [LocalPiece]
    /// The file's first bytes, which came from the origin when the pieces were looked for: they are not fetched again.
    package let head: Data
    /// What came over the network for that, in bytes.
    package let fetched: Int64

    /// Samples of a smaller piece would be most of it. In bytes.
    package static let least: Int64 = 16 << 10
    /// Real models have some hundred tensors; whoever claims more has the largest looked at.
    package static let most = 4096

    /// Takes those of the pieces that can be meant: none beyond the end, none over another.
    ///
    /// - Parameter size: Of the wanted file, in bytes.
    package init(_ found: [LocalPiece], of size: Int64, head: Data = Data(), fetched: Int64 = 0) {
        let possible = found.filter { piece in
            piece.range.count >= Self.least && piece.range.lowerBound >= 0 && piece.range.upperBound <= size
                && piece.offset >= 0
        }
        let largest = possible.sorted { $0.range.count > $1.range.count }.prefix(Self.most)
        var disjoint: [LocalPiece] = []
        for piece in largest.sorted(by: { $0.range.lowerBound < $1.range.lowerBound })
        where piece.range.lowerBound >= disjoint.last?.range.upperBound ?? 0 {
            disjoint.append(piece)
        }
        pieces = disjoint
        self.head = head.count <= size ? head : head.prefix(Int(size))
        self.fetched = fetched
    }

    /// About how much has to be fetched where so much of the pieces, of 1, is what it seems to be. In bytes.
    package func expected(of size: Int64, agreeing: Double) -> Int64 {
        var coming = ByteRangeSet(pieces.flatMap { Sampling.coarse.samples(of: $0) })
        coming.insert(0..<Int64(head.count))
        let taken = Int64(Double(ranges.subtracting(coming).count) * min(max(agreeing, 0), 1))
        return size - taken + max(0, fetched - Int64(head.count))
    }

    /// The bytes that the pieces speak of.
    var ranges: ByteRangeSet { ByteRangeSet(pieces.map(\.range)) }
}

extension LocalPiece {
    /// The bytes by which it is first told whether the other file has the same, in bytes of the wanted file.
    package var sample: Range<Int64> { Sampling(distance: .max, least: 1, most: 1).samples(of: self)[0] }

    /// What the other file has there; nil where it cannot be read.
    package func bytes(of sample: Range<Int64>) -> Data? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        else { return nil }
        defer { try? file.close() }
        var bytes = Data(count: sample.count)
        let count = try? bytes.withUnsafeMutableBytes {
            try file.fill($0, at: offset + sample.lowerBound - range.lowerBound)
        }
        return count == sample.count ? bytes : nil
    }
}

/// How closely a piece is looked at before it is taken.
struct Sampling {
    /// Bytes of one sample: what a disk reads at once, and enough for any quantization's blocks to differ in.
    static let length: Int64 = 4096

    /// One sample for so many bytes of a piece.
    let distance: Int64
    let least: Int64
    let most: Int64

    /// Each sample is a request: few suffice to tell a tensor that was made anew.
    static let coarse = Sampling(distance: 4 << 20, least: 1, most: 8)
    /// Once the whole was wrong: a tensor of which only some rows differ is to be found.
    static let fine = Sampling(distance: 512 << 10, least: 4, most: 256)

    /// Where to look, in bytes of the wanted file: the ends and evenly between them, or the middle; on whole blocks, so that
    /// what lies between can be shared.
    func samples(of piece: LocalPiece) -> [Range<Int64>] {
        let (range, length) = (piece.range, Self.length)
        let count = min(max(Int64(range.count) / distance, least), most)
        let room = Int64(range.count) - length
        guard room > 0 else { return [range] }
        return (0..<count).map { index in
            let place = range.lowerBound + (count == 1 ? room / 2 : room / (count - 1) * index)
            let start = max(range.lowerBound, place / length * length)
            return start..<min(range.upperBound, start + length)
        }
    }
}
