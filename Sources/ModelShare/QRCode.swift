internal import CQRCode
package import Foundation

/// A QR code, made by libqrencode.
package struct QRCode: Sendable {
    /// Modules on each side, the margin not counted.
    package let size: Int
    /// Row by row; true is dark.
    private let modules: [Bool]
    /// Light modules on each side. The standard asks for four; readers make do with two, and a terminal is small.
    package static let margin = 2

    /// Nil for a text that is longer than a code holds (about 2,900 bytes).
    package init?(_ text: String) {
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1) else { return nil }
        defer { QRcode_free(code) }
        size = Int(code.pointee.width)
        modules = (0..<size * size).map { code.pointee.data[$0] & 1 == 1 }
    }

    /// Whether a module is dark; outside of the code it is not.
    package func isDark(_ column: Int, _ row: Int) -> Bool {
        (0..<size).contains(column) && (0..<size).contains(row) && modules[row * size + column]
    }

    /// Two rows of modules a line, with the margin.
    ///
    /// - Parameter inkIsDark: Whether a terminal is made to write dark on light; otherwise the light modules are written,
    ///   since most terminals write light on dark.
    package func halfBlocks(inkIsDark: Bool) -> [String] {
        let span = -Self.margin..<size + Self.margin
        return stride(from: span.lowerBound, to: span.upperBound, by: 2).map { row in
            String(
                span.map { column -> Character in
                    // Below the last row of an odd number there is margin.
                    switch (isDark(column, row) == inkIsDark, isDark(column, row + 1) == inkIsDark) {
                    case (true, true): "█"
                    case (true, false): "▀"
                    case (false, true): "▄"
                    case (false, false): " "
                    }
                })
        }
    }

    /// The modules row by row, eight a byte, the first in the highest bit.
    package var bits: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (modules.count + 7) / 8)
        for (index, isDark) in modules.enumerated() where isDark { bytes[index / 8] |= 0x80 >> UInt8(index % 8) }
        return bytes
    }

    // MARK: As a picture

    /// A PNG file, eight pixels a module, with the margin that the standard asks for.
    package func png(scale: Int = 8) -> Data {
        let (side, margin) = (size + 8, 4)
        let width = side * scale
        var rows: [UInt8] = []
        for row in 0..<side {
            // One bit a pixel, white is 1; each line begins with its filter, none.
            var line = [UInt8](repeating: 0xFF, count: (width + 7) / 8)
            for column in 0..<side where isDark(column - margin, row - margin) {
                for pixel in column * scale..<(column + 1) * scale { line[pixel / 8] &= ~(0x80 >> UInt8(pixel % 8)) }
            }
            for _ in 0..<scale { rows += [0] + line }
        }
        var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        file += Self.chunk("IHDR", Self.bytes(UInt32(width)) + Self.bytes(UInt32(width)) + [1, 0, 0, 0, 0])
        file += Self.chunk("IDAT", Self.stored(rows))
        file += Self.chunk("IEND", [])
        return file
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
        let content = Array(name.utf8) + body
        return bytes(UInt32(body.count)) + content + bytes(checksum(content))
    }

    /// CRC-32, as PNG's specification gives it.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = (sum >> 1) ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~sum
    }

    /// A zlib stream (RFC 1950) of blocks that are not compressed.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var (low, high) = (UInt32(1), UInt32(0))
        for start in stride(from: 0, to: bytes.count, by: 0xFFFF) {
            let block = bytes[start..<min(start + 0xFFFF, bytes.count)]
            let count = UInt16(block.count)
            stream.append(block.endIndex == bytes.count ? 1 : 0)
            for word in [count, ~count] { stream += [UInt8(word & 255), UInt8(word >> 8)] }
            stream += block
            for byte in block {
                low = (low + UInt32(byte)) % 65521
                high = (high + low) % 65521
            }
        }
        return stream + Self.bytes(high << 16 | low)
    }
}
