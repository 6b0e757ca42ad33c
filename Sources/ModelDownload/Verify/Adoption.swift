internal import Disk
internal import Foundation
package import ModelCatalog
package import SystemPackage

extension VerifiedFile {
    /// Proves a whole file that came by another way than a download.
    ///
    /// - Throws: `DownloadError.digestMismatch`, `.notAModel`, `.knownBadDigest`, `.disk`; `CancellationError`.
    package static func proving(
        _ path: FilePath, as file: RemoteFile, refusing refused: Set<Digest> = [],
        onProgress: (@Sendable (Int64) -> Void)? = nil
    ) async throws -> VerifiedFile {
        let result = try await FileHasher.hash(path, onProgress: onProgress)
        if refused.contains(result.digest) {
            throw DownloadError.knownBadDigest(file: file.name, digest: result.digest)
        }
        if let expected = file.digest, expected != result.digest {
            throw DownloadError.digestMismatch(file: file.name, expected: expected, actual: result.digest)
        }
        return VerifiedFile(
            path: path, name: file.name, size: FileStatus.size(ofFile: path) ?? 0, digest: result.digest,
            proof: file.digest == nil ? .none : .sha256, blocks: result.blocks, origin: file.origin, source: file.url,
            fetched: 0, resumed: 0)
    }

    /// The same content, of which it is known now where else it is.
    package func from(_ origin: FileOrigin) -> VerifiedFile {
        VerifiedFile(
            path: path, name: name, size: size, digest: digest, proof: .sha256, blocks: blocks, origin: origin,
            source: source, fetched: fetched, resumed: resumed, isOnDisk: isOnDisk)
    }

    /// The same content under the name that it has at its origin, as far as that is known.
    package func called(_ name: String, from origin: FileOrigin) -> VerifiedFile {
        VerifiedFile(
            path: path, name: name, size: size, digest: digest, proof: origin == self.origin ? proof : .sha256,
            blocks: blocks, origin: origin, source: source, fetched: fetched, resumed: resumed, isOnDisk: isOnDisk)
    }
}
