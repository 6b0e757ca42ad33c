import Disk
import ModelCatalog
import ModelDownload
package import SystemPackage

/// Something in `.slm` that nobody needs.
package struct Leftover: Hashable, Sendable {
    /// What it was. The raw values are those of `--json`.
    package enum Kind: String, Sendable, Encodable, CaseIterable {
        /// What has come of a model whose download was broken off.
        case halfDownload = "half-download"
        /// The version that an update kept.
        case keptVersion = "kept-version"
        /// What a process that died has left.
        case leftover
        /// What belongs to no model any more.
        case orphan
    }

    package var kind: Kind
    /// Whose it is; nil where it is no model's.
    package var ref: String?
    /// All of it; never empty.
    package var files: [FilePath]
    /// What removing it frees, once all before it are gone. In bytes.
    package var bytes: Int64 = 0
}

/// What there is to prune.
package struct Prunable: Sendable {
    package var leftovers: [Leftover] = []
    /// The models of which something stays, because a process is at work on them.
    package var inUse: [String] = []

    package init(leftovers: [Leftover] = [], inUse: [String] = []) {
        (self.leftovers, self.inUse) = (leftovers, inUse)
    }

    /// What removing all of it frees, in bytes.
    package var bytes: Int64 { leftovers.reduce(0) { $0.addingReportingOverflow($1.bytes).partialValue } }
}

/// Half downloads, kept versions, leftovers and orphans.
extension Store {
    /// What nobody needs: half downloads on which no process is at work, versions that updates have kept, what processes
    /// that died have left, and what belongs to no model.
    package func prunable() async throws -> Prunable {
        do {
            return try await pruning { $0 }
        } catch  where StoreError.isOfWriting(error) {
            // Looking needs nothing to be written, and where nobody can write nobody is at work.
            return try found(try scannedIndex().records(), [])
        }
    }

    /// Removes what was found, as far as it is still there and nobody needs it.
    ///
    /// - Returns: What was removed, with the bytes that became free.
    package func prune(_ found: Prunable) async throws -> Prunable {
        let asked = Set(found.leftovers.flatMap(\.files))
        return try await pruning { now in
            var removed = Prunable(inUse: now.inUse)
            for var leftover in now.leftovers {
                leftover.files = leftover.files.filter(asked.contains)
                guard !leftover.files.isEmpty else { continue }
                leftover.bytes = 0
                for path in leftover.files {
                    guard let name = path.lastComponent?.string,
                        let folder = try Folder.root(path.removingLastComponent())
                    else { continue }
                    let freed = FreedSpace.bytes(byRemoving: path)
                    if try folder.remove(name) { leftover.bytes += freed }
                }
                removed.leftovers.append(leftover)
            }
            try StoreLock.sweep(in: layout)
            return removed
        }
    }

    /// The models on which processes are at work, and files that are being taken in.
    func namesInUse() throws -> [String] {
        let held = try heldContents()
        for lock in held.locks { lock.release() }
        let names = try layout.openBookkeeping()?.folder(StoreLayout.partialsName)?.names() ?? []
        return try held.inUse.sorted()
            + names.filter { name in
                try Intake.token(of: name).map { try StoreLock.isHeld(Intake.key($0), in: layout) } ?? false
            }
    }

    private func heldContents() throws -> (locks: [StoreLock], inUse: Set<String>) {
        var locks: [StoreLock] = []
        var inUse: Set<String> = []
        for record in try RecordFolder(in: layout)?.notes(.part) ?? [] {
            if let lock = try tryLock(record.contentKey) { locks.append(lock) } else { inUse.insert(record.ref) }
        }
        return (locks, inUse)
    }

    /// For what has come of a model, as long as somebody else may not fetch it; nil where nothing has.
    ///
    /// - Throws: `.beingFetched`.
    func contentLock(ofUnfinished ref: String) throws -> StoreLock? {
        guard let record = try RecordFolder(in: layout)?.notes(.part).first(where: { $0.ref == ref }) else {
            return nil
        }
        guard let lock = try tryLock(record.contentKey) else { throw StoreError.beingFetched(ref: ref) }
        return lock
    }

    /// Looks while no process can begin to work on what is found.
    private func pruning<Value>(_ work: (Prunable) throws -> Value) async throws -> Value {
        guard FileStatus(of: layout.bookkeeping) != nil else { return try work(Prunable()) }
        do {
            // Whoever fetches takes these locks in the same order: the content's first, and the store's then.
            let (locks, inUse) = try heldContents()
            defer { for lock in locks { lock.release() } }
            try checkLocks()
            let lock = try await exclusive()
            defer { lock.release() }
            return try work(try found(try allRecords(), inUse))
        } catch {
            throw withoutLocks(StoreError.from(error))
        }
    }

    /// For the holder of the store's lock. A disk without room is what one prunes for: then the records answer without
    /// the index, to which SQLite wants to write even when it is only asked.
    private func allRecords() throws -> [ModelRecord] {
        do {
            return try sound { try $0.records() }.answer
        } catch  where StoreError.isOfWriting(error) {
            return try scannedIndex().records()
        }
    }

    private func tryLock(_ key: String) throws -> StoreLock? { try StoreLock.tryAcquire("model " + key, in: layout) }

    // MARK: Looking

    private func found(_ records: [ModelRecord], _ inUse: Set<String>) throws -> Prunable {
        guard let folder = try layout.openBookkeeping() else { return Prunable() }
        var found = Prunable(inUse: inUse.sorted())
        found.leftovers = try partials(in: folder, &found.inUse)
        found.leftovers += try versions(beside: records)
        found.leftovers += try orphans(in: folder, records)
        found.leftovers += try deadFiles(in: folder)
        var space = FreedSpace(beside: records.flatMap { $0.model(in: layout).files }.map(\.path))
        for position in found.leftovers.indices {
            for path in found.leftovers[position].files {
                found.leftovers[position].bytes += space.remove(path)
            }
        }
        return found
    }

    /// What lies under `.slm/partial`, and the notes that speak of it.
    private func partials(in bookkeeping: Folder, _ inUse: inout [String]) throws -> [Leftover] {
        guard let folder = try bookkeeping.folder(StoreLayout.partialsName),
            let notes = try RecordFolder(in: layout), let pending = notes.pending
        else { return [] }
        let waiting = Set(try notes.notes(.next).flatMap(\.files).compactMap(\.partial))
        var owners: [String: String] = [:]
        var halves: [String: Leftover] = [:]
        for record in try notes.notes(.part).sorted(by: { $0.ref < $1.ref }) {
            let isHeld = inUse.contains(record.ref)
            for partial in record.files.compactMap(\.partial) where owners[partial] == nil || isHeld {
                owners[partial] = record.ref
            }
            if !isHeld { halves[record.ref] = Leftover(kind: .halfDownload, ref: record.ref, files: []) }
        }
        var strays: [Leftover] = []
        for name in try folder.names() {
            guard let status = try folder.status(name), status.kind != .folder else { continue }
            let partial = DownloadPlan.partial(ofCompanion: name)
            if waiting.contains(partial) { continue }
            if let owner = owners[partial] {
                halves[owner]?.files.append(folder.path.appending(name))
            } else if let token = Intake.token(of: name), try StoreLock.isHeld(Intake.key(token), in: layout) {
                continue
            } else {
                strays.append(Leftover(kind: .leftover, files: [folder.path.appending(name)]))
            }
        }
        for ref in halves.keys {
            // A note alone is what a download leaves that never began.
            if halves[ref]?.files.isEmpty == true { halves[ref]?.kind = .leftover }
            halves[ref]?.files.append(pending.path.appending(RecordFolder.name(ref, .part)))
        }
        return halves.values.sorted { ($0.ref ?? "") < ($1.ref ?? "") } + strays
    }

    private func versions(beside records: [ModelRecord]) throws -> [Leftover] {
        guard let versions = try KeptVersions(in: layout) else { return [] }
        let found = try versions.files(storing: Set(records.map(\.ref)))
        let stored = Set(records.flatMap(\.files).compactMap(\.digest))
        return found.versions.map { version in
            // Its block hashes go with it, unless the model has the same file still.
            let blocks = version.files.compactMap(\.lastComponent?.string).filter { name in
                Digest(hex: name).map { !stored.contains($0) } ?? false
            }.map(layout.blocks.appending).filter { FileStatus(of: $0) != nil }
            return Leftover(kind: .keptVersion, ref: version.ref, files: version.files + blocks)
        }
            + found.others.map { Leftover(kind: .orphan, files: [$0]) }
    }

    /// Block hashes of contents that no model has.
    private func orphans(in bookkeeping: Folder, _ records: [ModelRecord]) throws -> [Leftover] {
        guard let folder = try bookkeeping.folder(StoreLayout.blocksName) else { return [] }
        let kept = try KeptVersions(in: layout)?.digests() ?? []
        let known = Set(records.flatMap(\.files).compactMap(\.digest)).union(kept)
        return try folder.names().filter { name in
            guard let digest = Digest(hex: name) else { return true }
            return !known.contains(digest)
        }.map { Leftover(kind: .orphan, files: [folder.path.appending($0)]) }
    }

    /// What nobody has written to its end, and indexes and records that were set aside.
    private func deadFiles(in bookkeeping: Folder) throws -> [Leftover] {
        var files: [FilePath] = []
        for name in [StoreLayout.recordsName, StoreLayout.pendingName] {
            guard let folder = try bookkeeping.folder(name) else { continue }
            files += try folder.names().filter { $0.hasSuffix(".tmp") }.map(folder.path.appending)
        }
        // While a store is moved nobody prunes it: this is what a process that died said of it.
        let names = try bookkeeping.names().filter { StoreLayout.isSetAside($0) || $0 == StoreMove.leavingName }
        files += names.map(bookkeeping.path.appending)
        files += try RecordFolder(in: layout)?.putAside() ?? []
        return files.map { Leftover(kind: .leftover, files: [$0]) }
    }
}

extension ModelRecord {
    /// The same for all references that mean the same bytes; see ``Store/contentKey(_:_:)``.
    fileprivate var contentKey: String {
        guard let first = files.first else { return Store.contentKey(nil, nil, ref) }
        return Store.contentKey(first.digest, first.origin, ref)
    }
}
