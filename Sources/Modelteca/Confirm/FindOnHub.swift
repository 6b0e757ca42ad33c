internal import ModelCatalog
internal import ModelFit
internal import ModelHub
internal import ModelStore

extension Shelf {
    /// Asks the Hub for quantizations of a model of which the catalog knows no file, and takes what suits this device
    /// from the repository that the user agrees to.
    func found(_ variant: Variant, of offer: Offer, _ options: GetOptions) async throws -> Variant {
        guard let ref = variant.entry, let entry = catalog.entry(ref: ref) else {
            throw HubError.noModelFiles(id: variant.ref)
        }
        guard !entry.upstream.isEmpty || !entry.repositories.isEmpty else {
            throw HubError.noQuantizationsOf(upstream: [entry.ref])
        }
        let repository: String
        if let known = try await self.repository(storedOf: entry) {
            repository = known
        } else {
            let offered = try await self.offered(entry)
            guard let choose = options.choose else {
                throw ModeltecaError.needsConfirmation(model: entry.ref, found: offered)
            }
            guard let chosen = try await choose(entry.ref, offered) else {
                throw ModeltecaError.declined(model: entry.ref)
            }
            repository = chosen.id
        }
        let found = try await self.offer(for: entry, from: repository, offer.reference)
        return found.with(projectors: options.withProjector).best(
            on: device, for: options.workload ?? .usual(on: device)
        ).variant
    }

    /// What a repository has of a model, under the catalog's name.
    private func offer(
        for entry: CatalogEntry, from repository: String, _ asked: ModelReference
    ) async throws -> Offer {
        var reference = try HubReference(parsing: repository)
        if case .catalog(_, _, let quantization?) = asked { reference.selection = .quantization(quantization) }
        var offer = try await hub.resolve(reference)
        offer.models = offer.models.map { variants in
            variants.map { variant in
                var variant = variant
                variant.ref = variant.quantization.map { "\(entry.ref):\($0.lowercased())" } ?? entry.ref
                variant.entry = entry.ref
                variant.shape = entry.shape
                variant.license = entry.license
                return variant
            }
        }
        return offer
    }

    /// The repository that a stored model of this entry came from: whoever chose it once need not choose again.
    private func repository(storedOf entry: CatalogEntry) async throws -> String? {
        try await store.models().first { $0.isForm(of: entry) && $0.files.first?.origin?.hubFile != nil }?
            .files.first?.origin?.hubFile?.reference.id
    }

    /// The repositories that hold GGUF files of a model: those the catalog names, then those the Hub finds. A search
    /// also finds repositories without a usable file; they are left out.
    private func offered(_ entry: CatalogEntry) async throws -> [FoundRepository] {
        var repositories = entry.repositories.filter { !$0.derived }.map {
            FoundRepository(id: $0.repo, downloads: nil, basis: .namesItAsBase(entry.upstream.first ?? entry.ref))
        }
        do {
            for found in try await hub.quantizations(of: entry.upstream)
            where !repositories.contains(where: { $0.id == found.id }) {
                repositories.append(found)
            }
        } catch HubError.noQuantizationsOf(let upstream) {
            if repositories.isEmpty { throw HubError.noQuantizationsOf(upstream: upstream) }
        }
        var usable: [FoundRepository] = []
        for repository in repositories.prefix(8) {
            guard let reference = try? HubReference(parsing: repository.id) else { continue }
            do {
                _ = try await hub.resolve(reference)
                usable.append(repository)
            } catch let error as HubError {
                // Asking the others would meet with the same.
                if case .rateLimited = error { throw error }
            }
        }
        guard !usable.isEmpty else { throw HubError.noQuantizationsOf(upstream: entry.upstream) }
        return usable
    }
}
