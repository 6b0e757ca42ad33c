package import CurlHTTP
package import Foundation
internal import GGUF
package import ModelCatalog

/// OCI registries (opencontainers/distribution-spec), of which Ollama's and Docker Hub are two.
package struct Registries: Sendable {
    /// Docker Hub's registry; the names that people write for it lead there.
    static let dockerHub = "registry-1.docker.io"
    private static let dockerHubNames = ["docker.io", "index.docker.io", "hub.docker.com", "www.docker.com", dockerHub]
    /// The largest manifest or config that is read, in bytes: what registries accept.
    private static let manifestLimit = 4 << 20

    let http: HTTPClient
    let retry: RetryPolicy
    let settings: RegistrySettings
    let login: RegistryLogin
    let sha256: @Sendable (Data) -> Digest
    private let schemes = SingleFlight<String, String>()

    /// - Parameters:
    ///   - http: Gets its credentials from `login`.
    ///   - sha256: Of bytes in memory.
    package init(
        http: HTTPClient, settings: RegistrySettings, login: RegistryLogin, retry: RetryPolicy,
        sha256: @escaping @Sendable (Data) -> Digest
    ) {
        (self.http, self.settings, self.login, self.retry, self.sha256) = (http, settings, login, retry, sha256)
    }

    /// What a reference of a registry means now: one manifest, its model and the files that belong to it.
    ///
    /// - Throws: `RegistryError`, `HTTPError`, `CancellationError`.
    package func resolve(_ reference: ModelReference) async throws -> Offer {
        guard reference.isOfRegistry, let place = try await place(of: reference) else {
            throw HubError.unsupportedOrigin("\(reference.description.prefix { $0 != ":" })")
        }
        let found = try await manifest(of: place)
        return try await RegistryOffer(
            place, found.manifest, digest: found.digest, config: config(of: found.manifest, place)
        )
        .offer(for: reference)
    }

    /// Which repository of which registry a reference names, and which manifest in it.
    struct Place: Sendable {
        /// For messages, as one would type it.
        var ref: String
        var endpoint: URL
        var repository: String
        /// A tag, or a digest with its `sha256:`.
        var tag: String
        /// The two folders that the files are stored in.
        var publisher: String
        var folder: String
        /// The first part of a file's name where the artifact gives none.
        var fileName: String

        var host: String { Registries.host(endpoint) }
        var pinned: Digest? { tag.hasPrefix("sha256:") ? Digest(hex: tag) : nil }
    }

    /// Nil for what is not in a registry.
    ///
    /// - Parameter knownScheme: Of the registry; nil finds it out.
    func place(of reference: ModelReference, scheme knownScheme: String? = nil) async throws -> Place? {
        let ref = reference.description
        switch reference {
        case .ollama(let namespace, let name, let tag):
            return Place(
                ref: ref, endpoint: settings.ollama, repository: "\(namespace)/\(name)", tag: tag, publisher: "ollama",
                folder: namespace == "library" ? name : "\(namespace)-\(name)",
                fileName: tag == "latest" ? name : "\(name)-\(tag)")
        case .oci(let host, let repository, let tag):
            let isDockerHub = Self.dockerHubNames.contains(host)
            // Docker keeps models in a namespace of their own (docker/model-runner, `DefaultOrg`).
            let repository = isDockerHub && !repository.holds("/") ? "ai/\(repository)" : repository
            let host = isDockerHub ? Self.dockerHub : host
            let scheme = if let knownScheme { knownScheme } else { try await scheme(of: host) }
            guard let endpoint = URL(string: "\(scheme)://\(host)") else { return nil }
            let version = tag.hasPrefix("sha256:") ? "sha256-\(tag.dropFirst(7).prefix(12))" : tag
            let name = repository.split(separator: "/").last.map(String.init) ?? repository
            return Place(
                ref: ref, endpoint: endpoint, repository: repository, tag: tag,
                publisher: (isDockerHub ? "docker.io" : host).replacing(":", with: "-").filter { !"[]".contains($0) },
                folder: "\(repository.replacing("/", with: "-"))@\(version)",
                fileName: tag == "latest" ? name : "\(name)-\(version)")
        case .hub(let hub):
            // The Hub answers Ollama as a registry does, and Ollama keeps what it got under the Hub's name.
            let name = hub.repository
            return Place(
                ref: ref, endpoint: .huggingFaceHub, repository: hub.id, tag: "latest",
                publisher: hub.owner ?? "huggingface", folder: name, fileName: name)
        default: return nil
        }
    }

    /// What a manifest says that a program has kept on this disk.
    ///
    /// - Parameter content: The bytes of a small blob; nil where it is not there.
    /// - Throws: `RegistryError` for what is no model.
    package func variant(
        of manifest: Data, _ reference: ModelReference, content: (Digest) -> Data?
    ) async throws -> Variant? {
        guard let place = try await place(of: reference, scheme: "https") else { return nil }
        let parsed = try decode(RegistryManifest.self, manifest, place)
        let config = try parsed.config.map { try digestOf($0, place) }.flatMap(content).flatMap {
            try? JSONDecoder().decode(RegistryConfig.self, from: $0)
        }
        return try RegistryOffer(place, parsed, digest: sha256(manifest), config: config ?? RegistryConfig())
            .offer(for: reference).variants.first
    }

    /// With its port, where it names one: as credentials are kept.
    static func host(_ url: URL) -> String {
        (url.host()?.lowercased() ?? "") + (url.port.map { ":\($0)" } ?? "")
    }

    /// TLS, unless the user says otherwise; on this machine what answers.
    private func scheme(of host: String) async throws -> String {
        if settings.plainHTTP.contains(host) { return "http" }
        guard RegistrySettings.isThisMachine(host), let url = URL(string: "http://\(host)/v2/") else { return "https" }
        return try await schemes.value(host) {
            // A server that expects TLS says 400 to anything else, or nothing.
            do {
                let status = try await http.fetch(HTTPRequest(url, redirects: .none), limit: 1 << 16).head.status
                return status == 400 ? "https" : "http"
            } catch HTTPError.unreachable(let host, let detail) {
                throw HTTPError.unreachable(host: host, detail: detail)
            } catch let error as HTTPError {
                if case .offline = error { throw error }
                return "https"
            }
        }
    }

    // MARK: Asking

    /// The manifest that a place means, and its digest; the model's of an index.
    func manifest(of place: Place) async throws -> (manifest: RegistryManifest, digest: Digest) {
        var place = place
        var isIndex = false
        while true {
            let (body, digest) = try await content(
                "manifests/\(place.tag)", place, expecting: place.pinned, accept: RegistryManifest.accepted)
            let manifest = try decode(RegistryManifest.self, body, place)
            guard manifest.manifests != nil, manifest.layers == nil else { return (manifest, digest) }
            guard let entry = manifest.modelEntry, !isIndex else {
                throw RegistryError.noModelFile(ref: place.ref, mediaTypes: manifest.manifests?.map(\.mediaType) ?? [])
            }
            isIndex = true
            place.tag = "sha256:\(try digestOf(entry, place).hex)"
        }
    }

    /// The config of a manifest; empty where it is of a kind that says nothing of the model.
    private func config(of manifest: RegistryManifest, _ place: Place) async throws -> RegistryConfig {
        guard let descriptor = manifest.config, descriptor.size > 2, descriptor.size <= Int64(Self.manifestLimit) else {
            return RegistryConfig()
        }
        let digest = try digestOf(descriptor, place)
        let (body, _) = try await content("blobs/sha256:\(digest.hex)", place, expecting: digest, accept: ["*/*"])
        return (try? JSONDecoder().decode(RegistryConfig.self, from: body)) ?? RegistryConfig()
    }

    private func digestOf(_ descriptor: RegistryManifest.Descriptor, _ place: Place) throws(RegistryError) -> Digest {
        guard descriptor.digest.hasPrefix("sha256:"), let digest = Digest(hex: descriptor.digest) else {
            throw .digestUnsupported(ref: place.ref, digest: descriptor.digest)
        }
        return digest
    }

    /// A small content, proven where its digest is known.
    private func content(
        _ path: String, _ place: Place, expecting expected: Digest?, accept: [String]
    ) async throws -> (Data, Digest) {
        guard let url = URL(string: "\(HubAddress.root(place.endpoint))/v2/\(place.repository)/\(path)") else {
            throw RegistryError.noRepository(ref: place.ref, host: place.host)
        }
        let request = HTTPRequest(url, headers: [("Accept", accept.joined(separator: ", "))])
        let response = try await retry.ask {
            let response = try await http.fetch(request, limit: Self.manifestLimit)
            return (response, response.head)
        }
        guard response.head.status == 200 else {
            throw await refusal(response.head, body: response.body, ref: place.ref, asked: url)
        }
        let actual = sha256(response.body)
        let announced =
            path.hasPrefix("manifests/") ? response.head["docker-content-digest"].flatMap { Digest(hex: $0) } : nil
        for expected in [expected, announced].compactMap(\.self) where expected != actual {
            throw RegistryError.digestMismatch(ref: place.ref, expected: expected, actual: actual)
        }
        return (response.body, actual)
    }

    private func decode<Answer: Decodable>(
        _ type: Answer.Type, _ body: Data, _ place: Place
    ) throws(RegistryError) -> Answer {
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw .unexpectedAnswer(url: place.endpoint, status: 200, detail: "not the JSON that was expected")
        }
    }

    private struct Refusal: Decodable {
        var errors: [Row]?

        struct Row: Decodable { var code: String? }
    }

    /// What a status means; of its text only the specified codes.
    func refusal(_ head: HTTPHead, body: Data, ref: String, asked url: URL) async -> RegistryError {
        let host = Self.host(url)
        let codes = (try? JSONDecoder().decode(Refusal.self, from: body))?.errors?.compactMap(\.code) ?? []
        switch head.status {
        case 401:
            return .notAuthorized(ref: ref, host: host, hasCredentials: await login.hasCredentials(at: url))
        case 403 where head.url.hasSameOrigin(as: url): return .denied(ref: ref, host: host)
        case 404 where codes.contains("NAME_UNKNOWN"): return .noRepository(ref: ref, host: host)
        case 404: return .noTag(ref: ref)
        case 412: return .needsNewerOllama(ref: ref)
        case 429: return .rateLimited(host: host, retryAfter: head.retryAfter())
        default:
            return .unexpectedAnswer(url: head.url, status: head.status, detail: codes.first ?? "")
        }
    }
}

extension ModelReference {
    fileprivate var isOfRegistry: Bool {
        switch self {
        case .ollama, .oci: true
        default: false
        }
    }
}
