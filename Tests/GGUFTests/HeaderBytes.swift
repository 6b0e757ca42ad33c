/// Writes headers for tests, bad ones too: nothing is checked.
struct HeaderBytes {
    private(set) var bytes: [UInt8] = []
    var version: UInt32 = 3
    var isBigEndian = false

    init(version: UInt32 = 3, isBigEndian: Bool = false, tensors: UInt64, keys: UInt64) {
        self.version = version
        self.isBigEndian = isBigEndian
        bytes = Array("GGUF".utf8)
        integer(version)
        size(tensors)
        size(keys)
    }

    mutating func integer<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { bytes += $0 }
    }

    /// 32 bits in version 1, 64 since.
    mutating func size(_ value: UInt64) {
        if version == 1 { integer(UInt32(truncatingIfNeeded: value)) } else { integer(value) }
    }

    mutating func text(_ text: String) {
        size(UInt64(text.utf8.count))
        bytes += Array(text.utf8)
    }

    mutating func pair(_ key: String, _ value: String) {
        text(key)
        integer(UInt32(8))
        text(value)
    }

    mutating func pair(_ key: String, _ value: UInt32) {
        text(key)
        integer(UInt32(4))
        integer(value)
    }

    mutating func array(_ key: String, kind: UInt32, count: UInt64) {
        text(key)
        integer(UInt32(9))
        integer(kind)
        size(count)
    }

    mutating func tensor(_ name: String, _ dimensions: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) {
        text(name)
        integer(UInt32(dimensions.count))
        for dimension in dimensions { size(dimension) }
        integer(type)
        integer(offset)
    }

    mutating func raw(_ more: [UInt8]) { bytes += more }
}
