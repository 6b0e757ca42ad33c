package import CurlHTTP
package import Foundation
internal import ModelCatalog
internal import Synchronization

/// What registries ask of whoever comes, and what each was given: a token for one repository, or a password.
///
/// Nothing is sent before a registry asks, and what it asked for goes to its own repository only: never to another host,
/// nor to the storage that a blob is redirected to.
/// Facts: docker/docs, "Registry token authentication"; RFC 9110, 11.6.1.
package final class RegistryLogin: Sendable {
    /// The largest answer of a host that gives tokens, in bytes.
    private static let answerLimit = 1 << 20

    /// A repository of one registry.
    private struct Place: Hashable, Sendable {
        var origin: String
        var repository: String

        /// Nil for addresses that are not of a registry.
        init?(_ url: URL) {
            let words = url.path(percentEncoded: false).split(separator: "/").map(String.init)
            guard words.first == "v2", let scheme = url.scheme?.lowercased(), let host = url.host()?.lowercased() else {
                return nil
            }
            let end = words.lastIndex { ["manifests", "blobs", "tags"].contains($0) } ?? words.count
            origin = "\(scheme)://\(host):\(url.port ?? (scheme == "https" ? 443 : 80))"
            repository = words[1..<max(1, end)].joined(separator: "/")
        }
    }

    private struct TokenAnswer: Decodable {
        var token: String?
        var accessToken: String?

        enum CodingKeys: String, CodingKey {
            case token
            case accessToken = "access_token"
        }
    }

    private let docker: DockerCredentials
    private let options: HTTPClient.Options
    private let given = Mutex<[Place: String]>([:])
    private let asking = SingleFlight<[String], String?>()

    /// - Parameter options: How to ask for tokens; its own credentials are not used.
    package init(_ settings: RegistrySettings, options: HTTPClient.Options) {
        docker = DockerCredentials(files: settings.credentialFiles, searchPath: settings.searchPath)
        self.options = options
    }

    /// The `Authorization` header for an address; nil where nothing was asked for.
    package func authorization(for url: URL) -> String? {
        guard let place = Place(url) else { return nil }
        return given.withLock { $0[place] }
    }

    /// Whether something is known of the user at a registry.
    func hasCredentials(at url: URL) async -> Bool { await docker.secret(for: Registries.host(url)) != nil }

    /// Gets what a 401 asks for.
    ///
    /// - Returns: Whether the same request may fare better now.
    package func answer(_ head: HTTPHead) async -> Bool {
        guard let place = Place(head.url), let challenge = Challenge(head["www-authenticate"] ?? "") else {
            return false
        }
        let before = given.withLock { $0[place] }
        let secret = await docker.secret(for: Registries.host(head.url))
        let value: String?
        switch challenge {
        // Asking again with what was refused leads nowhere.
        case .basic: value = secret?.basic == before ? nil : secret?.basic
        case .bearer(let realm, let service, let scope):
            // What is sent there must be as safe as it is at the registry itself.
            guard realm.scheme == "https" || head.url.scheme == "http" && realm.scheme == "http" else { return false }
            value = try? await asking.value([place.origin, place.repository, realm.absoluteString, scope ?? ""]) {
                try await self.token(from: realm, service, scope, secret)
            }
        }
        guard let value else { return false }
        given.withLock { $0[place] = value }
        return true
    }

    private func token(
        from realm: URL, _ service: String?, _ scope: String?, _ secret: DockerCredentials.Secret?
    ) async throws -> String? {
        var options = options
        options.answerChallenge = nil
        let basic = secret?.basic
        options.authorization = { $0.hasSameOrigin(as: realm) ? basic : nil }
        var request = HTTPRequest(realm, redirects: .sameOrigin)
        var query = [("service", service), ("scope", scope)].compactMap { name, value in
            value.map { "\(name)=\(HubAddress.encoded($0))" }
        }
        if case .identityToken(let token)? = secret {
            query += ["grant_type=refresh_token", "client_id=modelteca", "refresh_token=\(HubAddress.encoded(token))"]
            request.method = .post
            request.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            request.body = Data(query.joined(separator: "&").utf8)
        } else if !query.isEmpty {
            let text = realm.absoluteString
            guard let url = URL(string: text + (text.holds("?") ? "&" : "?") + query.joined(separator: "&")) else {
                return nil
            }
            request.url = url
        }
        let response = try await HTTPClient(options: options).fetch(request, limit: Self.answerLimit)
        guard response.head.status == 200,
            let answer = try? JSONDecoder().decode(TokenAnswer.self, from: response.body),
            let token = answer.token ?? answer.accessToken, !token.isEmpty,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return "Bearer \(token)"
    }
}

/// One `WWW-Authenticate`, as registries write it.
enum Challenge: Equatable {
    case basic
    case bearer(realm: URL, service: String?, scope: String?)

    /// Reads `Bearer realm="https://…",service="…",scope="repository:a/b:pull,push"`: parameters in any order, commas
    /// inside quotes. Of several schemes Bearer is taken.
    init?(_ text: String) {
        if let start = text.firstRange(of: /bearer\s/.ignoresCase()) {
            let parameters = Self.parameters(text[start.upperBound...])
            guard let realm = parameters["realm"].flatMap({ URL(string: $0) }), realm.host()?.isEmpty == false else {
                return nil
            }
            self = .bearer(realm: realm, service: parameters["service"], scope: parameters["scope"])
        } else if text.lowercased().hasPrefix("basic") {
            self = .basic
        } else {
            return nil
        }
    }

    private static func parameters(_ text: Substring) -> [String: String] {
        var found: [String: String] = [:]
        for match in text.matches(of: /([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/) {
            let value = match.2.map { String($0).replacing(/\\(.)/) { $0.1 } } ?? match.3.map(String.init) ?? ""
            let name = match.1.lowercased()
            if found[name] == nil { found[name] = value }
        }
        return found
    }
}
