/// Fast hashes of a file's 4 MiB blocks, kept beside a stored file so that damage can be found, and mended, by block.
public struct BlockHashes: Hashable, Sendable, Codable {
    /// In bytes; the last block may be shorter.
    public static let blockSize = 4 << 20

    /// One for each block, in order.
    public var hashes: [UInt64]

    public init(hashes: [UInt64]) { self.hashes = hashes }
}
