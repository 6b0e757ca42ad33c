internal import CurlHTTP
internal import Disk
internal import Foundation
internal import ModelCatalog

/// The Hub's programming interface, as far as it is needed here. Facts: `huggingface/huggingface_hub`,
/// `src/huggingface_hub/hf_api.py` (`model_info`, `list_repo_tree`, `list_models`) and `utils/_http.py`
/// (`hf_raise_for_status`).
struct HuggingFace: Sendable {
    /// The largest answer that is read, in bytes: repositories with thousands of files stay below it.
    private static let answerLimit = 32 << 20
    /// Pages of a listing that are read: a thousand files each.
    private static let mostPages = 100

    let http: HTTPClient
    let credentials: Credentials
    let retry: RetryPolicy
    /// Many files of one repository are often asked for together.
    private let models = SingleFlight<[String?], ModelInfo>()

    init(http: HTTPClient, credentials: Credentials, retry: RetryPolicy) {
        self.http = http
        self.credentials = credentials
        self.retry = retry
    }

    /// `GET /api/models/{id}/revision/{revision}?blobs=true`: the commit and all files, each with size and SHA-256.
    ///
    /// Mirrors may leave sizes and digests out; where their `tree` has them, they are taken from there.
    func model(_ id: String, revision: String?) async throws -> ModelInfo {
        try await models.value([id, revision]) { try await ask(id, revision: revision) }
    }

    private func ask(_ id: String, revision: String?) async throws -> ModelInfo {
        let path = "/api/models/\(HubAddress.encoded(path: id))"
        let at = revision.map { "/revision/\(HubAddress.encoded($0))" } ?? ""
        let (answer, _) = try await get(path + at + "?blobs=true", Subject(id: id, revision: revision))
        var info = try decode(ModelInfo.self, from: answer)
        // What addresses are made of has to look like what it says it is.
        if (try? HubReference(parsing: info.id)) == nil { info.id = id }
        guard (1...64).contains(info.sha.utf8.count), info.sha.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw HubError.unexpectedAnswer(url: answer.head.url, status: 200, detail: "a commit that is none")
        }
        if info.siblings.contains(where: { $0.isModelFile && $0.lfs?.sha256 == nil }) {
            await complete(&info)
        }
        return info
    }

    /// Adds what `GET /api/models/{id}/tree/{commit}?recursive=true` knows; a mirror that has no such listing leaves
    /// things as they are.
    private func complete(_ info: inout ModelInfo) async {
        var known: [String: TreeEntry] = [:]
        var next: String? =
            "/api/models/\(HubAddress.encoded(path: info.id))/tree/\(HubAddress.encoded(info.sha))?recursive=true"
        for _ in 0..<Self.mostPages {
            guard let path = next, let (answer, link) = try? await get(path, Subject(id: info.id, revision: info.sha)),
                let page = try? decode(ReadableElements<TreeEntry>.self, from: answer)
            else { break }
            for entry in page.elements { known[entry.path] = entry }
            next = link
        }
        for index in info.siblings.indices {
            guard let entry = known[info.siblings[index].rfilename] else { continue }
            let old = info.siblings[index]
            let size = old.lfs?.size ?? entry.lfs?.size ?? old.size ?? entry.size
            info.siblings[index].size = size
            info.siblings[index].lfs = .init(sha256: old.lfs?.sha256 ?? entry.lfs?.oid, size: size)
        }
    }

    /// `GET /api/models?…`: repositories, most downloaded first.
    ///
    /// - Parameter subject: What is looked for, for an error's text.
    func models(filters: [String], search: String?, about subject: String, limit: Int) async throws -> [ModelSummary] {
        var query = filters.map { "filter=\(HubAddress.encoded($0))" }
        if let search { query.append("search=\(HubAddress.encoded(search))") }
        query += ["sort=downloads", "limit=\(limit)"]
        let path = "/api/models?" + query.joined(separator: "&")
        let (answer, _) = try await get(path, Subject(id: subject, revision: nil))
        return try decode(ReadableElements<ModelSummary>.self, from: answer).elements
    }

    /// `GET /api/whoami-v2`: whose token it is.
    ///
    /// - Throws: `HubError.tokenRefused`, and what any question throws.
    func account() async throws -> Account {
        guard let url = URL(string: base + "/api/whoami-v2") else {
            throw HubError.unexpectedAnswer(url: credentials.endpoint, status: 0, detail: "")
        }
        let answer = try await retry.ask {
            let response = try await http.fetch(HTTPRequest(url), limit: Self.answerLimit)
            return (response, response.head)
        }
        switch answer.head.status {
        case 200: return try decode(Account.self, from: answer)
        case 401, 403: throw HubError.tokenRefused(id: "whoami-v2", source: credentials.tokenSource)
        default: throw refusal(answer.head, Subject(id: "whoami-v2", path: "whoami-v2"))
        }
    }

    /// A file of a repository at the commit that was answered; nil when its path makes no address.
    func file(_ info: ModelInfo, path: String) -> HubFile? {
        guard var reference = try? HubReference(parsing: info.id) else { return nil }
        (reference.revision, reference.selection) = (info.sha, .path(path))
        return HubFile(reference, at: credentials.endpoint)
    }

    // MARK: Asking

    /// What a request is about, for the error that may come of it.
    struct Subject {
        var id: String
        var revision: String?
        var path: String?
    }

    private var base: String { HubAddress.root(credentials.endpoint) }
    private var hasToken: Bool { credentials.token != nil && !credentials.isRefused }

    /// - Returns: An answer with status 200, and the path of the next page if there is one.
    private func get(_ path: String, _ subject: Subject) async throws -> (HTTPResponse, next: String?) {
        guard let url = URL(string: base + path) else {
            throw HubError.noRepository(id: subject.id, hasToken: hasToken)
        }
        // Some mirrors send clients to the public Hub. The token stays behind: it is given to its own origin only.
        let request = HTTPRequest(url, headers: [("Accept", "application/json")])
        let response = try await withoutRefusedToken {
            try await retry.ask {
                let response = try await http.fetch(request, limit: Self.answerLimit)
                return (response, response.head)
            }
        } head: {
            $0.head
        }
        guard response.head.status == 200 else { throw refusal(response.head, subject) }
        return (response, Self.nextPage(response.head).flatMap { below($0) })
    }

    /// Asks once more without the token when the Hub refuses it: what is public can be had all the same.
    func withoutRefusedToken<Answer>(
        _ question: () async throws -> Answer, head: (Answer) -> HTTPHead
    ) async throws -> Answer {
        let hadToken = hasToken
        let answer = try await question()
        guard hadToken, Self.saysTokenIsBad(head(answer)) else { return answer }
        credentials.noteRefusal()
        return try await question()
    }

    private static func saysTokenIsBad(_ head: HTTPHead) -> Bool {
        head.status == 401 && head["x-error-code"] == nil
            && (head["x-error-message"] ?? "").hasPrefix("Invalid credentials")
    }

    private func decode<Answer: Decodable>(_ type: Answer.Type, from response: HTTPResponse) throws(HubError) -> Answer
    {
        do {
            return try JSONDecoder().decode(type, from: response.body)
        } catch {
            guard !response.head.isWebPage else { throw .webPage(url: response.head.url, status: 200) }
            throw .unexpectedAnswer(url: response.head.url, status: 200, detail: "not the JSON that was expected")
        }
    }

    /// What a status and its headers mean; the texts of the bodies are not part of the interface.
    func refusal(_ head: HTTPHead, _ subject: Subject) -> HubError {
        let id = subject.id
        let message = head["x-error-message"] ?? ""
        switch (head.status, head["x-error-code"]) {
        case (401, _) where credentials.isRefused: return .tokenRefused(id: id, source: credentials.tokenSource)
        case (401, "GatedRepo"), (403, "GatedRepo"): return .gated(id: id, hasToken: hasToken && head.status == 403)
        case (_, "RevisionNotFound"): return .noRevision(id: id, revision: subject.revision ?? "main")
        case (_, "EntryNotFound"): return .noFile(id: id, path: subject.path ?? "")
        case (511, _): return .webPage(url: head.url, status: head.status)
        case (401, nil) where hasToken && Self.saysTokenIsBad(head):
            return .tokenRefused(id: id, source: credentials.tokenSource)
        case (404, nil) where subject.path != nil: return .noFile(id: id, path: subject.path ?? "")
        case (401, _), (404, _): return .noRepository(id: id, hasToken: hasToken)
        case (403, _) where message.holds("disabled"): return .disabled(id: id)
        case (403, _)
        where ["restricted", "authorized", "gated", "awaiting"].contains(where: message.lowercased().holds):
            return .gated(id: id, hasToken: hasToken)
        // The Hub says why. Who does not is a firewall in between, or no Hub.
        case (403, nil) where message.isEmpty && head.isWebPage: return .webPage(url: head.url, status: head.status)
        case (429, _): return .rateLimited(host: head.url.host() ?? base, retryAfter: head.retryAfter())
        default: return .unexpectedAnswer(url: head.url, status: head.status, detail: message)
        }
    }

    // MARK: Addresses

    /// `Link: <https://…?cursor=…>; rel="next"` (utils/_pagination.py).
    private static func nextPage(_ head: HTTPHead) -> URL? {
        let links = (head["link"] ?? "").split(separator: ",")
        guard let next = links.first(where: { $0.holds("rel=\"next\"") }), let start = next.firstIndex(of: "<"),
            let end = next[start...].firstIndex(of: ">")
        else { return nil }
        return URL(string: String(next[next.index(after: start)..<end]), relativeTo: head.url)?.absoluteURL
    }

    /// The part of an address after the endpoint; nil when it leads elsewhere.
    private func below(_ url: URL) -> String? {
        let text = url.absoluteString
        return text.hasPrefix(base + "/") ? String(text.dropFirst(base.count)) : nil
    }
}
