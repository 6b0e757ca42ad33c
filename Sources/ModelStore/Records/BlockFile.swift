import Disk
import ModelCatalog
import ModelDownload
import SystemPackage

/// A file of `.slm/blocks`: the block hashes of one content, and which file on the disk they were taken from.
///
/// Layout, little-endian: `SLMBLK01`, size, time of change in nanoseconds, count, the hashes, and an FNV-1a hash of
/// all before it, each 8 bytes. A file that does not hold together is as good as none: SHA-256 still tells damage.
struct BlockFile: Hashable {
    /// In bytes.
    var size: Int64
    /// In nanoseconds since 1970.
    var modified: Int64
    var blocks: BlockHashes

    private static let magic = Array("SLMBLK01".utf8)
    private static let headerSize = 32
    /// Hashes of 64 TiB. In bytes.
    private static let sizeLimit = 128 << 20

    static func name(_ digest: Digest) -> String { digest.hex }

    var bytes: [UInt8] {
        var bytes = Self.magic
        let numbers = [UInt64(bitPattern: size), UInt64(bitPattern: modified), UInt64(blocks.hashes.count)]
        for number in numbers + blocks.hashes { bytes.append(number) }
        bytes.append(fnv1a(bytes))
        return bytes
    }

    init(size: Int64, modified: Int64, blocks: BlockHashes) {
        self.size = size
        self.modified = modified
        self.blocks = blocks
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.headerSize + 8, bytes.starts(with: Self.magic) else { return nil }
        let size = Int64(bitPattern: bytes.number(at: 8))
        // Multiplying the count could overflow; the length of the file bounds it.
        let room = (bytes.count - Self.headerSize - 8) / 8
        guard (bytes.count - Self.headerSize) % 8 == 0, bytes.number(at: 24) == UInt64(room), size >= 0,
            Self.blockCount(size) == room, bytes.number(at: bytes.count - 8) == fnv1a(bytes.dropLast(8))
        else { return nil }
        self.size = size
        modified = Int64(bitPattern: bytes.number(at: 16))
        blocks = BlockHashes(hashes: (0..<room).map { bytes.number(at: Self.headerSize + 8 * $0) })
    }

    /// Nil when there are no hashes of this content, or none that can be used, or read by this user.
    static func read(_ digest: Digest, in layout: StoreLayout) throws -> BlockFile? {
        try layout.openBookkeeping()?.folder(StoreLayout.blocksName).flatMap { try read(digest, from: $0) }
    }

    static func read(_ digest: Digest, from folder: Folder) throws -> BlockFile? {
        do throws(DiskError) {
            return try folder.read(name(digest), limit: sizeLimit).flatMap(BlockFile.init)
        } catch {
            guard error.errno == .permissionDenied else { throw error }
            return nil
        }
    }

    func write(_ digest: Digest, in layout: StoreLayout) throws {
        // Hashes that do not cover the file would be refused on reading.
        guard Self.blockCount(size) == blocks.hashes.count else { return }
        // What a power cut takes of them the next check learns again.
        try layout.creatingBookkeeping().creatingFolder(StoreLayout.blocksName)
            .write(bytes, as: Self.name(digest), durably: false)
    }

    /// Removes the hashes of contents that these models had and no model has any more.
    static func remove(unlessIn index: StoreIndex, of records: [ModelRecord], in layout: StoreLayout) throws {
        guard let folder = try layout.openBookkeeping()?.folder(StoreLayout.blocksName) else { return }
        let digests = Set(records.flatMap(\.files).compactMap(\.digest))
        let kept = try KeptVersions(in: layout)?.digests() ?? []
        for digest in try digests.subtracting(index.known(Array(digests))).subtracting(kept) {
            try folder.remove(name(digest))
        }
    }

    /// Removes the hashes of every content but these.
    static func keepOnly(_ digests: Set<Digest>, in layout: StoreLayout) throws {
        guard let folder = try layout.openBookkeeping()?.folder(StoreLayout.blocksName) else { return }
        let digests = digests.union(try KeptVersions(in: layout)?.digests() ?? [])
        for name in try folder.names() {
            if let digest = Digest(hex: name), digests.contains(digest) { continue }
            try folder.remove(name)
        }
    }

    private static func blockCount(_ size: Int64) -> Int {
        let block = Int64(BlockHashes.blockSize)
        return Int(size / block + (size % block == 0 ? 0 : 1))
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ number: UInt64) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate func number(at offset: Int) -> UInt64 {
        withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }
}
