import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the system says about one name in a folder; links are described, not followed.
struct FileStatus: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case file, folder, link, other }

    var kind: Kind
    /// In bytes.
    var size: Int64
    /// When the content last changed, in nanoseconds since 1970.
    ///
    /// Together with the size it tells whether a file is still the one that was verified. Moving a store with
    /// `cp -a`, `rsync -a` or a rename keeps both; the inode number it would not keep.
    var modified: Int64
    /// How many names the file has.
    var links: Int
    var inode: UInt64
    var device: UInt64

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
        links = Int(status.st_nlink)
        inode = UInt64(status.st_ino)
        device = UInt64(truncatingIfNeeded: status.st_dev)
    }

    /// Nil when there is nothing under this path, or nothing that may be seen.
    init?(of path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }
}
