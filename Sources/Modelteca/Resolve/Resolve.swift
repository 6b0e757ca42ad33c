package import ModelCatalog
internal import ModelHub
internal import ModelStore

extension Shelf {
    /// What a reference may mean: for a catalog's name what the catalog knows, else what the named origin answers.
    ///
    /// Offline a stored model is what can be had of it.
    /// - Throws: `CatalogError`, `HubError`, `RegistryError`, `HTTPError`, `CancellationError`.
    package func resolve(_ reference: ModelReference) async throws -> Offer {
        if settings.isOffline, let model = try await stored(reference.description),
            model.state == .ready || model.state == .changed
        {
            return Offer(reference: reference, name: model.ref, models: [[Variant(restoring: model)]])
        }
        switch reference {
        case .catalog(let family, let size, let quantization):
            let match = try catalog.find(family: family, size: size, quantization: quantization)
            return try catalog.offer(for: match, endpoint: settings.credentials.endpoint)
        case .hub(let hubReference): return try await hub.resolve(hubReference)
        case .modelScope(let reference): return try await modelScope.resolve(reference)
        case .address(let url): return try PlainOrigin.offer(url)
        case .file(let path): return try PlainOrigin.offer(path)
        case .ollama, .oci: return try await registries.resolve(reference)
        }
    }
}

extension Variant {
    /// A stored model as it is to be again: each file from where it came.
    init(restoring model: StoredModel) {
        self.init(
            ref: model.ref, publisher: model.identity.publisher, repository: model.identity.repository,
            quantization: model.identity.quantization,
            files: model.files.map { file in
                RemoteFile(
                    name: file.name, origin: file.origin ?? .local(file.path), size: file.size, digest: file.digest)
            },
            revision: model.identity.revision)
    }
}
