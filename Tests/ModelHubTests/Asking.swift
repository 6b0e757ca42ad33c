import CurlHTTP
import Foundation
import ModelCatalog
import ModelHub
import TestSupport

/// A hub of the package's own that asks a loopback one, quickly.
func client(
    of hub: LoopbackHub, token: String? = nil, patience: Patience = Patience(tries: 3, firstDelay: 0.001)
) -> Hub {
    client(at: hub.url, token: token, patience: patience)
}

/// The same for any endpoint.
func client(at endpoint: URL, token: String? = nil, patience: Patience) -> Hub {
    let credentials = Credentials(endpoint: endpoint, token: token)
    let http = HTTPClient(
        options: HTTPClient.Options(userAgent: "tests", authorization: { credentials.authorization(for: $0) }))
    return Hub(http: http, credentials: credentials, patience: patience)
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
