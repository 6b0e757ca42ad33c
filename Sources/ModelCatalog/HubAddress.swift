package import Foundation

/// Addresses of the Hub: how they are made, and how they are read back as people paste them from a browser.
package enum HubAddress {
    // MARK: Making

    /// `{endpoint}/{id}/resolve/{revision}/{path}`: where the bytes of a file are (huggingface_hub, `hf_hub_url`).
    ///
    /// - Parameter id: `owner/name`, or the name alone; the Hub's own form, or another that a mirror puts in its place.
    /// - Returns: Nil when the endpoint makes no address.
    package static func file(_ path: String, of id: String, revision: String, at endpoint: URL) -> URL? {
        URL(string: root(endpoint) + "/\(encoded(path: id))/resolve/\(encoded(revision))/\(encoded(path: path))")
    }

    /// Of a file's address, as `file(_:of:revision:at:)` makes it, the page of its model; nil for other addresses, as those
    /// of a storage host are.
    package static func page(ofFile address: URL) -> String? {
        guard var parts = URLComponents(url: address, resolvingAgainstBaseURL: true),
            let end = parts.percentEncodedPath.firstRange(of: "/resolve/")
        else { return nil }
        parts.percentEncodedPath = String(parts.percentEncodedPath[..<end.lowerBound])
        (parts.user, parts.password, parts.query, parts.fragment) = (nil, nil, nil, nil)
        return parts.string
    }

    /// An endpoint's text without a slash at its end: what paths are put behind.
    package static func root(_ endpoint: URL) -> String {
        let text = endpoint.absoluteString
        return String(text[..<(text.lastIndex { $0 != "/" }.map(text.index(after:)) ?? text.endIndex)])
    }

    /// One segment of a path, or one value of a query: `refs/pr/1` becomes `refs%2Fpr%2F1`, as the Hub wants it.
    package static func encoded(_ text: String) -> String {
        text.percentEncoded(keeping: "-._~")
    }

    /// A path, segment by segment.
    package static func encoded(path: String) -> String {
        path.split(separator: "/").map { encoded(String($0)) }.joined(separator: "/")
    }

    // MARK: Reading

    /// Names of the public Hub.
    static let publicHosts = ["huggingface.co", "www.huggingface.co", "hf.co"]

    /// Pages of the Hub that look like `owner/name` and are not models.
    private static let otherPages: Set<String> = [
        "api", "blog", "chat", "collections", "datasets", "docs", "enterprise", "join", "learn", "login", "models",
        "new", "organizations", "papers", "posts", "pricing", "settings", "spaces", "tasks", "terms-of-service",
    ]

    /// The file that an address of a record means: of the public Hub, or of any that serves a commit.
    static func file(recordedAs url: URL) -> HubFile? {
        guard let address = URLComponents(url: url, resolvingAgainstBaseURL: true), let host = address.host else {
            return nil
        }
        let segments = address.percentEncodedPath.split(separator: "/").map { $0.percentDecoded ?? String($0) }
        guard let verb = segments.lastIndex(of: "resolve"), (1...).contains(verb), verb + 1 < segments.count else {
            return nil
        }
        let isCommit = segments[verb + 1].count == 40 && segments[verb + 1].allSatisfy(\.isHexDigit)
        guard isCommit || publicHosts.contains(host.lowercased()) else { return nil }
        // A mirror may have a path of its own in front.
        let prefix = segments.prefix(max(0, verb - 2))
        var root = address
        (root.percentEncodedPath, root.query, root.fragment) = ("", nil, nil)
        guard let reference = try? reference(segments: Array(segments.dropFirst(prefix.count)), query: []),
            let place = root.url.flatMap({
                URL(string: $0.absoluteString + "/" + encoded(path: prefix.joined(separator: "/")))
            }),
            let endpoint = URL(string: self.root(place))
        else { return nil }
        return HubFile(reference, at: endpoint)
    }

    /// The segments of the path below the Hub's root, each decoded; nil when the address is not of the Hub.
    static func segments(of address: URLComponents, endpoint: URL?) -> [String]? {
        guard let host = address.host?.lowercased() else { return nil }
        var path = address.percentEncodedPath[...]
        if !(publicHosts.contains(host) && address.port == nil) {
            guard let endpoint, let root = URLComponents(url: endpoint, resolvingAgainstBaseURL: true),
                root.host?.lowercased() == host, root.port == address.port
            else { return nil }
            var prefix = root.percentEncodedPath
            while prefix.hasSuffix("/") { prefix.removeLast() }
            guard path.hasPrefix(prefix) else { return nil }
            path = path.dropFirst(prefix.count)
            guard path.isEmpty || path.hasPrefix("/") else { return nil }
        }
        // Split before decoding: a revision such as refs%2Fpr%2F1 is one segment.
        return path.split(separator: "/").map { $0.percentDecoded ?? String($0) }
    }

    /// Without its scheme: `owner/repo:QUANT`, `owner/repo/blob/main/file.gguf?download=true`.
    static func reference(pasted text: Substring) throws(ReferenceError) -> HubReference {
        guard let address = URLComponents(string: "https://huggingface.co/" + text),
            let segments = segments(of: address, endpoint: nil)
        else { throw .notAnAddress(String(text)) }
        return try reference(segments: segments, query: address.queryItems ?? [])
    }

    /// `/owner/repo`, `/owner/repo/blob/REVISION/PATH` and the same with `resolve`, `raw`, `tree`; other tabs of a
    /// model's page mean the model.
    static func reference(segments: [String], query: [URLQueryItem]) throws(ReferenceError) -> HubReference {
        let shown = segments.joined(separator: "/")
        guard let first = segments.first else { throw .notAModelPage("/") }
        guard !otherPages.contains(first.lowercased()) else { throw .notAModelPage(shown) }
        let verbs: Set<String> = ["blob", "resolve", "raw", "tree", "commits", "commit"]
        // Repositories without an owner have the verb in the second place.
        let count = segments.count == 1 || verbs.contains(segments[1]) ? 1 : 2
        var reference = try HubReference(parsing: segments.prefix(count).joined(separator: "/"))
        if let shownFile = query.first(where: { $0.name == "show_file_info" })?.value {
            reference.selection = .path(try HubReference.checked(path: shownFile))
        }
        var rest = segments.dropFirst(count)
        guard let verb = rest.popFirst(), verbs.contains(verb) else { return reference }
        guard let revision = revision(&rest) else { throw .missingPart(shown) }
        reference.revision = try HubReference.checked(revision: revision)
        switch verb {
        case "blob", "resolve", "raw":
            guard !rest.isEmpty else { throw .missingPart(shown) }
            guard rest.allSatisfy({ !$0.holds("/") }) else {
                throw .unsafePath(rest.joined(separator: "/"), .separator(shown))
            }
            reference.selection = .path(try HubReference.checked(path: rest.joined(separator: "/")))
        case "tree":
            // Large repositories keep each quantization in a folder of its own.
            if let folder = rest.last, ModelReference.isQuantization(folder), ModelReference.isCatalogName(folder) {
                reference.selection = .quantization(folder.uppercased())
            }
        default: break
        }
        return reference
    }

    /// The revision in front of a path: one segment, or three for `refs/pr/1`.
    private static func revision(_ rest: inout ArraySlice<String>) -> String? {
        guard let first = rest.popFirst() else { return nil }
        guard first == "refs", rest.count >= 2 else { return first }
        let parts = rest.prefix(2)
        rest = rest.dropFirst(2)
        return ([first] + parts).joined(separator: "/")
    }
}

extension URL {
    /// The public Hugging Face Hub, where `HF_ENDPOINT` does not name another.
    package static let huggingFaceHub: URL = {
        var components = URLComponents()
        components.scheme = "https"
        components.host = "huggingface.co"
        return components.url ?? URL(filePath: "/")
    }()
}
