import SystemPackage

/// Finishes what a process that died had begun. Only for the holder of the store's lock.
enum Recovery {
    struct Outcome {
        var kept: [String] = []
        var removed: [String] = []
    }

    static func finish(_ layout: StoreLayout, _ records: RecordFolder) throws(StoreError) -> Outcome {
        var outcome = Outcome()
        try records.sweepTemporaries()
        for name in try records.names(.gone) {
            do {
                if let record = try records.read(name) {
                    try layout.discard(record, sparing: try used(records, except: record.ref))
                    try records.remove(record.ref, .json)
                    outcome.removed.append(record.ref)
                }
                try records.folder.remove(name)
            } catch {
                // One model that cannot be finished must not close the store to all others: the note stays.
                continue
            }
        }
        for name in try records.names(.next) {
            do {
                if let record = try records.read(name), try arrive(record, layout) {
                    try replace(record, layout, records)
                    outcome.kept.append(record.ref)
                }
                // Otherwise the proven files are gone as well: what the model was before is what it is.
                try records.folder.remove(name)
            } catch {
                continue
            }
        }
        return outcome
    }

    /// Moves the files that have not been moved yet. False, and nothing moved, when one of them is nowhere.
    private static func arrive(_ record: ModelRecord, _ layout: StoreLayout) throws(StoreError) -> Bool {
        let partials = try layout.createBookkeeping().creatingFolder(StoreLayout.partialsName)
        let there = try layout.openRepository(record.publisher, record.repository)
        var moves: [(partial: String, name: String)] = []
        for file in record.files {
            if file.matches(try there?.status(file.name)) { continue }
            guard let partial = file.partial, file.matches(try partials.status(partial)) else { return false }
            moves.append((partial, file.name))
        }
        guard !moves.isEmpty else { return true }
        let folder = try layout.createRepository(record.publisher, record.repository)
        for move in moves { try folder.take(partials.path.appending(move.partial), as: move.name) }
        try folder.sync()
        return true
    }

    /// Makes the record the one in force, and removes the files that only its forerunner had.
    static func replace(
        _ record: ModelRecord, _ layout: StoreLayout, _ records: RecordFolder
    ) throws(StoreError) {
        let old = try records.read(RecordFolder.name(record.ref, .json))
        var record = record
        for position in record.files.indices { record.files[position].partial = nil }
        try records.write(record, .json)
        for name in try records.names(.json) {
            if let other = try records.read(name), record.supersedes(other) { try records.folder.remove(name) }
        }
        if let old { try layout.discard(old, sparing: try used(records, except: nil)) }
    }

    /// The files that models have, as keys.
    private static func used(_ records: RecordFolder, except ref: String?) throws(StoreError) -> Set<String> {
        var used: Set<String> = []
        for name in try records.names(.json) {
            if let record = try records.read(name), record.ref != ref { used.formUnion(record.keys) }
        }
        return used
    }
}

extension StoreLayout {
    /// Removes a model's files except those that others need, and the folders that are empty then.
    ///
    /// - Returns: Bytes that are free now. A file that has another name elsewhere frees none.
    @discardableResult
    func discard(_ record: ModelRecord, sparing used: Set<String>) throws(StoreError) -> Int64 {
        let folder: Folder?
        do {
            folder = try openRepository(record.publisher, record.repository)
        } catch .outsideStore {
            // Somebody has put a link in place of the folder. What lies behind it is not ours to remove.
            return 0
        }
        guard let folder else { return 0 }
        var freed: Int64 = 0
        for file in record.files where !used.contains(record.key(of: file)) {
            guard let status = try folder.status(file.name), status.kind != .folder else { continue }
            if try folder.remove(file.name), status.kind == .file, status.links == 1 {
                freed = freed.addingReportingOverflow(status.size).partialValue
            }
        }
        try folder.sync()
        removeEmptyFolders(record.publisher, record.repository)
        return freed
    }
}
