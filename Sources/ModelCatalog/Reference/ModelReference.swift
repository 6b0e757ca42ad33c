public import Foundation
public import SystemPackage

/// How a user names a model: the forms of the command line contract.
public enum ModelReference: Hashable, Sendable {
    /// `tinyllama`, `qwen2:0.5b`, `qwen2:0.5b:q8_0`; all parts lower case.
    case catalog(family: String, size: String?, quantization: String?)
    /// `hf:owner/repo`, `hf:owner/repo:Q4_K_M`, `hf:owner/repo/path/file.gguf`, `@revision`; addresses as pasted.
    case hub(HubReference)
    /// `modelscope:owner/repo`, as `hf:`; addresses of modelscope.cn as pasted.
    case modelScope(HubReference)
    /// `ollama:qwen2:0.5b`, `ollama:user/name:tag`.
    case ollama(namespace: String, name: String, tag: String)
    /// `oci://host[:port]/repo:tag`, `…@sha256:…`.
    case oci(host: String, repository: String, tag: String)
    /// `https://…/file.gguf`.
    case address(URL)
    /// `file:///…` or a path on this disk.
    case file(FilePath)
}

extension ModelReference {
    /// The branch, tag or commit of a hub that it names.
    package var revision: String? {
        switch self {
        case .hub(let reference), .modelScope(let reference): reference.revision
        default: nil
        }
    }
}

extension ModelReference: CustomStringConvertible {
    /// The canonical text: it reads back as the same reference, but for the secrets of a signed address. It is kept in
    /// records and shown on screens.
    public var description: String {
        switch self {
        case .catalog(let family, let size, let quantization):
            [family, size, quantization].compactMap(\.self).joined(separator: ":")
        case .hub(let hub): hub.pageAddress ?? "hf:\(hub)"
        case .modelScope(let reference): "modelscope:\(reference)"
        case .ollama("library", let name, let tag): "ollama:\(name):\(tag)"
        case .ollama(let namespace, let name, let tag): "ollama:\(namespace)/\(name):\(tag)"
        case .oci(let host, let repository, let tag) where tag.hasPrefix("sha256:"):
            "oci://\(host)/\(repository)@\(tag)"
        case .oci(let host, let repository, let tag): "oci://\(host)/\(repository):\(tag)"
        case .address(let url): url.withoutSecrets.absoluteString
        case .file(let path): Self.describe(path)
        }
    }

    /// A relative path begins with a dot, so that it cannot be taken for a name.
    private static func describe(_ path: FilePath) -> String {
        let text = path.string
        let isPlain = path.isAbsolute || text.hasPrefix("./") || text.hasPrefix("../") || text.hasPrefix("~")
        return isPlain || text == "." || text == ".." ? text : "./\(text)"
    }
}
