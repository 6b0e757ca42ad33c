internal import CurlHTTP
internal import GGUF
package import ModelCatalog
internal import ModelDownload
internal import ModelHub
package import ModelStore

extension Shelf {
    /// Asks the origins of stored models what they have now, and of what has changed reads the headers.
    ///
    /// - Parameters:
    ///   - texts: References as the user typed them; none means all.
    ///   - closely: Whether every tensor is sampled, to tell how much an update would fetch; else only some are.
    /// - Throws: `StoreError.notStored`, `HTTPError`, `HubError` (not for files that are gone: those are an answer).
    public func outdated(_ texts: [String] = [], closely: Bool = false) async throws -> [UpdateStatus] {
        var statuses: [UpdateStatus] = []
        let held = try await store.held()
        let models = try await storedModels(texts)
        let survey = await survey(models)
        for model in models {
            let answer = try await self.answer(about: model, survey)
            var status = answer.status
            status.isHeld = held.contains(model.ref)
            if status.outcome == .changed {
                status.preview = try await preview(of: answer.now.files, for: model, closely: closely)
            }
            statuses.append(status)
        }
        return try statuses.toldApart
    }

    /// Fetches what has changed, except for models that are held. The old files stay until the new ones are proven.
    ///
    /// - Parameters:
    ///   - texts: Names of stored models; none means all.
    ///   - keepsOld: Whether what a model was is kept after that, so that `rollBack` goes back to it.
    ///   - onEvent: What happens, from any thread.
    /// - Throws: as `outdated`, and `DownloadError`.
    public func update(
        _ texts: [String] = [], keepingOld keepsOld: Bool = false,
        onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> [Updated] {
        let held = try await store.held()
        var updates: [Updated] = []
        var statuses: [UpdateStatus] = []
        let models = try await storedModels(texts, changing: true)
        let survey = await survey(models)
        for model in models {
            let (asked, now) = try await self.answer(about: model, survey)
            var status = asked
            status.isHeld = held.contains(model.ref)
            statuses.append(status)
            guard status.outcome == .changed, !status.isHeld else {
                updates.append(
                    Updated(
                        ref: model.ref, changed: false, from: status.have, to: status.now, size: model.size,
                        fetched: 0, reused: 0, status: status))
                continue
            }
            updates.append(try await update(model, to: now, status, keepsOld, onEvent: onEvent))
        }
        _ = try statuses.toldApart
        return updates
    }

    private func update(
        _ model: StoredModel, to now: Current, _ status: UpdateStatus, _ keepsOld: Bool,
        onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Updated {
        var variant = Variant(restoring: model)
        variant.files = now.files
        variant.revision = now.revision
        var identity = model.identity
        identity.revision = variant.revision
        let installed = try await install(
            variant, as: identity, replacing: model, keepingOld: keepsOld, onEvent: onEvent)
        let (new, arrived) = (installed.model, installed.fetched ?? [])
        return Updated(
            ref: model.ref, changed: true, from: model.files.first?.digest, to: new.files.first?.digest,
            size: new.size, fetched: arrived.reduce(0) { $0 + $1.fetched },
            reused: max(0, new.size - arrived.reduce(0) { $0 + $1.fetched + $1.resumed }), status: status)
    }

    /// Gives a model the version back that its last update kept, and keeps the present one in its place.
    ///
    /// - Throws: As `requireStored`; `StoreError.nothingKept`.
    package func rollBack(_ text: String) async throws -> (from: StoredModel, to: StoredModel) {
        let model = try await requireStored(text, changing: true)
        return (model, try await store.rollBack(model.ref))
    }

    /// Holds a model at its version, or lets it go.
    ///
    /// - Returns: The model.
    /// - Throws: As `requireStored`.
    package func setHeld(_ isHeld: Bool, _ text: String) async throws -> StoredModel {
        let model = try await requireStored(text, changing: true)
        try await store.setHeld(isHeld, model.ref)
        return model
    }

    // MARK: What the origin has

    /// What an origin has now of a stored model.
    private struct Current {
        var files: [RemoteFile] = []
        /// A commit, or a manifest's digest.
        var revision: String?
    }

    /// Asks each repository once, however many of the models came from it.
    private func survey(_ models: [StoredModel]) async -> HubSurvey {
        var places: Set<HubSurvey.Place> = []
        for model in models where !model.isOfRegistry {
            guard let origins = origins(of: model) else { continue }
            for file in origins.files {
                places.insert(HubSurvey.Place(id: file.reference.id, revision: origins.branch))
            }
        }
        return await hub.survey(places)
    }

    /// How one of several compares: an origin that cannot be asked keeps nobody from asking the others.
    private func answer(
        about model: StoredModel, _ survey: HubSurvey
    ) async throws -> (status: UpdateStatus, now: Current) {
        do {
            return try await status(of: model, survey)
        } catch  where !error.concernsAll {
            let have = model.files.first?.digest
            return (UpdateStatus(ref: model.ref, have: have, outcome: .unknown, failure: error), Current())
        }
    }

    /// How a model compares with what its origin has now, and the files that it has.
    private func status(
        of model: StoredModel, _ survey: HubSurvey
    ) async throws -> (status: UpdateStatus, now: Current) {
        let have = model.files.first?.digest
        func answer(_ outcome: UpdateStatus.Outcome, _ now: Digest? = nil, size: Int64? = nil) -> UpdateStatus {
            UpdateStatus(ref: model.ref, have: have, now: now, outcome: outcome, size: size)
        }
        let current: Current
        do {
            guard let asked = try await self.current(model, survey) else { return (answer(.unknown), Current()) }
            current = asked
        } catch let error as HubError {
            switch error {
            case .noFile, .noRepository, .noRevision, .disabled: return (answer(.removed), Current())
            default: throw error
            }
        } catch let error as RegistryError {
            switch error {
            case .noRepository, .noTag: return (answer(.removed), Current())
            default: throw error
            }
        }
        let now = current.files.map(\.digest)
        if now.contains(nil) { return (answer(.unknown), current) }
        let isSame = now == model.files.map(\.digest)
        let size = current.files.reduce(Int64?(0)) { sum, file in sum.flatMap { sum in file.size.map { sum + $0 } } }
        return (answer(isSame ? .current : .changed, now.first ?? nil, size: size), current)
    }

    /// Asks a model's origin; nil when it cannot be asked, or when the model is held at a fixed content.
    private func current(_ model: StoredModel, _ survey: HubSurvey) async throws -> Current? {
        if let reference = model.reference, model.isOfRegistry {
            switch reference {
            case .ollama: break
            case .oci(_, _, let tag) where !tag.hasPrefix("sha256:"): break
            default: return nil
            }
            let variants = try await registries.resolve(reference).variants
            let hasProjector = model.files.contains { FileName($0.name)?.kind == .projector }
            let variant = variants.first { $0.files.first?.name == model.files.first?.name } ?? variants.first
            return variant.map { variant in
                Current(files: (hasProjector ? variant : variant.withoutProjector).files, revision: variant.revision)
            }
        }
        if case .modelScope(let reference) = model.reference {
            let variant = try await modelScope.resolve(reference).variants.first {
                $0.files.first?.name == model.files.first?.name
            }
            guard let variant else { throw HubError.noFile(id: model.ref, path: model.files.first?.name ?? "") }
            let files = variant.files.filter { file in model.files.contains { $0.name == file.name } }
            return Current(files: files, revision: nil)
        }
        guard let origins = origins(of: model) else { return nil }
        let current = try await hub.currentFiles(origins.files, at: origins.branch, in: survey)
        // Stored names may differ from those in the repository, where two folders have a file of the same name.
        let files = zip(current, model.files).map { current, stored in
            var file = current
            file.name = stored.name
            return file
        }
        return Current(files: files, revision: files.first?.origin.hubFile?.revision)
    }

    /// A stored model's files at the Hub, and the branch that its own reference names; nil when they did not come from
    /// there, or when the reference fixes a commit.
    private func origins(of model: StoredModel) -> (files: [HubFile], branch: String?)? {
        var branch: String?
        if case .hub(let reference) = model.reference {
            branch = reference.revision
            if let branch, branch.count == 40, branch.allSatisfy(\.isHexDigit) { return nil }
        }
        let files = model.files.compactMap(\.origin?.hubFile)
        return files.count == model.files.count ? (files, branch) : nil
    }
}

/// How a stored model compares with what its origin has now.
public struct UpdateStatus: Sendable {
    /// The model.
    public var ref: String
    /// SHA-256 of its first file here; nil when it was never read.
    package var have: Digest?
    /// Nil when the origin does not say, or has it no more.
    package var now: Digest?
    /// The two compared.
    public var outcome: Outcome
    /// Of the files that the origin has, in bytes; nil when unknown.
    public var size: Int64?
    /// What has changed, where that was asked for and can be told.
    package var preview: UpdatePreview?
    /// Whether the user holds the model at what it is.
    package var isHeld = false
    /// Why the origin could not be asked; nil when it was, or when there is none.
    public var failure: (any Error)?

    /// What the comparison says.
    public enum Outcome: String, Sendable {
        /// The origin has what is stored.
        case current
        /// The origin has something else.
        case changed
        /// The origin has it no more.
        case removed
        /// The origin does not say, or the model is held at a fixed commit.
        case unknown
    }
}

extension [UpdateStatus] {
    /// Itself, if there is one model about which something was learned, or none that could be asked.
    fileprivate var toldApart: Self {
        get throws {
            if let failure = first?.failure, allSatisfy({ $0.failure != nil }) { throw failure }
            return self
        }
    }
}

/// What an `update` did to one model.
public struct Updated: Sendable {
    /// The model.
    public var ref: String
    /// Whether there was something new.
    public var changed: Bool
    /// SHA-256 of its first file before.
    package var from: Digest?
    /// SHA-256 of its first file now.
    package var to: Digest?
    /// Of the new files, in bytes.
    public var size: Int64
    /// Over the network, in bytes.
    public var fetched: Int64
    /// Taken from the old files, in bytes.
    package var reused: Int64
    /// How it compared with its origin before.
    package var status: UpdateStatus
}

extension StoredModel {
    /// Whether all its files came from a registry.
    fileprivate var isOfRegistry: Bool {
        files.allSatisfy { if case .registry = $0.origin { true } else { false } }
    }
}
