internal import Disk
internal import Foundation
internal import GGUF
internal import ModelCatalog
internal import ModelDownload
package import ModelStore
package import SystemPackage

/// How files are taken in.
package enum ImportMode: String, Sendable, CaseIterable {
    /// Without using space again where the disk can do that, else as a copy. The files stay where they are.
    case share
    /// As a copy that nobody else has a name for.
    case copy
    /// Without using space again, or not at all.
    case link
    /// The files are gone from where they were, once the store has them.
    case move
}

/// What became of a model that was to be taken in.
package struct Imported: Sendable {
    /// Its files where they were.
    package var sources: [FilePath]
    /// What it is called here; nil where it has no name.
    package var ref: String?
    /// All its files, in bytes.
    package var size: Int64
    /// How it ended.
    package var outcome: Outcome
    /// By what it was known.
    package var recognition: Recognition = .none
    /// What its files do not say, and nobody else does.
    package var lacks: [Lack] = []
    /// Whether its files are gone from where they were.
    package var isMoved = false

    /// How it ended.
    package enum Outcome: Sendable {
        case imported(StoredModel)
        /// The store had all of it.
        case alreadyHere(StoredModel)
        case failed(any Error)
    }

    /// By what a model was known. The raw values are those of `--json`.
    package enum Recognition: String, Sendable, Encodable {
        /// The catalog has files with these digests.
        case catalog
        /// The manifest beside them says what they are.
        case manifest
        /// Only its own header says something.
        case header
        case none
    }

    /// What is not known of a model. The raw values are those of `--json`.
    package enum Lack: String, Sendable, Encodable, CaseIterable {
        /// Nobody has published its SHA-256.
        case digest
        case license
        case chatTemplate = "chat-template"
        case name
    }
}

extension Shelf {
    /// Takes in files and folders from anywhere on this machine. What the store has already is not copied; nothing is
    /// fetched.
    ///
    /// - Parameters:
    ///   - onProgress: A file's name, bytes read or copied of it, and its size; from other threads.
    ///   - onFolder: How many files were seen so far, while folders are searched.
    /// - Throws: `StoreError` where the store cannot be used; `CancellationError`. What concerns one model is its outcome.
    package func take(
        in paths: [FilePath], _ mode: ImportMode = .share,
        onProgress: @escaping @Sendable (_ file: String, _ done: Int64, _ size: Int64) -> Void = { _, _, _ in },
        onFolder: (_ files: Int) -> Void = { _ in }
    ) async throws -> [Imported] {
        try await prepareStore()
        var results: [Imported] = []
        let sources = ImportSource.found(at: paths, outside: store.layout.root, onFolder: onFolder)
        for source in sources {
            try Task.checkCancellation()
            var arrival = Arrival(source: source, mode: mode)
            var result = Imported(
                sources: source.files.map(\.path), ref: source.identity?.ref,
                size: source.files.reduce(0) { $0 + (FileStatus.size(ofFile: $1.content) ?? 0) },
                outcome: .failed(CancellationError()))
            onProgress(source.files[0].name, 0, result.size)
            do {
                try await take(&arrival, into: &result, onProgress)
            } catch let error as CancellationError {
                arrival.discard()
                throw error
            } catch {
                arrival.discard()
                result.outcome = .failed(StoreError.from(error))
                if error.concernsAll {
                    // The next one would fare no better.
                    results.append(result)
                    return results
                }
            }
            results.append(result)
        }
        return results
    }

    private func take(
        _ arrival: inout Arrival, into result: inout Imported,
        _ onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws {
        if let failure = arrival.source.failure {
            guard arrival.source.isPartial, let here = try await model(with: &arrival, onProgress) else {
                throw failure
            }
            (result.ref, result.outcome) = (here.ref, .alreadyHere(here))
            if arrival.mode == .move { result.isMoved = arrival.removeSources() }
            return
        }
        let header = try arrival.check()
        try await tryNames(of: arrival)
        let intake = try store.intake()
        defer { intake.end() }
        for file in arrival.source.files {
            try Task.checkCancellation()
            try await arrive(file, &arrival, intake, onProgress)
        }
        let variant = arrival.variant(header)
        let known = arrival.source.identity == nil ? catalogued(variant) : nil
        result.recognition =
            known != nil ? .catalog : arrival.source.identity != nil ? .manifest : header.name == nil ? .none : .header
        result.lacks = lacks(header, arrival, known)
        // Two processes that take in the same bytes: the second finds them stored.
        let lock = try await store.lock(
            Store.contentKey(arrival.files[0].digest, arrival.files[0].origin, variant.ref))
        defer { lock.release() }
        if let here = try await model(
            holding: arrival.files.map(\.digest), as: known?.ref ?? arrival.source.identity?.ref)
        {
            arrival.discard()
            (result.ref, result.outcome) = (here.ref, .alreadyHere(here))
        } else {
            let (identity, incoming) = try await settled(
                known ?? variant, arrival, license: known == nil ? header.license : nil)
            let model = try await store.keep(incoming, as: identity, replacing: .none)
            (result.ref, result.outcome) = (model.ref, .imported(model))
        }
        if arrival.mode == .move { result.isMoved = arrival.removeSources() }
    }

    // MARK: The bytes

    /// Brings one file under `.slm/partial` and proves it there, unless the store has the content.
    private func arrive(
        _ file: ImportSource.File, _ arrival: inout Arrival, _ intake: Intake,
        _ onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws {
        guard let before = FileStatus(of: file.content), before.kind == .file else {
            throw ImportError.missing(path: file.path)
        }
        let remote = RemoteFile(
            name: file.name, origin: file.origin ?? .local(file.content), size: before.size, digest: file.digest)
        let note: @Sendable (Int64) -> Void = { onProgress(file.name, $0, before.size) }
        if let digest = file.digest, arrival.mode != .move, try await store.files(with: [digest])[digest] != nil {
            return arrival.add(file, before, .stored(digest, name: file.name, origin: remote.origin), digest)
        }
        let folder = try Folder.creatingRoot(store.layout.partials)
        let name = intake.name()
        let target = folder.path.appending(name)
        do {
            // A second name is no copy, and what another user may write to has to be one.
            let mayLink = arrival.mode != .copy && before.isOwn
            if try !folder.share(file.content, as: name, mayLink: mayLink) {
                if arrival.mode == .link { throw ImportError.otherDisk(path: file.path) }
                if let digest = try await digest(ifStored: file.content, before.size, note) {
                    return arrival.add(file, before, .stored(digest, name: file.name, origin: remote.origin), digest)
                }
                if let free = DiskSpace.free(at: target), free < before.size {
                    throw StoreError.noSpace(path: store.layout.root, needed: before.size, free: free)
                }
                try await FileCopy.complete(target, from: file.content, size: before.size, onProgress: note)
            }
            let proven = try await VerifiedFile.proving(
                target, as: remote, refusing: catalog.knownBad, onProgress: note)
            guard proven.size == before.size, FileStatus(of: file.content)?.isUnchanged(since: before) == true else {
                throw ImportError.changed(path: file.path)
            }
            if try await store.files(with: [proven.digest])[proven.digest] != nil {
                try folder.remove(name)
                arrival.add(
                    file, before, .stored(proven.digest, name: file.name, origin: remote.origin), proven.digest)
            } else {
                arrival.add(file, before, .verified(proven), proven.digest)
            }
        } catch {
            _ = try? folder.remove(name)
            if case DownloadError.digestMismatch(_, let expected, let actual) = error {
                throw arrival.damaged(file, .digest(expected: expected, actual: actual))
            }
            // The half copy's own name tells nobody anything.
            if case DownloadError.noSpace(_, let needed, let free) = error {
                throw StoreError.noSpace(path: store.layout.root, needed: needed, free: free)
            }
            throw error
        }
    }

    /// The digest of a file that the store may have: one of its size is there. Nil where it has not.
    private func digest(
        ifStored path: FilePath, _ size: Int64, _ note: @escaping @Sendable (Int64) -> Void
    ) async throws -> Digest? {
        guard try await store.models().flatMap(\.files).contains(where: { $0.size == size }) else { return nil }
        let digest = try await FileHasher.hash(path, onProgress: note).digest
        return try await store.files(with: [digest])[digest] == nil ? nil : digest
    }

    // MARK: What it is

    /// Throws for a name that the disk of the store refuses, before anything is copied. What the catalog may have goes
    /// by the catalog's names: which those are is known only when the content was read.
    private func tryNames(of arrival: Arrival) async throws {
        let source = arrival.source
        let names = source.files.map(\.name)
        if let identity = source.identity { return try await store.tryNames(of: identity, names) }
        let ref = "local/\(arrival.repository)/\(names[0])"
        let identity = ModelIdentity(ref: ref, publisher: "local", repository: arrival.repository)
        do {
            try await store.tryNames(of: identity, names)
        } catch let error as StoreError {
            let size = FileStatus.size(ofFile: source.files[0].content)
            let mayBeKnown = catalog.entries.contains { entry in
                entry.files.contains { $0.digest != nil && ($0.size == nil || $0.size == size || !$0.parts.isEmpty) }
            }
            guard case .nameRefused = error, mayBeKnown else { throw error }
        }
    }

    /// The stored model that has these files and no others. One that goes by `ref` is looked at first.
    private func model(holding digests: [Digest], as ref: String?) async throws -> StoredModel? {
        func holds(_ model: StoredModel?) -> Bool {
            model?.state == .ready && Set(model?.files.compactMap(\.digest) ?? []) == Set(digests)
        }
        if let ref {
            // Under its own name it is wanted, whatever else has the content.
            let model = try await store.model(named: ref)
            return holds(model) ? model : nil
        }
        return try await store.models().first { holds($0) }
    }

    /// The stored model that has these parts of a model, and the others too: they are what is left where a process died
    /// while it moved them in. They are read where their sizes are those of stored parts.
    private func model(
        with arrival: inout Arrival, _ onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws -> StoredModel? {
        let parts = arrival.source.files.compactMap { file in
            FileStatus(of: file.content).map { (file: file, status: $0) }
        }
        let models = try await store.models().filter { model in
            model.state == .ready && model.files.count > parts.count
                && parts.allSatisfy { part in model.files.contains { $0.size == part.status.size } }
        }
        guard !models.isEmpty else { return nil }
        for (file, status) in parts {
            let digest = try await FileHasher.hash(file.content) { onProgress(file.name, $0, status.size) }.digest
            let origin = file.origin ?? .local(file.content)
            arrival.add(file, status, .stored(digest, name: file.name, origin: origin), digest)
        }
        let digests = Set(arrival.files.map(\.digest))
        return models.first { digests.isSubset(of: $0.files.compactMap(\.digest)) }
    }

    /// What the catalog calls these contents: one of its variants, with or without its projector.
    ///
    /// The names are the catalog's, the sizes those that are here.
    func catalogued(_ variant: Variant) -> Variant? {
        guard let digest = variant.files.first?.digest, let entry = catalog.file(with: digest)?.entry,
            let offer = try? catalog.offer(for: entry, endpoint: settings.credentials.endpoint)
        else { return nil }
        let forms = offer.variants.flatMap { [$0, $0.withoutProjector] }
        func form(_ files: [RemoteFile]) -> Variant? {
            forms.first { $0.files.map(\.digest) == files.map(\.digest) }
        }
        var known: Variant
        if let whole = form(variant.files) {
            known = whole
        } else {
            // Its projector may be one that the catalog does not have.
            let models = variant.withoutProjector.files
            guard let model = form(models) else { return nil }
            known = model
            known.files += variant.files.dropFirst(models.count)
        }
        for position in known.files.indices { known.files[position].size = variant.files[position].size }
        return known
    }

    /// The reference and the folder it gets, and its files by the names they have there. Nothing is replaced: where
    /// another content has the reference, what has no name of its own gets another one.
    private func settled(
        _ variant: Variant, _ arrival: Arrival, license: String?
    ) async throws -> (ModelIdentity, [IncomingFile]) {
        var identity = arrival.source.identity ?? variant.identity
        if identity.license == nil { identity.license = license }
        if try await store.model(named: identity.ref)?.ref == identity.ref {
            guard variant.entry == nil, arrival.source.identity == nil else {
                throw ImportError.taken(ref: identity.ref)
            }
            identity.repository += "-\(arrival.files[0].digest.hex.prefix(8))"
            identity.ref = "\(identity.publisher)/\(identity.repository)/\(variant.files[0].name)"
            if try await store.model(named: identity.ref) != nil { throw ImportError.taken(ref: identity.ref) }
        }
        let incoming = zip(arrival.files, variant.files).map { $0.incoming.called($1.name, from: $1.origin) }
        return (identity, incoming)
    }

    private func lacks(_ header: GGUFFile, _ arrival: Arrival, _ known: Variant?) -> [Imported.Lack] {
        var lacks: [Imported.Lack] = []
        if known == nil, arrival.source.files.contains(where: { $0.digest == nil }) { lacks.append(.digest) }
        if known?.license == nil, arrival.source.identity?.license == nil, header.license == nil {
            lacks.append(.license)
        }
        guard header.architecture != nil, !FileName.isProjector(arrival.source.files[0].name) else { return lacks }
        // What only makes vectors of a text has no conversation.
        if header.chatTemplate == nil, header.integer(ofModel: "pooling_type") == nil { lacks.append(.chatTemplate) }
        if header.name == nil { lacks.append(.name) }
        return lacks
    }
}

extension IncomingFile {
    /// The same content under another name, from somewhere else.
    fileprivate func called(_ name: String, from origin: FileOrigin) -> IncomingFile {
        switch self {
        case .verified(let file): .verified(file.called(name, from: origin))
        case .stored(let digest, _, _): .stored(digest, name: name, origin: origin)
        }
    }
}
