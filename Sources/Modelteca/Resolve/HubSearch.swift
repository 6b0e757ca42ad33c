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
        // A type of its own for what the children return: see `Hub.survey`.
        try await withThrowingTaskGroup(of: Found.self) { group in
            for repository in found {
                guard let reference = try? HubReference(parsing: repository.id) else { continue }
                group.addTask {
                    do {
                        return Found(id: repository.id, offer: try await hub.resolve(reference))
                    } catch let error as HubError {
                        if case .rateLimited = error { throw error }
                        return Found(id: repository.id, offer: nil)
                    }
                }
            }
            var offers: [String: Offer] = [:]
            for try await found in group { offers[found.id] = found.offer }
            return offers
        }
    }

    private struct Found: Sendable {
        let id: String
        let offer: Offer?
    }
}
