package import ModelCatalog
internal import ModelDownload
internal import ModelStore

extension Shelf {
    /// Fetches several models, a few at a time: while one is asked about or put away, another's bytes come. All of them
    /// share the connections and the limits of `Settings.transfer`.
    ///
    /// Those that may ask which repository to take (`GetOptions.choose`) come one after the other, before the others.
    /// A model that cannot be had keeps nobody from having the rest; only what concerns them all, a full disk or a
    /// cancelled task, ends the work: models that were not begun then have `CancellationError`.
    /// - Parameters:
    ///   - width: How many at a time, at least 1, and beside them small ones; see `GetTurns`.
    ///   - onEvent: What happens, with the position of the model in `references`; from any thread.
    ///   - onFailure: A model that cannot be had, as soon as that is known.
    /// - Returns: For each reference, in order, what `get` gave or threw.
    package func get(
        _ references: [ModelReference], atOnce width: Int = 4, options: GetOptions = GetOptions(),
        onEvent: @escaping @Sendable (_ position: Int, GetEvent) -> Void = { _, _ in },
        onFailure: (_ position: Int, any Error) -> Void = { _, _ in }
    ) async -> [Result<Receipt, any Error>] {
        var results: [Int: Result<Receipt, any Error>] = [:]
        let asking = references.indices.filter { mayAsk(references[$0]) }
        let others = references.indices.filter { !asking.contains($0) }
        for (positions, width) in [(asking, 1), (others, max(1, width))] {
            let turns = GetTurns(of: positions, width: width)
            if results.values.contains(where: { $0.concernsAll }) { turns.close() }
            await withTaskGroup(of: Fetched?.self) { group in
                for position in positions {
                    group.addTask {
                        guard await turns.take(position) else { return nil }
                        defer { turns.end(position) }
                        let result = await result {
                            try await get(references[position], options: options) { event in
                                turns.note(event, of: position)
                                onEvent(position, event)
                            }
                        }
                        if result.concernsAll { turns.close() }
                        return Fetched(position: position, result: result)
                    }
                }
                for await case let fetched? in group {
                    results[fetched.position] = fetched.result
                    if case .failure(let error) = fetched.result { onFailure(fetched.position, error) }
                }
            }
        }
        return references.indices.map { results[$0] ?? .failure(CancellationError()) }
    }

    private struct Fetched: Sendable {
        let position: Int
        let result: Result<Receipt, any Error>
    }

    private func result(of work: () async throws -> Receipt) async -> Result<Receipt, any Error> {
        do { return .success(try await work()) } catch { return .failure(error) }
    }

    /// Whether somebody may have to say which repository a model shall come from.
    private func mayAsk(_ reference: ModelReference) -> Bool {
        guard case .catalog = reference, let match = try? catalog.find(reference) else { return false }
        return match.entries.contains { $0.files.isEmpty }
    }
}

extension Result<Receipt, any Error> {
    /// Whether the next model would fare no better.
    fileprivate var concernsAll: Bool {
        if case .failure(let error) = self { error.concernsAll } else { false }
    }
}

extension Error {
    /// Whether the next model would fare no better.
    var concernsAll: Bool {
        let error: any Error = self
        switch error {
        case is CancellationError: return true
        case DownloadError.interrupted, DownloadError.timeIsUp, DownloadError.noSpace, DownloadError.cannotWrite,
            DownloadError.disk:
            return true
        case StoreError.noSpace, StoreError.readOnly, StoreError.permission, StoreError.io: return true
        default: return false
        }
    }
}
