internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelFit
internal import ModelStore

// The values that `get` hands from step to step.

extension Variant {
    /// What the store is to know of it.
    var identity: ModelIdentity {
        ModelIdentity(
            ref: ref, publisher: publisher, repository: repository, quantization: quantization, revision: revision,
            license: license?.id)
    }

    /// The same for all references that mean the same bytes: what two processes must not fetch at once.
    var contentKey: String { "content " + (files.first.map { $0.digest?.hex ?? $0.url.absoluteString } ?? ref) }

    /// With the digest that the user gave for it.
    func expecting(_ digest: Digest?) throws -> Variant {
        guard let digest else { return self }
        guard files.count == 1 else { throw ModeltecaError.digestNotPossible(ref: ref, files: files.count) }
        var variant = self
        if let known = files[0].digest, known != digest {
            throw DownloadError.digestMismatch(file: files[0].name, expected: digest, actual: known)
        }
        variant.files[0].digest = digest
        return variant
    }
}

/// A variant's files, each either in the store under some name or still to be fetched; in the variant's order.
struct Deliveries {
    private enum Source { case stored(Digest), missing }

    private let rows: [(file: RemoteFile, source: Source)]

    init(_ variant: Variant, in digests: [Digest: StoredFile]) {
        rows = variant.files.map { file in
            if let digest = file.digest, digests[digest] != nil { return (file, .stored(digest)) }
            return (file, .missing)
        }
    }

    /// The files that have to come.
    var missing: [RemoteFile] {
        rows.compactMap { if case .missing = $0.source { $0.file } else { nil } }
    }

    /// All files, now that the missing ones have come.
    func completed(by verified: [VerifiedFile]) -> [IncomingFile] {
        var arrived = verified.makeIterator()
        return rows.compactMap { file, source in
            switch source {
            case .stored(let digest): .stored(digest, name: file.name, source: file.url)
            case .missing: arrived.next().map { .verified($0) }
            }
        }
    }
}

extension Shelf {
    /// What of a variant is stored already, under whatever name.
    ///
    /// - Throws: `ModeltecaError.offline` when something has to come over the network and must not.
    func deliveries(of variant: Variant) async throws -> Deliveries {
        let deliveries = Deliveries(variant, in: try await store.digests())
        guard !settings.isOffline || deliveries.missing.allSatisfy({ $0.url.isFileURL }) else {
            throw ModeltecaError.offline(model: variant.ref)
        }
        return deliveries
    }

    /// Without a network, what is stored is the answer.
    func standingOffline(_ reference: ModelReference) async throws -> Receipt? {
        guard settings.isOffline, let model = try await stored(reference.description), model.state == .ready else {
            return nil
        }
        let files = model.files.map { file in
            RemoteFile(name: file.name, url: file.source ?? Self.nowhere, size: file.size, digest: file.digest)
        }
        let variant = Variant(
            ref: model.ref, publisher: model.identity.publisher, repository: model.identity.repository,
            quantization: model.identity.quantization, files: files)
        return Receipt(there: model, variant, since: ContinuousClock.now)
    }

    private static let nowhere = URL(filePath: "/")

    /// The stored model, when it is just what would be fetched.
    func alreadyThere(_ variant: Variant, _ stored: Deliveries) async throws -> StoredModel? {
        guard stored.missing.isEmpty, let model = try await store.model(named: variant.ref), model.state == .ready,
            model.files.map(\.digest) == variant.files.map(\.digest)
        else { return nil }
        return model
    }

    /// Remembers what was first seen of files for which the catalog has no digest.
    func pin(_ variant: Variant, _ model: StoredModel) async throws {
        guard variant.ref.isCatalogName else { return }
        for file in model.files {
            guard let digest = file.digest, catalog.file(with: digest) == nil else { continue }
            try await store.pin(
                Pin(ref: variant.ref, file: file.name, digest: digest, size: file.size, revision: variant.revision),
                replacing: true)
        }
    }
}

extension String {
    /// Whether a canonical reference is one of the catalog's: it names no origin.
    var isCatalogName: Bool {
        if case .catalog = try? ModelReference(parsing: self) { true } else { false }
    }
}

extension Receipt {
    init(there model: StoredModel, _ variant: Variant, since start: ContinuousClock.Instant) {
        self.init(
            model: model, variant: variant, wasThere: true, proof: Self.weakest(model.files.map(\.proof)), fetched: 0,
            resumed: 0, seconds: (ContinuousClock.now - start).seconds)
    }

    init(_ model: StoredModel, _ variant: Variant, _ files: [VerifiedFile], since start: ContinuousClock.Instant) {
        self.init(
            model: model, variant: variant, wasThere: files.isEmpty, proof: Self.weakest(model.files.map(\.proof)),
            fetched: files.reduce(0) { $0 + $1.fetched }, resumed: files.reduce(0) { $0 + $1.resumed },
            seconds: (ContinuousClock.now - start).seconds)
    }

    private static func weakest(_ proofs: [VerifiedFile.Proof]) -> VerifiedFile.Proof {
        proofs.contains(.none) ? .none : proofs.contains(.size) ? .size : .sha256
    }
}

extension Duration {
    /// As a plain number.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension Shelf {
    /// With the addresses at which ModelScope would have the same files, where the user names it.
    func withMirrors(_ variant: Variant) -> Variant {
        guard let modelScope = settings.modelScope else { return variant }
        var variant = variant
        for index in variant.files.indices where variant.files[index].digest != nil {
            guard case .hub(let reference) = try? reference(variant.files[index].url.absoluteString),
                let mirror = modelScope.address(of: reference)
            else { continue }
            variant.files[index].mirrors.append(mirror)
        }
        return variant
    }
}
