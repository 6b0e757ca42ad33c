package import Foundation
package import ModelCatalog
package import SystemPackage

/// A complete file on this disk whose bytes have been proven. Only the verifier makes one.
public struct VerifiedFile: Hashable, Sendable {
    /// Where the bytes are now: under `.slm/partial`, to be renamed by the store.
    package let path: FilePath
    /// The name it is to have.
    package let name: String
    /// In bytes.
    package let size: Int64
    /// SHA-256 of all the bytes, computed here.
    package let digest: Digest
    /// What the digest was held against.
    package let proof: Proof
    /// Fast hashes of its blocks, for finding damage later.
    package let blocks: BlockHashes
    /// What it is a copy of, without credentials or signatures.
    package let origin: FileOrigin
    /// Where its last bytes came from, which may be a mirror; without credentials or signatures.
    package let source: URL
    /// Bytes that came over the network for it in this run.
    package let fetched: Int64
    /// Bytes that an earlier run had left.
    package let resumed: Int64
    /// Whether the bytes have reached the disk. For those of a small file the store waits: once for many.
    package let isOnDisk: Bool

    /// How far a file is proven.
    public enum Proof: String, Hashable, Sendable, Codable {
        /// Its SHA-256 equals a published one.
        case sha256
        /// Only its size could be compared.
        case size
        /// The origin said neither.
        case none
    }

    init(
        path: FilePath, name: String, size: Int64, digest: Digest, proof: Proof, blocks: BlockHashes,
        origin: FileOrigin, source: URL, fetched: Int64, resumed: Int64, isOnDisk: Bool = true
    ) {
        self.path = path
        self.name = name
        self.size = size
        self.digest = digest
        self.proof = proof
        self.blocks = blocks
        self.origin = origin.withoutSecrets
        self.source = source.withoutSecrets
        self.fetched = fetched
        self.resumed = resumed
        self.isOnDisk = isOnDisk
    }
}

extension URL {
    /// Without user, password and the parts of a query by which addresses are signed.
    var withoutSecrets: URL {
        guard var parts = URLComponents(url: self, resolvingAgainstBaseURL: true) else { return self }
        (parts.user, parts.password, parts.fragment) = (nil, nil, nil)
        let words = ["signature", "expires", "policy", "key-pair-id", "token", "credential", "sig", "se", "access_key"]
        let harmless = parts.queryItems?.filter { item in
            let name = item.name.lowercased()
            return !name.hasPrefix("x-amz-") && !name.hasPrefix("x-goog-") && !words.contains(name)
        }
        parts.queryItems = harmless?.isEmpty == true ? nil : harmless
        return parts.url ?? self
    }
}
