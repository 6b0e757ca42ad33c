import Disk
import Foundation
package import ModelCatalog
package import ModelDownload
import SystemPackage

/// What a check of the bytes finds, written down.
///
/// When a sound file was last proven is the one fact that the index alone has: a check of ten thousand files would
/// otherwise write ten thousand records. Where the index is lost, what holds is when each record was last written.
extension Store {
    /// The block hashes of contents, as far as they are known and usable.
    package func blockHashes(of digests: Set<Digest>) throws -> [Digest: BlockHashes] {
        do {
            guard let folder = try layout.openBookkeeping()?.folder(StoreLayout.blocksName) else { return [:] }
            var found: [Digest: BlockHashes] = [:]
            for digest in digests { found[digest] = try BlockFile.read(digest, from: folder)?.blocks }
            return found
        } catch {
            throw StoreError.from(error)
        }
    }

    /// Records what a check of the bytes found, for this model and for those that share its files.
    ///
    /// Where the store can only be read the answer is the same, and nothing is written down.
    /// - Parameter model: What was checked.
    /// - Throws: `.notStored`; `.superseded` when the model is another one by now, or a file was replaced.
    @discardableResult
    package func recordVerification(
        _ ref: String, _ result: VerificationResult, of model: StoredModel? = nil
    ) async throws -> StoredModel {
        do {
            let record = try await change(ref) { record in
                try checkIsStill(record, model, result)
                note(result, in: &record)
                try writeBlocks(result.learned, of: record)
            }
            return record.model(in: layout)
        } catch  where StoreError.isOfWriting(error) {
            guard var record = try await record(named: ref) else { throw StoreError.notStored(ref: ref) }
            try checkIsStill(record, model, result)
            note(result, in: &record)
            return record.model(in: layout)
        }
    }

    /// Records what the checks of many models found, all at once: each is proven, or something was learned of it.
    ///
    /// - Returns: The references of those that are another model by now, or are gone, or of which a file was replaced.
    /// - Throws: What concerns the store. Where it can only be read the answer is the same, and nothing is written down.
    package func recordVerifications(
        _ checks: [(model: StoredModel, result: VerificationResult)]
    ) async throws -> Set<String> {
        do {
            return try await writing {
                try $0.records(relatedTo: checks.map(\.model.ref))
            } _: { index, records in
                try record(checks, index, records)
            }
        } catch  where StoreError.isOfWriting(error) {
            return []
        }
    }

    private func record(
        _ checks: [(model: StoredModel, result: VerificationResult)], _ index: StoreIndex, _ records: [ModelRecord]
    ) throws -> Set<String> {
        let named = Dictionary(records.map { ($0.ref, $0) }, uniquingKeysWith: { $1 })
        let sharing = Dictionary(grouping: records, by: \.keys)
        var superseded: Set<String> = []
        var proven: [String] = []
        var changed: [ModelRecord] = []
        for (model, result) in checks {
            guard let known = named[model.ref], (try? checkIsStill(known, model, result)) != nil else {
                superseded.insert(model.ref)
                continue
            }
            var record = known
            try accept(&record)
            note(result, in: &record)
            try writeBlocks(result.learned, of: record)
            for other in sharing[known.keys] ?? [] {
                if other.isAsProven(as: record) {
                    if result.isProof { proven.append(other.ref) }
                } else {
                    changed.append(other.checked(as: record))
                }
            }
        }
        if !changed.isEmpty {
            let folder = try RecordFolder.create(in: layout)
            // Whoever comes after a crash in between makes the index anew.
            try index.markBehind()
            try folder.write(changed)
        }
        try index.save(changed, proven: proven, at: now().wholeSeconds)
        return superseded
    }

    private func checkIsStill(
        _ record: ModelRecord, _ model: StoredModel?, _ result: VerificationResult
    ) throws(StoreError) {
        let isSame = result.seen.allSatisfy { path, status in
            FileStatus(of: path)?.isUnchanged(since: status) == true
        }
        guard isSame, model.map(record.isStill) ?? true else { throw .superseded(ref: record.ref) }
    }

    private func writeBlocks(_ learned: [LearnedContent], of record: ModelRecord) throws {
        for learned in learned {
            guard let file = record.files.first(where: { $0.name == learned.file }) else { continue }
            try BlockFile(size: file.size, modified: file.modified, blocks: learned.blocks)
                .write(learned.digest, in: layout)
        }
    }

    private func note(_ result: VerificationResult, in record: inout ModelRecord) {
        if result.isProof || result.state != .ready { record.state = result.state }
        if result.isProof, result.state == .ready { record.verifiedAt = now().wholeSeconds }
        for learned in result.learned {
            guard let position = record.files.firstIndex(where: { $0.name == learned.file }) else { continue }
            record.files[position].digest = learned.digest
            record.files[position].proof = learned.proof
        }
    }
}

extension ModelRecord {
    /// Whether both say the same, but for when it was proven.
    func isAsProven(as other: ModelRecord) -> Bool {
        verifiedAt != nil && other.verifiedAt != nil && state == other.state && files == other.files
    }

    /// Whether this record says what the index has, which may know of a later proof.
    func says(the row: ModelRecord) -> Bool {
        var record = self
        if let mine = record.verifiedAt, let later = row.verifiedAt { record.verifiedAt = max(mine, later) }
        return record == row
    }

    /// What a check of the same files under another reference found.
    func checked(as other: ModelRecord) -> ModelRecord {
        var record = self
        (record.state, record.verifiedAt, record.files) = (other.state, other.verifiedAt, other.files)
        return record
    }
}
