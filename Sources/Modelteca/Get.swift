internal import Disk
public import ModelCatalog
internal import ModelDownload
internal import ModelFit
internal import ModelStore

extension Shelf {
    /// The whole line: from what the user typed to a proven file in the store.
    ///
    /// - Throws: the errors of every step: `CatalogError`, `HubError`, `HTTPError`, `ModeltecaError`, `DownloadError`,
    ///   `StoreError`; a cancelled task gives `DownloadError.interrupted` once bytes have come.
    public func get(
        _ reference: ModelReference, options: GetOptions = GetOptions(),
        onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> Receipt {
        let start = ContinuousClock.now
        if let receipt = try await standingOffline(reference) { return receipt }
        let candidate = try await resolve(reference, options: options)  // ModelCatalog, ModelHub
        let fit = FitReport.best(of: candidate, on: device, for: options.workload)  // ModelFit
        let variant = withMirrors(try fit.variant.expecting(options.digest))
        onEvent(.resolved(candidate, variant, fit))
        try await store.prepare()
        let lock = try await store.lock(variant.contentKey) { onEvent(.waitingForOther(ref: variant.ref)) }
        defer { lock.release() }
        let stored = try await deliveries(of: variant)  // ModelStore
        if let model = try await alreadyThere(variant, stored) {
            return Receipt(there: model, variant, since: start)
        }
        let plan = try DownloadPlan(  // ModelDownload/Plan
            stored.missing, in: store.layout.partials, free: DiskSpace.free(at: store.layout.root),
            refusing: catalog.knownBad)
        let verified = try await downloader.run(plan, since: options.started ?? .now) {  // …/Transfer, Verify
            onEvent(.transfer($0))
        }
        let model = try await store.keep(stored.completed(by: verified), as: variant.identity)  // ModelStore
        plan.discardJournals()
        try await pin(variant, model)
        return Receipt(model, variant, verified, since: start)
    }
}
