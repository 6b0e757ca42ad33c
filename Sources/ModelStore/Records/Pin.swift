package import ModelCatalog

/// The content of a file for which the catalog publishes no digest, as it was first seen.
///
/// A later answer that differs is then noticed, whoever gives it.
package struct Pin: Hashable, Sendable, Codable {
    /// The model's canonical reference.
    package var ref: String
    /// The file's name.
    package var file: String
    /// SHA-256 of the content.
    package var digest: Digest
    /// In bytes.
    package var size: Int64
    /// The commit, tag or manifest it was seen at; nil when unknown.
    package var revision: String?

    /// Takes what was seen.
    package init(ref: String, file: String, digest: Digest, size: Int64, revision: String? = nil) {
        self.ref = ref
        self.file = file
        self.digest = digest
        self.size = size
        self.revision = revision
    }
}
