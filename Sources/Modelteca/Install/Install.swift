internal import Disk
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelStore

extension Shelf {
    /// The tail of `get`, `update` and `verify --repair`: plan → transfer → verify → store. Two processes that want the
    /// same bytes fetch them once, and what is stored under any name is not fetched at all.
    ///
    /// - Parameters:
    ///   - identity: What the store is to know of it, where that is more than the variant says.
    ///   - damage: Of a stored model that is to be mended: where its files are wrong. What is sound of them is kept.
    ///   - started: From when on `Downloader.Options.maxTime` counts.
    func install(
        _ variant: Variant, as identity: ModelIdentity? = nil, mending damage: [DamagedRange]? = nil,
        since started: ContinuousClock.Instant? = nil, onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Installation {
        try await store.prepare()
        let lock = try await store.lock(variant.contentKey) { onEvent(.waitingForOther(ref: variant.ref)) }
        defer { lock.release() }
        let before = try await store.model(named: variant.ref)
        let digests = try await store.digests().filter { !(damage ?? []).concerns($1, of: before) }
        let parts = InstallParts(variant, in: digests)
        if parts.missing.isEmpty, let before, before.holds(variant) { return Installation(model: before, fetched: nil) }
        if let before, let damage { try await salvage(parts.missing, of: before, damage) }
        // What another program has on this disk need not come over the network.
        let borrowed = damage == nil ? await borrowed(parts.missing, onEvent) : [:]
        let missing = parts.missing.indices.filter { borrowed[$0] == nil }.map { parts.missing[$0] }
        func fetch() async throws -> (DownloadPlan, [VerifiedFile]) {
            let plan = try DownloadPlan(
                missing, in: store.layout.partials, free: DiskSpace.free(at: store.layout.root),
                refusing: catalog.knownBad)
            return (plan, try await downloader.run(plan, since: started ?? .now) { onEvent(.transfer($0)) })
        }
        let (plan, verified): (DownloadPlan, [VerifiedFile])
        do {
            (plan, verified) = try await fetch()
        } catch DownloadError.digestMismatch where damage != nil {
            // What the block hashes took for sound was not. The partial files are gone: now all of it comes.
            (plan, verified) = try await fetch()
        }
        var arrived = verified.makeIterator()
        let complete = parts.missing.indices.compactMap { borrowed[$0] ?? arrived.next() }
        let model = try await store.keep(parts.completed(by: complete), as: identity ?? variant.identity)
        plan.discardJournals()
        try await pin(variant, model)
        return Installation(model: model, fetched: complete)
    }

    /// Files that other programs have on this disk, proven, by their position.
    private func borrowed(
        _ files: [RemoteFile], _ onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async -> [Int: VerifiedFile] {
        var found: [Int: VerifiedFile] = [:]
        for (position, file) in files.enumerated() {
            for (program, path) in settings.otherStores.candidates(for: file) {
                // What is not what it is called, or cannot be read, is fetched.
                guard let proven = try? await proven(path, as: file, copies: true) else { continue }
                onEvent(.foundHere(file: file.name, program: program, path: path))
                found[position] = proven
                break
            }
        }
        return found
    }

    /// Makes partial files of what is sound in damaged ones.
    private func salvage(_ missing: [RemoteFile], of model: StoredModel, _ damage: [DamagedRange]) async throws {
        for file in missing {
            guard let here = model.files.first(where: { $0.name == file.name }),
                FileManager.default.fileExists(atPath: here.path.string)
            else {
                continue
            }
            let ranges = damage.filter { $0.file == file.name }.map { $0.offset..<$0.offset + $0.length }
            try await DownloadPlan.salvage(
                file, from: here.path, damaged: ranges, in: store.layout.partials,
                free: DiskSpace.free(at: store.layout.root))
        }
    }

    /// Remembers what was first seen of files for which the catalog has no digest.
    private func pin(_ variant: Variant, _ model: StoredModel) async throws {
        guard case .catalog = model.reference else { return }
        for file in model.files {
            guard let digest = file.digest, catalog.file(with: digest) == nil else { continue }
            try await store.pin(
                Pin(ref: variant.ref, file: file.name, digest: digest, size: file.size, revision: variant.revision),
                replacing: true)
        }
    }
}

/// What ``Shelf/install(_:as:mending:since:onEvent:)`` did.
struct Installation {
    /// As it is in the store now.
    var model: StoredModel
    /// What came; nil when just this was there already.
    var fetched: [VerifiedFile]?
}

extension Variant {
    /// What the store is to know of it.
    var identity: ModelIdentity {
        ModelIdentity(
            ref: ref, publisher: publisher, repository: repository, quantization: quantization, revision: revision,
            license: license?.id)
    }

    /// The same for all references that mean the same bytes: what two processes must not fetch at once.
    fileprivate var contentKey: String {
        "content " + (files.first.map { $0.digest?.hex ?? $0.url.absoluteString } ?? ref)
    }
}

extension StoredModel {
    /// Whether it is, usable as it is, just what would be fetched.
    fileprivate func holds(_ variant: Variant) -> Bool {
        state == .ready && files.map(\.digest) == variant.files.map(\.digest)
    }
}

extension [DamagedRange] {
    /// Whether a stored file is one of the damaged files of this model.
    fileprivate func concerns(_ file: StoredFile, of model: StoredModel?) -> Bool {
        contains { $0.file == file.name } && model?.files.contains { $0.path == file.path } == true
    }
}
