/// Makes bad files from good ones. The same seed makes the same files.
struct Mutator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// Xorshift (Marsaglia 2003): fast, and good enough to pick bytes.
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// Numbers at which programs break.
    private static let edges: [UInt64] = [
        0, 1, 2, 7, 8, 9, 31, 32, 33, 255, 256, 65_535, 65_536, 1 << 20, 1 << 31, 1 << 32, (1 << 32) - 1, 1 << 61,
        1 << 62, 1 << 63, (1 << 63) - 1, .max, .max - 7, .max - 31,
    ]

    /// A changed copy: a few flips, edge numbers, cuts, copies within, or a piece of another file.
    mutating func change(_ file: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = file
        for _ in 0...Int.random(in: 0..<4, using: &self) {
            guard !bytes.isEmpty else { return bytes }
            // Most of what matters stands at the front.
            let reach = Bool.random(using: &self) ? bytes.count : min(bytes.count, 256)
            let place = Int.random(in: 0..<reach, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 2:
                let number = Self.edges.randomElement(using: &self) ?? 0
                let size = Bool.random(using: &self) ? 8 : 4
                for byte in 0..<min(size, bytes.count - place) {
                    bytes[place + byte] = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))
                }
            case 3: bytes.removeLast(bytes.count - place)
            case 4:
                let end = min(bytes.count, place + Int.random(in: 1...64, using: &self))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            default:
                guard !other.isEmpty else { continue }
                let from = Int.random(in: 0..<other.count, using: &self)
                let piece = other[from..<min(other.count, from + Int.random(in: 1...128, using: &self))]
                bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
            }
        }
        return bytes
    }
}
