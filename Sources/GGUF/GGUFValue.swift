/// One value of a file's metadata, in the type it is stored in.
public enum GGUFValue: Hashable, Sendable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case float32(Float)
    case bool(Bool)
    case string(String)
    case array(GGUFArray)
    case uint64(UInt64)
    case int64(Int64)
    case float64(Double)

    /// The number this is a whole one of; nil for anything else, and for what 64 signed bits cannot hold.
    public var integer: Int64? {
        switch self {
        case .uint8(let value): Int64(value)
        case .int8(let value): Int64(value)
        case .uint16(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .uint32(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .uint64(let value): Int64(exactly: value)
        case .int64(let value): value
        default: nil
        }
    }

    /// The number as a fraction, for integers too.
    public var double: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        case .uint64(let value): Double(value)
        default: integer.map(Double.init)
        }
    }

    /// The truth value; nil for numbers.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The text; nil for everything else.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The array; nil for single values.
    public var array: GGUFArray? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The kinds of value, by the number that stands for them in a file (ggml, `gguf.h`, `enum gguf_type`).
    public enum Kind: UInt32, Hashable, Sendable, CaseIterable {
        case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// Bytes that one value takes; nil where the value itself says.
        package var size: Int? {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64: 8
            case .string, .array: nil
            }
        }
    }
}

/// An array of a file's metadata. Long ones stay in the file: `GGUFFile.array(of:)` reads them when asked.
public struct GGUFArray: Hashable, Sendable {
    /// What its elements are.
    public let elementKind: GGUFValue.Kind
    /// How many elements it has.
    public let count: Int
    /// Where the first element begins, in bytes from the start of the file.
    package let offset: Int64
    /// What the elements take in the file, in bytes.
    package let byteCount: Int64
    /// The elements themselves, when there are few of them; nil when they were passed over.
    public let elements: [GGUFValue]?
}
