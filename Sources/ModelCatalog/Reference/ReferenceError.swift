public import Disk
public import Foundation

/// Why a text does not name a model.
public enum ReferenceError: Error, Hashable, Sendable {
    case empty
    /// In bytes of UTF-8.
    case tooLong(size: Int, limit: Int)
    /// Control characters and marks that reorder text; shown as `?` in the text given.
    case hiddenCharacter(String)
    /// A part that the form needs is missing: `hf:owner/`, `qwen2::q8_0`.
    case missingPart(String)
    /// A catalog name has at most three parts and only letters, digits and `. - _ +`.
    case notACatalogName(String)
    /// Not `owner/name` as the Hub writes it.
    case notAHubRepository(String)
    /// A page of the Hub that is no model: a data set, a space, a paper.
    case notAModelPage(String)
    /// A path that leaves its repository, or that no disk should hold.
    case unsafePath(String, FileNameFault)
    /// Not the name of a model in an Ollama or OCI registry.
    case notARegistryName(String)
    /// An address without a host, or one that cannot be read.
    case notAnAddress(String)
    /// A user name or password in an address: it would be kept and shown.
    case credentialsInAddress
    /// A scheme that is none of the forms: `ftp`, `s3`.
    case unknownScheme(String)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .empty: "reference-empty"
        case .tooLong: "reference-too-long"
        case .hiddenCharacter: "reference-has-hidden-character"
        case .missingPart: "reference-incomplete"
        case .notACatalogName: "reference-not-a-name"
        case .notAHubRepository: "reference-not-a-repository"
        case .notAModelPage: "reference-not-a-model-page"
        case .unsafePath: "reference-path-unsafe"
        case .notARegistryName: "reference-not-in-a-registry"
        case .notAnAddress: "reference-not-an-address"
        case .credentialsInAddress: "reference-has-credentials"
        case .unknownScheme: "reference-scheme-unknown"
        }
    }
}

extension ReferenceError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .empty: "No model is named."
        case .tooLong(let size, let limit): "The name has \(size) bytes, more than \(limit)."
        case .hiddenCharacter(let text): "\(text) has invisible characters."
        case .missingPart(let text): "A part is missing in \(text)."
        case .notACatalogName(let text): "\(text) is not the name of a model."
        case .notAHubRepository(let text): "\(text) is not a repository of the Hub."
        case .notAModelPage(let text): "\(text) is not the page of a model."
        case .unsafePath(let text, _): "\(text) is not a safe path."
        case .notARegistryName(let text): "\(text) is not a name in a registry."
        case .notAnAddress(let text): "\(text) is not an address."
        case .credentialsInAddress: "The address has a password in it, which would be kept and shown."
        case .unknownScheme(let text): "\(text): is not a known form of name."
        }
    }
}
