import Foundation
import SystemPackage

extension ModelReference: CustomStringConvertible {
    /// The canonical text: it reads back as the same reference.
    public var description: String {
        switch self {
        case .catalog(let family, let size, let quantization):
            [family, size, quantization].compactMap(\.self).joined(separator: ":")
        case .hub(let hub): hub.pageAddress ?? "hf:\(hub)"
        case .ollama("library", let name, let tag): "ollama:\(name):\(tag)"
        case .ollama(let namespace, let name, let tag): "ollama:\(namespace)/\(name):\(tag)"
        case .oci(let host, let repository, let tag) where tag.hasPrefix("sha256:"):
            "oci://\(host)/\(repository)@\(tag)"
        case .oci(let host, let repository, let tag): "oci://\(host)/\(repository):\(tag)"
        case .address(let url): url.absoluteString
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

extension HubReference: CustomStringConvertible {
    /// Set for a file of a repository without an owner: after `hf:` its path would be taken for the repository's name.
    fileprivate var pageAddress: String? {
        guard owner == nil, case .path(let path) = selection else { return nil }
        return HubAddress.file(path, of: repository, revision: revision ?? "main", at: .huggingFaceHub)?.absoluteString
    }

    /// What follows `hf:` in the canonical text.
    public var description: String {
        let pin = revision.map { "@\($0)" } ?? ""
        return switch selection {
        case .best: id + pin
        case .quantization(let name): "\(id):\(name)\(pin)"
        case .path(let path): "\(id)/\(path)\(pin)"
        }
    }
}
