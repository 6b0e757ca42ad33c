package import Foundation
package import SystemPackage

/// Where a file's bytes come from.
///
/// Made when a reference is resolved and kept in the store's record, so that an update or a repair asks the same place.
package enum FileOrigin: Hashable, Sendable {
    /// A file of a Hub's repository.
    case hub(HubFile)
    /// An address that no hub describes.
    case address(URL)
    /// A file on this disk.
    case local(FilePath)
    /// A layer of an artifact in an OCI registry; Ollama's is one.
    case registry(RegistryBlob)

    /// Where the bytes can be asked for.
    package var url: URL {
        switch self {
        case .hub(let file): file.url
        case .address(let url): url
        case .local(let path): URL(filePath: path.string)
        case .registry(let blob): blob.url
        }
    }

    /// The file of a Hub; nil for what comes from elsewhere.
    package var hubFile: HubFile? { if case .hub(let file) = self { file } else { nil } }

    /// Without the parts of an address that let whoever reads them in.
    package var withoutSecrets: FileOrigin {
        if case .address(let url) = self { .address(url.withoutSecrets) } else { self }
    }
}

/// One file of a Hub's repository, as it is at one revision.
package struct HubFile: Hashable, Sendable {
    /// The Hub: the public one, or the one that `HF_ENDPOINT` named.
    package let endpoint: URL
    /// The repository and the path in it; the revision is a commit where one is known, else a branch or tag.
    package let reference: HubReference
    /// `{endpoint}/{owner}/{repository}/resolve/{revision}/{path}`; source: huggingface_hub, `hf_hub_url`.
    package let url: URL

    /// Path inside the repository.
    package var path: String { if case .path(let path) = reference.selection { path } else { "" } }
    /// A commit, branch or tag; `main` where nothing else is known.
    package var revision: String { reference.revision ?? "main" }

    /// Nil when the reference names no file, or when the endpoint makes no address.
    package init?(_ reference: HubReference, at endpoint: URL) {
        guard case .path(let path) = reference.selection,
            let url = HubAddress.file(path, of: reference.id, revision: reference.revision ?? "main", at: endpoint)
        else { return nil }
        self.endpoint = endpoint
        self.reference = reference
        self.url = url
    }
}

// MARK: In a record

extension FileOrigin: Codable {
    private enum CodingKeys: String, CodingKey { case hub, address, local, registry }

    private struct HubCoding: Codable {
        var endpoint: URL
        var repository: String
        var revision: String?
        var path: String
    }

    /// Reads a record.
    ///
    /// - Throws: `DecodingError` also for what could not have been resolved: a record may have been edited by anybody.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        if let coding = try values.decodeIfPresent(HubCoding.self, forKey: .hub) {
            var reference = try HubReference(parsing: coding.repository)
            reference.revision = try coding.revision.map { try HubReference.checked(revision: $0) }
            reference.selection = .path(try HubReference.checked(path: coding.path))
            guard let file = HubFile(reference, at: coding.endpoint) else {
                throw DecodingError.dataCorruptedError(forKey: .hub, in: values, debugDescription: "makes no address")
            }
            self = .hub(file)
        } else if let url = try values.decodeIfPresent(URL.self, forKey: .address) {
            self = .address(url)
        } else if let blob = try values.decodeIfPresent(RegistryBlob.self, forKey: .registry) {
            self = .registry(blob)
        } else {
            self = .local(FilePath(try values.decode(String.self, forKey: .local)))
        }
    }

    /// Writes a record.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .hub(let file):
            let coding = HubCoding(
                endpoint: file.endpoint.withoutSecrets, repository: file.reference.id,
                revision: file.reference.revision,
                path: file.path)
            try values.encode(coding, forKey: .hub)
        case .address(let url): try values.encode(url, forKey: .address)
        case .local(let path): try values.encode(path.string, forKey: .local)
        case .registry(let blob): try values.encode(blob, forKey: .registry)
        }
    }

    /// Reads what records and indexes said before they kept the value itself: the address of the bytes.
    package init?(recordedAddress text: String) {
        guard let url = URL(string: text) else { return nil }
        if url.isFileURL {
            self = .local(FilePath(url.path(percentEncoded: false)))
        } else if let file = HubAddress.file(recordedAs: url) {
            self = .hub(file)
        } else {
            self = .address(url)
        }
    }
}

extension URL {
    /// Without user, password and the parts of a query by which addresses are signed: what may be written down or shown.
    package var withoutSecrets: URL {
        guard var parts = URLComponents(url: self, resolvingAgainstBaseURL: true) else { return self }
        (parts.user, parts.password, parts.fragment) = (nil, nil, nil)
        let names = (parts.percentEncodedQueryItems ?? []).map { ($0.name.percentDecoded ?? $0.name).lowercased() }
        // What stops being true at some time is signed, in words of the server's own (nginx's `secure_link`: `md5`, `st`).
        let isSigned = names.contains { ["e", "exp", "expires", "expiry", "expire", "deadline"].contains($0) }
        let harmless = parts.percentEncodedQueryItems?.filter {
            let name = $0.name.percentDecoded ?? $0.name
            return !Self.isSecret(name) && !(isSigned && Self.mayBeSignature(name))
        }
        // What is left alone keeps its spelling.
        if harmless?.count != parts.percentEncodedQueryItems?.count {
            parts.percentEncodedQueryItems = harmless?.isEmpty == true ? nil : harmless
        }
        return parts.url ?? self
    }

    /// Names that are a signature beside a time, and harmless by themselves.
    private static func mayBeSignature(_ name: String) -> Bool {
        ["md5", "hash", "st", "s", "h", "hmac", "sign", "digest", "e", "exp", "expiry", "expire", "deadline"]
            .contains(name.lowercased())
    }

    /// Names as storage services, content networks and plain servers give them.
    private static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased().filter { $0 != "-" && $0 != "_" }
        let whole = [
            "expires", "policy", "keypairid", "sig", "se", "key", "auth", "authorization", "authkey", "jwt", "pass",
            "pwd", "session", "sessionid", "sid", "hmac", "sign",
        ]
        let parts = ["token", "signature", "credential", "secret", "password", "passwd", "apikey", "accesskey"]
        return name.hasPrefix("xamz") || name.hasPrefix("xgoog") || whole.contains(name)
            || parts.contains { name.holds($0) }
    }
}
