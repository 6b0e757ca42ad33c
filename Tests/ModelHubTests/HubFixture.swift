import CurlHTTP
import Foundation
import ModelCatalog
import ModelHub
import TestSupport

/// A hub of the package's own that asks a loopback one, quickly.
func client(
    of hub: LoopbackHub, token: String? = nil, retry: RetryPolicy = .hasty, headers: HeaderCache? = nil,
    isOffline: Bool = false
) -> Hub {
    client(at: hub.url, token: token, retry: retry, headers: headers, isOffline: isOffline)
}

/// The same for any endpoint.
func client(
    at endpoint: URL, token: String? = nil, retry: RetryPolicy, headers: HeaderCache? = nil, isOffline: Bool = false
) -> Hub {
    let credentials = Credentials(endpoint: endpoint, token: token)
    let http = HTTPClient(
        options: HTTPClient.Options(
            userAgent: "tests", authorization: { credentials.authorization(for: $0) }, isOffline: isOffline))
    return Hub(http: http, credentials: credentials, retry: retry, headers: headers)
}

extension Hub {
    /// What a text after `hf:` means.
    func resolve(_ text: String) async throws -> Offer { try await resolve(HubReference(parsing: text)) }
}

extension Offer {
    var quantizations: [String?] { variants.map(\.quantization) }
    var names: [[String]] { variants.map { $0.files.map(\.name) } }
}

/// Small, and different for every seed.
func model(_ seed: UInt64 = 1) -> [UInt8] { GGUFBuilder.tinyLlama(seed: seed).build() }

extension RetryPolicy {
    /// Three tries at once; a wait that a server asks for stays what it is for metadata.
    static let hasty = RetryPolicy(
        tries: 3, firstDelay: 0.001, longestRequestedDelay: RetryPolicy.metadata.longestRequestedDelay)
}
