import ArgumentParser

/// A size that a person writes: `2GB`, `500 MB`, `1,5GB`, `4GiB`.
struct ByteSize: ExpressibleByArgument {
    /// In bytes; GB are 10^9, GiB 2^30.
    let bytes: Int64
    /// In bytes, where GB are the 2^30 that memory is sold in.
    let memoryBytes: Int64

    init?(argument: String) {
        let text = argument.lowercased().filter { $0 != " " }
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "," }
        let steps = ["": 0, "b": 0, "k": 1, "kb": 1, "m": 2, "mb": 2, "g": 3, "gb": 3, "t": 4, "tb": 4]
        let unit = text.dropFirst(digits.count)
        let isBinary = unit.hasSuffix("ib")
        guard let number = Double(digits.replacing(",", with: ".")), number.isFinite, number >= 0,
            let step = steps[isBinary ? unit.dropLast(2) + "b" : String(unit)]
        else { return nil }
        func scaled(by base: Double) -> Int64? {
            let size = (0..<step).reduce(number) { size, _ in size * base }
            return size < 9e18 ? Int64(size) : nil
        }
        guard let decimal = scaled(by: isBinary ? 1024 : 1000), let binary = scaled(by: 1024) else { return nil }
        bytes = decimal
        memoryBytes = binary
    }
}

/// How fast memory is read: `51GB/s`, `51,2 GB`.
struct Bandwidth: ExpressibleByArgument {
    /// In bytes per second; GB are 10^9, as data sheets count them.
    let bytesPerSecond: Double

    /// What memory of the last thirty years has, and what the next will: anything else is a slip.
    private static let plausible: ClosedRange<Int64> = 100_000_000...100_000_000_000_000

    init?(argument: String) {
        let text = argument.lowercased().filter { $0 != " " }
        guard let size = ByteSize(argument: text.hasSuffix("/s") ? String(text.dropLast(2)) : text),
            Self.plausible.contains(size.bytes)
        else { return nil }
        bytesPerSecond = Double(size.bytes)
    }
}
