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
    /// How many independent projects print the digest; 0 when none does.
    public var witnesses: Int
    /// Keys of ``Catalog/sources``.
    public var sourceIDs: [String]

    /// `owner/name` of the repository.
    public var repositoryID: String { "\(publisher)/\(repository)" }

    /// The last component of the path: what the file is stored under.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Where the Hub serves it, at the pinned commit or else on `main`; nil when the endpoint makes no address.
    ///
    /// The form `…/resolve/REVISION/PATH` is that of huggingface_hub, `hf_hub_url`.
    func url(endpoint: URL) -> URL? {
        var base = endpoint.absoluteString
        while base.hasSuffix("/") { base.removeLast() }
        let parts =
            [publisher, repository, "resolve", revision ?? "main"] + path.split(separator: "/").map(String.init)
        let encoded = parts.compactMap { $0.addingPercentEncoding(withAllowedCharacters: Self.segmentCharacters) }
        guard encoded.count == parts.count else { return nil }
        return URL(string: base + "/" + encoded.joined(separator: "/"))
    }

    private static let segmentCharacters = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+=@,")
}

extension URL {
    /// The public Hugging Face Hub, where `HF_ENDPOINT` does not name another.
    public static let huggingFaceHub: URL = {
        var components = URLComponents()
        components.scheme = "https"
        components.host = "huggingface.co"
        return components.url ?? URL(filePath: "/")
    }()
}
