internal import CurlHTTP
internal import Disk
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelStore

extension Shelf {
    /// Reads stored files again and holds them against the digests they had when they were proven.
    ///
    /// - Parameters:
    ///   - texts: References as the user typed them; none means all.
    ///   - repair: Fetches damaged ranges and missing files again. The damaged file stays until the new one is proven.
    ///   - onProgress: Bytes read so far of a model, from another thread.
    /// - Throws: `StoreError`, `DownloadError`, and with `repair` what `get` throws.
    public func verify(
        _ texts: [String], repair: Bool = false,
        onProgress: @escaping @Sendable (_ ref: String, _ hashed: Int64, _ size: Int64) -> Void = { _, _, _ in },
        onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> [Verification] {
        var results: [Verification] = []
        for listed in try await storedModels(texts) {
            // Mending one model may have mended another that shares its files; removing one does not concern the rest.
            guard let model = try await store.model(named: listed.ref) else { continue }
            var result = try await check(model, onProgress: onProgress)
            if repair, result.state != .ready {
                let start = ContinuousClock.now
                result.repaired = try await mend(model, result, onEvent: onEvent)
                result.state = .ready
                result.seconds += (ContinuousClock.now - start).seconds
            }
            results.append(result)
        }
        return results
    }

    // MARK: Reading

    private func check(
        _ model: StoredModel, onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws -> Verification {
        let start = ContinuousClock.now
        var result = VerificationResult(state: .ready)
        var before: Int64 = 0
        for file in model.files {
            guard FileManager.default.fileExists(atPath: file.path.string) else {
                result.state = .missing
                continue
            }
            let done = before
            let hashes = try await FileHasher.hash(file.path) { onProgress(model.ref, done + $0, model.size) }
            before += file.size
            guard let digest = file.digest else {
                // Never read before: what it is now is what it shall be from here on.
                result.learned.append(
                    LearnedContent(
                        file: file.name, digest: hashes.digest, proof: file.proof, blocks: hashes.blocks))
                continue
            }
            guard digest != hashes.digest else { continue }
            result.damagedRanges += try await damage(of: file, digest, now: hashes.blocks)
        }
        if result.state == .ready, !result.damagedRanges.isEmpty { result.state = .damaged }
        try await store.recordVerification(model.ref, result)
        return Verification(
            ref: model.ref, size: model.size, state: result.state, damaged: result.damagedRanges, repaired: 0,
            seconds: (ContinuousClock.now - start).seconds)
    }

    /// Where a file is not what it was; all of it when its block hashes do not say.
    private func damage(of file: StoredFile, _ digest: Digest, now: BlockHashes) async throws -> [DamagedRange] {
        let before = try await store.blockHashes(of: digest)
        let ranges = before?.damage(comparedWith: now, size: file.size) ?? []
        return (ranges.isEmpty ? [0..<file.size] : ranges).map {
            DamagedRange(file: file.name, offset: $0.lowerBound, length: Int64($0.count))
        }
    }

    // MARK: Mending

    /// Fetches the damaged ranges and the missing files of a model from where they came, and proves the whole by the
    /// digests it had.
    ///
    /// - Returns: Bytes fetched.
    private func mend(
        _ model: StoredModel, _ found: Verification, onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Int64 {
        guard !settings.isOffline else { throw ModeltecaError.offline(model: model.ref) }
        let variant = try Variant(restoring: model, damaged: found.damaged)
        let lock = try await store.lock(variant.contentKey) { onEvent(.waitingForOther(ref: model.ref)) }
        defer { lock.release() }
        let damaged = Set(found.damaged.map(\.file))
        let sound = try await store.digests().filter { _, file in
            !model.files.contains { $0.path == file.path && damaged.contains($0.name) }
        }
        let stored = Deliveries(variant, in: sound)
        for file in stored.missing {
            guard let here = model.files.first(where: { $0.name == file.name }) else { continue }
            try await salvage(file, from: here, found)
        }
        let (verified, plan): ([VerifiedFile], DownloadPlan)
        do {
            (verified, plan) = try await fetch(stored.missing, onEvent: onEvent)
        } catch DownloadError.digestMismatch {
            // What the block hashes took for sound was not. The partial files are gone: now all of it comes.
            (verified, plan) = try await fetch(stored.missing, onEvent: onEvent)
        }
        try await store.keep(stored.completed(by: verified), as: model.identity)
        plan.discardJournals()
        return verified.reduce(0) { $0 + $1.fetched }
    }

    private func salvage(_ file: RemoteFile, from here: StoredFile, _ found: Verification) async throws {
        guard FileManager.default.fileExists(atPath: here.path.string) else { return }
        let ranges = found.damaged.filter { $0.file == file.name }.map { $0.offset..<$0.offset + $0.length }
        try await DownloadPlan.salvage(
            file, from: here.path, damaged: ranges, in: store.layout.partials,
            free: DiskSpace.free(at: store.layout.root))
    }

    /// Plan, transfer and proof for files that belong to a model which is known already.
    func fetch(
        _ files: [RemoteFile], onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> ([VerifiedFile], DownloadPlan) {
        let plan = try DownloadPlan(
            files, in: store.layout.partials, free: DiskSpace.free(at: store.layout.root),
            refusing: catalog.knownBad)
        return (try await downloader.run(plan) { onEvent(.transfer($0)) }, plan)
    }
}

extension Variant {
    /// A stored model as it is to be again.
    ///
    /// - Throws: `ModeltecaError.noOrigin` when nobody knows where to fetch what is damaged or gone.
    fileprivate init(restoring model: StoredModel, damaged: [DamagedRange]) throws {
        let files = try model.files.map { file in
            let isSound =
                FileManager.default.fileExists(atPath: file.path.string) && !damaged.contains { $0.file == file.name }
            // Of a sound file no byte is asked for.
            guard let url = file.source ?? (isSound ? URL(filePath: file.path.string) : nil) else {
                throw ModeltecaError.noOrigin(ref: model.ref)
            }
            return RemoteFile(name: file.name, url: url, size: file.size, digest: file.digest)
        }
        self.init(
            ref: model.ref, publisher: model.identity.publisher, repository: model.identity.repository,
            quantization: model.identity.quantization, files: files, revision: model.identity.revision)
    }
}
