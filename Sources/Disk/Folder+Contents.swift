package import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Folder {
    /// Reads a small file of bookkeeping. Nil when it is not there, is no plain file, or is larger than `limit` bytes.
    package func read(_ name: String, limit: Int) throws(DiskError) -> [UInt8]? {
        guard let found = try status(name), found.kind == .file, found.size <= limit, let file = try open(name) else {
            return nil
        }
        defer { try? file.close() }
        do {
            return try Array(unsafeUninitializedCapacity: Int(found.size)) { buffer, count in
                count = try file.fill(UnsafeMutableRawBufferPointer(buffer), at: 0)
            }
        } catch {
            throw DiskError(error, at: path.appending(name))
        }
    }

    /// Writes a small file so that a reader, or whoever comes after a crash, sees the old content or the new one.
    ///
    /// - Parameters:
    ///   - durably: Waits until it is on disk, so that a power cut cannot leave an empty file under its name.
    ///   - isSecret: Whether it is for the eyes of its owner only.
    package func write(
        _ bytes: some Sequence<UInt8>, as name: String, durably: Bool = true, isSecret: Bool = false
    ) throws(DiskError) {
        let temporary = name + ".tmp"
        let file = try create(temporary, isSecret: isSecret)
        do {
            defer { try? file.close() }
            try file.writeAll(bytes)
            if durably { try file.sync(dataOnly: true) }
            try rename(temporary, to: name)
        } catch {
            _ = try? remove(temporary)
            throw DiskError(error, at: path.appending(name))
        }
        if durably { try sync() }
    }

    /// The most files for which it is quicker to wait for each than for all that anybody has written to the disk.
    private static let fewFiles = 8

    /// Writes small files as `write(_:as:)` does, and waits once for all their names; once for many files' bytes, too, where
    /// the system can do that.
    ///
    /// - Parameter others: Files of this disk whose bytes have to be on it before one of the names is there.
    package func write(
        _ files: [(name: String, bytes: some Sequence<UInt8>)], after others: [FilePath] = []
    ) throws(DiskError) {
        guard !files.isEmpty else { return }
        let waitsOnce = FileDescriptor.canSyncAll && files.count + others.count > Self.fewFiles
        var written: [String] = []
        do {
            for path in waitsOnce ? [] : others {
                let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
                defer { try? file.close() }
                try file.sync(dataOnly: true)
            }
            for (name, bytes) in files {
                let file = try create(name + ".tmp")
                defer { try? file.close() }
                written.append(name)
                try file.writeAll(bytes)
                if !waitsOnce { try file.sync(dataOnly: true) }
            }
            if waitsOnce { try descriptor.syncAll() }
            for name in written { try rename(name + ".tmp", to: name) }
        } catch {
            for name in written { _ = try? remove(name + ".tmp") }
            throw DiskError(error, at: path)
        }
        try sync()
    }

    /// Makes `name` a file with the content of `source`, as cheaply as the file system can: sharing its blocks, else a
    /// second name for the same file, else a copy.
    ///
    /// A second name is safe where nobody writes into either file, and both are only ever replaced by a rename.
    /// - Parameter size: Of the source, in bytes.
    package func duplicate(_ source: FilePath, size: Int64, as name: String) throws(DiskError) {
        let target = path.appending(name)
        do {
            if try share(source, as: name) { return }
            if let free = DiskSpace.free(at: path), free < size { throw Errno.noSpace }
            let input = try FileDescriptor.open(source, .readOnly, options: [.closeOnExec, .noFollow])
            defer { try? input.close() }
            let output = try create(name)
            defer { try? output.close() }
            _ = try input.copy(0..<size, to: output)
            try output.sync()
        } catch {
            _ = try? remove(name)
            throw DiskError(error, at: target, needed: size)
        }
    }

    /// Makes `name` a file with the content of `source` that takes no space of its own: sharing its blocks, else a second
    /// name for the same file. False where neither is possible, as on another disk.
    ///
    /// - Parameter mayLink: Whether a second name will do.
    package func share(_ source: FilePath, as name: String, mayLink: Bool = true) throws(DiskError) -> Bool {
        do {
            if try clone(source, as: name) { return true }
        } catch {
            throw DiskError(error, at: path.appending(name))
        }
        guard mayLink else { return false }
        return source.withPlatformString({ linkat(AT_FDCWD, $0, descriptor.rawValue, name, 0) }) == 0
    }

    /// Copy-on-write, where the file system has it (Btrfs, XFS, APFS). False where it has not.
    private func clone(_ source: FilePath, as name: String) throws -> Bool {
        #if canImport(Darwin)
            return source.withPlatformString { from in
                path.appending(name).withPlatformString { to in clonefile(from, to, UInt32(CLONE_NOFOLLOW)) }
            } == 0
        #else
            guard let input = try? FileDescriptor.open(source, .readOnly, options: [.closeOnExec, .noFollow]) else {
                return false
            }
            defer { try? input.close() }
            let output = try create(name)
            defer { try? output.close() }
            if input.shareAll(with: output) {
                try output.sync()
                return true
            }
            try remove(name)
            return false
        #endif
    }
}

extension FileDescriptor {
    /// Whether two files hold the same bytes.
    package func hasSameContent(as other: FileDescriptor) throws(Errno) -> Bool {
        let bufferSize = 1 << 20
        let first = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
        let second = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
        defer {
            first.deallocate()
            second.deallocate()
        }
        var offset: Int64 = 0
        do {
            while true {
                let size = try fill(first, at: offset)
                guard try other.fill(second, at: offset) == size else { return false }
                if size == 0 { return true }
                guard let left = first.baseAddress, let right = second.baseAddress else { return false }
                guard memcmp(left, right, size) == 0 else { return false }
                offset += Int64(size)
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }
}
