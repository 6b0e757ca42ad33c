public import HostHardware
public import LlamaMemory
public import ModelCatalog

/// A model is named as on the command line: `qwen2:0.5b`, `qwen2:0.5b:q8_0`, `hf:owner/repo:Q4_K_M`, `ollama:name:tag`,
/// `oci://…`, an address, a path.
extension Shelf {
    /// What a name may mean: for a catalog's name what the catalog knows, else what the named origin answers.
    ///
    /// Offline a stored model is what can be had of it.
    /// - Throws: `ReferenceError`, `CatalogError`, `HubError`, `RegistryError`, `HTTPError`, `CancellationError`.
    public func resolve(_ name: String) async throws -> Offer { try await resolve(reference(name)) }

    /// Says what a model needs on a device.
    ///
    /// A local file is read (its header is enough), and so is a stored model; for models of the catalog its numbers do
    /// without a network; of a file that is still at its origin only the header is fetched.
    /// - Parameters:
    ///   - name: The model.
    ///   - device: Nil means the shelf's own.
    ///   - workload: What the model is to do; nil for what is usual on the device.
    /// - Throws: `GGUFError`, `MemoryEstimateError`, and what `resolve` throws.
    public func fit(
        _ name: String, on device: Device? = nil, workload: Workload? = nil
    ) async throws -> FitAnswer {
        let device = device ?? self.device
        return try await fit(reference(name), device: device, workload: workload ?? .usual(on: device))
    }

    /// The whole line: from a name to a proven file in the store. A model that is stored already is not fetched again;
    /// what an earlier run has left is.
    ///
    /// - Parameters:
    ///   - name: The model.
    ///   - options: How to go about it.
    ///   - onEvent: What happens, from any thread. See ``downloads(_:options:)`` for a window.
    /// - Throws: the errors of every step: `ReferenceError`, `CatalogError`, `HubError`, `HTTPError`, `ModeltecaError`,
    ///   `DownloadError`, `StoreError`; a cancelled task gives `DownloadError.interrupted` once bytes have come.
    @discardableResult
    public func get(
        _ name: String, options: GetOptions = GetOptions(),
        onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> Receipt {
        try await get(reference(name), options: options, onEvent: onEvent)
    }

    /// Fetches several models, a few at a time; all of them share the connections and the limits of `Settings.transfer`.
    ///
    /// A model that cannot be had keeps nobody from having the rest; only what concerns them all, a full disk or a
    /// cancelled task, ends the work: models that were not begun then have `CancellationError`.
    /// - Parameters:
    ///   - names: The models.
    ///   - width: How many at a time, at least 1.
    ///   - options: How to go about it.
    ///   - onEvent: What happens, with the position of the model in `names`; from any thread.
    /// - Returns: For each name, in order, what `get` gave or threw.
    /// - Throws: `ReferenceError`, before anything is fetched.
    public func get(
        _ names: [String], atOnce width: Int = 4, options: GetOptions = GetOptions(),
        onEvent: @escaping @Sendable (_ position: Int, GetEvent) -> Void = { _, _ in }
    ) async throws -> [Result<Receipt, any Error>] {
        await get(try names.map { try reference($0) }, atOnce: width, options: options, onEvent: onEvent)
    }

    /// The same as ``get(_:options:onEvent:)``, step by step: how far it is, and at last the receipt. Who stops reading, or cancels the task that reads,
    /// stops the download; the next one goes on where it was.
    ///
    /// ```swift
    /// for try await progress in shelf.downloads("qwen2:0.5b") {
    ///     print(progress.fractionCompleted ?? 0, progress.receipt?.model.path ?? "")
    /// }
    /// ```
    ///
    /// What nobody has read in time is dropped for what is newer. Throws as ``get(_:options:onEvent:)``.
    public func downloads(
        _ name: String, options: GetOptions = GetOptions()
    ) -> AsyncThrowingStream<GetProgress, any Error> {
        AsyncThrowingStream(bufferingPolicy: .bufferingNewest(1)) { reader in
            let progress = Tally(reader)
            let work = Task {
                do {
                    let receipt = try await get(name, options: options) { progress.note($0) }
                    progress.finish(receipt)
                } catch {
                    reader.finish(throwing: error)
                }
            }
            reader.onTermination = { _ in work.cancel() }
        }
    }
}
