/// What a file says of one tensor: everything but its numbers.
public struct TensorInfo: Hashable, Sendable {
    /// `blk.0.attn_q.weight`.
    public let name: String
    /// How many numbers along each axis, the fastest-running first; 0 to 4 of them.
    public let dimensions: [Int64]
    /// How its numbers are stored.
    public let type: TensorType
    /// Where its data begins, in bytes from the start of the data section.
    public let offset: Int64
    /// What its data takes, in bytes, without padding.
    public let byteCount: Int64

    /// How many numbers it has.
    public var elementCount: Int64 { dimensions.reduce(1, *) }

    /// First byte after its data, from the start of the data section.
    package var end: Int64 { offset + byteCount }
}
