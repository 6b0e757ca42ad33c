import Disk
package import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where everything lies in a store: `publisher/repository/file.gguf`, and the bookkeeping in `.slm/` beside it.
package struct StoreLayout: Hashable, Sendable {
    /// The folder that people open.
    package let root: FilePath

    /// Describes the store in this folder. Nothing is looked up or created.
    package init(root: FilePath) {
        self.root = root.lexicallyNormalized()
        rootText = self.root.string
    }

    /// The same as text.
    let rootText: String

    /// `.slm`: everything that is not a model.
    package var bookkeeping: FilePath { root.appending(Self.bookkeepingName) }
    /// The SQLite index.
    package var index: FilePath { bookkeeping.appending(Self.indexName) }
    /// Downloads under way.
    package var partials: FilePath { bookkeeping.appending(Self.partialsName) }
    /// Lock files, one a key, there while held, the store's own also between changes that follow closely.
    package var locks: FilePath { bookkeeping.appending(Self.locksName) }
    /// Block hashes, one file a content, named by its digest.
    package var blocks: FilePath { bookkeeping.appending(Self.blocksName) }
    /// One JSON file a model, from which a lost index is made anew.
    package var records: FilePath { bookkeeping.appending(Self.recordsName) }

    /// The path that a model's file has when it is complete.
    ///
    /// - Throws: `StoreError.unsafeName` when one of the parts is not a single, plain path component.
    package func path(publisher: String, repository: String, name: String) throws(StoreError) -> FilePath {
        for component in [publisher, repository, name] where !FileNameRules.isSafe(component) {
            throw .unsafeName(component)
        }
        return root.appending(publisher).appending(repository).appending(name)
    }

    /// A file name for any text, different for different texts also where the file system ignores case.
    ///
    /// Small letters, digits, `-`, `_` and inner dots stay; every other byte becomes `%XX`. What would be longer than
    /// file systems allow is cut and ends in its FNV-1a hash.
    static func fileName(for text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var name: [UInt8] = []
        for (position, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): name.append(byte)
            case UInt8(ascii: "-"), UInt8(ascii: "_"): name.append(byte)
            case UInt8(ascii: ".") where position > 0 && position < text.utf8.count - 1: name.append(byte)
            default: name += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        if name.count > 200 {
            name = Array(name.prefix(160)) + Array("~\(String(fnv1a(text.utf8), radix: 16))".utf8)
        }
        return String(decoding: name, as: UTF8.self)
    }
}

// MARK: Folders

extension StoreLayout {
    /// The open bookkeeping folder. Nil when this is no store yet.
    func openBookkeeping() throws(DiskError) -> Folder? {
        try Folder.root(root)?.folder(Self.bookkeepingName)
    }

    /// The open bookkeeping folder, created where it is missing.
    func creatingBookkeeping() throws(DiskError) -> Folder {
        try Folder.creatingRoot(root).creatingFolder(Self.bookkeepingName)
    }

    /// The same with everything in it.
    func createBookkeeping() throws(DiskError) -> Folder {
        let folder = try creatingBookkeeping()
        for name in [Self.partialsName, Self.locksName, Self.blocksName, Self.recordsName, Self.pendingName] {
            _ = try folder.creatingFolder(name)
        }
        return folder
    }

    /// The open folder of a repository. Nil when it is not there.
    func openRepository(_ publisher: String, _ repository: String) throws -> Folder? {
        for component in [publisher, repository] where !FileNameRules.isSafe(component) {
            throw StoreError.unsafeName(component)
        }
        return try Folder.root(root)?.folder(publisher)?.folder(repository)
    }

    /// The open folder of a repository, created where it is missing.
    func createRepository(_ publisher: String, _ repository: String) throws -> Folder {
        for component in [publisher, repository] where !FileNameRules.isSafe(component) {
            throw StoreError.unsafeName(component)
        }
        return try Folder.creatingRoot(root).creatingFolder(publisher).creatingFolder(repository)
    }

    /// Throws for a name that this disk does not take, before anything is fetched that is to have it. Only for the holder
    /// of the store's lock.
    ///
    /// FAT, exFAT and NTFS refuse some characters, and eCryptfs names of more than 143 bytes: it is tried.
    func tryNames(_ names: [String]) throws {
        let doubtful = names.filter { FileNameRules.isSafe($0) && !FileNameRules.isTakenEverywhere($0) }
        guard !doubtful.isEmpty else { return }
        let partials = try createBookkeeping().creatingFolder(Self.partialsName)
        let folder = try partials.creatingFolder(Self.trialName)
        defer { partials.removeFolderIfEmpty(Self.trialName) }
        for name in doubtful {
            do throws(DiskError) {
                let file = try folder.create(name)
                try? file.close()
                try folder.remove(name)
            } catch {
                let isOfName: Bool =
                    switch error.errno {
                    case .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .permissionDenied, .tooManyOpenFiles: false
                    default: true
                    }
                throw isOfName ? StoreError.nameRefused(name, path: root) : StoreError(error)
            }
        }
    }

    /// Removes the folders of a repository as far up as they are empty; never the root.
    func removeEmptyFolders(_ publisher: String, _ repository: String) {
        guard let root = try? Folder.root(root), let folder = try? root.folder(publisher) else { return }
        folder.removeFolderIfEmpty(repository)
        root.removeFolderIfEmpty(publisher)
    }

    /// Whether this user can write the bookkeeping; false also where there is none yet.
    package var canBeWritten: Bool { (try? checkWritable()) != nil }

    /// Throws what keeps this user from writing the bookkeeping.
    func checkWritable() throws(DiskError) {
        guard bookkeeping.withPlatformString({ access($0, W_OK | X_OK) }) == 0 else {
            throw DiskError(Errno(rawValue: errno), at: bookkeeping)
        }
    }
}
