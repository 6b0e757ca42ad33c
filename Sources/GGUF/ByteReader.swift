/// A bounds-checked cursor over a header. It knows what it was reading when something is wrong.
struct ByteReader {
    /// How much of a file is held at a time, in bytes.
    private static let windowSize = 128 << 10

    /// What a guess at the header's length has on top, in bytes: half of what is missing, within these bounds. Together
    /// with what a guess may be too long by it stays below the 1 MiB that is at most to be read in vain.
    private static let spare: ClosedRange<Int64> = 256 << 10...768 << 10

    private let file: OpenFile?
    private var window: [UInt8]
    /// Where `window` begins in the file.
    private var windowStart: Int64
    /// Length of the whole source, in bytes.
    let length: Int64
    /// Position in the file, in bytes.
    private(set) var offset: Int64 = 0
    /// Numbers are stored with the most significant byte first.
    var isBigEndian = false
    /// What usually follows what is being read, in bytes: kept up to date by those who know what is still to come.
    var toCome: Int64 = 0

    init(_ source: ByteSource, at offset: Int64 = 0) throws(GGUFError) {
        switch source {
        case .memory(let bytes):
            file = nil
            window = bytes
            length = Int64(bytes.count)
        case .file(let path):
            let opened = try OpenFile(path: path)
            file = opened
            window = []
            length = opened.length
        }
        windowStart = 0
        self.offset = offset
    }

    /// An unsigned integer of the file's byte order.
    mutating func integer<T: FixedWidthInteger & UnsignedInteger>(
        _: T.Type, _ what: @autoclosure () -> String
    ) throws(GGUFError) -> T {
        let start = try position(of: MemoryLayout<T>.size, what)
        defer { offset += Int64(MemoryLayout<T>.size) }
        let raw = window.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: T.self) }
        return isBigEndian ? T(bigEndian: raw) : T(littleEndian: raw)
    }

    /// `count` bytes, copied.
    mutating func bytes(_ count: Int, _ what: @autoclosure () -> String) throws(GGUFError) -> [UInt8] {
        if count > Self.windowSize, file != nil {
            var parts: [UInt8] = []
            try check(Int64(count), what)
            parts.reserveCapacity(count)
            while parts.count < count {
                let step = min(count - parts.count, Self.windowSize)
                let start = try position(of: step, what)
                parts += window[start..<start + step]
                offset += Int64(step)
            }
            return parts
        }
        let start = try position(of: count, what)
        defer { offset += Int64(count) }
        return Array(window[start..<start + count])
    }

    /// Moves on without looking at the bytes.
    mutating func skip(_ count: Int64, _ what: @autoclosure () -> String) throws(GGUFError) {
        try check(count, what)
        offset += count
    }

    /// Whether `count` bytes are there.
    private func check(_ count: Int64, _ what: () -> String) throws(GGUFError) {
        guard count >= 0, length - offset >= count else {
            let (end, overflow) = offset.addingReportingOverflow(max(count, 0))
            let needed = overflow ? Int64.max : end
            throw .truncated(reading: what(), at: offset, needed: needed, estimate: guess(needed))
        }
    }

    /// A length at which a second try is likely to find everything.
    private func guess(_ needed: Int64) -> Int64 {
        let guess = min(needed, Int64.max / 4) + min(toCome, Int64.max / 4)
        // Later pieces of a vocabulary are longer, and small things were not thought of.
        let spare = min(max((guess - length) / 2, Self.spare.lowerBound), Self.spare.upperBound)
        return max(needed, guess + spare)
    }

    /// Index into the window of the byte at `offset`, with `count` bytes after it.
    private mutating func position(of count: Int, _ what: () -> String) throws(GGUFError) -> Int {
        try check(Int64(count), what)
        if let start = Int(exactly: offset - windowStart), start >= 0, window.count - start >= count { return start }
        guard let file else { throw .truncated(reading: what(), at: offset, needed: offset, estimate: guess(offset)) }
        try file.read(into: &window, capacity: max(Self.windowSize, count), at: offset)
        windowStart = offset
        // Another program may have cut the file since it was opened.
        guard window.count >= count else {
            let needed = offset + Int64(count)
            throw .truncated(reading: what(), at: offset, needed: needed, estimate: needed)
        }
        return 0
    }
}
