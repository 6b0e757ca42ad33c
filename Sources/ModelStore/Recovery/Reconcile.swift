import Disk
import Foundation
import ModelCatalog
package import SystemPackage

/// What `Store.reconcile` found and did.
package struct ReconcileReport: Hashable, Sendable {
    /// References of models whose files were in the folder and that nobody had written down.
    package var added: [String] = []
    /// References of models whose keeping had been interrupted and is complete now.
    package var kept: [String] = []
    /// References of models whose removal had been interrupted and is complete now.
    package var removed: [String] = []
    /// References of models whose files are not, or not all, there.
    package var missing: [String] = []
    /// References of models with a file that is not what it should be.
    package var damaged: [String] = []
    /// Files in the store that belong to no model: not GGUF, links, parts without the others.
    package var ignored: [FilePath] = []
    /// Records that could not be read and were renamed, so that somebody can look at them.
    package var unreadable: [FilePath] = []
    /// Whether the index was lost or damaged and has been made anew.
    package var isIndexNew = false
    /// Where the damaged index is now.
    package var damagedIndex: FilePath?
}

extension Store {
    /// The records that cannot be read. Nothing needs them while the index is sound, and it writes them again; without
    /// the index they would be lost.
    package func unreadableRecords() throws -> [FilePath] {
        do {
            guard let folder = try RecordFolder(in: layout) else { return [] }
            return try folder.names().filter { try folder.read($0) == nil && !folder.isDenied($0) }
                .map(folder.records.path.appending)
        } catch {
            throw StoreError.from(error)
        }
    }

    /// The records that could not be read when the index was lost, too, and were put aside: their models go by the names
    /// of their files.
    package func recordsPutAside() throws -> [FilePath] {
        do {
            return try RecordFolder(in: layout)?.putAside() ?? []
        } catch {
            throw StoreError.from(error)
        }
    }

    /// Brings index and folder together: finishes interrupted work, finds files nobody wrote down and models whose
    /// files are gone, and makes a lost or damaged index anew. Contents are not read; that is what a check is for.
    package func reconcile() async throws -> ReconcileReport {
        do {
            let lock = try await exclusive()
            defer { lock.release() }
            return try mend()
        } catch {
            throw StoreError.from(error)
        }
    }

    /// Only for the holder of the store's lock.
    func mend() throws -> ReconcileReport {
        var report = ReconcileReport()
        let folder = try RecordFolder.create(in: layout)
        let rows = try readRows(&report)

        let finished = try UnfinishedWork.finish(layout, folder)
        report.kept = finished.kept
        report.removed = finished.removed
        // Where the record was lost and the index was not. Found files would be found again.
        for row in rows.records where !finished.removed.contains(row.ref) && !row.isFound {
            let name = RecordFolder.name(row.ref)
            if try folder.read(name) == nil, !folder.isDenied(name) { try folder.write(row) }
        }

        var scan = try StoreScan.run(layout, naming: naming, now: now())
        scan.takeOver(rows.records, in: layout)
        report.added = scan.added
        report.ignored = scan.ignored
        for path in scan.unreadable {
            guard let name = path.lastComponent?.string else { continue }
            report.unreadable.append(try folder.putAside(name))
        }
        for record in scan.records {
            if record.state == .missing || record.state == .incomplete { report.missing.append(record.ref) }
            if record.state == .damaged { report.damaged.append(record.ref) }
            // What this user is kept from is for those to write down who are not.
            guard record.state != .unreadable else { continue }
            if try folder.read(RecordFolder.name(record.ref)) != record { try folder.write(record) }
        }

        var pins = try folder.readPins()
        let known = Set(pins.map { [$0.ref, $0.file] })
        let lost = rows.pins.filter { !known.contains([$0.ref, $0.file]) }
        pins += lost
        if !lost.isEmpty { try folder.write(pins) }

        let index = try openIndex()
        try index.replaceAll(scan.records, pins)
        use(index)
        let refs = Set(scan.records.map(\.ref))
        try KeptVersions(in: layout)?.sweep(storing: refs)
        try HeldModels.keepOnly(refs, in: layout)
        try BlockFile.keepOnly(Set(scan.records.flatMap(\.files).compactMap(\.digest)), in: layout)
        return report
    }

    /// What the index says, if it can be read; otherwise it is moved out of the way.
    private func readRows(
        _ report: inout ReconcileReport
    ) throws -> (records: [ModelRecord], pins: [Pin]) {
        guard FileStatus(of: layout.index) != nil else {
            closeIndex()
            _ = try StoreIndex.setAside(layout)
            report.isIndexNew = true
            return ([], [])
        }
        do {
            let index = try openIndex()
            guard try index.standing() != .empty else {
                report.isIndexNew = true
                return ([], [])
            }
            return (try index.records(), try index.pins())
        } catch StoreError.indexDamaged {
            closeIndex()
            report.isIndexNew = true
            report.damagedIndex = try StoreIndex.setAside(layout)
            return ([], [])
        }
    }
}
