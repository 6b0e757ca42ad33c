internal import Disk
package import Foundation

/// Addresses of ModelScope, as people paste them from a browser, and where its files are.
package enum ModelScopeAddress {
    /// In China, and elsewhere.
    static let hosts = ["modelscope.cn", "www.modelscope.cn", "modelscope.ai", "www.modelscope.ai"]
    /// Its default branch.
    package static let branch = "master"

    /// `{endpoint}/models/{owner}/{name}/resolve/{revision}/{path}`: what the site itself and llama.cpp-like tools ask
    /// (gpustack/gguf-parser-go, `file_from_remote.go`).
    package static func file(_ path: String, of id: String, revision: String?, at endpoint: URL) -> URL? {
        HubAddress.file(path, of: "models/" + id, revision: revision ?? branch, at: endpoint)
    }

    /// `/models/OWNER/NAME`, with `/files`, `/summary` or another tab behind, with `/file/view/REVISION/PATH`, or with
    /// `/resolve/REVISION/PATH`; nil for other addresses of the site.
    static func reference(_ address: URLComponents) throws(ReferenceError) -> HubReference? {
        let segments = address.percentEncodedPath.split(separator: "/").map { $0.percentDecoded ?? String($0) }
        guard segments.first == "models", segments.count >= 3 else { return nil }
        var reference = try HubReference(parsing: segments[1] + "/" + segments[2])
        var rest = segments.dropFirst(3)
        if rest.starts(with: ["file", "view"]) {
            rest = rest.dropFirst(2)
        } else if rest.first == "resolve" {
            rest = rest.dropFirst()
        } else {
            return reference
        }
        guard let revision = rest.popFirst(), !rest.isEmpty else { throw .missingPart(address.path) }
        guard rest.allSatisfy({ !$0.holds("/") }) else {
            throw .unsafePath(rest.joined(separator: "/"), .separator(address.path))
        }
        if revision != branch { reference.revision = try HubReference.checked(revision: revision) }
        reference.selection = .path(try HubReference.checked(path: rest.joined(separator: "/")))
        return reference
    }
}

extension URL {
    /// The public ModelScope, where `MODELSCOPE_ENDPOINT` does not name another.
    package static let modelScope: URL = URL(string: "https://modelscope.cn") ?? .huggingFaceHub
}
