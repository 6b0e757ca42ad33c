import Disk
import Foundation
import ModelCatalog
import ModelDownload
package import SystemPackage

/// What a move of the store did.
package struct MovedStore: Sendable {
    /// Where it is now.
    package var root: FilePath
    package var models: Int
    /// Of all files, in bytes.
    package var size: Int64
    /// What is still where it was, because it is no file: links, for instance.
    package var left: [FilePath] = []
    /// Whether it was there already, and nothing was done.
    package var wasThere = false
}

extension Store {
    /// Moves the store into a folder that is empty or not there: by one rename where the disk is the same; else every file
    /// is copied and read again there, and the old ones go when all of them are proven.
    ///
    /// The same call goes on with a move that was broken off. No other process changes the store meanwhile.
    /// - Parameter onProgress: A file's path inside the store, and bytes of all files that are there, and all.
    /// - Throws: `.nested`, `.notEmpty`, `.locked` where a process is fetching into the store, `.noSpace`, `.occupied`,
    ///   `.nameRefused`, and what the system says; `CancellationError`.
    package func move(
        to root: FilePath,
        onProgress: @escaping @Sendable (_ file: String, _ done: Int64, _ size: Int64) -> Void = { _, _, _ in }
    ) async throws -> MovedStore {
        try await move(to: root, mayRename: true, onProgress: onProgress)
    }

    /// Whether it was moved to this folder before, and is there.
    package nonisolated func wasMoved(to root: FilePath) throws -> Bool {
        do {
            return try StoreMove(from: layout, to: StoreLayout(root: root)).isThere()
        } catch {
            throw StoreError.from(error)
        }
    }

    func move(
        to root: FilePath, mayRename: Bool,
        onProgress: @escaping @Sendable (_ file: String, _ done: Int64, _ size: Int64) -> Void = { _, _, _ in }
    ) async throws -> MovedStore {
        let move = StoreMove(from: layout, to: StoreLayout(root: root))
        do {
            var left: [FilePath] = []
            let wasThere = try move.isThere()
            if wasThere {
                // Who died at the very end of a move has left an empty folder.
                if move.from.root != move.to.root { move.removeOldFolders() }
            } else if try isDone(move) {
                move.removeOldFolders()
            } else {
                try check(move)
                left = try await moveFiles(move, mayRename, onProgress)
            }
            let (models, size) = try await Store(at: move.to.root).contents()
            return MovedStore(root: move.to.root, models: models.count, size: size, left: left, wasThere: wasThere)
        } catch {
            throw StoreError.from(error)
        }
    }

    /// - Returns: What is still where it was.
    private func moveFiles(
        _ move: StoreMove, _ mayRename: Bool, _ onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws -> [FilePath] {
        let lock = try await exclusive()
        defer { lock.release() }
        if try StoreMove.note(StoreMove.movedName, in: layout) == move.to.root.string,
            try StoreMove.note(StoreMove.movingName, in: move.to) == nil
        {
            // All of it was there when a process died while it tidied up.
            let items = try move.items()
            return try removeOld(move, items.files, [lock]) + items.left
        }
        guard try namesInUse().isEmpty else { throw StoreError.locked(key: "store") }
        _ = try mend()
        if mayRename, try rename(move) { return [] }
        let announcement = try move.announce()
        defer { announcement.release() }
        let items = try await carry(move, onProgress)
        return try removeOld(move, items.files, [announcement, lock]) + items.left
    }

    /// Removes what is in the new place too, and the folders when nothing is left in them.
    ///
    /// - Returns: What somebody has put into the old place since.
    private func removeOld(
        _ move: StoreMove, _ items: [StoreMove.Item], _ locks: [StoreLock]
    ) throws -> [FilePath] {
        closeIndex()
        // What of `.slm` is not in the new place has gone from there since: all of it had come before the note was written.
        let others = items.filter { item in
            item.inside.first != StoreLayout.bookkeepingName
                && FileStatus.size(ofFile: move.path(of: item, in: move.to)) != item.status.size
        }
        let names = Set(others.map(\.inside))
        try move.removeOld(items.filter { !names.contains($0.inside) }, withBookkeeping: others.isEmpty)
        for lock in locks { lock.release() }
        if others.isEmpty { move.removeOldFolders() }
        return others.map { move.path(of: $0, in: move.from) }
    }

    /// Whether a process died when nothing but empty folders was left of the old store.
    private func isDone(_ move: StoreMove) throws -> Bool {
        let left = try layout.openBookkeeping()?.names() ?? []
        return try left.allSatisfy { $0 == StoreLayout.locksName } && move.items().files.isEmpty
            && FileStatus(of: move.to.records) != nil && StoreMove.note(StoreMove.movingName, in: move.to) == nil
    }

    private func check(_ move: StoreMove) throws {
        let (from, to) = (move.from.root, move.to.root)
        let isInside = { (path: FilePath, root: FilePath) in path.starts(with: root) || root.starts(with: path) }
        guard !isInside(to, from), !isInside(Self.real(to), Self.real(from)) else {
            throw StoreError.nested(path: to)
        }
        guard FileStatus(of: layout.bookkeeping) != nil else { throw StoreError.absent(path: from) }
        guard let folder = try Folder.root(to) else { return }
        if let other = try StoreMove.note(StoreMove.movingName, in: move.to) {
            guard other == from.string else { throw StoreError.notEmpty(path: to) }
        } else if try StoreMove.note(StoreMove.movedName, in: layout) != to.string {
            guard try folder.names().allSatisfy({ $0 == "lost+found" }) else { throw StoreError.notEmpty(path: to) }
        }
    }

    private static func real(_ path: FilePath) -> FilePath {
        FilePath(URL(filePath: path.string).resolvingSymlinksInPath().path(percentEncoded: false))
    }

    /// False where the two are on different disks, or one of them is where a disk is mounted.
    private func rename(_ move: StoreMove) throws -> Bool {
        guard FileStatus(of: move.from.root)?.kind == .folder, let name = move.to.root.lastComponent?.string,
            try StoreMove.note(StoreMove.movingName, in: move.to) == nil
        else { return false }
        let folder = try Folder.creatingRoot(move.to.root.removingLastComponent())
        closeIndex()
        do {
            try folder.take(move.from.root, as: name)
        } catch {
            return false
        }
        try folder.sync()
        // All is there: without the note a second call only cannot say so.
        try? StoreMove.write(StoreMove.cameName, move.from, in: move.to)
        return true
    }

    private func carry(
        _ move: StoreMove, _ onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws -> (files: [StoreMove.Item], left: [FilePath]) {
        let records = try openIndex().records().refreshed(in: layout)
        let pins = try RecordFolder(in: layout)?.readPins() ?? []
        let items = try move.items()
        try checkSpace(items.files, move)
        try StoreMove.write(StoreMove.movingName, move.from, in: move.to)
        try move.tryNames(of: items.files)
        var known: [String: Digest] = [:]
        for record in records where record.state == .ready && record.verifiedAt != nil {
            for file in record.files { known[record.key(of: file)] = file.digest }
        }
        let all = items.files.reduce(Int64(0)) { $0 + $1.status.size }
        var done: Int64 = 0
        var arrived: [String: StoreMove.Arrived] = [:]
        var twins: [[UInt64]: StoreMove.Item] = [:]
        for item in items.files {
            try Task.checkCancellation()
            let (key, before) = (item.inside.joined(separator: "/"), done)
            let inode = [item.status.device, item.status.inode]
            arrived[key] = try await move.bring(
                item, known: known[key], twin: item.status.links > 1 ? twins[inode] : nil
            ) { onProgress(key, before + $0, all) }
            twins[inode] = item
            done += item.status.size
            onProgress(key, done, all)
        }
        try move.writeRecords(records, pins: pins, arrived, at: now().wholeSeconds)
        try StoreMove.write(StoreMove.cameName, move.from, in: move.to)
        // From here on the new folder is the store, and the old one goes.
        try StoreMove.write(StoreMove.movedName, move.to, in: move.from)
        let slm = try move.to.createBookkeeping()
        if let parts = try slm.folder(StoreMove.partsName) {
            for name in try parts.names() { try parts.remove(name) }
            slm.removeFolderIfEmpty(StoreMove.partsName)
        }
        try slm.remove(StoreMove.movingName)
        try slm.sync()
        return items
    }

    private func checkSpace(_ items: [StoreMove.Item], _ move: StoreMove) throws {
        var counted: Set<[UInt64]> = []
        let needed = items.reduce(Int64(0)) { sum, item in
            guard counted.insert([item.status.device, item.status.inode]).inserted,
                FileStatus.size(ofFile: move.path(of: item, in: move.to)) != item.status.size
            else { return sum }
            return sum + item.status.size
        }
        let parts = move.to.bookkeeping.appending(StoreMove.partsName)
        let there = (try Folder.root(parts)?.names() ?? []).reduce(Int64(0)) { sum, name in
            sum + (FileStatus(of: parts.appending(name))?.allocated ?? 0)
        }
        if let free = DiskSpace.free(at: move.to.root), free < needed - there {
            throw StoreError.noSpace(path: move.to.root, needed: needed - there, free: free)
        }
        let place = FileStatus(of: move.to.root) == nil ? move.to.root.removingLastComponent() : move.to.root
        if let limit = DiskSpace.fileLimit(at: place), let large = items.first(where: { $0.status.size > limit }) {
            throw StoreError.io(path: move.path(of: large, in: move.to), errno: .fileTooLarge)
        }
    }
}
