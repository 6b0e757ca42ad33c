import Disk
import ModelDownload
import SystemPackage

/// Finishes what a process that died had begun. Only for the holder of the store's lock.
enum UnfinishedWork {
    struct Outcome {
        var kept: [String] = []
        var removed: [String] = []
    }

    static func finish(_ layout: StoreLayout, _ folder: RecordFolder) throws -> Outcome {
        var outcome = Outcome()
        try folder.sweepTemporaries()
        var records: [ModelRecord] = []
        for name in try folder.names() { if let record = try folder.read(name) { records.append(record) } }
        for name in try folder.collectNotes(.gone) {
            do {
                if let record = try folder.readNote(name) {
                    records.removeAll { $0.ref == record.ref }
                    try layout.discard(record, sparing: Set(records.flatMap(\.keys)))
                    try folder.remove(record.ref)
                    outcome.removed.append(record.ref)
                }
                try folder.removeNote(name)
            } catch {
                // One model that cannot be finished must not close the store to all others: the note stays.
                continue
            }
        }
        for name in try folder.collectNotes(.next) {
            do {
                let versions = try KeptVersions(in: layout)
                if let record = try folder.readNote(name), try arrive(record, layout) {
                    let settled = try settled(record, layout)
                    try folder.write(settled)
                    records = try retire(settled, among: records, layout, folder)
                    try versions?.confirm(name)
                    try folder.remove(record.ref, .part)
                    outcome.kept.append(record.ref)
                } else {
                    // The proven files are gone as well: what the model was before is what it is.
                    try versions?.withdraw(name)
                }
                try folder.removeNote(name)
            } catch {
                continue
            }
        }
        return outcome
    }

    /// Moves the files that have not been moved yet. False, and nothing moved, when one of them is nowhere.
    private static func arrive(_ record: ModelRecord, _ layout: StoreLayout) throws -> Bool {
        let partials = try layout.creatingBookkeeping().creatingFolder(StoreLayout.partialsName)
        let there = try layout.openRepository(record.publisher, record.repository)
        var moves: [(partial: String, name: String)] = []
        for file in record.files {
            // Asked first: what is to be replaced may have the same size and time.
            if let partial = file.partial, file.matches(try partials.status(partial)) {
                moves.append((partial, file.name))
            } else if !file.matches(try there?.status(file.name)) {
                return false
            }
        }
        guard !moves.isEmpty else { return true }
        let folder = try layout.createRepository(record.publisher, record.repository)
        for move in moves { try folder.take(partials.path.appending(move.partial), as: move.name) }
        try folder.sync()
        return true
    }

    /// A record whose files have arrived, without what their way needed.
    static func settled(_ record: ModelRecord, _ layout: StoreLayout) throws -> ModelRecord {
        guard record.files.contains(where: { $0.partial != nil }) else { return record }
        var record = record
        let partials = try layout.creatingBookkeeping().creatingFolder(StoreLayout.partialsName)
        for position in record.files.indices {
            guard let partial = record.files[position].partial else { continue }
            // Whoever fetched the file may have died before it could tidy up.
            try partials.remove(DownloadPlan.journalName(of: partial))
            record.files[position].partial = nil
        }
        return record
    }

    /// Removes the records that a record in force supersedes, and the files that only its forerunner had.
    ///
    /// - Returns: The records there are now.
    static func retire(
        _ record: ModelRecord, among records: [ModelRecord], _ layout: StoreLayout, _ folder: RecordFolder
    ) throws -> [ModelRecord] {
        for found in records where record.supersedes(found) { try folder.remove(found.ref) }
        let present = records.filter { $0.ref != record.ref && !record.supersedes($0) } + [record]
        for old in records where old.ref == record.ref {
            try layout.discard(old, sparing: Set(present.flatMap(\.keys)))
        }
        return present
    }
}

extension StoreLayout {
    /// Removes a model's files except those that others need, and the folders that are empty then.
    ///
    /// - Returns: Bytes that are free now. A file that has another name elsewhere frees none.
    @discardableResult
    func discard(_ record: ModelRecord, sparing used: Set<String>) throws -> Int64 {
        let folder: Folder?
        do {
            folder = try openRepository(record.publisher, record.repository)
        } catch let error as DiskError where error.errno == .tooManySymbolicLinkLevels {
            // Somebody has put a link in place of the folder. What lies behind it is not ours to remove.
            return 0
        }
        guard let folder else { return 0 }
        var freed: Int64 = 0
        for file in record.files where !used.contains(record.key(of: file)) {
            guard let status = try folder.status(file.name), status.kind != .folder else { continue }
            let bytes = FreedSpace.bytes(byRemoving: folder.path.appending(file.name))
            if try folder.remove(file.name) { freed += bytes }
        }
        try folder.sync()
        removeEmptyFolders(record.publisher, record.repository)
        return freed
    }
}
