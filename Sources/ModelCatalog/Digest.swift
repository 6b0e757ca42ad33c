/// A SHA-256 digest of a file's content, as 64 lower-case hexadecimal digits.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// 64 characters, `0-9a-f`.
    public let hex: String

    /// Takes 64 hexadecimal digits in either case, with or without a leading `sha256:`; nil for anything else.
    public init?(hex text: some StringProtocol) { self.init(text: String(text)) }

    private init?(text: String) {
        var text = text
        // As records and the index have it: ten thousand are read for a list.
        if text.withUTF8({ $0.count == 64 && $0.allSatisfy(Self.isHexDigit) }) {
            hex = text
            return
        }
        var digits = text.lowercased()
        if digits.hasPrefix("sha256:") { digits.removeFirst(7) }
        guard digits.utf8.count == 64, digits.utf8.allSatisfy(Self.isHexDigit) else { return nil }
        hex = digits
    }

    /// Takes the 32 bytes that a hash function gave.
    package init?(bytes: some Sequence<UInt8>) {
        let alphabet = Array("0123456789abcdef".utf8)
        var digits: [UInt8] = []
        for byte in bytes { digits += [alphabet[Int(byte >> 4)], alphabet[Int(byte & 15)]] }
        guard digits.count == 64 else { return nil }
        hex = String(decoding: digits, as: UTF8.self)
    }

    /// All 64 digits.
    public var description: String { hex }

    /// `e0aee850…7787`, for a line that a person reads.
    package var short: String { "\(hex.prefix(8))…\(hex.suffix(4))" }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte)
    }
}

extension Digest: Codable {
    /// Takes what ``init(hex:)`` takes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(hex: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a SHA-256 digest: \(text)")
        }
        self = digest
    }

    /// Writes the 64 digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}
