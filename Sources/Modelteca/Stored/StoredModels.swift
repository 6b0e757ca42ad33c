internal import Foundation
internal import ModelCatalog
internal import ModelHub
public import ModelStore
internal import SystemPackage

extension Shelf {
    /// The stored model that a user means: by its full reference, by a shorter one (`tinyllama` for
    /// `tinyllama:1.1b:q4_k_m`), by the repository (`hf:owner/repo`), or by the path inside the store. Nil when there
    /// is none, or when several answer and none exactly.
    ///
    /// - Throws: `StoreError`.
    public func stored(_ text: String) async throws -> StoredModel? {
        let meant = try await storedModels(meantBy: text) { try await store.models() }
        return meant.count == 1 ? meant[0] : nil
    }

    /// As `stored(_:)`, for commands that need a model to be there.
    ///
    /// - Parameter changing: Whether it is to be changed, removed or written elsewhere. Then nothing is chosen among
    ///   several quantizations either.
    /// - Throws: `StoreError.notStored`, `.absent`; `CatalogError.ambiguous` when several answer.
    package func requireStored(_ text: String, changing: Bool = false) async throws -> StoredModel {
        try checkStore()
        return try await one(meantBy: text, changing: changing) { try await store.models() }
    }

    private func one(
        meantBy text: String, changing: Bool, among all: () async throws -> [StoredModel]
    ) async throws -> StoredModel {
        let meant = try await storedModels(meantBy: text, every: changing, among: all)
        guard meant.count < 2 else { throw CatalogError.ambiguous(name: text, candidates: meant.map(\.ref)) }
        guard let model = meant.first else { throw StoreError.notStored(ref: text) }
        return model
    }

    /// One where it is clear which is meant; else the newest of each model that answers.
    ///
    /// - Parameters:
    ///   - every: Whether all that answer are wanted, and not the newest of each model.
    ///   - all: Gives all models. Whoever is named in full is found without them.
    private func storedModels(
        meantBy text: String, every: Bool = false, among all: () async throws -> [StoredModel]
    ) async throws -> [StoredModel] {
        if let exact = try await store.model(named: text) { return [exact] }
        let models = try await all()
        if let exact = models.first(where: { $0.ref == text }) { return [exact] }
        // Several names of one file.
        let here = settings.store.appending(text).lexicallyNormalized()
        let sharing = models.filter { $0.files.contains { $0.path == here } }
        if !sharing.isEmpty { return sharing }
        guard let asked = try? reference(text).absolute else { return [] }
        let name = asked.description
        if let model = try await store.model(named: name) ?? models.first(where: { $0.ref == name }) { return [model] }
        if every { return models.filter { isMeant($0, by: asked) } }
        // Of several sizes of a family the choice is the user's; of several quantizations the newest is meant.
        var newest: [String: StoredModel] = [:]
        for model in models where isMeant(model, by: asked) {
            let name = model.ref.split(separator: ":").prefix(2).joined(separator: ":")
            if let other = newest[name], other.installedAt > model.installedAt { continue }
            newest[name] = model
        }
        return newest.values.sorted { $0.ref < $1.ref }
    }

    private func isMeant(_ model: StoredModel, by asked: ModelReference) -> Bool {
        switch asked {
        case .catalog(_, _, let quantization):
            guard let match = try? catalog.find(asked), match.entries.contains(where: model.isForm) else {
                return false
            }
            return quantization == nil || model.identity.quantization?.lowercased() == quantization
        case .hub(let wanted): return isMeant(model, by: wanted)
        case .file(let path): return model.files.contains { $0.path == path }
        case .address(let url): return model.files.contains { $0.origin == .address(url.withoutSecrets) }
        case .modelScope(let wanted):
            guard case .modelScope(let named) = model.reference, named.id.lowercased() == wanted.id.lowercased(),
                wanted.revision == nil || wanted.revision == named.revision
            else { return false }
            switch wanted.selection {
            case .best: return true
            case .quantization(let name): return model.identity.quantization?.lowercased() == name.lowercased()
            case .path: return named.selection == wanted.selection
            }
        case .ollama, .oci: return false
        }
    }

    /// By where its files came from, or else by its own name.
    private func isMeant(_ model: StoredModel, by wanted: HubReference) -> Bool {
        let named: HubReference? = if case .hub(let hub) = model.reference { hub } else { nil }
        let origins = model.files.compactMap(\.origin?.hubFile?.reference)
        let ids = ([named].compactMap(\.self) + origins).map { $0.id.lowercased() }
        guard ids.contains(wanted.id.lowercased()) else { return false }
        // A revision has to be the one that was asked for then, or the commit that it stood for.
        if let revision = wanted.revision, named?.revision != revision, model.identity.revision != revision {
            return false
        }
        switch wanted.selection {
        case .best: return true
        case .quantization(let name): return model.identity.quantization?.lowercased() == name.lowercased()
        case .path(let path):
            return origins.isEmpty
                ? model.files.contains { $0.name == path.split(separator: "/").last.map(String.init) }
                : origins.contains { $0.selection == .path(path) }
        }
    }

    /// The model that a user wants to remove, which may be half here.
    ///
    /// - Throws: as `requireStored`.
    package func removable(_ text: String) async throws -> StoredModel {
        try checkStore()
        return try await one(meantBy: text, changing: true) { try await store.models() + store.unfinished() }
    }

    /// Removes a stored model, or what has come of one, and what `link` has made for it. Files that other models share
    /// stay.
    ///
    /// - Returns: How many bytes became free.
    /// - Throws: as `requireStored`.
    public func remove(_ text: String) async throws -> Int64 {
        let ref = try await removable(text).ref
        // Nothing leads to what is half here.
        if try await store.model(named: ref) != nil { try await unlink(ref, from: nil) }
        return try await store.remove(ref)
    }

    /// The models named, or all of them. Who only looks means all that a name may mean: every stored form of a
    /// repository, every size of a family.
    ///
    /// - Parameter changing: As for `requireStored`.
    /// - Throws: as `requireStored`; `CatalogError.ambiguous` only where models are to be changed.
    package func storedModels(_ texts: [String], changing: Bool = false) async throws -> [StoredModel] {
        try checkStore()
        guard !texts.isEmpty else { return try await store.models() }
        var models: [StoredModel] = []
        var seen: Set<String> = []
        for text in texts {
            let meant =
                changing
                ? [try await requireStored(text, changing: true)]
                : try await storedModels(meantBy: text, every: true) { try await store.models() }
            guard !meant.isEmpty else { throw StoreError.notStored(ref: text) }
            models += meant.filter { seen.insert($0.ref).inserted }
        }
        return models
    }
}

extension StoredModel {
    /// The catalog's model that its own reference names, `gemma2:2b`; nil for models of other origins.
    var catalogEntry: String? {
        guard case .catalog(let family, let size?, _) = reference else { return nil }
        return "\(family):\(size)"
    }

    /// Whether it is a form of a catalog's model, under whatever name.
    func isForm(of entry: CatalogEntry) -> Bool {
        catalogEntry == entry.ref
            || files.contains { file in file.digest != nil && entry.files.contains { $0.digest == file.digest } }
    }
}

extension ModelReference {
    /// A path from the root on: what a local file is stored under does not depend on the working folder.
    fileprivate var absolute: ModelReference {
        guard case .file(let path) = self else { return self }
        let base = FilePath(FileManager.default.currentDirectoryPath)
        return .file((path.isAbsolute ? path : base.pushing(path)).lexicallyNormalized())
    }
}
