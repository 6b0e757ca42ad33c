package import Foundation
package import ModelCatalog

/// ModelScope as a second source of the Hub's files: many publishers put the same repositories there.
///
/// It is asked only when the user names it (`MODELSCOPE_ENDPOINT`), only when the Hub fails, and only for files whose
/// SHA-256 is known: that the bytes are the same is proven, not assumed. Facts: PyPI modelscope_hub 0.5.1,
/// `_legacy_api.py`; `gpustack/gguf-parser-go`, `file_from_remote.go`.
package struct ModelScope: Sendable {
    /// Its default branch.
    private static let branch = "master"
    private let endpoint: URL

    /// Nil for an endpoint that is neither http nor https.
    package init?(endpoint text: String) {
        guard let url = URL(webAddress: text) else { return nil }
        endpoint = url
    }

    /// Where it would have a file of the Hub: `/models/OWNER/NAME/resolve/master/PATH`; nil for repositories without an
    /// owner.
    package func address(of file: HubFile) -> URL? {
        guard file.reference.owner != nil else { return nil }
        return HubAddress.file(file.path, of: "models/" + file.reference.id, revision: Self.branch, at: endpoint)
    }
}
