import Disk
import Foundation
package import ModelCatalog
package import ModelDownload
package import SystemPackage

extension Store {
    /// Takes proven files into the store; see below for files of which some are already here.
    @discardableResult
    package func keep(_ files: [VerifiedFile], as identity: ModelIdentity) async throws -> StoredModel {
        try await keep(files.map(IncomingFile.verified), as: identity)
    }

    /// Takes a model's files into the store, under their final names, in place of what the reference had before.
    ///
    /// Either all of it happens or nothing: once the plan is written down, a crash is made good by the next process
    /// that opens the store. Old files go only when the new ones are there.
    ///
    /// Its folder is that of the identity, or one of its own where another model's files have these names: see
    /// `ModelPlace`.
    /// - Parameters:
    ///   - before: What the model was when the work on it began.
    ///   - keepsOld: Whether what the model is now is kept as its older version, for `rollBack`.
    /// - Throws: `.superseded` when it is not that any more, or when a delivered file was removed,
    ///   `.occupied` when a file that the store did not put there has one of the names and another content,
    ///   `.changed` when a delivered file is not as the verifier left it, `.notStored` when a content that is said to
    ///   be here is not, `.unsafeName`, `.outsideStore`, and what the system says.
    @discardableResult
    package func keep(
        _ files: [IncomingFile], as identity: ModelIdentity, replacing before: Forerunner = .any,
        keepingOld keepsOld: Bool = false
    ) async throws -> StoredModel {
        try await keep(KeepOrder(files, as: identity, replacing: before, keepingOld: keepsOld))
    }

    /// Finds out where a model would be put, and throws what lies in the way there: before a byte is fetched.
    ///
    /// - Returns: The identity with its folder, and the files that have the names already, whoever's they are; the
    ///   `strange` ones nobody may replace.
    /// - Throws: `.occupied`, `.outsideStore`, `.unsafeName`, `.nameRefused`, and what the system says.
    package func place(
        of identity: ModelIdentity, _ files: [RemoteFile]
    ) async throws -> (identity: ModelIdentity, there: [String: FilePath], strange: Set<String>) {
        let place = ModelPlace(
            identity: identity, files: files.map { ModelPlace.File(name: $0.name, origin: $0.origin) })
        return try await writing {
            try $0.records(relatedTo: identity.ref, keys: place.keys)
        } _: { _, records in
            let settled = place.settled(among: records)
            var there: [String: FilePath] = [:]
            var strange: Set<String> = []
            try layout.tryNames(settled.names(with: files.map(\.name)))
            guard let folder = try layout.openRepository(settled.publisher, settled.repository) else {
                return (settled, there, strange)
            }
            for file in files {
                guard let status = try folder.status(file.name) else { continue }
                let path = folder.path.appending(file.name)
                switch status.kind {
                case .link: throw StoreError.outsideStore(path: path)
                case .folder, .other: throw StoreError.occupied(path: path)
                case .file: there[file.name] = path
                }
                let key = "\(settled.publisher)/\(settled.repository)/\(file.name)"
                let isOurs = records.contains { $0.keys.contains(key) && $0.mayBeReplaced(for: identity.ref) }
                guard !isOurs else { continue }
                if let size = file.size, size != status.size { throw StoreError.occupied(path: path) }
                strange.insert(file.name)
            }
            return (settled, there, strange)
        }
    }

    /// Throws for a name that the disk does not take, before anything is copied that is to have it.
    ///
    /// - Throws: `.nameRefused`, and what the system says.
    package func tryNames(of identity: ModelIdentity, _ files: [String]) async throws {
        let names = identity.names(with: files)
        guard !names.allSatisfy(FileNameRules.isTakenEverywhere) else { return }
        try await writing(about: { _ in [] }) { _, _ in try layout.tryNames(names) }
    }

    /// Checks everything that can be checked before the first change, and puts beside it what it takes from the store.
    ///
    /// - Returns: What is to become of it, to be written down.
    func announcement(_ order: KeepOrder, among records: [ModelRecord]) throws -> ModelRecord {
        guard order.before.is(records.first { $0.ref == order.identity.ref }) else {
            throw StoreError.superseded(ref: order.identity.ref)
        }
        let (files, identity) = (order.files, order.place.settled(among: records))
        let moment = now().wholeSeconds
        let previous = records.first { $0.ref == identity.ref }
        var record = ModelRecord(
            ref: identity.ref, publisher: identity.publisher, repository: identity.repository,
            quantization: identity.quantization, revision: identity.revision, license: identity.license,
            installedAt: previous?.installedAt ?? moment, verifiedAt: moment, state: .ready,
            files: files.map {
                ModelRecord.FileRecord(name: $0.name, size: 0, modified: 0, proof: .none)
            })
        try record.check()

        var verified: [Date?] = [moment]
        do {
            let folder = try layout.createRepository(record.publisher, record.repository)
            for (position, incoming) in files.enumerated() {
                switch incoming {
                case .verified(let file):
                    if FileStatus(of: file.path) == nil { throw StoreError.superseded(ref: identity.ref) }
                    record.files[position] = try describe(file)
                    try checkTarget(file.path, record, file.name, folder, records)
                case .stored(let digest, let name, let origin):
                    let found = try holder(of: digest, for: record.ref, records)
                    verified.append(found.verifiedAt)
                    record.files[position] = try double(found, as: name, for: record, folder, records)
                    record.files[position].origin = origin.withoutSecrets
                }
            }
            record.verifiedAt = verified.compactMap(\.self).min()
            for case .verified(let file) in files {
                guard let status = FileStatus(of: file.path) else { continue }
                try BlockFile(size: status.size, modified: status.modified, blocks: file.blocks)
                    .write(file.digest, in: layout)
            }
            // What a process that died was about to keep is not what this one is.
            try KeptVersions(in: layout)?.withdraw(RecordFolder.name(record.ref, .next))
            if order.keepsOld, let previous, previous.files.map(\.digest) != record.files.map(\.digest) {
                try KeptVersions.create(in: layout).announce(previous, in: layout)
            }
            return record
        } catch {
            withdraw(record)
            throw error
        }
    }

    /// Removes what was put beside an announcement that does not come into force.
    func withdraw(_ record: ModelRecord) {
        for double in record.files.compactMap(\.partial) where double.hasSuffix(Self.doubleSuffix) {
            _ = try? Folder.root(layout.partials)?.remove(double)
        }
        try? KeptVersions(in: layout)?.withdraw(RecordFolder.name(record.ref, .next))
        layout.removeEmptyFolders(record.publisher, record.repository)
    }

    private func describe(_ file: VerifiedFile) throws -> ModelRecord.FileRecord {
        guard let status = FileStatus(of: file.path), status.kind == .file, status.size == file.size else {
            throw StoreError.changed(path: file.path)
        }
        // Only what lies directly under `.slm/partial` can be found again after a crash.
        let isPartial = file.path.lexicallyNormalized().removingLastComponent() == layout.partials
        return ModelRecord.FileRecord(
            name: file.name, size: file.size, modified: status.modified, digest: file.digest, proof: file.proof,
            origin: file.origin, partial: isPartial ? file.path.lastComponent?.string : nil)
    }

    /// Whether a file may have its name: nothing is there, or what is there is the store's, or is the same.
    private func checkTarget(
        _ source: FilePath, _ record: ModelRecord, _ name: String, _ folder: Folder, _ records: [ModelRecord]
    ) throws {
        let (ref, key) = (record.ref, record.key(of: name))
        guard let status = try folder.status(name) else { return }
        let target = folder.path.appending(name)
        switch status.kind {
        case .link: throw StoreError.outsideStore(path: target)
        case .folder, .other: throw StoreError.occupied(path: target)
        case .file: if records.contains(where: { $0.keys.contains(key) && $0.mayBeReplaced(for: ref) }) { return }
        }
        // The very file, proven where it is.
        if let given = FileStatus(of: source), given.inode == status.inode, given.device == status.device { return }
        guard let stranger = try folder.open(name) else { return }
        defer { try? stranger.close() }
        guard let file = try? FileDescriptor.open(source, .readOnly, options: [.closeOnExec, .noFollow]) else {
            throw StoreError.changed(path: source)
        }
        defer { try? file.close() }
        guard FileStatus(of: source)?.size == status.size, try file.hasSameContent(as: stranger) else {
            throw StoreError.occupied(path: target)
        }
    }

    /// A stored file with this content that nobody has touched since it was proven.
    ///
    /// Of a damaged model nobody here knows which file it is; only who mends that very model may take from it.
    private func holder(
        of digest: Digest, for ref: String, _ records: [ModelRecord]
    ) throws -> (source: FilePath, file: ModelRecord.FileRecord, verifiedAt: Date?) {
        for record in records where record.verifiedAt != nil && (record.state == .ready || record.ref == ref) {
            let folder = try? layout.openRepository(record.publisher, record.repository)
            for file in record.files where file.digest == digest {
                guard let folder, file.matches(try folder.status(file.name)) else { continue }
                return (folder.path.appending(file.name), file, record.verifiedAt)
            }
        }
        if let versions = try KeptVersions(in: layout), let found = try versions.file(with: digest) {
            return (versions.path(of: digest), found.file, found.record.verifiedAt)
        }
        throw StoreError.notStored(ref: digest.hex)
    }

    /// Ends the name, under `.slm/partial`, of a stored file's double on its way to another model.
    private static let doubleSuffix = ".double"

    /// Puts a stored content under `.slm/partial`, to be moved from there, unless it already has the name.
    private func double(
        _ found: (source: FilePath, file: ModelRecord.FileRecord, verifiedAt: Date?), as name: String,
        for record: ModelRecord,
        _ folder: Folder, _ records: [ModelRecord]
    ) throws -> ModelRecord.FileRecord {
        var file = found.file
        file.name = name
        file.partial = nil
        // A size and a time are no content: two versions may share both.
        let (key, status) = (record.key(of: name), try folder.status(name))
        for owner in records {
            let own = owner.files.first { owner.key(of: $0) == key && $0.digest == file.digest && $0.matches(status) }
            if let own { return own }
        }
        let source = found.source
        try checkTarget(source, record, name, folder, records)
        let partials = try layout.creatingBookkeeping().creatingFolder(StoreLayout.partialsName)
        let partial = StoreLayout.fileName(for: record.key(of: name)) + Self.doubleSuffix
        try partials.remove(partial)
        try partials.duplicate(source, size: file.size, as: partial)
        guard let status = try partials.status(partial) else {
            throw StoreError.changed(path: partials.path.appending(partial))
        }
        file.modified = status.modified
        file.partial = partial
        return file
    }

    /// Gives the files of an announced record their names.
    ///
    /// - Returns: Their folder, which has yet to reach the disk.
    func move(_ record: ModelRecord, _ files: [IncomingFile]) throws -> Folder {
        let folder = try layout.createRepository(record.publisher, record.repository)
        var moved = 0
        do {
            for (file, incoming) in zip(record.files, files) {
                switch incoming {
                case .verified(let verified): try folder.take(verified.path, as: file.name)
                case .stored:
                    guard let partial = file.partial else { continue }
                    try folder.take(layout.partials.appending(partial), as: file.name)
                }
                moved += 1
            }
            return folder
        } catch {
            // Nothing has happened yet, so nothing is to be finished by others.
            if moved == 0 {
                try? RecordFolder(in: layout)?.remove(record.ref, .next)
                withdraw(record)
            }
            throw error
        }
    }

    /// Makes announced records the ones in force: their files, then their rows; the announcements go last.
    ///
    /// - Returns: The same as they are now, in order.
    func commit(
        _ announced: [ModelRecord], _ index: StoreIndex, _ records: [ModelRecord]
    ) throws -> [ModelRecord] {
        let folder = try RecordFolder.create(in: layout)
        let settled = try announced.map { try UnfinishedWork.settled($0, layout) }
        try folder.write(settled)
        var present = records
        for record in settled { present = try UnfinishedWork.retire(record, among: present, layout, folder) }
        try afterStep(.recorded)
        let refs = Set(settled.map(\.ref))
        // Other references may share a file that has just been replaced.
        let refreshed = present.refreshed(in: layout)
        let changed = zip(present, refreshed).filter { $0 != $1 && !refs.contains($1.ref) }.map(\.1)
        for record in changed { try folder.write(record) }
        let kept = refreshed.filter { refs.contains($0.ref) }
        let found = records.filter { record in settled.contains { $0.supersedes(record) } }
        try index.save(kept + changed, inPlaceOf: found.map(\.ref))
        try afterStep(.indexed)
        let versions = try KeptVersions(in: layout)
        for record in settled {
            try versions?.confirm(RecordFolder.name(record.ref, .next))
            try folder.remove(record.ref, .part)
            try folder.remove(record.ref, .next)
        }
        // What was kept before goes only now: some of this may have come from there.
        try versions?.sweep()
        try BlockFile.remove(unlessIn: index, of: records, in: layout)
        return settled.map { record in kept.first { $0.ref == record.ref } ?? record }
    }
}

extension ModelIdentity {
    /// The names that the disk has to take for it. A record's is written out of harmless characters, but it may be long.
    fileprivate func names(with files: [String]) -> [String] {
        let record = RecordFolder.name(ref) + ".tmp"
        return [publisher, repository] + files + (record.utf8.count > FileNameRules.longestEverywhere ? [record] : [])
    }
}

extension Store {
    /// What a model has to be still, for its files to be replaced.
    package enum Forerunner: Sendable {
        /// Whatever it is.
        case any
        /// Nothing: it was not stored.
        case none
        /// This one.
        case model(StoredModel)

        /// Takes what was stored when the work began.
        package init(_ model: StoredModel?) { self = model.map(Self.model) ?? .none }

        func `is`(_ record: ModelRecord?) -> Bool {
            switch self {
            case .any: true
            case .none: record?.isFound ?? true
            case .model(let model): record?.isStill(model) ?? false
            }
        }
    }
}
