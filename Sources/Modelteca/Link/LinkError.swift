internal import Foundation
package import SystemPackage

/// Why another program could not be given a stored file.
package enum LinkError: Error, Equatable, Sendable {
    /// The program's folder is not there.
    case noProgram(name: String, folder: FilePath)
    /// Something else has the place of the link.
    case occupied(path: FilePath)
    /// The Hub's cache knows files by repository and commit, and this one has none.
    case notOfHub(ref: String)
    /// The place is on another disk than the store, and must not be a link of the other kind.
    case otherDisk(path: FilePath)
    /// A file of the model is not as it should be.
    case notReady(ref: String)
    /// The disk did not do it.
    case io(path: FilePath, errno: Errno)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    package var code: String {
        switch self {
        case .noProgram: "no-program"
        case .occupied: "link-occupied"
        case .notOfHub: "not-of-hub"
        case .otherDisk: "other-disk"
        case .notReady: "not-ready"
        case .io: "link-io"
        }
    }
}

extension LinkError: LocalizedError {
    /// One sentence.
    package var errorDescription: String? {
        switch self {
        case .noProgram(let name, let folder): "\(name) has no folder \(folder)."
        case .occupied(let path): "\(path) exists already."
        case .notOfHub(let ref): "\(ref) did not come from the Hub."
        case .otherDisk(let path): "\(path) is on another disk than the store."
        case .notReady(let ref): "\(ref) is not complete."
        case .io(let path, let errno): "\(path) cannot be made: \(errno)."
        }
    }
}
