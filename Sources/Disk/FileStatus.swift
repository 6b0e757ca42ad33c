package import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the system says about a file; links are described, not followed.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case file, folder, link, other }

    package var kind: Kind
    /// In bytes.
    package var size: Int64
    /// When the content last changed, in nanoseconds since 1970.
    ///
    /// Together with the size it tells whether a file is still the one that was verified. Moving a store with
    /// `cp -a`, `rsync -a` or a rename keeps both; the inode number it would not keep.
    package var modified: Int64
    /// What it takes on the disk, holes left out. In bytes.
    package var allocated: Int64
    /// How many names the file has.
    package var links: Int
    package var inode: UInt64
    package var device: UInt64
    /// The user whose it is.
    package var owner: UInt32

    /// Whether users other than its own may read it.
    package var isReadableByOthers: Bool

    /// Whether its mode lets this user read it; where it does not, an access list still may.
    let isReadableByMode: Bool

    /// Whether it belongs to the user of this process.
    package var isOwn: Bool { owner == Self.user }

    /// Who runs this process. The system is not asked again for each of ten thousand files.
    private static let user = geteuid()

    /// Whether it is the file that it was, and nobody has written to it.
    package func isUnchanged(since before: FileStatus) -> Bool {
        inode == before.inode && device == before.device && size == before.size && modified == before.modified
    }

    /// Whether it is a plain file that has this size, and was last written to then (nanoseconds since 1970): the one that
    /// somebody has written down.
    package func isFile(of size: Int64, modified: Int64) -> Bool {
        kind == .file && self.size == size && self.modified == modified
    }

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        size = Int64(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        // Wrapping: a damaged file system may hold any number here, and only equality matters.
        modified = Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        allocated = Int64(status.st_blocks) * 512
        links = Int(status.st_nlink)
        inode = UInt64(status.st_ino)
        device = UInt64(truncatingIfNeeded: status.st_dev)
        owner = UInt32(status.st_uid)
        isReadableByOthers = status.st_mode & (S_IRGRP | S_IROTH) != 0
        isReadableByMode = status.st_mode & (status.st_uid == Self.user ? S_IRUSR : S_IROTH) != 0
    }

    /// Nil when there is nothing under this path, or nothing that may be seen.
    package init?(of path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }

    /// Of what links lead to. Nil when there is nothing, or nothing that may be seen.
    package init?(following path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }

    /// Nil when the system cannot say.
    package init?(of file: FileDescriptor) {
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The length of a regular file in bytes; nil when there is none under this path.
    package static func size(ofFile path: FilePath) -> Int64? {
        FileStatus(of: path).flatMap { $0.kind == .file ? $0.size : nil }
    }
}
