internal import CurlHTTP
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelStore

extension Shelf {
    /// Reads stored files again and holds them against the digests they had when they were proven.
    ///
    /// - Parameters:
    ///   - texts: References as the user typed them; none means all.
    ///   - repair: Fetches damaged and missing files again. The damaged file stays until the new one is proven.
    ///   - onProgress: Bytes read so far of a model, from another thread.
    /// - Throws: `StoreError`, `DownloadError`, and with `repair` what `get` throws.
    public func verify(
        _ texts: [String], repair: Bool = false,
        onProgress: @escaping @Sendable (_ ref: String, _ hashed: Int64, _ size: Int64) -> Void = { _, _, _ in },
        onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> [Verification] {
        var results: [Verification] = []
        for model in try await storedModels(texts) {
            var result = try await check(model, onProgress: onProgress)
            if repair, result.state != .ready {
                result.repaired = try await fetchAgain(model, result, onEvent: onEvent)
                result.state = .ready
            }
            results.append(result)
        }
        return results
    }

    private func check(
        _ model: StoredModel, onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws -> Verification {
        let start = ContinuousClock.now
        var result = VerificationResult(state: model.state == .missing ? .missing : .ready)
        var before: Int64 = 0
        for file in model.files where FileManager.default.fileExists(atPath: file.path.string) {
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
            result.state = .damaged
            let blocks = try await store.blockHashes(of: digest)
            let ranges = blocks?.damage(comparedWith: hashes.blocks, size: file.size) ?? [0..<file.size]
            result.damagedRanges += ranges.map {
                DamagedRange(file: file.name, offset: $0.lowerBound, length: Int64($0.count))
            }
        }
        if result.state == .ready,
            model.files.contains(where: { !FileManager.default.fileExists(atPath: $0.path.string) })
        {
            result.state = .missing
        }
        _ = try await store.recordVerification(model.ref, result)
        return Verification(
            ref: model.ref, size: model.size, state: result.state, damaged: result.damagedRanges, repaired: 0,
            seconds: (ContinuousClock.now - start).seconds)
    }

    /// Fetches the damaged files of a model whole, from where they came, and proves them by the digest they had.
    ///
    /// - Returns: Bytes fetched.
    private func fetchAgain(
        _ model: StoredModel, _ result: Verification, onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Int64 {
        guard !settings.isOffline else { throw ModeltecaError.offline(model: model.ref) }
        let sound = try await store.digests()
        let files = try model.files.map { file in
            guard let source = file.source else { throw ModeltecaError.noOrigin(ref: model.ref) }
            return RemoteFile(name: file.name, url: source, size: file.size, digest: file.digest)
        }
        let variant = Variant(
            ref: model.ref, publisher: model.identity.publisher, repository: model.identity.repository,
            quantization: model.identity.quantization, files: files, revision: model.identity.revision)
        let lock = try await store.lock(variant.contentKey) { onEvent(.waitingForOther(ref: model.ref)) }
        defer { lock.release() }
        let damaged = Set(result.damaged.map(\.file))
        let stored = Deliveries(variant, in: sound.filter { !damaged.contains($0.value.name) })
        let (verified, plan) = try await fetch(stored.missing, onEvent: onEvent)
        var identity = model.identity
        identity.revision = variant.revision
        _ = try await store.keep(stored.completed(by: verified), as: identity)
        plan.discardJournals()
        return verified.reduce(0) { $0 + $1.fetched }
    }

    /// Plan, transfer and proof for files that belong to a model which is known already.
    func fetch(
        _ files: [RemoteFile], onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> ([VerifiedFile], DownloadPlan) {
        let plan = try DownloadPlan(
            files, in: store.layout.partials, free: StoreLayout.freeBytes(at: store.layout.root),
            refusing: catalog.knownBad)
        return (try await downloader.run(plan) { onEvent(.transfer($0)) }, plan)
    }
}
