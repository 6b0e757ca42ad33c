internal import CurlHTTP
internal import Foundation
internal import HostHardware
public import ModelCatalog
internal import ModelFit
internal import ModelHub
internal import ModelStore

extension Shelf {
    /// What a reference means now: asks the catalog first, then the origin that it names.
    ///
    /// - Throws: `CatalogError`, `HubError`, `HTTPError`, `ModeltecaError`, `CancellationError`.
    public func resolve(_ reference: ModelReference, options: GetOptions = GetOptions()) async throws -> Candidate {
        switch reference {
        case .catalog:
            guard let match = try catalog.find(reference) else { throw HubError.unsupportedOrigin("catalog") }
            return try await resolve(match, options)
        case .hub(let hubReference):
            guard !settings.isOffline else { throw ModeltecaError.offline(model: reference.description) }
            var candidate = try await hub.resolve(hubReference)
            if !options.withProjector { candidate.variants = candidate.variants.map(\.withoutProjector) }
            return candidate
        case .address(let url):
            guard !settings.isOffline else { throw ModeltecaError.offline(model: reference.description) }
            return try await sameAsBefore(PlainOrigin.candidate(url, digest: options.digest))
        case .file(let path):
            return try await sameAsBefore(PlainOrigin.candidate(path, digest: options.digest))
        case .ollama: throw HubError.unsupportedOrigin("ollama")
        case .oci: throw HubError.unsupportedOrigin("oci")
        }
    }

    // MARK: The catalog

    private func resolve(_ match: CatalogMatch, _ options: GetOptions) async throws -> Candidate {
        let entry = bestSize(match, options.workload)
        guard !entry.files.isEmpty else { return try await found(entry, match.quantization, options) }
        let candidate = try candidate(for: entry, quantization: match.quantization)
        let chosen = FitReport.best(of: candidate, on: device, for: options.workload).variant
        var current = candidate
        current.variants = [try await asTheHubHasIt(chosen)]
        return current
    }

    /// With no size named: the largest that fits this device, else one that runs less well, else the smallest there is.
    func bestSize(_ match: CatalogMatch, _ workload: Workload) -> CatalogEntry {
        let smallest = match.entries[match.entries.count - 1]
        guard match.entries.count > 1 else { return smallest }
        let budget = Budget(device: device)
        let rows = match.entries.compactMap { entry -> (entry: CatalogEntry, verdict: FitReport.Verdict)? in
            guard let candidate = try? candidate(for: entry, quantization: match.quantization) else { return nil }
            return (entry, FitReport.best(of: candidate, within: budget, for: workload).verdict)
        }
        for verdict in [FitReport.Verdict.fits, .tight, .partial] {
            if let row = rows.first(where: { $0.verdict == verdict }) { return row.entry }
        }
        return rows.last?.entry ?? smallest
    }

    /// A catalog entry's variants, at the Hub that the settings name.
    func candidate(for entry: CatalogEntry, quantization: String? = nil) throws(CatalogError) -> Candidate {
        try catalog.candidate(for: entry, quantization: quantization, endpoint: settings.credentials.endpoint)
    }

    /// Holds what the catalog says of a file against what the Hub has now, and adds what the catalog does not know.
    ///
    /// A Hub that cannot be asked is no obstacle where the catalog knows the digest: the bytes prove themselves.
    private func asTheHubHasIt(_ variant: Variant) async throws -> Variant {
        if settings.isOffline { return try await asPinned(variant) }
        var variant = variant
        for index in variant.files.indices {
            let known = variant.files[index]
            guard case .hub(let reference) = try? self.reference(known.url.absoluteString) else { continue }
            do {
                guard let now = try await hub.currentFiles([reference]).first else { continue }
                let isSame = known.digest == nil || now.file.digest == nil || known.digest == now.file.digest
                if !isSame, let expected = known.digest, let digest = now.file.digest {
                    guard try await isTaken(digest, as: variant.ref) else {
                        throw ModeltecaError.changedUpstream(
                            ref: variant.ref, repository: reference.id, expected: expected, now: digest)
                    }
                    variant.files[index].mirrors = []
                }
                variant.files[index].url = now.file.url
                variant.files[index].size = now.file.size ?? known.size
                variant.files[index].digest = now.file.digest ?? known.digest
                variant.revision = now.commit
            } catch let error where known.digest != nil && Self.isPassing(error, hasMirrors: !known.mirrors.isEmpty) {
                continue
            }
        }
        return variant
    }

    /// Whether the user has taken this content by an update, whatever the catalog expects.
    private func isTaken(_ digest: Digest, as ref: String) async throws -> Bool {
        try await store.model(named: ref)?.files.contains { $0.digest == digest } ?? false
    }

    /// Whether the file itself may come all the same: its own host, or a mirror, may answer.
    private static func isPassing(_ error: any Error, hasMirrors: Bool) -> Bool {
        switch error {
        case HTTPError.unreachable: hasMirrors
        case is HTTPError: true
        case HubError.rateLimited, HubError.unexpectedAnswer: true
        case is HubError: hasMirrors
        default: false
        }
    }

    /// Without a network, only what is in the store can be had: by the digests that the catalog or a pin knows.
    private func asPinned(_ variant: Variant) async throws -> Variant {
        var variant = variant
        let pins = (try? await store.pins(for: variant.ref)) ?? []
        for index in variant.files.indices where variant.files[index].digest == nil {
            guard let pin = pins.first(where: { $0.file == variant.files[index].name }) else {
                throw ModeltecaError.offline(model: variant.ref)
            }
            variant.files[index].digest = pin.digest
            variant.files[index].size = pin.size
        }
        return variant
    }

    // MARK: Models with no known files

    /// Asks the Hub for quantizations of the original, and takes the one that the user agrees to.
    private func found(_ entry: CatalogEntry, _ quantization: String?, _ options: GetOptions) async throws -> Candidate
    {
        guard !settings.isOffline else { throw ModeltecaError.offline(model: entry.ref) }
        guard !entry.upstream.isEmpty || !entry.repositories.isEmpty else {
            throw HubError.noQuantizationsOf(upstream: [entry.ref])
        }
        if let known = try await repository(storedOf: entry) {
            return try await candidate(for: entry, from: known, quantization)
        }
        let repositories = try await offered(entry)
        guard let choose = options.choose else {
            throw ModeltecaError.needsConfirmation(model: entry.ref, found: repositories)
        }
        guard let chosen = try await choose(entry.ref, repositories) else {
            throw ModeltecaError.declined(model: entry.ref)
        }
        return try await candidate(for: entry, from: chosen.id, quantization)
    }

    /// The repository that a stored model of this entry came from: whoever chose it once need not choose again.
    private func repository(storedOf entry: CatalogEntry) async throws -> String? {
        for model in try await store.models() where model.ref == entry.ref || model.ref.hasPrefix(entry.ref + ":") {
            guard let source = model.files.first?.source, case .hub(let hub) = try? reference(source.absoluteString)
            else { continue }
            return hub.id
        }
        return nil
    }

    /// What a repository has of a model, under the catalog's name.
    private func candidate(
        for entry: CatalogEntry, from repository: String, _ quantization: String?
    ) async throws -> Candidate {
        var reference = try HubReference(parsing: repository)
        if let quantization { reference.selection = .quantization(quantization) }
        var candidate = try await hub.resolve(reference)
        candidate.reference = .catalog(family: entry.familyID, size: entry.size, quantization: quantization)
        candidate.name = entry.ref
        for index in candidate.variants.indices {
            let quantization = candidate.variants[index].quantization
            candidate.variants[index].ref = quantization.map { "\(entry.ref):\($0.lowercased())" } ?? entry.ref
            candidate.variants[index].shape = entry.shape
            candidate.variants[index].license = entry.license
        }
        return candidate
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
