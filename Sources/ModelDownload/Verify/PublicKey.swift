internal import Crypto
internal import Disk
package import Foundation

/// A public key of Ed25519 (RFC 8032): it tells who has signed something.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    private let bytes: Data

    /// What stands before the 32 bytes of a key in a PEM file (RFC 8410, SubjectPublicKeyInfo).
    private static let prefix = Data([0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00])

    /// Reads what `openssl pkey -pubout` writes, or 32 bytes in Base64; nil for anything else.
    public init?(text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }
        let digits = lines.filter { !$0.hasPrefix("-----") && !$0.hasPrefix("#") }.joined()
        guard digits.utf8.count <= 64, var bytes = Data(base64Encoded: digits) else { return nil }
        if bytes.count == 44, bytes.starts(with: Self.prefix) { bytes = bytes.dropFirst(Self.prefix.count) }
        guard bytes.count == 32 else { return nil }
        self.bytes = Data(bytes)
    }

    /// The 32 bytes in Base64.
    public var description: String { bytes.base64EncodedString() }

    /// Whether this is the signature that the owner of the key has made of the message.
    package func confirms(_ signature: Data, of message: Data) -> Bool {
        let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        return key?.isValidSignature(signature, for: message) ?? false
    }
}

extension PublicKey: Codable {
    /// Takes what ``init(text:)`` takes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let key = PublicKey(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a key of Ed25519")
        }
        self = key
    }

    /// Writes Base64.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
