import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Folder {
    /// Reads a small file of bookkeeping. Nil when it is not there, is no plain file, or is larger than `limit` bytes.
    func read(_ name: String, limit: Int) throws(StoreError) -> [UInt8]? {
        guard let found = try status(name), found.kind == .file, found.size <= limit else { return nil }
        guard let file = try open(name) else { return nil }
        defer { try? file.close() }
        do {
            return try Array(unsafeUninitializedCapacity: Int(found.size)) { buffer, count in
                while count < buffer.count {
                    let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
                    let got = try file.read(into: rest)
                    if got == 0 { break }
                    count += got
                }
            }
        } catch {
            throw .from(error, at: path.appending(name))
        }
    }

    /// Writes a small file so that a reader, or whoever comes after a crash, sees the old content or the new one.
    func write(_ bytes: some Sequence<UInt8>, as name: String) throws(StoreError) {
        let temporary = name + ".tmp"
        let file = try create(temporary)
        do {
            defer { try? file.close() }
            try file.writeAll(bytes)
            try file.sync(at: path.appending(name))
        } catch {
            _ = try? remove(temporary)
            throw .from(error, at: path.appending(name))
        }
        try rename(temporary, to: name)
        try sync()
    }
}

/// Whole contents: comparing and doubling.
enum FileContent {
    /// In bytes, for each of the two files compared.
    private static let bufferSize = 1 << 20

    /// Whether two files hold the same bytes.
    static func isEqual(_ one: FileDescriptor, _ other: FileDescriptor, at path: FilePath) throws(StoreError) -> Bool {
        let first = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
        let second = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
        defer {
            first.deallocate()
            second.deallocate()
        }
        var offset: Int64 = 0
        do {
            while true {
                let size = try fill(first, from: one, at: offset)
                guard try fill(second, from: other, at: offset) == size else { return false }
                if size == 0 { return true }
                guard let left = first.baseAddress, let right = second.baseAddress else { return false }
                guard memcmp(left, right, size) == 0 else { return false }
                offset += Int64(size)
            }
        } catch {
            throw .from(error, at: path)
        }
    }

    /// Makes `name` in `folder` a file with the content of `source`, as cheaply as the file system can: sharing its
    /// blocks, else a second name for the same file, else a copy.
    ///
    /// A second name is safe because nobody writes into a stored file: updates and repairs replace it by a rename.
    static func double(_ source: FilePath, size: Int64, into folder: Folder, as name: String) throws(StoreError) {
        let target = folder.path.appending(name)
        if try clone(source, into: folder, as: name) { return }
        if folder.link(source, as: name) { return }
        if let free = StoreLayout.freeBytes(at: folder.path), free < size {
            throw .noSpace(path: target, needed: size, free: free)
        }
        let output = try folder.create(name)
        defer { try? output.close() }
        do {
            let input = try FileDescriptor.open(source, .readOnly, options: [.closeOnExec, .noFollow])
            defer { try? input.close() }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
            defer { buffer.deallocate() }
            var offset: Int64 = 0
            while case let count = try fill(buffer, from: input, at: offset), count > 0 {
                try output.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                offset += Int64(count)
            }
            try output.sync(at: target)
        } catch {
            _ = try? folder.remove(name)
            throw .from(error, at: target, needed: size)
        }
    }

    /// Copy-on-write, where the file system has it (Btrfs, XFS, APFS). False where it has not.
    private static func clone(_ source: FilePath, into folder: Folder, as name: String) throws(StoreError) -> Bool {
        #if canImport(Darwin)
            return source.withPlatformString { from in
                folder.path.appending(name).withPlatformString { to in clonefile(from, to, UInt32(CLONE_NOFOLLOW)) }
            } == 0
        #else
            guard let input = try? FileDescriptor.open(source, .readOnly, options: [.closeOnExec, .noFollow]) else {
                return false
            }
            defer { try? input.close() }
            let output = try folder.create(name)
            defer { try? output.close() }
            // FICLONE of <linux/fs.h>, `_IOW(0x94, 9, int)`; a macro that Swift does not import.
            if ioctl(output.rawValue, 0x4004_9409, input.rawValue) == 0 {
                try output.sync(at: folder.path.appending(name))
                return true
            }
            try folder.remove(name)
            return false
        #endif
    }

    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from file: FileDescriptor, at offset: Int64
    ) throws -> Int {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let got = try file.read(fromAbsoluteOffset: offset + Int64(count), into: rest)
            if got == 0 { break }
            count += got
        }
        return count
    }
}
