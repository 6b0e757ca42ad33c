public import Foundation

/// One GGUF file of the Hugging Face Hub that a source names.
public struct CatalogFile: Hashable, Sendable {
    /// Owner of the repository on the Hub.
    public var publisher: String
    /// Name of the repository on the Hub.
    public var repository: String
    /// Path inside the repository; mostly just the file's name.
    public var path: String
    /// As the file's name says, upper case: `Q4_K_M`.
    public var quantization: String
    /// In bytes; nil when no source gives the exact size.
    public var size: Int64?
    /// Whether the file leaves out the output matrix because the embedding table is used for it; nil where it does as
    /// the model does. Some publishers' files hold the matrix although the model has none.
    public var tiedEmbeddings: Bool?
    /// Nil when no source prints one, or when the one printed is known to be wrong.
    public var digest: Digest?
    /// The commit that a source pinned; nil means the default branch.
    public var revision: String?
    /// Set when the file is not of the size's main model: `base`, `chat-v0.3`, `qat`.
    public var variant: String?
    /// How many independent projects print the digest; 0 when none does.
    public var witnesses: Int
    /// What a source says about just this file.
    public var note: LocalizedText?
    /// Digests recorded earlier for the same path: an older upload, not damage.
    public var superseded: [Digest]
    /// Keys of ``Catalog/sources``.
    public var sourceIDs: [String]

    /// `owner/name` of the repository.
    public var repositoryID: String { "\(publisher)/\(repository)" }

    /// The last component of the path: what the file is stored under.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Where the Hub serves it, at the pinned commit or else on `main`; nil when the endpoint makes no address.
    public func url(endpoint: URL) -> URL? {
        HubAddress.file(path, of: repositoryID, revision: revision ?? "main", at: endpoint)
    }
}
