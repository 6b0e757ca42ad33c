import Disk
import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage

/// The files of a store on their way to another disk. Each is read again before it has its name there, so that whatever
/// has its name was proven; what has not is gone on with.
///
/// `moving.json` says in the new folder that it is no store yet, and `moved.json` in the old one that its files are to go.
/// Both name the other folder, and so do `leaving.json`, in the old folder while a process copies, and `came.json`, which
/// stays in the new one.
struct StoreMove {
    let from: StoreLayout
    let to: StoreLayout

    /// A file below the store's root.
    struct Item {
        /// Its path from the root on.
        var inside: [String]
        var status: FileStatus

        var name: String { inside.last ?? "" }
    }

    static let movingName = "moving.json"
    static let movedName = "moved.json"
    static let leavingName = "leaving.json"
    static let cameName = "came.json"
    static let partsName = "moving"
    private static let lockKey = "move"
    private static let depth = 12

    private struct Note: Codable {
        var store: String
    }

    // MARK: Notes

    /// The folder that a note in `.slm` names; nil where there is none.
    static func note(_ name: String, in layout: StoreLayout) throws -> String? {
        guard let bytes = try layout.openBookkeeping()?.read(name, limit: 64 << 10) else { return nil }
        return (try? JSONDecoder().decode(Note.self, from: Data(bytes)))?.store
    }

    static func write(_ name: String, _ store: StoreLayout, in layout: StoreLayout) throws {
        try layout.createBookkeeping().write(JSONEncoder().encode(Note(store: store.root.string)), as: name)
    }

    /// Where a process is moving the store to at this moment; nil where none does.
    static func underWay(from layout: StoreLayout) throws -> FilePath? {
        guard let place = try note(leavingName, in: layout), try StoreLock.isHeld(lockKey, in: layout) else {
            return nil
        }
        return FilePath(place)
    }

    /// Says to others that the store is on its way, until the lock is released.
    func announce() throws -> StoreLock {
        guard let lock = try StoreLock.tryAcquire(Self.lockKey, in: from) else {
            throw StoreError.moving(to: to.root)
        }
        try Self.write(Self.leavingName, to, in: from)
        return lock
    }

    /// Whether the store is where it is to be, because it was moved there before.
    func isThere() throws -> Bool {
        guard FileStatus(of: to.records) != nil, try Self.note(Self.movingName, in: to) == nil else { return false }
        if from.root == to.root { return true }
        return try FileStatus(of: from.bookkeeping) == nil && Self.note(Self.cameName, in: to) == from.root.string
    }

    // MARK: What there is

    /// The files that go along, and what is left where it is: links, pipes, folders that are too deep.
    func items() throws -> (files: [Item], left: [FilePath]) {
        var files: [Item] = []
        var left: [FilePath] = []
        guard let root = try Folder.root(from.root) else { return ([], []) }
        func look(_ folder: Folder, _ inside: [String]) throws {
            for name in try folder.names() where !(inside.isEmpty && name == StoreLayout.bookkeepingName) {
                guard let status = try folder.status(name) else { continue }
                switch status.kind {
                case .file: files.append(Item(inside: inside + [name], status: status))
                case .folder where inside.count < Self.depth:
                    if let below = try folder.folder(name) { try look(below, inside + [name]) }
                default: left.append(folder.path.appending(name))
                }
            }
        }
        try look(root, [])
        try addBookkeeping(to: &files)
        return (files, left)
    }

    /// Block hashes, kept versions, half downloads, and what is noted beside them. The records are written anew, and the
    /// index is made from them.
    private func addBookkeeping(to files: inout [Item]) throws {
        guard let slm = try from.openBookkeeping() else { return }
        let folders = [
            StoreLayout.partialsName, StoreLayout.versionsName, StoreLayout.blocksName, StoreLayout.pendingName,
        ]
        for name in folders {
            guard let folder = try slm.folder(name) else { continue }
            for file in try folder.names() where !file.hasSuffix(".tmp") {
                guard let status = try folder.status(file), status.kind == .file else { continue }
                files.append(Item(inside: [StoreLayout.bookkeepingName, name, file], status: status))
            }
        }
        for name in try slm.names() where StoreLayout.isCarried(name) {
            guard let status = try slm.status(name), status.kind == .file else { continue }
            files.append(Item(inside: [StoreLayout.bookkeepingName, name], status: status))
        }
    }

    /// Throws for a name that the other disk does not take, before anything is copied.
    func tryNames(of items: [Item]) throws {
        let inside = items.filter { $0.inside.first != StoreLayout.bookkeepingName }.flatMap(\.inside)
        try to.tryNames(Set(inside).sorted())
    }

    func path(of item: Item, in layout: StoreLayout) -> FilePath {
        item.inside.reduce(layout.root) { $0.appending($1) }
    }

    // MARK: One file

    /// What a file is, now that it is there.
    enum Arrived: Hashable {
        /// The same as it was, which nobody has held against its digest now.
        case same
        /// What its digest says.
        case proven
        /// The same as it was, which is not what its digest says.
        case damaged
    }

    /// Brings a file, and proves it there: by the digest that it should have, or by what it is.
    ///
    /// - Parameters:
    ///   - twin: The same file under another name, that is there already.
    func bring(
        _ item: Item, known: Digest?, twin: Item?, onProgress: @escaping @Sendable (Int64) -> Void
    ) async throws -> Arrived {
        let source = path(of: item, in: from)
        let folder = try Folder.creatingRoot(path(of: item, in: to).removingLastComponent())
        if let there = try folder.status(item.name) {
            guard there.kind == .file else { throw StoreError.occupied(path: folder.path.appending(item.name)) }
            if there.size == item.status.size, there.modified == item.status.modified { return .same }
            if let arrived = try await isSame(folder.path.appending(item.name), source, known) { return arrived }
            try folder.remove(item.name)
        }
        if let twin, try folder.share(path(of: twin, in: to), as: item.name) { return .same }
        let parts = try to.creatingBookkeeping().creatingFolder(Self.partsName)
        let name = StoreLayout.fileName(for: item.inside.joined(separator: "/")) + ".part"
        let part = parts.path.appending(name)
        // What is left of an earlier run is right, or it is not: then it is written once more.
        for _ in 0..<2 {
            if let left = try parts.status(name), left.kind != .file || left.size > item.status.size {
                try parts.remove(name)
            }
            try await FileCopy.complete(part, from: source, size: item.status.size, onProgress: onProgress)
            if let arrived = try await isSame(part, source, known) {
                try setTime(of: part, to: item.status.modified)
                try folder.take(part, as: item.name)
                try folder.sync()
                return arrived
            }
            try parts.remove(name)
        }
        throw StoreError.io(path: part, errno: .ioError)
    }

    /// Nil where the copy is not the same. A damaged file goes along as it is.
    private func isSame(_ copy: FilePath, _ source: FilePath, _ known: Digest?) async throws -> Arrived? {
        let digest = try await FileHasher.hash(copy).digest
        if digest == known { return .proven }
        guard try await FileHasher.hash(source).digest == digest else { return nil }
        return known == nil ? .same : .damaged
    }

    private func setTime(of path: FilePath, to nanoseconds: Int64) throws {
        let file = try FileDescriptor.open(path, .readWrite, options: [.noFollow, .closeOnExec])
        defer { try? file.close() }
        try file.setModified(nanoseconds)
    }

    // MARK: The end

    /// Writes the records of models as they are in the new place. Some disks keep times less exactly.
    ///
    /// - Parameter arrived: What each file is, by its path from the root on.
    func writeRecords(_ records: [ModelRecord], pins: [Pin], _ arrived: [String: Arrived], at date: Date) throws {
        let folder = try RecordFolder.create(in: to)
        for name in try folder.records.names() { try folder.records.remove(name) }
        let moved = try records.map { record in
            var record = record
            let place = try to.openRepository(record.publisher, record.repository)
            for position in record.files.indices {
                let file = record.files[position]
                // One that somebody has written to stays known as such.
                guard file.matches(FileStatus(of: from.root.pushing(FilePath(record.key(of: file))))),
                    let now = try place?.status(file.name)
                else { continue }
                record.files[position].modified = now.modified
            }
            let all = record.keys.map { arrived[$0] }
            if record.state == .ready, record.verifiedAt != nil, all.allSatisfy({ $0 == .proven }) {
                record.verifiedAt = date
            }
            if all.contains(.damaged) { record.state = .damaged }
            return record
        }
        try folder.write(moved)
        try folder.write(pins)
        try KeptVersions(in: to)?.takeTimes()
    }

    /// Removes files from the old folder, with all folders that are empty then.
    ///
    /// - Parameter withBookkeeping: Whether nothing else is left there. The note that all is moved goes last.
    func removeOld(_ items: [Item], withBookkeeping: Bool) throws {
        for item in items {
            try Folder.root(path(of: item, in: from).removingLastComponent())?.remove(item.name)
        }
        try removeEmptyFolders()
        guard let slm = try from.openBookkeeping() else { return }
        for name in try slm.names() where withBookkeeping && StoreLayout.isOurs(name) {
            if name == StoreLayout.locksName || name == Self.movedName { continue }
            if let folder = try slm.status(name)?.kind == .folder ? slm.folder(name) : nil {
                for file in try folder.names() where try folder.status(file)?.kind != .folder {
                    try folder.remove(file)
                }
                slm.removeFolderIfEmpty(name)
            } else {
                try slm.remove(name)
            }
        }
        try slm.remove(Self.movedName)
    }

    /// All of them, and not only those of the files that have just gone: an earlier run may have died in between.
    private func removeEmptyFolders() throws {
        func clear(_ folder: Folder, depth: Int) throws {
            for name in try folder.names() where depth > 0 || name != StoreLayout.bookkeepingName {
                guard depth < Self.depth, try folder.status(name)?.kind == .folder else { continue }
                if let below = try folder.folder(name) { try clear(below, depth: depth + 1) }
                folder.removeFolderIfEmpty(name)
            }
        }
        if let root = try Folder.root(from.root) { try clear(root, depth: 0) }
    }

    /// Removes what is empty now. The lock is released by then.
    func removeOldFolders() {
        try? StoreLock.sweep(in: from)
        try? removeEmptyFolders()
        guard let root = try? Folder.root(from.root) else { return }
        (try? root.folder(StoreLayout.bookkeepingName))?.removeFolderIfEmpty(StoreLayout.locksName)
        root.removeFolderIfEmpty(StoreLayout.bookkeepingName)
        guard let name = from.root.lastComponent?.string else { return }
        _ = try? Folder.root(from.root.removingLastComponent())?.removeFolderIfEmpty(name)
    }
}
