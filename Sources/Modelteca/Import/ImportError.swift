internal import Foundation
package import ModelCatalog
package import SystemPackage

/// Why a file that is here could not be taken into the store.
package enum ImportError: Error, Equatable, Sendable {
    /// Nothing is there.
    case missing(path: FilePath)
    /// There is no GGUF file in the folder.
    case nothing(folder: FilePath)
    /// It ends before its last tensor. In bytes.
    case cutShort(path: FilePath, size: Int64, expected: Int64)
    /// It is not what the manifest, or the list of sums, says. `ref` is what the manifest calls the model, `host` where it
    /// says that the file can be had.
    case damaged(path: FilePath, Fault, ref: String?, host: String?)
    /// Of a divided model some parts are not there.
    case partsMissing(file: String, missing: [String])
    /// Somebody wrote to it while it was taken in.
    case changed(path: FilePath)
    /// Its space cannot be shared, and no copy was wanted.
    case otherDisk(path: FilePath)
    /// What a manifest says cannot be used.
    case badManifest(path: FilePath, entry: String)
    /// A manifest that has no model.
    case emptyManifest(path: FilePath)
    /// A file that a manifest names is behind a link.
    case link(path: FilePath)
    /// It is in the store.
    case insideStore(path: FilePath)
    /// Another content is stored under its reference.
    case taken(ref: String)

    /// How a file differs from what was written of it. Sizes are in bytes.
    package enum Fault: Equatable, Sendable {
        case size(expected: Int64, actual: Int64)
        case digest(expected: Digest, actual: Digest)
    }

    /// Name for `--json`. Scripts match on it, so it is never translated.
    package var code: String {
        switch self {
        case .missing: "no-such-file"
        case .nothing, .emptyManifest: "nothing-to-import"
        case .cutShort: "cut-short"
        case .damaged(_, .size, _, _): "size-mismatch"
        case .damaged(_, .digest, _, _): "digest-mismatch"
        case .partsMissing: "parts-missing"
        case .changed: "changed-meanwhile"
        case .otherDisk: "needs-copy"
        case .badManifest: "bad-manifest"
        case .link: "manifest-link"
        case .insideStore: "inside-store"
        case .taken: "ref-taken"
        }
    }
}

extension ImportError: LocalizedError {
    /// One sentence.
    package var errorDescription: String? {
        switch self {
        case .missing(let path): "There is no \(path)."
        case .nothing(let folder): "There is no GGUF file in \(folder)."
        case .cutShort(let path, let size, let expected): "\(path) has \(size) of \(expected) bytes."
        case .damaged(let path, _, _, _): "\(path) is not the file that was written there."
        case .emptyManifest(let path): "\(path) has no model."
        case .partsMissing(let file, let missing): "\(file) lacks \(missing.count) parts."
        case .changed(let path): "\(path) changed while it was read."
        case .otherDisk(let path): "\(path) cannot share its space with the store."
        case .badManifest(let path, let entry): "\(path) cannot be used: \(entry)."
        case .link(let path): "\(path) is a link."
        case .insideStore(let path): "\(path) is in the store."
        case .taken(let ref): "\(ref) is stored with another content."
        }
    }
}
