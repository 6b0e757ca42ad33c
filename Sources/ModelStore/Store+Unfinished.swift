import Disk
import Foundation
package import ModelCatalog
import ModelDownload
package import SystemPackage

/// Models that are half here. Their bytes are under `.slm/partial`, named by content; a note says whose they are.
extension Store {
    /// The models of which some bytes have come, by reference; those left out that are stored as a whole, too.
    package func unfinished() async throws -> [StoredModel] {
        do {
            let records = try unfinishedRecords()
            if records.isEmpty { return [] }
            let stored = Set(try await models().map(\.ref))
            return records.filter { !stored.contains($0.ref) }.map { record in
                var model = record.model(in: layout)
                model.state = .partial
                model.verifiedAt = nil
                model.fetched = fetched(record)
                return model
            }.sorted { $0.ref < $1.ref }
        } catch {
            throw StoreError.from(error)
        }
    }

    private func fetched(_ record: ModelRecord) -> Int64 {
        record.files.compactMap(\.partial).reduce(0) { $0 + DownloadPlan.kept(at: layout.partials.appending($1)) }
    }

    func unfinishedRecords() throws -> [ModelRecord] {
        guard let folder = try RecordFolder(in: layout) else { return [] }
        return try folder.notes(.part).filter { record in
            record.files.compactMap(\.partial).contains { FileStatus(of: layout.partials.appending($0)) != nil }
        }
    }

    /// Where what has come of a model that is half here collects, by the files' names.
    package func partials(of ref: String) throws -> [String: FilePath] {
        do {
            let files = try RecordFolder(in: layout)?.note(.part, of: ref)?.files ?? []
            return Dictionary(
                files.compactMap { file in file.partial.map { (file.name, layout.partials.appending($0)) } },
                uniquingKeysWith: { first, _ in first })
        } catch {
            throw StoreError.from(error)
        }
    }

    /// Removes what an earlier download has left and nobody waits for any more.
    package func discardPartials(_ paths: some Collection<FilePath>) throws {
        guard !paths.isEmpty else { return }
        do {
            let used = Set(try unfinishedRecords().flatMap(\.files).compactMap(\.partial))
            let folder = try layout.openBookkeeping()?.folder(StoreLayout.partialsName)
            for name in paths.compactMap(\.lastComponent?.string) where !used.contains(name) {
                try folder?.remove(name)
                try folder?.remove(DownloadPlan.journalName(of: name))
            }
        } catch {
            throw StoreError.from(error)
        }
    }

    /// Writes down what is about to be fetched, so that `ls` can tell it and `rm` remove it if it never comes.
    ///
    /// - Parameter partials: The names under `.slm/partial` of the files that have to come, by the files' names.
    package func noteUnfinished(_ identity: ModelIdentity, _ files: [RemoteFile], partials: [String: String])
        async throws
    {
        let record = ModelRecord(
            ref: identity.ref, publisher: identity.publisher, repository: identity.repository,
            quantization: identity.quantization, revision: identity.revision, license: identity.license,
            installedAt: now().wholeSeconds, state: .incomplete,
            files: files.map { file in
                ModelRecord.FileRecord(
                    name: file.name, size: max(0, file.size ?? 0), modified: 0, digest: file.digest, proof: .none,
                    origin: file.origin.withoutSecrets, partial: partials[file.name])
            })
        try record.check()
        try await writing(about: { _ in [] }) { _, _ in
            // After a power cut the bytes are a leftover without it, and no more.
            try RecordFolder.create(in: layout).write(record, .part, durably: false)
        }
        underWay.insert(identity.ref)
    }

    /// Takes the note back if no byte has come: nothing is half here.
    package func forgetUnfinished(_ ref: String) async throws {
        underWay.remove(ref)
        try await writing(about: { _ in [] }) { _, _ in
            guard let folder = try RecordFolder(in: layout) else { return }
            let record = try unfinishedRecords().first { $0.ref == ref }
            if let record, fetched(record) > 0 { return }
            _ = try discardUnfinished(ref)
            try folder.remove(ref, .part)
        }
    }

    /// Removes what has come of a model that is half here. Bytes that another one waits for as well stay.
    ///
    /// - Returns: Bytes that are free now; nil when nothing of it was here.
    func discardUnfinished(_ ref: String) throws -> Int64? {
        let records = try unfinishedRecords()
        guard let record = records.first(where: { $0.ref == ref }), let folder = try RecordFolder(in: layout) else {
            return nil
        }
        let used = Set(records.filter { $0.ref != ref }.flatMap(\.files).compactMap(\.partial))
        let partials = try layout.openBookkeeping()?.folder(StoreLayout.partialsName)
        var freed: Int64 = 0
        for name in record.files.compactMap(\.partial) where !used.contains(name) {
            guard let status = try partials?.status(name), status.kind != .folder else { continue }
            freed += FreedSpace.bytes(byRemoving: layout.partials.appending(name))
            try partials?.remove(name)
            try partials?.remove(DownloadPlan.journalName(of: name))
        }
        try folder.remove(ref, .part)
        return freed
    }
}
