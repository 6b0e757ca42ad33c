internal import Foundation
package import SystemPackage

/// Why stored models could not be written elsewhere.
package enum ExportError: Error, Equatable, Sendable {
    /// The disk takes no file as large as that. In bytes.
    case fileTooLarge(file: String, size: Int64, limit: Int64, folder: FilePath)
    /// What can be read there is not what was written.
    case damaged(file: String, path: FilePath)
    /// The folder belongs to the store.
    case insideStore(path: FilePath)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    package var code: String {
        switch self {
        case .fileTooLarge: "file-too-large"
        case .damaged: "damaged-copy"
        case .insideStore: "inside-store"
        }
    }
}

extension ExportError: LocalizedError {
    /// One sentence.
    package var errorDescription: String? {
        switch self {
        case .fileTooLarge(let file, let size, let limit, let folder):
            "\(file) has \(size) bytes, and the disk of \(folder) takes files of up to \(limit)."
        case .damaged(let file, let path): "\(file) was not written correctly to \(path)."
        case .insideStore(let path): "\(path) belongs to the store."
        }
    }
}
