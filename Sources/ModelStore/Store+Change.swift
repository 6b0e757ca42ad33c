import Disk
import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage

extension Store {
    /// Removes a model, and what has come of it where it is half here. Files that other models share stay, and folders
    /// that are empty then go.
    ///
    /// - Returns: Bytes that are free now.
    /// - Throws: `.notStored`.
    @discardableResult
    package func remove(_ ref: String) async throws -> Int64 {
        let unfinished = try await removeUnfinished(ref)
        do {
            return try await removeInSteps(ref) + (unfinished ?? 0)
        } catch StoreError.noSpace {
            return try await removeOnFullDisk(ref) + (unfinished ?? 0)
        } catch StoreError.notStored where unfinished != nil {
            return unfinished ?? 0
        }
    }

    private func removeUnfinished(_ ref: String) async throws -> Int64? {
        do {
            // Whoever fetches it holds its content: bytes are not taken from under a download.
            let content = try contentLock(ofUnfinished: ref)
            defer { content?.release() }
            let lock = try await exclusive()
            defer { lock.release() }
            return try discardUnfinished(ref)
        } catch {
            throw StoreError.from(error)
        }
    }

    private func removeInSteps(_ ref: String) async throws -> Int64 {
        try await changing(ref) { index, record, records in
            let others = records.filter { $0.ref != record.ref }
            let folder = try RecordFolder.create(in: layout)
            try folder.write(record, .gone)
            try afterStep(.announced)
            let freed: Int64
            do {
                freed = try layout.discard(record, sparing: Set(others.flatMap(\.keys)))
            } catch let error as DiskError
                where [.permissionDenied, .notPermitted, .readOnlyFileSystem].contains(error.errno)
            {
                // What this user may not remove, whoever comes next shall not be made to.
                try? folder.remove(record.ref, .gone)
                throw error
            }
            try afterStep(.moved)
            try folder.remove(record.ref)
            try afterStep(.recorded)
            try index.delete(ref: record.ref)
            try afterStep(.indexed)
            let older = try forgetVersions(of: record.ref)
            try BlockFile.remove(unlessIn: index, of: [record], in: layout)
            // As long as this is there, whoever comes next finishes all of it.
            try folder.remove(record.ref, .gone)
            return freed.addingReportingOverflow(older).partialValue
        }
    }

    /// Removes what was kept of a model that is gone.
    ///
    /// - Returns: Bytes that are free now.
    private func forgetVersions(of ref: String) throws -> Int64 {
        let freed = try KeptVersions(in: layout)?.remove(ref) ?? 0
        try HeldModels.set(false, ref, in: layout)
        return freed
    }

    /// Removes a model where there is no room to write down that it is being removed. A crash in between leaves a model
    /// whose files are missing, and the index is made anew when it cannot be told.
    private func removeOnFullDisk(_ ref: String) async throws -> Int64 {
        let lock = try await exclusive()
        defer { lock.release() }
        do {
            let index = try scannedIndex()
            guard let meant = try index.ref(meantBy: ref) else { throw StoreError.notStored(ref: ref) }
            let records = try index.records(relatedTo: meant)
            let folder = try RecordFolder(in: layout)
            var freed: Int64 = 0
            for record in records where record.ref == meant {
                let others = records.filter { $0.ref != meant }
                freed = try layout.discard(record, sparing: Set(others.flatMap(\.keys)))
            }
            try folder?.remove(meant)
            for note in RecordFolder.Note.allCases { try folder?.remove(meant, note) }
            freed = freed.addingReportingOverflow((try? forgetVersions(of: meant)) ?? 0).partialValue
            try? BlockFile.remove(unlessIn: index, of: records, in: layout)
            do { try openIndex().delete(ref: meant) } catch { try discardIndex() }
            return freed
        } catch {
            throw StoreError.from(error)
        }
    }

    /// Remembers the content of a file that has no published digest. The first one seen stays.
    ///
    /// - Parameter replacing: Whether this one replaces an earlier one, as after an update that the user asked for.
    /// - Returns: The pin that holds now.
    @discardableResult
    package func pin(_ pin: Pin, replacing: Bool = false) async throws -> Pin {
        try await writing(about: { _ in [] }) { index, _ in
            let folder = try RecordFolder.create(in: layout)
            var pins = try folder.readPins()
            if let position = pins.firstIndex(where: { $0.ref == pin.ref && $0.file == pin.file }) {
                if !replacing { return pins[position] }
                pins[position] = pin
            } else {
                pins.append(pin)
            }
            try folder.write(pins)
            try index.save(pin)
            return pin
        }
    }

    /// Changes what is known of a model, and of those that are the same files under another reference.
    @discardableResult
    func change(_ ref: String, _ work: (inout ModelRecord) throws -> Void) async throws -> ModelRecord {
        try await changing(ref) { index, found, records in
            var record = found
            let keys = record.keys
            try accept(&record)
            try work(&record)
            let folder = try RecordFolder.create(in: layout)
            let changed = records.filter { $0.keys == keys }.map { $0.checked(as: record) }
            for same in changed { try folder.write(same, .next) }
            for same in changed { try folder.write(same) }
            for same in changed { try index.save(same) }
            for same in changed { try folder.remove(same.ref, .next) }
            return record
        }
    }

    /// Changes one model, which may go by another name in the index; see `model(named:)`.
    private func changing<Value>(
        _ ref: String, _ work: (StoreIndex, ModelRecord, [ModelRecord]) throws -> Value
    ) async throws -> Value {
        var meant = ref
        return try await writing { index in
            meant = try index.ref(meantBy: ref) ?? ref
            return try index.records(relatedTo: meant)
        } _: { index, records in
            guard let record = records.first(where: { $0.ref == meant }) else { throw StoreError.notStored(ref: ref) }
            return try work(index, record, records)
        }
    }

    /// Takes the files' present sizes and times for the known ones: a check has read them as they are.
    func accept(_ record: inout ModelRecord) throws {
        guard let folder = try layout.openRepository(record.publisher, record.repository) else { return }
        for position in record.files.indices {
            guard let status = try folder.status(record.files[position].name) else { continue }
            if status.size == record.files[position].size { record.files[position].modified = status.modified }
        }
    }
}

extension Store {
    /// What removing these models frees, with all that goes with them: what has come of them, and their older versions.
    /// In bytes; what two of them share counts once, and what somebody else has too does not.
    package func bytesFreed(byRemoving refs: [String]) async throws -> Int64 {
        let going = Set(refs)
        let all = try await models()
        let versions = try keptVersions()
        let used = Set(all.filter { !going.contains($0.ref) }.flatMap(\.files).map(\.path))
        let kept = Set(versions.filter { !going.contains($0.ref) }.flatMap(\.files).map(\.path))
        var space = FreedSpace(beside: Array(used.union(kept)))
        for file in all.filter({ going.contains($0.ref) }).flatMap(\.files) where !used.contains(file.path) {
            space.remove(file.path)
        }
        for file in versions.filter({ going.contains($0.ref) }).flatMap(\.files) where !kept.contains(file.path) {
            space.remove(file.path)
        }
        do {
            let halves = try unfinishedRecords()
            let waiting = Set(halves.filter { !going.contains($0.ref) }.flatMap(\.files).compactMap(\.partial))
            for name in halves.filter({ going.contains($0.ref) }).flatMap(\.files).compactMap(\.partial)
            where !waiting.contains(name) {
                space.remove(layout.partials.appending(name))
            }
        } catch {
            throw StoreError.from(error)
        }
        return space.bytes
    }
}
