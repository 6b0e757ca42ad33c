package import ModelHub

extension Shelf {
    /// Who the token of `settings.credentials` is, as the Hub says.
    ///
    /// - Throws: `HubError.tokenRefused`, other `HubError`s, `HTTPError`, `CancellationError`.
    package func account() async throws -> Account { try await hub.account() }
}
