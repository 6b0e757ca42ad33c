package import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An open folder. Names are looked up in the folder itself and links are never followed, so that nobody can lead a
/// write elsewhere by exchanging a folder for a link meanwhile.
package final class Folder: Sendable {
    private let root: FilePath
    /// From there, with a slash between names; empty for the root itself.
    private let below: String
    let descriptor: FileDescriptor

    package var path: FilePath { below.isEmpty ? root : root.appending(below) }

    /// Names longer than any real folder's list are not collected: a bound on memory, per folder.
    private static let entryLimit = 100_000

    private init(_ descriptor: FileDescriptor, _ root: FilePath, below: String = "") {
        self.descriptor = descriptor
        self.root = root
        self.below = below
    }

    deinit { try? descriptor.close() }

    /// Opens a folder by its path, which may be a link: where it is, is the user's choice. Nil when it is not there.
    package static func root(_ path: FilePath) throws(DiskError) -> Folder? {
        do {
            let options: FileDescriptor.OpenOptions = [.directory, .closeOnExec]
            return Folder(try FileDescriptor.open(path, .readOnly, options: options), path)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw DiskError(error, at: path)
        }
    }

    /// Opens a folder by its path, and creates it with the folders above it where they are missing.
    package static func creatingRoot(_ path: FilePath) throws(DiskError) -> Folder {
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
            if error != .fileExists { throw DiskError(error, at: folder) }
        }
        guard let folder = try root(path) else { throw DiskError(.noSuchFileOrDirectory, at: path) }
        return folder
    }

    /// Opens a folder in this one; nil when it is not there.
    ///
    /// - Throws: `.tooManySymbolicLinkLevels` for a link, `.notDirectory` for anything else that is no folder.
    package func folder(_ name: String) throws(DiskError) -> Folder? {
        let opened = openat(descriptor.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if opened >= 0 {
            return Folder(FileDescriptor(rawValue: opened), root, below: below.isEmpty ? name : "\(below)/\(name)")
        }
        let error = Errno(rawValue: errno)
        switch try status(name)?.kind {
        case nil: return nil
        case .link: throw failure(name, .tooManySymbolicLinkLevels)
        // Somebody has created it since we failed to open it.
        case .folder where error == .noSuchFileOrDirectory: return try folder(name)
        case .folder: throw failure(name, error)
        case .file, .other: throw failure(name, .notDirectory)
        }
    }

    /// Opens a folder in this one, and creates it where it is missing.
    package func creatingFolder(_ name: String) throws(DiskError) -> Folder {
        if let folder = try folder(name) { return folder }
        if mkdirat(descriptor.rawValue, name, 0o777) == 0 {
            try sync()
        } else {
            let error = Errno(rawValue: errno)
            if error != .fileExists { throw failure(name, error) }
        }
        guard let folder = try folder(name) else { throw failure(name, .noSuchFileOrDirectory) }
        return folder
    }

    /// Nil when there is nothing by this name.
    package func status(_ name: String) throws(DiskError) -> FileStatus? {
        var status = stat()
        if fstatat(descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(status) }
        return try absent(name)
    }

    /// What the system says of a file in a folder of this one; nil where a link is in place of the folder, too.
    ///
    /// - Parameter isFreeOfLinks: Whether that is known of this folder; see `isFreeOfLinks`.
    /// - Returns: And whether this user is kept from reading it, or from finding out whether it is there.
    package func look(
        at name: String, in folder: String, isFreeOfLinks: Bool = false
    ) -> (status: FileStatus?, isDenied: Bool) {
        if !isFreeOfLinks {
            var status = stat()
            guard fstatat(descriptor.rawValue, folder, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                return (nil, errno == EACCES)
            }
            guard status.st_mode & S_IFMT == S_IFDIR else { return (nil, false) }
        }
        return look(at: "\(folder)/\(name)")
    }

    /// The same by a path of two names, where this folder is known to be free of links.
    package func look(at path: UnsafePointer<CChar>) -> (status: FileStatus?, isDenied: Bool) {
        var status = stat()
        guard fstatat(descriptor.rawValue, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            return (nil, errno == EACCES)
        }
        let found = FileStatus(status)
        let isDenied =
            found.kind == .file && !found.isReadableByMode
            && faccessat(descriptor.rawValue, path, R_OK, AT_EACCESS) != 0 && errno == EACCES
        return (found, isDenied)
    }

    /// The names in this folder in order of their bytes, without `.`, `..` and names that are not UTF-8.
    ///
    /// - Parameter endings: Only names with one of these endings; nil for all. Others cost no more than to be passed over.
    package func names(endingIn endings: [String]? = nil) throws(DiskError) -> [String] {
        var names: [String] = []
        try forEachEntry { entry in
            if let endings, !endings.contains(where: { Self.ends(entry, in: $0) }) { return true }
            if let name = Self.name(entry), name != ".", name != ".." { names.append(name) }
            return names.count < Self.entryLimit
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether nothing in this folder is a link; false also where the system does not say what is one.
    package var isFreeOfLinks: Bool {
        var isFree = true
        let read: Void? = try? forEachEntry { entry in
            let kind = Int32(entry.pointee.d_type)
            isFree = kind != Int32(DT_LNK) && kind != Int32(DT_UNKNOWN)
            return isFree
        }
        return read != nil && isFree
    }

    /// Reads what is in this folder, until the body has had enough and returns false.
    private func forEachEntry(_ body: (UnsafeMutablePointer<dirent>) -> Bool) throws(DiskError) {
        let copy = openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw DiskError(Errno(rawValue: errno), at: path) }
        guard let stream = fdopendir(copy) else {
            let error = Errno(rawValue: errno)
            close(copy)
            throw DiskError(error, at: path)
        }
        defer { closedir(stream) }
        while let entry = readdir(stream), body(entry) {}
    }

    private static func name(_ entry: UnsafeMutablePointer<dirent>) -> String? {
        withUnsafePointer(to: &entry.pointee.d_name) { field in
            field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                String(validatingCString: $0)
            }
        }
    }

    private static func ends(_ entry: UnsafeMutablePointer<dirent>, in ending: String) -> Bool {
        withUnsafePointer(to: &entry.pointee.d_name) { field in
            field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) { name in
                let (length, tail) = (strlen(name), ending.utf8.count)
                return length >= tail && strcmp(name + (length - tail), ending) == 0
            }
        }
    }

    /// Opens a file for reading. Nil when it is not there.
    ///
    /// - Throws: `.tooManySymbolicLinkLevels` for a link.
    package func open(_ name: String) throws(DiskError) -> FileDescriptor? {
        // Without O_NONBLOCK a named pipe somebody left here would hold us until it has a writer.
        let opened = openat(descriptor.rawValue, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        return opened >= 0 ? FileDescriptor(rawValue: opened) : try absent(name)
    }

    /// Opens a lock file, and creates it where it is missing.
    package func openLock(_ name: String) throws(DiskError) -> FileDescriptor {
        try open(name, O_RDWR | O_CREAT)
    }

    /// Opens a lock file; nil where there is none.
    package func openLockIfThere(_ name: String) throws(DiskError) -> FileDescriptor? {
        let opened = openat(descriptor.rawValue, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        return opened >= 0 ? FileDescriptor(rawValue: opened) : try absent(name)
    }

    /// Creates a file for writing. What had the name is removed and not written into: it may be a link, a pipe, or a
    /// second name for a file elsewhere.
    ///
    /// - Parameter isSecret: Whether it is for the eyes of its owner only.
    package func create(_ name: String, isSecret: Bool = false) throws(DiskError) -> FileDescriptor {
        try remove(name)
        return try open(name, O_RDWR | O_CREAT | O_EXCL, mode: isSecret ? 0o600 : 0o666)
    }

    private func open(_ name: String, _ flags: Int32, mode: mode_t = 0o666) throws(DiskError) -> FileDescriptor {
        let opened = openat(descriptor.rawValue, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode)
        guard opened >= 0 else { throw failure(name) }
        return FileDescriptor(rawValue: opened)
    }

    /// Removes a file or a link. False when it was not there.
    @discardableResult
    package func remove(_ name: String) throws(DiskError) -> Bool {
        if unlinkat(descriptor.rawValue, name, 0) == 0 { return true }
        return try absent(name) ?? false
    }

    /// Removes a folder in this one if it is empty. False when it is not, or not there.
    @discardableResult
    package func removeFolderIfEmpty(_ name: String) -> Bool {
        unlinkat(descriptor.rawValue, name, AT_REMOVEDIR) == 0
    }

    /// Gives a file its name here; what had the name is replaced in the same instant.
    package func take(_ source: FilePath, as name: String) throws(DiskError) {
        let code = source.withPlatformString { renameat(AT_FDCWD, $0, descriptor.rawValue, name) }
        guard code == 0 else { throw failure(name) }
    }

    /// Gives a file of this folder another name in it.
    package func rename(_ name: String, to other: String) throws(DiskError) {
        guard renameat(descriptor.rawValue, name, descriptor.rawValue, other) == 0 else { throw failure(other) }
    }

    /// Returns when the names in this folder have reached the disk.
    package func sync() throws(DiskError) {
        do { try descriptor.sync() } catch { throw DiskError(error, at: path) }
    }

    /// Nil when the call that has just failed found nothing by this name.
    private func absent<Value>(_ name: String) throws(DiskError) -> Value? {
        let error = Errno(rawValue: errno)
        if error == .noSuchFileOrDirectory { return nil }
        throw failure(name, error)
    }

    private func failure(_ name: String, _ error: Errno = Errno(rawValue: errno)) -> DiskError {
        DiskError(error, at: path.appending(name))
    }
}
