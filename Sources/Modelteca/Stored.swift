internal import ModelCatalog
public import ModelHub
public import ModelStore

extension Shelf {
    /// The stored model that a user means: by its full reference, by a shorter one (`tinyllama` for
    /// `tinyllama:1.1b:q4_k_m`), by the repository (`hf:owner/repo`), or by the path inside the store. Nil when there
    /// is none, or when several answer and none exactly.
    ///
    /// - Throws: `StoreError`.
    public func stored(_ text: String) async throws -> StoredModel? {
        if let exact = try await store.model(named: text) { return exact }
        guard let reference = try? reference(text) else { return nil }
        if let model = try await store.model(named: reference.description) { return model }
        let models = try await store.models()
        let matches = models.filter { isMeant($0, by: reference) }
        // Of several sizes of a family the choice is the user's; of several quantizations the newest is meant.
        let names = Set(matches.map { $0.ref.split(separator: ":").prefix(2).joined(separator: ":") })
        guard names.count == 1 || matches.count == 1 else { return nil }
        return matches.max { $0.installedAt < $1.installedAt }
    }

    private func isMeant(_ model: StoredModel, by asked: ModelReference) -> Bool {
        switch asked {
        case .catalog(_, _, let quantization):
            guard let match = try? catalog.find(asked) else { return false }
            let ends = match.entries.contains { entry in
                model.ref == entry.ref || model.ref.hasPrefix(entry.ref + ":")
                    || entry.files.contains { file in
                        model.files.contains { $0.digest == file.digest && $0.digest != nil }
                    }
            }
            return ends && (quantization == nil || model.identity.quantization?.lowercased() == quantization)
        case .hub(let wanted):
            guard case .hub(let have) = try? reference(model.ref), have.id.lowercased() == wanted.id.lowercased() else {
                return false
            }
            switch wanted.selection {
            case .best: return true
            case .quantization(let name): return model.identity.quantization?.lowercased() == name.lowercased()
            case .path(let path): return model.files.first?.name == path.split(separator: "/").last.map(String.init)
            }
        case .file(let path): return model.files.contains { $0.path == path }
        case .address(let url): return model.files.contains { $0.source == url }
        case .ollama, .oci: return false
        }
    }

    /// As `stored(_:)`, for commands that need a model to be there.
    ///
    /// - Throws: `StoreError.notStored`.
    public func requireStored(_ text: String) async throws -> StoredModel {
        guard let model = try await stored(text) else { throw StoreError.notStored(ref: text) }
        return model
    }

    /// Removes a stored model with the bytes that an unfinished download of it left.
    ///
    /// - Returns: How many bytes became free.
    /// - Throws: `StoreError`.
    public func remove(_ text: String) async throws -> Int64 {
        try await store.remove(requireStored(text).ref)
    }

    /// The models named, or all of them.
    func storedModels(_ texts: [String]) async throws -> [StoredModel] {
        guard !texts.isEmpty else { return try await store.models() }
        var models: [StoredModel] = []
        for text in texts { models.append(try await requireStored(text)) }
        return models
    }
}

extension Shelf {
    /// Repositories with GGUF files that the Hub finds for words.
    ///
    /// - Throws: `ModeltecaError.offline`, `HubError`, `HTTPError`.
    public func searchHub(_ words: String) async throws -> [FoundRepository] {
        guard !settings.isOffline else { throw ModeltecaError.offline(model: words) }
        return try await hub.search(words)
    }
}
