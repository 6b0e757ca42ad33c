public import Foundation
public import SystemPackage

/// How a user names a model: the forms of the command line contract.
public enum ModelReference: Hashable, Sendable {
    /// `tinyllama`, `qwen2:0.5b`, `qwen2:0.5b:q8_0`; all parts lower case.
    case catalog(family: String, size: String?, quantization: String?)
    /// `hf:owner/repo`, `hf:owner/repo:Q4_K_M`, `hf:owner/repo/path/file.gguf`, `@revision`; addresses as pasted.
    case hub(HubReference)
    /// `ollama:qwen2:0.5b`, `ollama:user/name:tag`.
    case ollama(namespace: String, name: String, tag: String)
    /// `oci://host[:port]/repo:tag`, `…@sha256:…`.
    case oci(host: String, repository: String, tag: String)
    /// `https://…/file.gguf`.
    case address(URL)
    /// `file:///…` or a path on this disk.
    case file(FilePath)
}

/// A model of the Hugging Face Hub, or one file of it.
public struct HubReference: Hashable, Sendable {
    /// Nil for the old repositories that have no owner (`gpt2`).
    public var owner: String?
    /// Name of the repository.
    public var repository: String
    /// Branch, tag or commit; nil means the default branch.
    public var revision: String?
    /// Which of its files is meant.
    public var selection: Selection

    /// Puts the parts together; ``init(parsing:)`` checks them.
    public init(owner: String?, repository: String, revision: String? = nil, selection: Selection = .best) {
        self.owner = owner
        self.repository = repository
        self.revision = revision
        self.selection = selection
    }

    /// Which of a repository's files is meant.
    public enum Selection: Hashable, Sendable {
        /// The one that suits this device.
        case best
        /// By quantization, in any case: `Q4_K_M`.
        case quantization(String)
        /// By path inside the repository.
        case path(String)
    }

    /// `owner/repo`, as the Hub's own addresses write it.
    public var id: String { owner.map { "\($0)/\(repository)" } ?? repository }
}
