import CDisk
package import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The calls on open files that swift-system does not have, one system beside the other.
extension FileDescriptor {
    /// Returns when everything written has reached the disk.
    ///
    /// - Parameter dataOnly: Leaves out what reading the bytes again does not need, as the time of change.
    package func sync(dataOnly: Bool = false) throws(Errno) {
        #if canImport(Darwin)
            // Plain fsync on a Mac leaves the bytes in the drive's own cache.
            if fcntl(rawValue, F_FULLFSYNC) == 0 { return }
            let status = fsync(rawValue)
        #else
            let status = dataOnly ? fdatasync(rawValue) : fsync(rawValue)
        #endif
        guard status != 0 else { return }
        let error = Errno(rawValue: errno)
        // Some file systems (FUSE, network) cannot sync a folder; there is nothing more one could do.
        if error != .invalidArgument && error != .notSupported { throw error }
    }

    /// Whether `syncAll` waits for the disk: macOS only has `sync`, which does not.
    static var canSyncAll: Bool {
        #if canImport(Darwin)
            false
        #else
            true
        #endif
    }

    /// Returns when everything that was written to this file's file system has reached the disk.
    func syncAll() throws(Errno) {
        let error = Errno(rawValue: modelteca_sync_all(rawValue))
        if error.rawValue != 0 { throw error }
    }

    /// Locks the file for this descriptor, until it is closed or its process ends. False when another has it locked.
    package func tryLock() throws(Errno) -> Bool {
        while true {
            switch Errno(rawValue: modelteca_lock(rawValue)) {
            case Errno(rawValue: 0): return true
            case .wouldBlock: return false
            case .interrupted: continue
            case let error: throw error
            }
        }
    }

    /// Whether several processes can share the memory of a new, empty file of this disk. The file grows by a page.
    package var canShareMemory: Bool {
        let size = 4096
        guard ftruncate(rawValue, off_t(size)) == 0 else { return false }
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, rawValue, 0)
        guard let memory, memory != MAP_FAILED else { return false }
        return munmap(memory, size) == 0
    }

    /// Throws where the disk does not take the locks that SQLite puts on its files, which are others than ``tryLock()``'s.
    package func checkRecordLocks() throws(Errno) {
        switch Errno(rawValue: modelteca_try_record_lock(rawValue)) {
        case Errno(rawValue: 0): return
        case .noFunction, .notSupported: throw .noLocks
        case let error: throw error
        }
    }

    /// Lets the system begin to write to disk what it holds of the file, so that less is left for `sync` to wait for.
    package func startWriting() { modelteca_start_writing(rawValue) }

    /// Lets the system forget what it holds of the file, which is on disk: whoever reads it then reads the disk.
    package func forget() { modelteca_forget(rawValue) }

    /// Gives the file its full length and, where the file system can, its space: a full disk shows before the bytes.
    package func preallocate(_ size: Int64) throws(Errno) {
        let error = Errno(rawValue: modelteca_preallocate(rawValue, size))
        if error.rawValue == 0 { return }
        if error.isDiskFull || error == .fileTooLarge { throw error }
        try setLength(size)
    }

    /// Sets when the content last changed, in nanoseconds since 1970, as exactly as the disk keeps it.
    package func setModified(_ nanoseconds: Int64) throws(Errno) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let time = timespec(
            tv_sec: time_t(rest < 0 ? seconds - 1 : seconds), tv_nsec: Int(rest < 0 ? rest + 1_000_000_000 : rest))
        if futimens(rawValue, [time, time]) != 0 { throw Errno(rawValue: errno) }
    }

    /// Cuts or extends the file.
    package func setLength(_ size: Int64) throws(Errno) {
        if ftruncate(rawValue, off_t(size)) != 0 { throw Errno(rawValue: errno) }
    }

    /// Reads from a place until the buffer is full or the file ends.
    ///
    /// - Returns: How many bytes came.
    package func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let got = try read(fromAbsoluteOffset: offset + Int64(count), into: rest)
            if got == 0 { break }
            count += got
        }
        return count
    }
}
