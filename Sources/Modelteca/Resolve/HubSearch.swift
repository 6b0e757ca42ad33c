package import ModelCatalog
public import ModelHub

extension Shelf {
    /// Repositories with GGUF files that the Hub finds for words.
    ///
    /// - Throws: `HubError`, `HTTPError`.
    public func searchHub(_ words: String) async throws -> [FoundRepository] { try await hub.search(words) }

    /// What each of some repositories has now, by its id; those that have no model, or are not given to us, are left
    /// out.
    ///
    /// - Throws: `CancellationError`; `HubError.rateLimited`, `HTTPError`: asking the others would meet with the same.
    package func offers(of found: some Sequence<FoundRepository>) async throws -> [String: Offer] {
        try await withThrowingTaskGroup(of: (String, Offer?).self) { group in
            for repository in found {
                guard let reference = try? HubReference(parsing: repository.id) else { continue }
                group.addTask {
                    do {
                        return (repository.id, try await hub.resolve(reference))
                    } catch let error as HubError {
                        if case .rateLimited = error { throw error }
                        return (repository.id, nil)
                    }
                }
            }
            var offers: [String: Offer] = [:]
            for try await (id, offer) in group { offers[id] = offer }
            return offers
        }
    }
}
