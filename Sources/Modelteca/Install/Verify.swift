internal import Disk
public import Foundation
internal import ModelCatalog
internal import ModelDownload
public import ModelStore

extension Shelf {
    /// Reads stored files again, as many at once as there are processors, and holds them against the digests they had
    /// when they were proven.
    ///
    /// - Parameters:
    ///   - texts: References as the user typed them; none means all.
    ///   - fast: Compares block hashes only, at the speed of the disk. That finds accidents and proves nothing; what has
    ///     no block hashes, or has changed since it was proven, is proven all the same.
    ///   - before: Only those that were last proven before then, or never.
    ///   - repair: Fetches damaged ranges and missing files again. The damaged file stays until the new one is proven.
    ///   - onProgress: Bytes read so far, and bytes to read, of all files together; from other threads.
    ///   - onEvent: What happens while a model is repaired; from other threads.
    /// - Throws: `StoreError`, and what keeps all models from being read or repaired, such as a full disk. What concerns
    ///   one model is its `Verification.failure`.
    public func verify(
        _ texts: [String] = [], fast: Bool = false, notProvenSince before: Date? = nil, repair: Bool = false,
        onProgress: @escaping @Sendable (_ read: Int64, _ total: Int64) -> Void = { _, _ in },
        onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> [Verification] {
        let listed = try await storedModels(texts, changing: repair).filter { model in
            before.map { model.verifiedAt ?? .distantPast < $0 } ?? true
        }
        let checked = try await check(listed, fast, onProgress)
        var results: [Verification] = []
        for model in listed {
            guard let first = checked[model.ref] else { continue }
            let result = try await settled(first, repair, onProgress, onEvent)
            // Removing one meanwhile does not concern the rest.
            if result == nil, !texts.isEmpty { throw StoreError.notStored(ref: model.ref) }
            if let result { results.append(result) }
        }
        return results
    }

    /// What holds in the end, after a repair if one is wanted. Nil when the model is no longer stored. What somebody has
    /// made of it meanwhile is what is checked.
    private func settled(
        _ first: ModelCheck, _ repair: Bool, _ onProgress: @escaping @Sendable (Int64, Int64) -> Void,
        _ onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Verification? {
        var check = first
        for _ in 0..<4 {
            // Mending one model may have mended another that shares its files.
            if check.isSuperseded || (repair && check.isStale) {
                guard let model = try await store.model(named: check.model.ref) else { return nil }
                check = try await self.check([model], false, onProgress)[model.ref] ?? check
                if check.isSuperseded { continue }
            }
            guard repair, [.damaged, .missing].contains(check.result.state) else { return Verification(check) }
            let start = ContinuousClock.now
            do {
                let fetched = try await mend(check.model, check.result.damagedRanges, onEvent: onEvent)
                var mended = Verification(check)
                (mended.state, mended.repaired) = (.ready, fetched)
                mended.seconds += (ContinuousClock.now - start).seconds
                return mended
            } catch StoreError.superseded {
                check.isSuperseded = true
            } catch StoreError.notStored(let missing) where missing == check.model.ref {
                return nil
            } catch  where !error.concernsAll {
                var failed = Verification(check)
                // A file of this disk that was taken in has no origin that could give it again.
                let isLocal = check.model.files.allSatisfy { $0.origin?.url.isFileURL ?? true }
                let gone: ModeltecaError = isLocal ? .noOrigin(ref: failed.ref) : .beyondRepair(ref: failed.ref)
                failed.failure = error.saysThatBytesAreGone ? gone : error
                return failed
            }
        }
        throw StoreError.superseded(ref: check.model.ref)
    }

    // MARK: Reading

    /// Reads models and writes down what was found. One that became another meanwhile is superseded.
    ///
    /// - Throws: `StoreError`; `CancellationError` when what was proven until then is written down.
    private func check(
        _ models: [StoredModel], _ fast: Bool, _ onProgress: @escaping @Sendable (Int64, Int64) -> Void
    ) async throws -> [String: ModelCheck] {
        let blocks = try await store.blockHashes(of: Set(models.flatMap(\.files).compactMap(\.digest)))
        var reading = StoreReading(models, blocks, isFast: fast)
        let total = reading.size
        var checked: [String: ModelCheck] = [:]
        var waiting: [ModelCheck] = []
        for check in reading.complete() { waiting.append(check) }
        let orders = reading.orders
        for await (position, outcome) in FileReading.all(orders, onProgress: { onProgress($0, total) }) {
            waiting += reading.take(orders[position].path, outcome)
            guard waiting.count >= Self.mostUnwritten || waiting.reduce(0, { $0 + $1.model.size }) >= 16 << 30 else {
                continue
            }
            for check in try await written(waiting) { checked[check.model.ref] = check }
            waiting = []
        }
        for check in try await written(waiting) { checked[check.model.ref] = check }
        try Task.checkCancellation()
        return checked
    }

    /// What would have to be read again if the program ended now.
    private static let mostUnwritten = 2000

    /// Also when the user has had enough: nothing that was read is to be read again for that.
    private func written(_ checks: [ModelCheck]) async throws -> [ModelCheck] {
        try await Task { try await record(checks) }.value
    }

    private func record(_ checks: [ModelCheck]) async throws -> [ModelCheck] {
        var checks = checks
        // Nothing is known of what could not be read, and what matched by its blocks alone is not proven.
        let well = checks.filter {
            $0.result.state == .ready && ($0.result.isProof || !$0.result.learned.isEmpty)
        }
        let gone = try await well.isEmpty ? [] : store.recordVerifications(well.map { ($0.model, $0.result) })
        for position in checks.indices {
            let (model, result) = (checks[position].model, checks[position].result)
            checks[position].isSuperseded = gone.contains(model.ref)
            guard result.state != .ready, result.state != .unreadable else { continue }
            do {
                try await store.recordVerification(model.ref, result, of: model)
            } catch StoreError.superseded {
                checks[position].isSuperseded = true
            } catch StoreError.notStored {
                checks[position].isSuperseded = true
            }
        }
        return checks
    }

    // MARK: Repair

    /// Fetches the damaged ranges and the missing files of a model from where they came, or from wherever else the same
    /// bytes are, and proves the whole by the digests it had.
    ///
    /// - Returns: Bytes fetched.
    private func mend(
        _ model: StoredModel, _ damage: [DamagedRange], onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Int64 {
        var variant = withMirrors(Variant(restoring: model))
        for (position, file) in model.files.enumerated() {
            let isSound = FileStatus(of: file.path)?.kind == .file && !damage.contains { $0.file == file.name }
            guard !isSound else { continue }
            let others = file.digest.map(catalogAddresses) ?? []
            if file.origin == nil {
                guard let first = others.first else { throw ModeltecaError.noOrigin(ref: model.ref) }
                variant.files[position].origin = first.origin
            }
            let known = [variant.files[position].url] + variant.files[position].mirrors
            let mirrors = others.flatMap { [$0.url] + $0.mirrors }.filter { !known.contains($0) }
            variant.files[position].mirrors += mirrors
        }
        let installed = try await install(
            variant, as: model.identity, mending: damage, replacing: model, onEvent: onEvent)
        return installed.fetched?.reduce(0) { $0 + $1.fetched } ?? 0
    }

    /// Where the catalog says that a content is.
    private func catalogAddresses(_ digest: Digest) -> [RemoteFile] {
        guard let known = catalog.file(with: digest),
            let offer = try? catalog.offer(for: known.entry, endpoint: settings.credentials.endpoint)
        else { return [] }
        return offer.variants.flatMap(\.files).filter { $0.digest == digest }
    }
}

extension Error {
    /// Whether an origin answered, and no longer has what it once gave.
    fileprivate var saysThatBytesAreGone: Bool {
        let error: any Error = self
        return switch error {
        case DownloadError.missing, DownloadError.digestMismatch, DownloadError.sizeMismatch, DownloadError.notAModel:
            true
        default: false
        }
    }
}

/// What a check of a stored model found.
public struct Verification: Sendable {
    /// The model.
    public var ref: String
    /// All its files, in bytes.
    public var size: Int64
    /// `ready`, `damaged`, `missing` or `unreadable`.
    public var state: StoredModel.State
    /// Whether all of it was held against its SHA-256, and not only against the hashes of its blocks.
    public var isProof: Bool
    /// Where the bytes are wrong, in whole blocks.
    public var damaged: [DamagedRange]
    /// Bytes fetched again to mend it.
    public var repaired: Int64
    /// Of reading its files, one after the other, and of mending them.
    public var seconds: Double
    /// Why it could not be read or mended, where others could.
    public var failure: (any Error)?

    init(_ check: ModelCheck) {
        ref = check.model.ref
        size = check.model.size
        state = check.result.state
        isProof = check.result.isProof
        damaged = check.result.damagedRanges
        repaired = 0
        seconds = check.seconds
        failure = check.failure
    }
}
