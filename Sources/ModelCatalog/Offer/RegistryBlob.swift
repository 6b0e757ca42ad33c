package import Foundation

/// One content of an OCI registry. It is named by its digest, so that it can be asked for by no other tag's will.
package struct RegistryBlob: Hashable, Sendable {
    /// Scheme, host and port: `https://registry.ollama.ai`.
    package let endpoint: URL
    /// `library/qwen2`, `ai/smollm2`.
    package let repository: String
    /// SHA-256 of the content.
    package let digest: Digest
    /// `{endpoint}/v2/{repository}/blobs/sha256:{digest}`; source: opencontainers/distribution-spec, "Pulling blobs".
    package let url: URL

    /// Nil when the parts make no address of http or https.
    package init?(endpoint: URL, repository: String, digest: Digest) {
        guard ["http", "https"].contains(endpoint.scheme?.lowercased()), endpoint.host()?.isEmpty == false,
            endpoint.user() == nil, Self.isRepository(repository),
            let url = URL(string: "\(HubAddress.root(endpoint))/v2/\(repository)/blobs/sha256:\(digest.hex)")
        else { return nil }
        (self.endpoint, self.repository, self.digest, self.url) = (endpoint, repository, digest, url)
    }

    /// Names of Ollama's may have large letters, which the specification does not know.
    private static func isRepository(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 255
            && parts.allSatisfy { part in
                !part.isEmpty && !part.hasPrefix(".") && String(part).hasOnlyASCIIWords(and: "._-+")
            }
    }
}

extension RegistryBlob: Codable {
    private enum CodingKeys: String, CodingKey { case endpoint, repository, digest }

    /// Reads a record.
    ///
    /// - Throws: `DecodingError`, also for what makes no address.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        guard
            let blob = RegistryBlob(
                endpoint: try values.decode(URL.self, forKey: .endpoint),
                repository: try values.decode(String.self, forKey: .repository),
                digest: try values.decode(Digest.self, forKey: .digest))
        else { throw DecodingError.dataCorruptedError(forKey: .repository, in: values, debugDescription: "no address") }
        self = blob
    }

    /// Writes a record.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(endpoint, forKey: .endpoint)
        try values.encode(repository, forKey: .repository)
        try values.encode(digest, forKey: .digest)
    }
}
