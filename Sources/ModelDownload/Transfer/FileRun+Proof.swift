internal import Disk
internal import Foundation
internal import ModelCatalog

/// What the bytes are worth.
extension FileRun {
    /// Holds the bytes against the digest once all of them are here.
    func prove(
        _ transfer: FileTransfer, _ partial: PartialFile, _ hasher: FileHasher, _ round: Round, _ news: EventSource
    ) async throws -> Outcome {
        guard let size = transfer.size else { throw CancellationError() }
        news.report(.verifying)
        // Not a child task: who cancels the hash does not wait for the disk.
        let syncing = Task { try await Blocking.run { try partial.sync() } }
        let result = try await news.ticking { try await hasher.finish(size: size) }
        try await syncing.value
        let fetched = round.fetchedBefore.saturatingAdd(transfer.fetched)
        if shared.refused.contains(result.digest) {
            partial.discard()
            throw DownloadError.knownBadDigest(file: plan.file.name, digest: result.digest)
        }
        if let expected = plan.file.digest, expected != result.digest {
            let untried = transfer.untriedSources
            let others = untried + [transfer.currentOrigin]
            return .wrong(result.digest, others: others, fetched: max(1, fetched))
        }
        news.report(.done)
        return .proven(verified(result, size, transfer, fetched: fetched))
    }

    /// Tries whether the places mended so far were all the damage. What was not fetched again keeps its old bytes.
    ///
    /// - Returns: Nil when there is more to find.
    func tried(
        _ transfer: FileTransfer, _ partial: PartialFile, _ round: Round, _ news: EventSource
    ) async throws -> VerifiedFile? {
        guard let expected = plan.file.digest, let size = transfer.size, FileStatus.size(ofFile: plan.partial) == size
        else {
            return nil
        }
        news.report(.verifying)
        let result = try await news.ticking { try await FileHasher.hash(plan.partial) }
        guard result.digest == expected else { return nil }
        partial.trustAll(size)
        try await Blocking.run { try partial.sync() }
        news.report(.done)
        return verified(result, size, transfer, fetched: round.fetchedBefore.saturatingAdd(transfer.fetched))
    }

    private func verified(
        _ result: FileHasher.Result, _ size: Int64, _ transfer: FileTransfer, fetched: Int64
    ) -> VerifiedFile {
        VerifiedFile(
            path: plan.partial, name: plan.file.name, size: size, digest: result.digest,
            proof: plan.file.digest != nil ? .sha256 : plan.file.size != nil ? .size : .none, blocks: result.blocks,
            origin: plan.file.origin, source: transfer.currentOrigin, fetched: fetched, resumed: plan.kept)
    }
}
