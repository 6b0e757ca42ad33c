import Foundation

/// The addresses of a Hugging Face Hub, as its own clients use them.
struct HubRoutes {
    let state: Origin.State
    let origin: Origin
    let head: RequestHead

    typealias Header = (name: String, value: String)

    /// Both look like real ones: `hf_` and letters.
    static let token = "hf_" + String(repeating: "loopback", count: 5)
    static let tokenWithoutAccess = "hf_" + String(repeating: "stranger", count: 5)

    /// Who asks.
    enum Caller { case stranger, member, outsider, unknown }

    var caller: Caller {
        switch head["Authorization"] {
        case nil: .stranger
        case "Bearer \(Self.token)": .member
        case "Bearer \(Self.tokenWithoutAccess)": .outsider
        default: .unknown
        }
    }

    func route() -> (answer: Answer, name: String?) {
        // Segments are decoded one by one: a revision may contain an encoded slash.
        let words = head.rawPath.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        if caller == .unknown {
            return (refusal(401, nil, "Invalid credentials in Authorization header"), nil)
        }
        if words.starts(with: ["api", "models"]) {
            return (HubListing(hub: self).route(Array(words.dropFirst(2))), nil)
        }
        if words == ["api", "whoami-v2"] { return (whoAmI, nil) }
        if words.starts(with: ["api", "resolve-cache", "models"]), words.count > 6 {
            let id = "\(words[3])/\(words[4])"
            let path = words[6...].joined(separator: "/")
            return (file("cached", id, words[5], path), "\(id)/\(path)")
        }
        guard let verb = words.prefix(3).firstIndex(where: { $0 == "resolve" || $0 == "raw" }),
            verb > 0,
            words.count > verb + 2
        else { return (refusal(404, nil, "Not Found"), nil) }
        let id = words[..<verb].joined(separator: "/")
        let path = words[(verb + 2)...].joined(separator: "/")
        return (file(words[verb], id, words[verb + 1], path), "\(id)/\(path)")
    }

    private var whoAmI: Answer {
        switch caller {
        case .member: .json(["type": "user", "name": "loopback", "auth": ["type": "access_token"]])
        case .outsider: .json(["type": "user", "name": "stranger", "auth": ["type": "access_token"]])
        case .stranger, .unknown: refusal(401, nil, "Invalid username or password.")
        }
    }

    /// Why a caller gets no repository.
    struct Refused: Error { let answer: Answer }

    /// The repository, if the caller may know of it; its files too, when `content` is asked for.
    func repository(_ id: String, content: Bool) throws(Refused) -> Repository {
        guard let repository = state.repositories[id] else {
            if let name = state.renamed[id] {
                let target = head.rawPath.replacing("/\(id)", with: "/\(name)", maxReplacements: 1)
                let query = head.query.isEmpty ? "" : "?\(head.query)"
                throw Refused(answer: .redirect(to: target + query, status: 307))
            }
            throw Refused(answer: unknownRepository)
        }
        if repository.info.isPrivate, caller != .member { throw Refused(answer: unknownRepository) }
        if content, repository.info.gate != .open, caller != .member {
            let text = "Access to model \(id) is restricted"
            let refused =
                caller == .stranger
                ? refusal(
                    401, "GatedRepo", "\(text). You must be authenticated to access it. Please log in.")
                : refusal(403, "GatedRepo", "\(text) and you are not in the authorized list.")
            throw Refused(answer: refused)
        }
        return repository
    }

    /// A stranger cannot tell a private repository from one that does not exist.
    private var unknownRepository: Answer {
        caller == .stranger
            ? refusal(401, "RepoNotFound", "Invalid username or password.")
            : refusal(404, "RepoNotFound", "Repository not found")
    }

    func commit(_ revision: String, of repository: Repository) throws(Refused) -> Repository.Commit {
        guard let commit = repository.commit(revision) else {
            throw Refused(answer: refusal(404, "RevisionNotFound", "Invalid rev id: \(revision)"))
        }
        return commit
    }

    /// `/{id}/resolve/{revision}/{path}`, `/{id}/raw/…`, and where small files may be redirected to.
    private func file(_ verb: String, _ id: String, _ revision: String, _ path: String) -> Answer {
        do throws(Refused) {
            let repository = try repository(id, content: true)
            let commit = try commit(revision, of: repository)
            var headers: [Header] = [("X-Repo-Commit", commit.id)] + limits("resolvers")
            guard let content = commit.files[path] else {
                return refusal(404, "EntryNotFound", "Entry not found", headers)
            }
            if state.isMirror, verb == "resolve" { return .file(content, etag: commit.id, headers: headers) }
            guard Repository.isLarge(path, content) else {
                if state.redirectsSmallFiles, verb == "resolve", repository.info.gate == .open {
                    let target = "/api/resolve-cache/models/\(id)/\(commit.id)/\(path)"
                    return .redirect(to: target, status: 307, headers: headers)
                }
                return .file(content, etag: content.gitObject, type: Self.mediaType(path), headers: headers)
            }
            if verb == "raw" {
                return .text(Repository.pointer(content), headers: headers)
            }
            headers += [
                ("X-Linked-Size", String(content.size)), ("X-Linked-ETag", "\"\(content.sha256)\""),
                ("Accept-Ranges", "bytes"),
            ]
            let location = "/xet-bridge/\(repository.storageID)/\(content.sha256)"
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return .redirect(to: SignedAddress.make(state, location, file: name), headers: headers)
        } catch {
            return error.answer
        }
    }

    private static func mediaType(_ path: String) -> String {
        path.hasSuffix(".json") ? "application/json" : "text/plain; charset=utf-8"
    }

    /// The headers by which the Hub tells how many requests are left.
    func limits(_ bucket: String) -> [Header] {
        [
            ("RateLimit", "\"\(bucket)\";r=2998;t=172"),
            ("RateLimit-Policy", "\"fixed window\";\"\(bucket)\";q=3000;w=300"),
        ]
    }

    /// An error with the Hub's headers and a JSON body.
    func refusal(_ status: Int, _ code: String?, _ message: String, _ headers: [Header] = [])
        -> Answer
    {
        var headers = headers + [("X-Error-Message", message), ("X-Request-Id", "Root=1-loopback")]
        if let code { headers.append(("X-Error-Code", code)) }
        return .json(["error": .text(message)], status: status, headers: headers)
    }
}
