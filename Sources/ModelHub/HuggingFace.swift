internal import CurlHTTP
internal import Foundation
internal import ModelCatalog

/// The Hub's programming interface, as far as it is needed here. Facts: `huggingface/huggingface_hub`,
/// `src/huggingface_hub/hf_api.py` (`model_info`, `list_models`) and `utils/_http.py` (`hf_raise_for_status`).
struct HuggingFace: Sendable {
    /// The largest answer that is read, in bytes: repositories with thousands of files stay below it.
    private static let answerLimit = 32 << 20
    private static let tries = 4
    /// Seconds that a server may ask us to wait before metadata; longer waits are the user's to decide.
    private static let longestWait = 20.0

    let http: HTTPClient
    let credentials: Credentials

    /// `GET /api/models/{id}/revision/{revision}?blobs=true`: the commit and all files, each with size and SHA-256.
    func model(_ id: String, revision: String?) async throws -> ModelInfo {
        var path = "/api/models/\(Self.path(id))"
        if let revision { path += "/revision/\(Self.segment(revision))" }
        return try await get(path + "?blobs=true", id: id, revision: revision, as: ModelInfo.self)
    }

    /// `GET /api/models?…`: repositories, most downloaded first.
    func models(filters: [String], search: String?, limit: Int) async throws -> [ModelSummary] {
        var query = filters.map { "filter=\(Self.value($0))" }
        if let search { query.append("search=\(Self.value(search))") }
        query += ["sort=downloads", "limit=\(limit)"]
        return try await get(
            "/api/models?" + query.joined(separator: "&"), id: search ?? "", revision: nil, as: [ModelSummary].self)
    }

    /// `{endpoint}/{id}/resolve/{revision}/{path}`: where the bytes are.
    func address(_ id: String, revision: String, path: String) -> URL? {
        URL(string: base + "/\(Self.path(id))/resolve/\(Self.segment(revision))/\(Self.path(path))")
    }

    private var base: String { credentials.endpoint.absoluteString }

    private func get<Answer: Decodable>(
        _ path: String, id: String, revision: String?, as type: Answer.Type
    ) async throws -> Answer {
        guard let url = URL(string: base + path) else { throw HubError.noRepository(id: id, hasToken: hasToken) }
        let response = try await patiently {
            try await http.fetch(
                HTTPRequest(url, headers: [("Accept", "application/json")], redirects: .sameOrigin),
                limit: Self.answerLimit)
        }
        guard response.head.status == 200 else { throw refusal(response.head, id: id, revision: revision) }
        do {
            return try JSONDecoder().decode(type, from: response.body)
        } catch {
            throw HubError.unexpectedAnswer(url: url, status: 200, detail: "not the JSON that was expected")
        }
    }

    /// Tries again what passes by itself: a lost connection, 429 and 5xx. The official client's statuses and waits
    /// (1 s, doubling), but fewer tries: somebody is waiting at a terminal.
    private func patiently(_ ask: () async throws -> HTTPResponse) async throws -> HTTPResponse {
        var delay = 0.5
        for _ in 1..<Self.tries {
            do {
                let response = try await ask()
                guard [408, 429, 500, 502, 503, 504].contains(response.head.status) else { return response }
                let wish = response.head["retry-after"].flatMap(Double.init) ?? delay
                guard wish <= Self.longestWait else { return response }
                delay = max(delay, wish)
            } catch let error as HTTPError {
                switch error {
                case .interrupted, .stalled, .timedOut: break
                default: throw error
                }
            }
            try await Task.sleep(for: .seconds(delay))
            delay *= 2
        }
        return try await ask()
    }

    private var hasToken: Bool { credentials.token != nil }

    /// What a status and its headers mean; the texts of the bodies are not part of the interface.
    func refusal(_ head: HTTPHead, id: String, revision: String?, path: String? = nil) -> HubError {
        let code = head["x-error-code"]
        let message = head["x-error-message"] ?? ""
        switch (head.status, code) {
        case (401, "GatedRepo"), (403, "GatedRepo"): return .gated(id: id, hasToken: hasToken && head.status == 403)
        case (_, "RevisionNotFound"): return .noRevision(id: id, revision: revision ?? "main")
        case (_, "EntryNotFound"): return .noFile(id: id, path: path ?? "")
        case (401, nil) where hasToken && message.hasPrefix("Invalid credentials"): return .tokenRefused(id: id)
        case (401, _), (404, _): return .noRepository(id: id, hasToken: hasToken)
        case (403, _) where message.contains("disabled"): return .disabled(id: id)
        case (403, _): return .gated(id: id, hasToken: hasToken)
        case (429, _):
            let wait = head["retry-after"].flatMap(Double.init)
            return .rateLimited(host: head.url.host() ?? base, retryAfter: wait)
        default: return .unexpectedAnswer(url: head.url, status: head.status, detail: message)
        }
    }

    // MARK: Addresses

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    /// One path segment: `refs/pr/1` becomes `refs%2Fpr%2F1`.
    private static func segment(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    /// Segments with their slashes kept.
    private static func path(_ text: String) -> String {
        text.split(separator: "/").map { segment(String($0)) }.joined(separator: "/")
    }

    private static func value(_ text: String) -> String { segment(text) }
}

/// What the Hub says of a model and its files.
struct ModelInfo: Decodable {
    var id: String
    /// The commit.
    var sha: String
    var siblings: [Sibling]
    var tags: [String]
    var license: String?
    /// Weights in the model, where the Hub has read a GGUF header.
    var parameters: Int64?

    struct Sibling: Decodable {
        var rfilename: String
        var size: Int64?
        var lfs: LFS?

        struct LFS: Decodable {
            var sha256: Digest?
            var size: Int64?
        }
    }

    private enum Keys: String, CodingKey { case id, sha, siblings, tags, cardData, gguf }
    private enum CardKeys: String, CodingKey { case license }
    private enum GGUFKeys: String, CodingKey { case total }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        id = try values.decode(String.self, forKey: .id)
        sha = try values.decode(String.self, forKey: .sha)
        siblings = try values.decodeIfPresent([Sibling].self, forKey: .siblings) ?? []
        tags = (try? values.decodeIfPresent([String].self, forKey: .tags)) ?? []
        // Card data is written by hand: whatever does not have the expected form is as good as absent.
        let card = try? values.nestedContainer(keyedBy: CardKeys.self, forKey: .cardData)
        license = try? card?.decodeIfPresent(String.self, forKey: .license)
        if license == nil {
            license = tags.first { $0.hasPrefix("license:") }.map { String($0.dropFirst(8)) }
        }
        let gguf = try? values.nestedContainer(keyedBy: GGUFKeys.self, forKey: .gguf)
        parameters = try? gguf?.decodeIfPresent(Int64.self, forKey: .total)
    }
}

/// One row of a listing.
struct ModelSummary: Decodable {
    var id: String
    var downloads: Int?
    var likes: Int?
    var tags: [String]?
}
