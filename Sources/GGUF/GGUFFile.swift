#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The header of a GGUF file: its metadata and its list of tensors. The tensors' numbers are never read.
///
/// A local file may be of any size and may be cut after its header; of a remote one a growing prefix will do: on
/// `GGUFError.truncated` fetch up to its `estimate` and try again.
public struct GGUFFile: Sendable {
    /// Version of the format, 1 to 3.
    public let version: UInt32
    /// Whether numbers are stored with the most significant byte first.
    public let isBigEndian: Bool
    /// Everything that is not a tensor.
    public let metadata: GGUFMetadata
    /// In the order of the file.
    public private(set) var tensors: [TensorInfo]
    /// Length of the header without the padding that follows it, in bytes.
    package let headerLength: Int64
    /// Tensor data begins at multiples of this, in bytes.
    package let alignment: Int64
    /// Length of what was read from: the file on disk, or the bytes given.
    public let availableLength: Int64

    let source: ByteSource

    /// Reads the header of a local file, a window at a time.
    public init(path: String) throws(GGUFError) {
        try self.init(source: .file(path: path))
    }

    /// Reads the header at the front of these bytes: a whole file, or a prefix of one.
    public init(bytes: [UInt8]) throws(GGUFError) {
        try self.init(source: .memory(bytes))
    }

    /// Reads the header at the front of these bytes: a whole file, or a prefix of one.
    public init(_ data: Data) throws(GGUFError) {
        try self.init(source: .memory([UInt8](data)))
    }

    private init(source: ByteSource) throws(GGUFError) {
        let header = try HeaderParser(source)
        version = header.version
        isBigEndian = header.isBigEndian
        metadata = header.metadata
        tensors = header.tensors
        headerLength = header.headerLength
        alignment = header.alignment
        availableLength = header.length
        self.source = source
    }

    /// A split model as one: the metadata of this first part, and the tensors of all parts one behind the other.
    package func joined(with others: [GGUFFile]) -> GGUFFile {
        var whole = self
        for part in others {
            let start = (whole.dataSpan.upperBound + part.alignment - 1) / part.alignment * part.alignment
            whole.tensors += part.tensors.map { tensor in
                TensorInfo(
                    name: tensor.name, dimensions: tensor.dimensions, type: tensor.type,
                    offset: start + tensor.offset - part.dataSpan.lowerBound, byteCount: tensor.byteCount)
            }
        }
        return whole
    }

    /// All elements of an array, read from the file when it is a long one such as the vocabulary.
    ///
    /// - Throws: `GGUFError.missing` when there is no array under `key`; reading errors when the file has changed.
    public func array(of key: String) throws(GGUFError) -> [GGUFValue] {
        guard let array = metadata[key]?.array else { throw .missing(key: key) }
        if let elements = array.elements { return elements }
        var parser = try HeaderParser(source, version: version, isBigEndian: isBigEndian, at: array.offset)
        return try parser.elements(of: array, key: key)
    }

    /// Where the data section begins, in bytes from the start of the file.
    public var dataStart: Int64 { (headerLength + alignment - 1) / alignment * alignment }

    /// From the first tensor's first byte to the last one's last, in bytes from the start of the data section: what
    /// llama.cpp maps as the model's weights (`llama-model-loader.cpp`, `get_mapping_range`).
    public var dataSpan: Range<Int64> {
        guard let first = tensors.map(\.offset).min(), let last = tensors.map(\.end).max() else { return 0..<0 }
        return first..<last
    }

    /// What the whole file must have at least, in bytes. Writers pad the last tensor, so a file may be a little longer.
    public var expectedLength: Int64 { tensors.isEmpty ? headerLength : dataStart + dataSpan.upperBound }

    /// Whether all tensor data is there; false for a prefix, or a file cut after its header.
    package var isComplete: Bool { availableLength >= expectedLength }
}
