/// Writes small GGUF files, valid unless asked otherwise, independently of the reader under test.
///
/// The layout follows ggml's `docs/gguf.md`: magic, version, counts, metadata, tensor descriptions, padding, data.
public struct GGUFBuilder: Sendable {
    /// 3 is the present one; the fields written here are the same in 2.
    public var version: UInt32 = 3
    /// Of the tensors' data, in bytes; written as `general.alignment` when it is not 32.
    public var alignment = 32
    /// In the order in which they are written; a name may be there twice, for a test of just that.
    public var metadata: [(key: String, value: Value)] = []
    /// In the order in which they are written.
    public var tensors: [Tensor] = []

    /// No metadata and no tensors.
    public init() {}

    /// A metadata value.
    public indirect enum Value: Sendable {
        case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32)
        case float32(Float), bool(Bool), string(String)
        case uint64(UInt64), int64(Int64), float64(Double)
        /// Elements of one kind; `of` gives the kind, so that an array may be empty.
        case array(of: Kind, [Value])
        case strings([String])
        case floats([Float])
        case integers([Int32])
    }

    /// The type numbers of `docs/gguf.md`.
    public enum Kind: UInt32, Sendable {
        case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64
    }

    /// A tensor with its description and how its bytes come about.
    public struct Tensor: Sendable {
        /// Such as `blk.0.attn_q.weight`.
        public var name: String
        /// The fastest varying first, as in the file.
        public var dimensions: [Int]
        /// Of the weights.
        public var type: TensorType
        /// The bytes; nil for pseudo-random ones from the seed (all ones in F32, as norms have it).
        public var bytes: [UInt8]?
        /// Of the pseudo-random bytes.
        public var seed: UInt64

        /// Without `bytes` they come from the seed.
        public init(_ name: String, _ dimensions: [Int], _ type: TensorType, seed: UInt64 = 1, bytes: [UInt8]? = nil) {
            self.name = name
            self.dimensions = dimensions
            self.type = type
            self.seed = seed
            self.bytes = bytes
        }

        /// In bytes.
        public var size: Int {
            bytes?.count ?? dimensions.reduce(1, *) / type.blockLength * type.blockSize
        }
    }

    /// The whole file.
    public func build() -> [UInt8] {
        var output = header()
        for tensor in tensors {
            output += Self.data(of: tensor)
            pad(&output)
        }
        return output
    }

    /// Everything before the first tensor's data, padding included.
    public func header() -> [UInt8] {
        var writer = GGUFWriter()
        writer.raw(Array("GGUF".utf8))
        writer.number(version)
        writer.number(UInt64(tensors.count))
        var entries = metadata
        if alignment != 32, !entries.contains(where: { $0.key == "general.alignment" }) {
            entries.append(("general.alignment", .uint32(UInt32(alignment))))
        }
        writer.number(UInt64(entries.count))
        for (key, value) in entries {
            writer.string(key)
            writer.number(value.kind.rawValue)
            writer.value(value)
        }
        var offset = 0
        for tensor in tensors {
            writer.string(tensor.name)
            writer.number(UInt32(tensor.dimensions.count))
            for dimension in tensor.dimensions { writer.number(UInt64(dimension)) }
            writer.number(tensor.type.rawValue)
            writer.number(UInt64(offset))
            offset = padded(offset + tensor.size)
        }
        var output = writer.output
        pad(&output)
        return output
    }

    private func padded(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

    private func pad(_ output: inout [UInt8]) {
        output += [UInt8](repeating: 0, count: padded(output.count) - output.count)
    }

    private static func data(of tensor: Tensor) -> [UInt8] {
        if let bytes = tensor.bytes { return bytes }
        guard tensor.type != .f32 else {
            return [Float](repeating: 1, count: tensor.size / 4).withUnsafeBytes(Array.init)
        }
        return PseudoRandom.bytes(count: tensor.size, seed: tensor.seed)
    }
}

/// The tensor types that the builder knows, with ggml's numbers (`ggml.h`, `enum ggml_type`).
public enum TensorType: UInt32, Sendable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q40 = 2
    case q41 = 3
    case q50 = 6
    case q51 = 7
    case q80 = 8
    case q2K = 10
    case q3K = 11
    case q4K = 12
    case q5K = 13
    case q6K = 14
    case bf16 = 30

    /// Weights in a block.
    public var blockLength: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q40, .q41, .q50, .q51, .q80: 32
        case .q2K, .q3K, .q4K, .q5K, .q6K: 256
        }
    }

    /// A block in bytes (`ggml-common.h`, the `block_…` structures).
    public var blockSize: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q40: 18
        case .q41: 20
        case .q50: 22
        case .q51: 24
        case .q80: 34
        case .q2K: 84
        case .q3K: 110
        case .q4K: 144
        case .q5K: 176
        case .q6K: 210
        }
    }
}

extension GGUFBuilder.Value {
    var kind: GGUFBuilder.Kind {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .float32: .float32
        case .bool: .bool
        case .string: .string
        case .uint64: .uint64
        case .int64: .int64
        case .float64: .float64
        case .array, .strings, .floats, .integers: .array
        }
    }
}

/// Little-endian numbers and strings with their length.
private struct GGUFWriter {
    var output: [UInt8] = []

    mutating func raw(_ bytes: [UInt8]) { output += bytes }

    mutating func number(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { output += $0 }
    }

    mutating func string(_ text: String) {
        number(UInt64(text.utf8.count))
        output += text.utf8
    }

    mutating func value(_ value: GGUFBuilder.Value) {
        switch value {
        case .uint8(let number): self.number(number)
        case .int8(let number): self.number(number)
        case .uint16(let number): self.number(number)
        case .int16(let number): self.number(number)
        case .uint32(let number): self.number(number)
        case .int32(let number): self.number(number)
        case .uint64(let number): self.number(number)
        case .int64(let number): self.number(number)
        case .float32(let number): self.number(number.bitPattern)
        case .float64(let number): self.number(number.bitPattern)
        case .bool(let flag): number(flag ? 1 as UInt8 : 0)
        case .string(let text): string(text)
        case .array(let kind, let elements):
            number(kind.rawValue)
            number(UInt64(elements.count))
            for element in elements { self.value(element) }
        case .strings(let texts): self.value(.array(of: .string, texts.map { .string($0) }))
        case .floats(let numbers): self.value(.array(of: .float32, numbers.map { .float32($0) }))
        case .integers(let numbers): self.value(.array(of: .int32, numbers.map { .int32($0) }))
        }
    }
}
