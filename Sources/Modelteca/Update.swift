internal import CurlHTTP
internal import ModelCatalog
internal import ModelDownload
internal import ModelHub
internal import ModelStore

extension Shelf {
    /// Asks the origins of stored models what they have now.
    ///
    /// - Parameter texts: References as the user typed them; none means all.
    /// - Throws: `StoreError.notStored`, `ModeltecaError.offline`, `HTTPError`, `HubError` (not for files that are gone:
    ///   those are an answer).
    public func outdated(_ texts: [String] = []) async throws -> [Standing] {
        var standings: [Standing] = []
        for model in try await storedModels(texts) { standings.append(try await standing(of: model).standing) }
        return standings
    }

    /// Fetches what has changed. The old files stay until the new ones are proven.
    ///
    /// - Throws: as `outdated`, and `DownloadError`.
    public func update(
        _ texts: [String] = [], onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> [Updated] {
        var updates: [Updated] = []
        for model in try await storedModels(texts) {
            let (standing, files, revision) = try await standing(of: model)
            guard standing.status == .changed else {
                updates.append(
                    Updated(
                        ref: model.ref, changed: false, from: standing.have, to: standing.now, size: model.size,
                        fetched: 0, reused: 0))
                continue
            }
            updates.append(try await update(model, to: files, revision, onEvent: onEvent))
        }
        return updates
    }

    private func update(
        _ model: StoredModel, to files: [RemoteFile], _ revision: String?,
        onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Updated {
        var identity = model.identity
        identity.revision = revision
        let variant = Variant(
            ref: identity.ref, publisher: identity.publisher, repository: identity.repository,
            quantization: identity.quantization, files: files, revision: revision)
        try await store.prepare()
        let lock = try await store.lock(variant.contentKey) { onEvent(.waitingForOther(ref: model.ref)) }
        defer { lock.release() }
        let stored = try await deliveries(of: variant)
        let (verified, plan) = try await fetch(stored.missing, onEvent: onEvent)
        let new = try await store.keep(stored.completed(by: verified), as: identity)
        plan.discardJournals()
        try await pin(variant, new)
        let fetched = verified.reduce(0) { $0 + $1.fetched }
        return Updated(
            ref: model.ref, changed: true, from: model.files.first?.digest, to: new.files.first?.digest,
            size: new.size, fetched: fetched, reused: max(0, new.size - verified.reduce(0) { $0 + $1.size }))
    }

    // MARK: What the origin has

    private func standing(
        of model: StoredModel
    ) async throws -> (standing: Standing, files: [RemoteFile], revision: String?) {
        let have = model.files.first?.digest
        guard !settings.isOffline else { throw ModeltecaError.offline(model: model.ref) }
        func answer(_ status: Standing.Status, _ now: Digest? = nil, size: Int64? = nil) -> Standing {
            Standing(ref: model.ref, have: have, now: now, status: status, size: size)
        }
        guard let references = origins(of: model) else { return (answer(.unknown), [], nil) }
        let current: [CurrentFile]
        do {
            current = try await hub.currentFiles(references)
        } catch let error as HubError {
            switch error {
            case .noFile, .noRepository, .noRevision, .disabled: return (answer(.removed), [], nil)
            default: throw error
            }
        }
        // Stored names may differ from those in the repository, where two folders have a file of the same name.
        let files = zip(current, model.files).map { current, stored in
            var file = current.file
            file.name = stored.name
            return file
        }
        let revision = current.first?.commit
        let now = files.map(\.digest)
        if now.contains(nil) { return (answer(.unknown), files, revision) }
        let isSame = now == model.files.map(\.digest)
        let size = files.reduce(Int64?(0)) { sum, file in sum.flatMap { sum in file.size.map { sum + $0 } } }
        return (answer(isSame ? .current : .changed, now.first ?? nil, size: size), files, revision)
    }

    /// The files of a stored model as references of the Hub, on the branch that its own reference names; nil when they
    /// did not come from there, or when the reference fixes a commit.
    private func origins(of model: StoredModel) -> [HubReference]? {
        var branch: String?
        if case .hub(let reference) = try? reference(model.ref) {
            branch = reference.revision
            if let branch, branch.count == 40, branch.allSatisfy(\.isHexDigit) { return nil }
        }
        let references = model.files.map { file -> HubReference? in
            guard let source = file.source, case .hub(var reference) = try? self.reference(source.absoluteString) else {
                return nil
            }
            reference.revision = branch
            return reference
        }
        let known = references.compactMap(\.self)
        return known.count == references.count ? known : nil
    }
}
