package import CurlHTTP
internal import Disk
package import Foundation
package import ModelCatalog

/// Which ModelScope is asked, and the token for it.
package struct ModelScope: Sendable {
    /// `MODELSCOPE_ENDPOINT`, or the public one.
    package let endpoint: URL
    /// Whether the user has named it: only then is it asked for files of the Hub.
    package let isMirror: Bool
    /// `MODELSCOPE_API_TOKEN`.
    private let token: String?

    /// Reads the environment.
    package init(environment: [String: String]) {
        let named = environment["MODELSCOPE_ENDPOINT"].flatMap { URL(webAddress: $0) }
        (endpoint, isMirror) = (named ?? .modelScope, named != nil)
        token = environment["MODELSCOPE_API_TOKEN"]?.trimmed
    }

    /// The `Cookie` header for an address: only ModelScope itself gets the token, never where it redirects to.
    package func cookie(for url: URL) -> String? {
        guard let token, Credentials.isToken(token), !token.holds(";"), url.hasSameOrigin(as: endpoint) else {
            return nil
        }
        return "m_session_id=\(token)"
    }

    /// Where it would have a file of the Hub, whose SHA-256 proves that the bytes are the same: many publishers put the
    /// same repositories there. Nil for repositories without an owner.
    package func address(of file: HubFile) -> URL? {
        guard file.reference.owner != nil else { return nil }
        return ModelScopeAddress.file(file.path, of: file.reference.id, revision: nil, at: endpoint)
    }
}

/// ModelScope as a source of its own. Facts: PyPI modelscope_hub 0.5.1, `_legacy_api.py`.
package struct ModelScopeHub: Sendable {
    /// The largest answer that is read, in bytes.
    private static let answerLimit = 16 << 20
    /// It lists no more than this, and does not say that there is more.
    private static let mostRows = 3000
    /// Of how many folders a list is asked for.
    private static let mostLists = 1000
    /// What stands before its repositories in messages.
    package static let scheme = "modelscope:"

    let http: HTTPClient
    let retry: RetryPolicy
    let settings: ModelScope

    /// - Parameter http: Gets its cookie from `settings`.
    package init(http: HTTPClient, retry: RetryPolicy, settings: ModelScope) {
        (self.http, self.retry, self.settings) = (http, retry, settings)
    }

    private struct Listing: Decodable {
        struct Content: Decodable {
            var files: [File]?

            enum CodingKeys: String, CodingKey { case files = "Files" }
        }

        struct File: Decodable {
            var path: String
            var size: Int64?
            var sha256: String?
            var type: String?

            var isFolder: Bool { type == "tree" }

            enum CodingKeys: String, CodingKey {
                case path = "Path"
                case size = "Size"
                case sha256 = "Sha256"
                case type = "Type"
            }
        }

        var code: Int?
        var data: Content?

        enum CodingKeys: String, CodingKey {
            case code = "Code"
            case data = "Data"
        }
    }

    /// What a reference of ModelScope means now: its models, each file with size and SHA-256.
    ///
    /// - Throws: `HubError`, `HTTPError`, `CancellationError`.
    package func resolve(_ reference: HubReference) async throws -> Offer {
        let siblings = try await files(of: reference).map { file in
            ModelInfo.Sibling(
                rfilename: file.path, size: file.size,
                lfs: .init(sha256: file.sha256.flatMap { Digest(hex: $0) }, size: file.size))
        }
        let info = ModelInfo(id: Self.scheme + reference.id, sha: "", siblings: siblings, license: nil)
        return try HubFiles(info, for: reference, named: { .modelScope($0) }) { path in
            ModelScopeAddress.file(path, of: reference.id, revision: reference.revision, at: settings.endpoint)
                .map { .address($0) }
        }.offer()
    }

    /// All files. What is too long for one list is asked for folder by folder.
    private func files(of reference: HubReference) async throws -> [Listing.File] {
        var found: [Listing.File] = []
        var folders = [""]
        var lists = 0
        while let folder = folders.popLast() {
            lists += 1
            guard lists <= Self.mostLists else {
                throw HubError.unexpectedAnswer(url: settings.endpoint, status: 200, detail: "too many folders")
            }
            var rows = try await list(folder, of: reference, isDeep: true)
            if rows.count >= Self.mostRows {
                rows = try await list(folder, of: reference, isDeep: false)
                let within = folder.isEmpty ? "" : folder + "/"
                folders += rows.filter { $0.isFolder && $0.path.hasPrefix(within) && $0.path != folder }.map(\.path)
            }
            found += rows.filter { !$0.isFolder }
        }
        return found
    }

    /// `GET /api/v1/models/{id}/repo/files?Revision=…&Recursive=True&Root=…`.
    private func list(_ folder: String, of reference: HubReference, isDeep: Bool) async throws -> [Listing.File] {
        let name = Self.scheme + reference.id
        let revision = reference.revision ?? ModelScopeAddress.branch
        let path = "/api/v1/models/\(HubAddress.encoded(path: reference.id))/repo/files"
        let root = folder.isEmpty ? "" : "&Root=\(HubAddress.encoded(folder))"
        guard
            let url = URL(
                string: HubAddress.root(settings.endpoint) + path
                    + "?Revision=\(HubAddress.encoded(revision))&Recursive=\(isDeep ? "True" : "False")" + root)
        else { throw HubError.noRepository(id: name, hasToken: true) }
        let answer = try await retry.ask {
            let response = try await http.fetch(
                HTTPRequest(url, headers: [("Accept", "application/json")]), limit: Self.answerLimit)
            return (response, response.head)
        }
        let listing = try? JSONDecoder().decode(Listing.self, from: answer.body)
        switch (answer.head.status, listing?.code) {
        case (200, 200?), (200, nil):
            guard let files = listing?.data?.files else {
                throw answer.head.isWebPage
                    ? HubError.webPage(url: answer.head.url, status: 200)
                    : HubError.unexpectedAnswer(url: answer.head.url, status: 200, detail: "no list of files")
            }
            return files
        // The codes of its own errors: modelscope_hub, `errors.py`, as far as they were seen.
        case (_, 10_010_205_003?): throw HubError.noRevision(id: name, revision: revision)
        case (401, _), (403, _): throw HubError.noRepository(id: name, hasToken: false)
        case (404, _), (_, 10_010_205_001?): throw HubError.noRepository(id: name, hasToken: false)
        case (429, _):
            throw HubError.rateLimited(host: url.host() ?? "", retryAfter: answer.head.retryAfter())
        default:
            throw HubError.unexpectedAnswer(url: answer.head.url, status: answer.head.status, detail: "")
        }
    }
}
