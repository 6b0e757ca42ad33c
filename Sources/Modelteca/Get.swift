package import ModelCatalog
internal import ModelFit

extension Shelf {
    /// The whole line: from what the user typed to a proven file in the store.
    ///
    /// - Throws: the errors of every step: `CatalogError`, `HubError`, `HTTPError`, `ModeltecaError`, `DownloadError`,
    ///   `StoreError`; a cancelled task gives `DownloadError.interrupted` once bytes have come.
    package func get(
        _ reference: ModelReference, options: GetOptions = GetOptions(),
        onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> Receipt {
        let start = ContinuousClock.now
        let offer = try await resolve(reference).with(projectors: options.withProjector)  // ModelCatalog, ModelHub
        if offer.unreadable > 0 { onEvent(.unreadable(entries: offer.unreadable, repository: offer.name)) }
        let fit = offer.best(on: device, for: options.workload ?? .usual(on: device))  // ModelFit
        let variant = try await confirm(fit.variant, of: offer, options)  // ModelHub
        onEvent(.resolved(variant, await judged(fit, variant, options)))  // ModelHub, LlamaMemory
        let installed = try await install(variant, since: options.started, onEvent: onEvent)  // …Download, …Store
        return Receipt(installed, variant, fit.choice, since: start)
    }
}
