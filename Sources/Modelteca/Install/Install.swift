internal import Disk
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelHub
internal import ModelStore
internal import SystemPackage

extension Shelf {
    /// The tail of `get`, `update` and `verify --repair`: plan → transfer → verify → store. Two processes that want the
    /// same bytes fetch them once, and what is stored under any name is not fetched at all.
    ///
    /// - Parameters:
    ///   - identity: What the store is to know of it, where that is more than the variant says.
    ///   - damage: Of a stored model that is to be mended: where its files are wrong. What is sound of them is kept.
    ///   - expected: The stored model that is to be replaced, where the decision to do so was made before: if it is
    ///     another one by now, or was removed, that holds.
    ///   - keepsOld: Whether what it is now is kept as an older version.
    ///   - started: From when on `Downloader.Options.maxTime` counts.
    func install(
        _ variant: Variant, as identity: ModelIdentity? = nil, mending damage: [DamagedRange]? = nil,
        replacing expected: StoredModel? = nil, keepingOld keepsOld: Bool = false,
        since started: ContinuousClock.Instant? = nil,
        onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Installation {
        // Whoever may only read the store has what is stored.
        if damage == nil, let here = try await store.model(named: variant.ref), here.holds(variant) {
            return Installation(model: here, fetched: nil)
        }
        try await prepareStore()
        let lock = try await store.lock(variant.contentKey) { onEvent(.waitingForOther(ref: variant.ref)) }
        defer { lock.release() }
        let before = try await store.model(named: variant.ref)
        let digests = try await store.files(with: variant.files.compactMap(\.digest)).filter {
            !(damage ?? []).concerns($1, of: before)
        }
        let parts = InstallParts(variant, in: digests)
        if parts.missing.isEmpty, let before, before.holds(variant) { return Installation(model: before, fetched: nil) }
        let identity = identity ?? variant.identity
        let place = try await store.place(of: identity, variant.files)
        // What is known to be something else need not be read to find that out.
        let sound = before.flatMap { $0.state == .ready && $0.verifiedAt != nil ? $0.files : nil } ?? []
        let known = Set(sound.filter { $0.digest != nil }.map(\.path))
        var verified = try await proven(parts.missing, at: place.there.filter { !known.contains($1) }, damage ?? [])
        for file in parts.missing where verified[file.name] == nil && place.strange.contains(file.name) {
            // Known before a byte comes: what is there is not this file, and not ours to replace.
            if let path = place.there[file.name] { throw StoreError.occupied(path: path) }
        }
        // What another program has on this disk need not come over the network.
        let elsewhere = damage == nil ? candidates(for: parts.missing.filter { verified[$0.name] == nil }) : []
        let intake = try elsewhere.isEmpty ? nil : store.intake()
        defer { intake?.end() }
        if let intake {
            for file in await borrowed(elsewhere, intake, onEvent) { verified[file.name] = file }
        }
        let wanted = parts.missing.filter { verified[$0.name] == nil }
        var plan: DownloadPlan?
        let left = try await store.partials(of: variant.ref)
        if !wanted.isEmpty {
            let local = damage == nil ? try await reusable(wanted, of: variant.ref, before: before) : [:]
            do {
                plan = try await fetch(
                    wanted, of: variant, to: place.identity, &verified, started, reusing: local,
                    mending: damage.flatMap { damage in before.map { ($0, damage) } }, onEvent)
            } catch DownloadError.digestMismatch where damage != nil {
                // What the block hashes took for sound was not. The partial files are gone: now all of it comes.
                plan = try await fetch(wanted, of: variant, to: place.identity, &verified, started, onEvent)
            }
        }
        // Also where somebody has removed the model meanwhile.
        defer { plan?.discardJournals() }
        let model = try await store.keep(
            parts.completed(by: verified), as: identity, replacing: Store.Forerunner(expected ?? before),
            keepingOld: keepsOld)
        try await pin(variant, model)
        try? await store.discardPartials(left.values)
        return Installation(model: model, fetched: Array(verified.values))
    }

    /// Those of the files that are under their final names already, byte for byte.
    private func proven(
        _ missing: [RemoteFile], at there: [String: FilePath], _ damage: [DamagedRange]
    ) async throws -> [String: VerifiedFile] {
        var proven: [String: VerifiedFile] = [:]
        for file in missing where !damage.contains(where: { $0.file == file.name }) {
            guard let path = there[file.name] else { continue }
            proven[file.name] = try await FileHasher.prove(path, as: file)
        }
        return proven
    }

    private func fetch(
        _ wanted: [RemoteFile], of variant: Variant, to identity: ModelIdentity,
        _ verified: inout [String: VerifiedFile], _ started: ContinuousClock.Instant?,
        reusing local: [String: LocalPieces] = [:], mending: (model: StoredModel, damage: [DamagedRange])? = nil,
        _ onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> DownloadPlan {
        func planned() throws -> DownloadPlan {
            try DownloadPlan(
                wanted, in: store.layout.partials, free: DiskSpace.free(at: store.layout.root),
                refusing: catalog.knownBad, reusing: local)
        }
        var plan = try planned()
        var salvaged: [DownloadPlan.Salvage] = []
        try await store.noteUnfinished(
            identity, variant.files,
            partials: Dictionary(
                plan.files.map { ($0.file.name, $0.partial.lastComponent?.string ?? "") }, uniquingKeysWith: { $1 }))
        do {
            if let mending {
                // Only now: nobody takes for a leftover what a note speaks of.
                salvaged = try await salvage(wanted, of: mending.model, mending.damage)
                plan = try planned()
            }
            for file in try await downloader.run(plan, since: started ?? .now, onEvent: { onEvent(.transfer($0)) }) {
                verified[file.name] = file
            }
        } catch {
            for salvage in salvaged { salvage.discardIfAlone() }
            try? await store.forgetUnfinished(variant.ref)
            // The Hub did not know the token, and let us in as a stranger until now.
            if case DownloadError.refused(_, _, 401, _) = error, settings.credentials.isRefused {
                throw HubError.tokenRefused(id: variant.ref, source: settings.credentials.tokenSource)
            }
            throw error
        }
        return plan
    }

    /// Those of the files that other programs seem to have on this disk, each with where that is.
    private func candidates(for files: [RemoteFile]) -> [Elsewhere] {
        files.map { Elsewhere(file: $0, places: settings.otherStores.candidates(for: $0)) }.filter {
            !$0.places.isEmpty
        }
    }

    /// Files that other programs have on this disk, proven.
    private func borrowed(
        _ files: [Elsewhere], _ intake: Intake, _ onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async -> [VerifiedFile] {
        var found: [VerifiedFile] = []
        for elsewhere in files {
            for (program, path) in elsewhere.places {
                // What is not what it is called, or cannot be read, is fetched.
                guard let proven = try? await proven(path, as: elsewhere.file, copies: true, intake) else { continue }
                onEvent(.foundHere(file: elsewhere.file.name, program: program, path: path))
                found.append(proven)
                break
            }
        }
        return found
    }

    /// Makes partial files of what is sound in damaged ones.
    private func salvage(
        _ missing: [RemoteFile], of model: StoredModel, _ damage: [DamagedRange]
    ) async throws -> [DownloadPlan.Salvage] {
        var salvaged: [DownloadPlan.Salvage] = []
        for file in missing {
            guard let here = model.files.first(where: { $0.name == file.name }),
                FileManager.default.fileExists(atPath: here.path.string)
            else {
                continue
            }
            let ranges = damage.filter { $0.file == file.name }.map { $0.offset..<$0.offset + $0.length }
            let salvage = try await DownloadPlan.salvage(
                file, from: here.path, damaged: ranges, in: store.layout.partials,
                free: DiskSpace.free(at: store.layout.root))
            if let salvage { salvaged.append(salvage) }
        }
        return salvaged
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

/// A file and where other programs seem to have it.
private struct Elsewhere {
    var file: RemoteFile
    var places: [(program: OtherProgram, path: FilePath)]
}

/// What ``Shelf/install(_:as:mending:replacing:keepingOld:since:onEvent:)`` did.
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
        Store.contentKey(files.first?.digest, files.first?.origin, ref)
    }
}

extension StoredModel {
    /// Whether it is, usable as it is, just what would be fetched.
    func holds(_ variant: Variant) -> Bool {
        state == .ready && files.map(\.digest) == variant.files.map(\.digest)
    }
}

extension [DamagedRange] {
    /// Whether a stored file is one of the damaged files of this model.
    fileprivate func concerns(_ file: StoredFile, of model: StoredModel?) -> Bool {
        contains { $0.file == file.name } && model?.files.contains { $0.path == file.path } == true
    }
}
