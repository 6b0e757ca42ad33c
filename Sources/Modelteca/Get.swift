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
        let chosen = try await choose(reference, options, onEvent: onEvent)  // ModelCatalog, ModelHub, ModelFit
        let (fit, variant) = (chosen.fit, chosen.variant)
        onEvent(.resolved(variant, await judged(fit, variant, options)))  // ModelHub, LlamaMemory
        let installed = try await install(variant, since: options.started, onEvent: onEvent)  // …Download, …Store
        return Receipt(installed, chosen, since: start)
    }
}
