internal import CDisk
internal import Foundation
internal import SystemPackage

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The few calls on files that swift-system does not have, one system beside the other.
enum DiskCalls {
    /// Identifies this run of the operating system; nil when it cannot be learned.
    static let bootIdentifier: String? = {
        #if canImport(Darwin)
            var length = 0
            guard sysctlbyname("kern.bootsessionuuid", nil, &length, nil, 0) == 0, length > 1 else { return nil }
            var text = [UInt8](repeating: 0, count: length)
            guard sysctlbyname("kern.bootsessionuuid", &text, &length, nil, 0) == 0 else { return nil }
            return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        #else
            let text = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id")
            return text.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
        #endif
    }()

    /// Waits until the file's data is on disk.
    static func sync(_ file: FileDescriptor) throws(Errno) {
        #if canImport(Darwin)
            // Plain fsync on a Mac leaves the bytes in the drive's own cache.
            if fcntl(file.rawValue, F_FULLFSYNC) == 0 { return }
            let status = fsync(file.rawValue)
        #else
            let status = fdatasync(file.rawValue)
        #endif
        if status != 0 { throw Errno(rawValue: errno) }
    }

    /// Lets the system begin to write to disk what it holds of the file, so that less is left for `sync` to wait for.
    static func startWriting(_ file: FileDescriptor) { modelteca_start_writing(file.rawValue) }

    /// Gives the file its full length and, where the file system can, its space: a full disk shows before the bytes.
    static func preallocate(_ file: FileDescriptor, size: Int64) throws(Errno) {
        switch modelteca_preallocate(file.rawValue, size) {
        case 0: return
        case let code where [ENOSPC, EDQUOT, EFBIG].contains(code): throw Errno(rawValue: code)
        default: break
        }
        if ftruncate(file.rawValue, off_t(size)) != 0 { throw Errno(rawValue: errno) }
    }

    /// Copies bytes from one file to another inside the kernel; on some file systems both then share them.
    ///
    /// - Returns: How many came over; nil where the kernel cannot do it between these two files.
    static func copy(
        from source: FileDescriptor, at start: Int64, to target: FileDescriptor, at offset: Int64, count: Int
    ) throws(Errno) -> Int? {
        let copied = modelteca_copy_range(source.rawValue, start, target.rawValue, offset, Int64(count))
        if copied >= 0 { return Int(copied) }
        let code = Int32(truncatingIfNeeded: -copied)
        guard [ENOTSUP, EOPNOTSUPP, ENOSYS, EXDEV, EINVAL].contains(code) else { throw Errno(rawValue: code) }
        return nil
    }

    /// Cuts or extends the file.
    static func setLength(_ file: FileDescriptor, _ size: Int64) throws(Errno) {
        if ftruncate(file.rawValue, off_t(size)) != 0 { throw Errno(rawValue: errno) }
    }

    static func rename(_ old: String, _ new: String) throws(Errno) {
        #if canImport(Darwin)
            let status = Darwin.rename(old, new)
        #elseif canImport(Glibc)
            let status = Glibc.rename(old, new)
        #else
            let status = Musl.rename(old, new)
        #endif
        if status != 0 { throw Errno(rawValue: errno) }
    }

    /// The length of a regular file in bytes; nil when there is none.
    static func length(_ path: FilePath) -> Int64? {
        var status = stat()
        guard lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// The bytes of disk that a file occupies, holes left out; 0 when there is none.
    static func allocatedBytes(_ path: FilePath) -> Int64 {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return 0 }
        return Int64(status.st_blocks) * 512
    }

    /// The bytes free for this user on the disk of `path`; nil when unknown.
    static func freeBytes(_ path: FilePath) -> Int64? {
        var status = statvfs()
        guard statvfs(path.string, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
    }

    static func makeFolder(_ path: FilePath) throws(DownloadError) {
        do {
            try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        } catch {
            let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            throw .cannotWrite(path: path.string, errno: Int32(underlying?.code ?? Int(EACCES)))
        }
    }
}
