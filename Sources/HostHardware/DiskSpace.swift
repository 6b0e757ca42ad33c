#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Android)
    import Android
#elseif canImport(Darwin)
    import Darwin
#endif

/// Room on the disk behind a path, which need not exist yet.
public enum DiskSpace {
    /// What a program without special rights can still write there, in bytes; nil when it cannot be learned.
    public static func free(at path: String) -> Int64? {
        size(at: path) { $0.f_bavail }
    }

    /// The size of the whole file system, in bytes; nil when it cannot be learned.
    public static func total(at path: String) -> Int64? {
        size(at: path) { $0.f_blocks }
    }

    /// Asks the nearest parent that exists: the store's folder is made only when something is put into it.
    private static func size<Blocks: BinaryInteger>(at path: String, _ blocks: (statvfs) -> Blocks) -> Int64? {
        var path = path.isEmpty ? "." : path
        while true {
            var facts = statvfs()
            if statvfs(path, &facts) == 0 {
                let (bytes, overflow) = UInt64(clamping: blocks(facts))
                    .multipliedReportingOverflow(by: UInt64(clamping: facts.f_frsize))
                return overflow ? nil : Int64(clamping: bytes)
            }
            guard errno == ENOENT || errno == ENOTDIR, path != "/", path != "." else { return nil }
            path = parent(of: path)
        }
    }

    private static func parent(of path: String) -> String {
        var rest = path[...]
        while rest.count > 1, rest.last == "/" { rest = rest.dropLast() }
        guard let slash = rest.lastIndex(of: "/") else { return "." }
        return slash == rest.startIndex ? "/" : String(rest[..<slash])
    }
}
