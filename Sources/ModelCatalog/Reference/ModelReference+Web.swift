import Disk
import Foundation
import SystemPackage

extension ModelReference {
    /// An address of the web: a page of the Hub or of Ollama as pasted, else a plain origin.
    static func web(_ text: String, in context: ParsingContext) throws(ReferenceError) -> ModelReference {
        guard let components = URLComponents(string: text), let url = components.url,
            let host = components.host?.lowercased(), !host.isEmpty
        else { throw .notAnAddress(text) }
        guard components.user == nil, components.password == nil else { throw .credentialsInAddress }
        if let segments = HubAddress.segments(of: components, endpoint: context.hubEndpoint) {
            return .hub(try HubAddress.reference(segments: segments, query: components.queryItems ?? []))
        }
        if ModelScopeAddress.hosts.contains(host), components.port == nil,
            let reference = try ModelScopeAddress.reference(components)
        {
            return try ofModelScope(reference)
        }
        if host == "ollama.com" || host == "www.ollama.com" {
            var name = components.path.drop { $0 == "/" }
            name = name.dropping(prefix: "library/") ?? name
            return try ollama(String(name), in: context)
        }
        return .address(url)
    }

    /// ModelScope knows no repository without an owner.
    static func ofModelScope(_ reference: HubReference) throws(ReferenceError) -> ModelReference {
        guard reference.owner != nil else { throw .notAHubRepository("modelscope:\(reference)") }
        return .modelScope(reference)
    }

    /// `file:///path`, `file://localhost/path`.
    static func file(_ rest: String) throws(ReferenceError) -> ModelReference {
        guard let slashes = rest.dropping(prefix: "//") else { throw .notAnAddress("file:\(rest)") }
        let path = slashes.dropping(prefix: "localhost") ?? slashes
        guard path.hasPrefix("/"), let decoded = path.percentDecoded else {
            throw .notAnAddress("file:\(rest)")
        }
        guard !decoded.hasHiddenCharacters else {
            throw .hiddenCharacter("file:\(rest)")
        }
        return .file(FilePath(decoded))
    }

    /// `qwen2:0.5b`, `user/name:tag`, also with the registry's own host in front, or `hf.co/owner/repo:QUANT`.
    ///
    /// Defaults as in ollama/ollama, `types/model/name.go`: namespace `library`, tag `latest`.
    static func ollama(_ text: String, in context: ParsingContext) throws(ReferenceError) -> ModelReference {
        for host in HubAddress.publicHosts {
            if let rest = text.dropping(prefix: host + "/") { return .hub(try HubAddress.reference(pasted: rest)) }
        }
        let text = text.dropping(prefix: "registry.ollama.ai/") ?? text[...]
        let pieces = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let path = (pieces.first ?? "").split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let tag = pieces.count == 2 ? String(pieces[1]) : "latest"
        guard (1...2).contains(path.count), (path + [tag]).allSatisfy(isCatalogName) else {
            throw .notARegistryName("ollama:\(text)")
        }
        return path.count == 2
            ? .ollama(namespace: path[0], name: path[1], tag: tag)
            : .ollama(namespace: "library", name: path[0], tag: tag)
    }

    /// `host[:port]/repo[:tag]` or `host[:port]/repo@sha256:…`; with both, the digest counts.
    ///
    /// Names as in the OCI distribution specification, "Pulling manifests".
    static func oci(_ text: String) throws(ReferenceError) -> ModelReference {
        let fault = ReferenceError.notARegistryName("oci://\(text)")
        guard let slash = text.firstIndex(of: "/") else { throw .missingPart("oci://\(text)") }
        let host = text[..<slash].lowercased()
        guard isHost(host) else { throw text.holds("@") && host.holds("@") ? .credentialsInAddress : fault }
        var repository = text[text.index(after: slash)...]
        var tag = "latest"
        var pinned: String?
        if let at = repository.firstIndex(of: "@") {
            let digest = repository[repository.index(after: at)...]
            guard digest.hasPrefix("sha256:"), let digest = Digest(hex: digest) else { throw fault }
            pinned = "sha256:\(digest.hex)"
            repository = repository[..<at]
        }
        if let colon = repository.lastIndex(of: ":") {
            tag = String(repository[repository.index(after: colon)...])
            repository = repository[..<colon]
        }
        guard isTag(tag), isRepository(repository) else { throw fault }
        return .oci(host: host, repository: String(repository), tag: pinned ?? tag)
    }

    /// A name or address with an optional port; an IPv6 address stands in brackets.
    private static func isHost(_ host: String) -> Bool {
        var name = host[...]
        if let end = host.lastIndex(of: ":"), host[end...].firstIndex(of: "]") == nil {
            guard let port = UInt16(host[host.index(after: end)...]), port > 0 else { return false }
            name = host[..<end]
        }
        if name.hasPrefix("["), name.hasSuffix("]") {
            return name.utf8.count > 4
                && name.dropFirst().dropLast().utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) }
        }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.hasOnlyASCIIWords(and: "-_")
        }
    }

    private static func isTag(_ tag: String) -> Bool {
        (1...128).contains(tag.utf8.count) && !tag.hasPrefix(".") && !tag.hasPrefix("-")
            && tag.hasOnlyASCIIWords(and: "._-")
    }

    private static func isRepository(_ name: Substring) -> Bool {
        guard (1...255).contains(name.utf8.count) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, let last = part.utf8.last else { return false }
            let ends = "0123456789abcdefghijklmnopqrstuvwxyz".utf8
            return ends.contains(first) && ends.contains(last) && !part.holds("..")
                && part.utf8.allSatisfy { ends.contains($0) || "._-".utf8.contains($0) }
        }
    }
}
