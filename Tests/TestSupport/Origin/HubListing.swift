import Foundation

/// What the Hub answers at `/api/models`.
struct HubListing {
    let hub: HubRoutes
    private var head: RequestHead { hub.head }

    /// - Parameter words: The path behind `/api/models`, decoded.
    func route(_ words: [String]) -> Answer {
        guard let first = words.first else { return search() }
        let verbs: Set = ["tree", "revision", "refs"]
        let short = words.count == 1 || verbs.contains(words[1])
        let id = short ? first : "\(first)/\(words[1])"
        let rest = Array(words.dropFirst(short ? 1 : 2))
        do throws(HubRoutes.Refused) {
            let repository = try hub.repository(id, content: false)
            switch (rest.first, rest.count) {
            case (nil, _):
                return model(repository, try hub.commit("main", of: repository))
            case ("revision", 2):
                return model(repository, try hub.commit(rest[1], of: repository))
            case ("refs", 1):
                return refs(repository)
            case ("tree", 2...):
                let commit = try hub.commit(rest[1], of: repository)
                return tree(commit, below: rest.dropFirst(2).joined(separator: "/"))
            default:
                return hub.refusal(404, nil, "Not Found")
            }
        } catch {
            return error.answer
        }
    }

    private func model(_ repository: Repository, _ commit: Repository.Commit) -> Answer {
        var members = summary(repository, commit)
        let blobs = flag("blobs")
        members["siblings"] = .array(
            commit.files.sorted { $0.key < $1.key }.map { sibling($0, $1, blobs: blobs) })
        members["usedStorage"] = .integer(commit.files.values.reduce(0) { $0 + $1.size })
        members["disabled"] = false
        var card: [String: JSON] = [:]
        if let license = repository.info.license { card["license"] = .text(license) }
        if let base = repository.info.baseModel { card["base_model"] = .text(base) }
        members["cardData"] = .object(card)
        let wanted = head.parameters("expand")
        if !wanted.isEmpty {
            members = members.filter { wanted.contains($0.key) || $0.key == "id" || $0.key == "_id" }
        }
        return .json(.object(members), headers: hub.limits("api"))
    }

    private func summary(_ repository: Repository, _ commit: Repository.Commit) -> [String: JSON] {
        let info = repository.info
        var members: [String: JSON] = [
            "_id": .text(repository.storageID), "id": .text(repository.id),
            "modelId": .text(repository.id),
            "sha": .text(commit.id), "private": .truth(info.isPrivate),
            "gated": info.gate == .open ? false : .text(info.gate.rawValue),
            "downloads": .integer(info.downloads), "likes": .integer(info.likes),
            "tags": .array(tags(repository, commit).map { .text($0) }),
            "lastModified": .text(Repository.timestamp(commit.date)),
            "createdAt": .text(Repository.timestamp(repository.commits.first?.date ?? commit.date)),
        ]
        if let owner = repository.id.split(separator: "/").first {
            members["author"] = .text(String(owner))
        }
        if let pipeline = info.pipelineTag { members["pipeline_tag"] = .text(pipeline) }
        if commit.files.keys.contains(where: { $0.hasSuffix(".gguf") }) {
            members["library_name"] = "gguf"
        }
        return members
    }

    private func tags(_ repository: Repository, _ commit: Repository.Commit) -> [String] {
        let info = repository.info
        var tags = commit.files.keys.contains { $0.lowercased().hasSuffix(".gguf") } ? ["gguf"] : []
        tags += info.tags
        if let pipeline = info.pipelineTag { tags.append(pipeline) }
        if let base = info.baseModel { tags += ["base_model:\(base)", "base_model:quantized:\(base)"] }
        if let license = info.license { tags.append("license:\(license)") }
        return tags + ["endpoints_compatible", "region:us"]
    }

    private func sibling(_ path: String, _ content: Content, blobs: Bool) -> JSON {
        var members: [String: JSON] = ["rfilename": .text(path)]
        if blobs {
            members["size"] = .integer(content.size)
            members["blobId"] = .text(gitObject(path, content))
            if Repository.isLarge(path, content) {
                members["lfs"] = [
                    "sha256": .text(content.sha256), "size": .integer(content.size),
                    "pointerSize": .integer(Repository.pointer(content).utf8.count),
                ]
            }
        }
        return .object(members)
    }

    /// What git holds under that path: for a large file its pointer.
    private func gitObject(_ path: String, _ content: Content) -> String {
        Repository.isLarge(path, content)
            ? Content.text(Repository.pointer(content)).gitObject : content.gitObject
    }

    private func tree(_ commit: Repository.Commit, below folder: String) -> Answer {
        let prefix = folder.isEmpty ? "" : folder + "/"
        var entries: [String: JSON] = [:]
        for (path, content) in commit.files where path.hasPrefix(prefix) {
            let inner = path.dropFirst(prefix.count).split(separator: "/")
            var parent = prefix
            for word in inner.dropLast() {
                parent += word
                let oid = String(sha256(of: Array("tree \(commit.id) \(parent)".utf8)).prefix(40))
                entries[parent] = [
                    "type": "directory", "path": .text(parent), "size": 0, "oid": .text(oid),
                ]
                parent += "/"
                if !flag("recursive") { break }
            }
            if inner.count == 1 || flag("recursive") { entries[path] = entry(path, content) }
        }
        guard !entries.isEmpty || folder.isEmpty else {
            return hub.refusal(404, "EntryNotFound", "\(folder) does not exist on \"\(commit.id)\"")
        }
        let sorted = entries.sorted { $0.key < $1.key }.map(\.value)
        return page(sorted, limit: hub.state.pageLength)
    }

    private func entry(_ path: String, _ content: Content) -> JSON {
        var members: [String: JSON] = [
            "type": "file", "path": .text(path), "size": .integer(content.size),
            "oid": .text(gitObject(path, content)),
        ]
        if Repository.isLarge(path, content) {
            members["lfs"] = [
                "oid": .text(content.sha256), "size": .integer(content.size),
                "pointerSize": .integer(Repository.pointer(content).utf8.count),
            ]
        }
        return .object(members)
    }

    private func refs(_ repository: Repository) -> Answer {
        func list(_ refs: [String: String], _ kind: String) -> JSON {
            .array(
                refs.sorted { $0.key < $1.key }.map { name, commit in
                    [
                        "name": .text(name), "ref": .text("refs/\(kind)/\(name)"),
                        "targetCommit": .text(commit),
                    ]
                })
        }
        return .json(
            [
                "branches": list(repository.branches, "heads"), "tags": list(repository.tags, "tags"),
                "converts": [],
            ], headers: hub.limits("api"))
    }

    private func search() -> Answer {
        let words = (head.parameter("search") ?? "").lowercased().split(separator: " ")
        let filters = head.parameters("filter").flatMap { $0.split(separator: ",") }.map(String.init)
        let author = head.parameter("author")
        let found = hub.state.repositories.values.compactMap {
            repository -> (Repository, [String: JSON])? in
            guard !repository.info.isPrivate || hub.caller == .member, let commit = repository.main,
                words.allSatisfy({ repository.id.lowercased().contains($0) }),
                author == nil || repository.id.hasPrefix("\(author ?? "")/")
            else { return nil }
            let tags = Set(tags(repository, commit))
            guard filters.allSatisfy(tags.contains) else { return nil }
            var members = summary(repository, commit)
            if flag("full") || head.parameters("expand").contains("siblings") {
                members["siblings"] = .array(
                    commit.files.keys.sorted().map { sibling($0, .bytes([]), blobs: false) })
            }
            return (repository, members)
        }
        let sorted = found.sorted {
            ($0.0.rank(by: head.parameter("sort")), $1.0.id) > (
                $1.0.rank(by: head.parameter("sort")), $0.0.id
            )
        }
        let limit = head.parameter("limit").flatMap { Int($0) } ?? hub.state.pageLength
        return page(sorted.map { .object($0.1) }, limit: max(1, limit))
    }

    /// One page, with a `Link` to the next when there is more.
    private func page(_ entries: [JSON], limit: Int) -> Answer {
        let start = min(max(0, head.parameter("cursor").flatMap { Int($0) } ?? 0), entries.count)
        let end = min(
            entries.count, start.addingReportingOverflow(limit).overflow ? entries.count : start + limit)
        var headers = hub.limits("api")
        if end < entries.count {
            let kept =
                head.query.split(separator: "&").filter { !$0.hasPrefix("cursor=") } + ["cursor=\(end)"]
            let next = "\(hub.state.hub)\(head.rawPath)?\(kept.joined(separator: "&"))"
            headers.append(("Link", "<\(next)>; rel=\"next\""))
        }
        return .json(.array(Array(entries[start..<end])), headers: headers)
    }

    private func flag(_ name: String) -> Bool {
        ["true", "1", "True"].contains(head.parameter(name))
    }
}

extension Repository {
    /// What a search sorts by, largest first.
    fileprivate func rank(by order: String?) -> Int {
        switch order {
        case "likes": info.likes
        case "lastModified": main?.date ?? 0
        case "createdAt": commits.first?.date ?? 0
        default: info.downloads
        }
    }
}
