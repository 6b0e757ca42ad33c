#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where a header's bytes come from. A path is opened again when an array is asked for later, so that the value of a
/// parsed file can be copied and sent without a descriptor to look after.
enum ByteSource: Hashable, Sendable {
    case memory([UInt8])
    case file(path: String)
}

/// An open file read in windows, closed when the last reference goes.
final class OpenFile {
    private let descriptor: Int32
    private let path: String
    /// In bytes.
    let length: Int64

    init(path: String) throws(GGUFError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = errno
            close(descriptor)
            throw .unreadable(path: path, errno: reason)
        }
        // A folder opens, but cannot be read; a pipe would block for ever.
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(path: path, errno: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : ESPIPE)
        }
        self.descriptor = descriptor
        self.path = path
        length = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills `window` from `offset`; it comes back shorter at the end of the file.
    func read(into window: inout [UInt8], capacity: Int, at offset: Int64) throws(GGUFError) {
        var failure: Int32 = 0
        window = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            while count < capacity, let start = buffer.baseAddress {
                let got = pread(descriptor, start + count, capacity - count, off_t(offset) + off_t(count))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                count += got
            }
        }
        if failure != 0 { throw .unreadable(path: path, errno: failure) }
    }
}
