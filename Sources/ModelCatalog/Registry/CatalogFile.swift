/// One GGUF file of the Hugging Face Hub that a source names.
package struct CatalogFile: Hashable, Sendable {
    /// Owner of the repository on the Hub.
    package var publisher: String
    /// Name of the repository on the Hub.
    package var repository: String
    /// Path inside the repository; mostly just the file's name.
    package var path: String
    /// As the file's name says, upper case: `Q4_K_M`.
    package var quantization: String
    /// In bytes; nil when no source gives the exact size.
    package var size: Int64?
    /// Whether the file leaves out the output matrix because the embedding table is used for it; nil where it does as
    /// the model does. Some publishers' files hold the matrix although the model has none.
    package var tiedEmbeddings: Bool?
    /// Nil when no source prints one, or when the one printed is known to be wrong.
    package var digest: Digest?
    /// The commit that a source pinned; nil means the default branch.
    package var revision: String?
    /// How many independent projects print the digest; 0 when none does.
    package var witnesses: Int
    /// Keys of ``Catalog/sources``.
    package var sourceIDs: [String]
    /// All files of a model that is split, in order; empty for one file.
    package var parts: [CatalogPart]

    /// `owner/name` of the repository.
    package var repositoryID: String { "\(publisher)/\(repository)" }

    /// The last component of the path: what the file is stored under.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The same file as a reference of the Hub, at its pinned commit.
    package var hubReference: HubReference {
        HubReference(owner: publisher, repository: repository, revision: revision, selection: .path(path))
    }
}
