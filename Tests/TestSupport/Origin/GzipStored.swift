/// The gzip format without compression: blocks that are stored as they are (RFC 1951, 3.2.4; RFC 1952).
enum GzipStored {
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        output.reserveCapacity(bytes.count + bytes.count / 1000 + 64)
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            output.append(rest.isEmpty ? 1 : 0)
            append(UInt16(block.count), to: &output)
            append(~UInt16(block.count), to: &output)
            output += block
        } while !rest.isEmpty
        append(crc32(bytes), to: &output)
        append(UInt32(truncatingIfNeeded: bytes.count), to: &output)
        return output
    }

    private static func append(_ number: some FixedWidthInteger, to output: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { output += $0 }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1
        }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                var value = UInt32.max
                var index = 0
                while index < bytes.count {
                    value = table[Int((value ^ UInt32(bytes[index])) & 255)] ^ (value >> 8)
                    index += 1
                }
                return ~value
            }
        }
    }
}
