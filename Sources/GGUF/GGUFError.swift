#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Why bytes could not be read as a GGUF file. Offsets are in bytes from the start of the file.
public enum GGUFError: Error, Hashable, Sendable {
    /// The first four bytes are not `GGUF`; `found` holds what stands there.
    case notGGUF(found: [UInt8])
    /// A version that this reader does not know (1 to 3 are read).
    case unsupportedVersion(UInt32)
    /// The bytes end before the header does.
    ///
    /// `needed` is the length in bytes that the file has at the very least. `estimate` is a guess at the length of the
    /// header, from what was seen so far and with a little on top: a caller that reads a remote file asks for that much
    /// and tries again.
    case truncated(reading: String, at: Int64, needed: Int64, estimate: Int64)
    /// A count or length is larger than any real file has; nothing was allocated for it.
    case tooLarge(reading: String, at: Int64, value: UInt64, limit: UInt64)
    /// A number that stands for a kind of value which this reader does not know.
    case unknownType(reading: String, at: Int64, value: UInt32)
    /// A tensor stored in a way which this reader does not know: of a fork of llama.cpp, or newer than this.
    case unknownTensorType(tensor: String, number: UInt32, at: Int64)
    /// Bytes that should be UTF-8 text are not.
    case notText(reading: String, at: Int64)
    /// A metadata key or a tensor name that occurs twice, or is empty.
    case badName(String, at: Int64)
    /// The metadata says one kind of value where the format asks for another, or a value it forbids.
    case badValue(key: String)
    /// A tensor whose size cannot be: it overflows, or its rows are no multiple of the type's block.
    case badTensor(name: String, at: Int64)
    /// A tensor whose offset is no multiple of the file's alignment, or lies beyond what 63 bits can say.
    case badOffset(tensor: String, offset: UInt64)
    /// The file could not be opened or read; `errno` as the system reported it.
    case unreadable(path: String, errno: Int32)
    /// No array, or no value at all, is stored under this key.
    case missing(key: String)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .notGGUF: "not-gguf"
        case .unsupportedVersion: "gguf-version"
        case .truncated: "gguf-truncated"
        case .tooLarge: "gguf-too-large"
        case .unknownType: "gguf-unknown-type"
        case .unknownTensorType: "gguf-unknown-type"
        case .notText: "gguf-not-text"
        case .badName: "gguf-bad-name"
        case .badValue: "gguf-bad-value"
        case .badTensor: "gguf-bad-tensor"
        case .badOffset: "gguf-bad-offset"
        case .unreadable: "gguf-unreadable"
        case .missing: "gguf-missing-key"
        }
    }
}

extension GGUFError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .notGGUF: "The file is not a GGUF file."
        case .unsupportedVersion(let version): "GGUF version \(version) cannot be read."
        case .truncated(let reading, let offset, _, _):
            "The file ends at byte \(offset), inside its header (\(reading))."
        case .tooLarge(let reading, let offset, let value, _):
            "The header is damaged at byte \(offset): \(reading) cannot be \(value)."
        case .unknownType(let reading, let offset, let value):
            "The header is damaged at byte \(offset): \(reading) has the unknown type \(value)."
        case .unknownTensorType(let tensor, let number, _): "The tensor \(tensor) has the unknown type \(number)."
        case .notText(let reading, let offset): "The header is damaged at byte \(offset): \(reading) is not text."
        case .badName(let name, let offset):
            "The header is damaged at byte \(offset): the name \"\(name)\" cannot be used."
        case .badValue(let key): "The header has no usable value for \(key)."
        case .badTensor(let name, _): "The size of the tensor \(name) is impossible."
        case .badOffset(let tensor, _): "The offset of the tensor \(tensor) is impossible."
        case .unreadable(let path, _): "\(path) cannot be read."
        case .missing(let key): "The header has no \(key)."
        }
    }
}
