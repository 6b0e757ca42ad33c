internal import CXXHash
internal import Foundation

/// Fast hashes of a file's 4 MiB blocks, kept beside a stored file so that damage can be found, and mended, by block.
///
/// XXH3 with 64 bits: it finds accidents, not attacks; what a repaired file is worth is decided by SHA-256.
package struct BlockHashes: Hashable, Sendable, Codable {
    /// In bytes; the last block may be shorter.
    package static let blockSize = 4 << 20

    /// One for each block, in order.
    package var hashes: [UInt64]

    /// The hashes of a file's blocks, in order.
    package init(hashes: [UInt64]) { self.hashes = hashes }

    /// The blocks whose hashes differ from `other`'s, as ranges of bytes of a file of `size` bytes; neighbours merged.
    package func damage(comparedWith other: BlockHashes, size: Int64) -> [Range<Int64>] {
        var damaged = ByteRangeSet()
        let block = Int64(Self.blockSize)
        for index in 0..<max(hashes.count, other.hashes.count) {
            let same = index < hashes.count && index < other.hashes.count && hashes[index] == other.hashes[index]
            let start = Int64(index) * block
            if !same, start < size { damaged.insert(start..<min(start + block, size)) }
        }
        return damaged.ranges
    }
}

/// Hashes blocks as the bytes of a file come by in order.
final class BlockHasher {
    private let state: UnsafeMutableRawPointer?
    private var filled = 0
    private(set) var hashes: [UInt64] = []

    init() {
        state = slm_xxh3_create()
        slm_xxh3_reset(state)
    }

    deinit { slm_xxh3_free(state) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(BlockHashes.blockSize - filled)
            let buffer = UnsafeRawBufferPointer(rebasing: piece)
            slm_xxh3_update(state, buffer.baseAddress, buffer.count)
            filled += piece.count
            rest = rest.dropFirst(piece.count)
            if filled == BlockHashes.blockSize { closeBlock() }
        }
    }

    func finish() -> BlockHashes {
        if filled > 0 { closeBlock() }
        return BlockHashes(hashes: hashes)
    }

    private func closeBlock() {
        hashes.append(slm_xxh3_digest(state))
        slm_xxh3_reset(state)
        filled = 0
    }
}
