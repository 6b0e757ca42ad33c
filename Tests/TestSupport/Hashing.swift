import Crypto
public import Foundation
public import SystemPackage

/// SHA-256 as 64 hexadecimal digits in lower case.
public func sha256(of bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

/// SHA-256 as 64 hexadecimal digits in lower case.
public func sha256(of data: Data) -> String { hexadecimal(SHA256.hash(data: data)) }

/// SHA-256 of a file, read piece by piece, as 64 hexadecimal digits in lower case.
///
/// - Throws: `Errno` when it cannot be read.
public func sha256(of path: FilePath) throws -> String { try Content.file(path).sha256 }

/// Two hexadecimal digits a byte, in lower case.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let alphabet = Array("0123456789abcdef".utf8)
    var digits: [UInt8] = []
    for byte in bytes { digits += [alphabet[Int(byte >> 4)], alphabet[Int(byte & 15)]] }
    return String(decoding: digits, as: UTF8.self)
}

/// The bytes of hexadecimal digits; nil for anything else.
func bytes(hexadecimal text: String) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
