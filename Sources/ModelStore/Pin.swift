public import ModelCatalog

/// The content of a file for which the catalog publishes no digest, as it was first seen.
///
/// A later answer that differs is then noticed, whoever gives it.
public struct Pin: Hashable, Sendable, Codable {
    /// The model's canonical reference.
    public var ref: String
    /// The file's name.
    public var file: String
    /// SHA-256 of the content.
    public var digest: Digest
    /// In bytes.
    public var size: Int64
    /// The commit, tag or manifest it was seen at; nil when unknown.
    public var revision: String?

    /// Takes what was seen.
    public init(ref: String, file: String, digest: Digest, size: Int64, revision: String? = nil) {
        self.ref = ref
        self.file = file
        self.digest = digest
        self.size = size
        self.revision = revision
    }
}
