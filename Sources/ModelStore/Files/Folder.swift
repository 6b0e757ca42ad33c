import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An open folder of the store. Names are looked up in the folder itself and links are never followed, so that
/// nobody can lead a write out of the store by exchanging a folder for a link meanwhile.
final class Folder {
    let path: FilePath
    private let descriptor: FileDescriptor

    /// Names longer than any real folder's list are not collected: a bound on memory, per folder.
    static let entryLimit = 100_000

    private init(_ descriptor: FileDescriptor, _ path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { try? descriptor.close() }

    /// Opens the root, which may itself be a link: where the store is, is the user's choice. Nil when it is not there.
    static func root(_ path: FilePath) throws(StoreError) -> Folder? {
        do {
            let options: FileDescriptor.OpenOptions = [.directory, .closeOnExec]
            return Folder(try FileDescriptor.open(path, .readOnly, options: options), path)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch Errno.notDirectory {
            throw .occupied(path: path)
        } catch {
            throw .from(error, at: path)
        }
    }

    /// Opens the root, and creates it with the folders above it where they are missing.
    static func creatingRoot(_ path: FilePath) throws(StoreError) -> Folder {
        if let folder = try root(path) { return folder }
        var missing: [FilePath] = []
        var ancestor = path
        while FileStatus(of: ancestor) == nil, !ancestor.isEmpty, ancestor.lastComponent != nil {
            missing.append(ancestor)
            ancestor.removeLastComponent()
        }
        for folder in missing.reversed() where folder.withPlatformString({ mkdir($0, 0o777) }) != 0 {
            let error = Errno(rawValue: errno)
            // Another process was faster: as good.
            if error != .fileExists { throw StoreError(error, at: folder) }
        }
        guard let folder = try root(path) else { throw .io(path: path, errno: .noSuchFileOrDirectory) }
        return folder
    }

    /// Opens a folder in this one; nil when it is not there.
    ///
    /// - Throws: `.outsideStore` for a link, `.occupied` for anything else that is no folder.
    func folder(_ name: String) throws(StoreError) -> Folder? {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let opened = openat(descriptor.rawValue, name, flags)
        if opened >= 0 { return Folder(FileDescriptor(rawValue: opened), path.appending(name)) }
        let error = Errno(rawValue: errno)
        switch try status(name)?.kind {
        case nil: return nil
        case .link: throw .outsideStore(path: path.appending(name))
        // Somebody has created it since we failed to open it.
        case .folder where error == .noSuchFileOrDirectory: return try folder(name)
        case .folder: throw StoreError(error, at: path.appending(name))
        case .file, .other: throw .occupied(path: path.appending(name))
        }
    }

    /// Opens a folder in this one, and creates it where it is missing.
    func creatingFolder(_ name: String) throws(StoreError) -> Folder {
        if let folder = try folder(name) { return folder }
        if mkdirat(descriptor.rawValue, name, 0o777) != 0 {
            let error = Errno(rawValue: errno)
            if error != .fileExists { throw StoreError(error, at: path.appending(name)) }
        } else {
            try sync()
        }
        guard let folder = try folder(name) else {
            throw .io(path: path.appending(name), errno: .noSuchFileOrDirectory)
        }
        return folder
    }

    /// Nil when there is nothing by this name.
    func status(_ name: String) throws(StoreError) -> FileStatus? {
        var status = stat()
        if fstatat(descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(status) }
        let error = Errno(rawValue: errno)
        if error == .noSuchFileOrDirectory { return nil }
        throw StoreError(error, at: path.appending(name))
    }

    /// The names in this folder in order of their bytes, without `.`, `..` and names that are not UTF-8.
    func names() throws(StoreError) -> [String] {
        let copy = openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw StoreError(Errno(rawValue: errno), at: path) }
        guard let stream = fdopendir(copy) else {
            let error = Errno(rawValue: errno)
            close(copy)
            throw StoreError(error, at: path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < Self.entryLimit, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                    String(validatingCString: $0)
                }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Opens a regular file for reading. Nil when it is not there.
    func open(_ name: String) throws(StoreError) -> FileDescriptor? {
        // Without O_NONBLOCK a named pipe somebody left here would hold us until it has a writer.
        let opened = openat(descriptor.rawValue, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        if opened >= 0 { return FileDescriptor(rawValue: opened) }
        let error = Errno(rawValue: errno)
        if error == .noSuchFileOrDirectory { return nil }
        if error == .tooManySymbolicLinkLevels { throw .outsideStore(path: path.appending(name)) }
        throw StoreError(error, at: path.appending(name))
    }

    /// Opens a lock file, and creates it where it is missing.
    func openLock(_ name: String) throws(StoreError) -> FileDescriptor {
        let opened = openat(descriptor.rawValue, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard opened >= 0 else { throw StoreError(Errno(rawValue: errno), at: path.appending(name)) }
        return FileDescriptor(rawValue: opened)
    }

    /// Creates a file for writing; what had the name is emptied.
    func create(_ name: String) throws(StoreError) -> FileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let opened = openat(descriptor.rawValue, name, flags, 0o666)
        guard opened >= 0 else { throw StoreError(Errno(rawValue: errno), at: path.appending(name)) }
        return FileDescriptor(rawValue: opened)
    }

    /// Removes a file or a link. False when it was not there.
    @discardableResult
    func remove(_ name: String) throws(StoreError) -> Bool {
        if unlinkat(descriptor.rawValue, name, 0) == 0 { return true }
        let error = Errno(rawValue: errno)
        if error == .noSuchFileOrDirectory { return false }
        throw StoreError(error, at: path.appending(name))
    }

    /// Removes a folder in this one if it is empty. False when it is not, or not there.
    @discardableResult
    func removeFolderIfEmpty(_ name: String) -> Bool {
        unlinkat(descriptor.rawValue, name, AT_REMOVEDIR) == 0
    }

    /// Gives a file its name here; what had the name is replaced in the same instant.
    func take(_ source: FilePath, as name: String) throws(StoreError) {
        let code = source.withPlatformString { renameat(AT_FDCWD, $0, descriptor.rawValue, name) }
        guard code == 0 else { throw StoreError(Errno(rawValue: errno), at: path.appending(name)) }
    }

    /// Gives a file of this folder another name in it.
    func rename(_ name: String, to other: String) throws(StoreError) {
        guard renameat(descriptor.rawValue, name, descriptor.rawValue, other) == 0 else {
            throw StoreError(Errno(rawValue: errno), at: path.appending(other))
        }
    }

    /// Gives a file a second name here, without a second content.
    func link(_ source: FilePath, as name: String) -> Bool {
        source.withPlatformString { linkat(AT_FDCWD, $0, descriptor.rawValue, name, 0) } == 0
    }

    /// Returns when the names in this folder have reached the disk.
    func sync() throws(StoreError) { try descriptor.sync(at: path) }
}

extension StoreError {
    /// For `do` blocks around swift-system's calls, which throw `Errno` and nothing else.
    static func from(_ error: any Error, at path: FilePath, needed: Int64? = nil) -> StoreError {
        if let error = error as? StoreError { return error }
        return StoreError(error as? Errno ?? .ioError, at: path, needed: needed)
    }
}

extension FileDescriptor {
    /// Returns when everything written has reached the disk. `fsync` on a Mac leaves it in the drive's cache.
    func sync(at path: FilePath) throws(StoreError) {
        #if canImport(Darwin)
            if fcntl(rawValue, F_FULLFSYNC) == 0 { return }
        #endif
        guard fsync(rawValue) == 0 else {
            let error = Errno(rawValue: errno)
            // Some file systems (FUSE, network) cannot sync a folder; there is nothing more one could do.
            if error == .invalidArgument || error == .notSupported { return }
            throw StoreError(error, at: path)
        }
    }
}
