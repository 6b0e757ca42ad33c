import CDisk
package import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Room on the disk behind a path, which need not exist yet.
package enum DiskSpace {
    /// What a program without special rights can still write there, in bytes; nil when it cannot be learned.
    package static func free(at path: FilePath) -> Int64? { size(at: path) { $0.f_bavail } }

    /// The size of the whole file system, in bytes; nil when it cannot be learned.
    package static func total(at path: FilePath) -> Int64? { size(at: path) { $0.f_blocks } }

    /// The largest file that can be there, in bytes, where that is less than a model may have: on FAT, 4 GiB less one.
    package static func fileLimit(at path: FilePath) -> Int64? {
        let limit = path.withPlatformString { modelteca_file_limit($0) }
        return limit == .max ? nil : limit
    }

    /// Asks the nearest folder above that exists: the store's is made only when something is put into it.
    private static func size(at path: FilePath, _ blocks: (statvfs) -> some BinaryInteger) -> Int64? {
        var place = path.isEmpty ? "." : path
        var status = statvfs()
        while place.withPlatformString({ statvfs($0, &status) }) != 0 {
            let error = Errno(rawValue: errno)
            guard error == .noSuchFileOrDirectory || error == .notDirectory, place.lastComponent != nil, place != "."
            else { return nil }
            place.removeLastComponent()
            if place.isEmpty { place = "." }
        }
        let (bytes, overflow) = UInt64(clamping: blocks(status))
            .multipliedReportingOverflow(by: UInt64(clamping: status.f_frsize))
        return overflow ? nil : Int64(clamping: bytes)
    }
}
