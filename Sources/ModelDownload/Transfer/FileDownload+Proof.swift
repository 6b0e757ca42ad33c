internal import Disk
internal import Foundation
internal import ModelCatalog

/// What the bytes are worth.
extension FileDownload {
    /// Holds the bytes against the digest once all of them are here.
    func prove(
        _ attempt: Attempt, size: Int64, _ partial: PartialFile, _ round: Round, _ progress: ProgressReporter
    ) async throws -> Outcome {
        // Too short for the first word of a model, whatever digest the origin publishes for that.
        if size < 4, plan.file.name.lowercased().hasSuffix(".gguf") {
            partial.discard()
            throw DownloadError.notAModel(file: plan.file.name, url: attempt.sources.current, html: false)
        }
        progress.report(.verifying)
        let isSmall = size <= Downloader.mostOfSmall
        // Not a child task: cancelling the hash does not wait for the disk.
        let syncing = isSmall ? nil : Task { try await Blocking.run { try partial.sync(isLast: true) } }
        let result = try await progress.ticking { try await attempt.hasher.finish(size: size) }
        try await syncing?.value
        if shared.refused.contains(result.digest) {
            partial.discard()
            throw DownloadError.knownBadDigest(file: plan.file.name, digest: result.digest)
        }
        if let expected = plan.file.digest, expected != result.digest {
            return .wrong(result.digest, attempt)
        }
        progress.report(.done)
        return .proven(verified(result, size, attempt, round, isOnDisk: !isSmall))
    }

    /// Checks whether the places mended so far were all the damage. What was not fetched again keeps its old bytes.
    ///
    /// - Returns: Nil when there is more to find.
    func proveMended(
        _ attempt: Attempt, _ partial: PartialFile, _ round: Round, _ progress: ProgressReporter
    ) async throws -> VerifiedFile? {
        guard let expected = plan.file.digest, let size = attempt.size, FileStatus.size(ofFile: plan.partial) == size
        else {
            return nil
        }
        progress.report(.verifying)
        let result = try await progress.ticking { try await FileHasher.hash(plan.partial) }
        guard result.digest == expected else { return nil }
        partial.trustAll(size)
        try await Blocking.run { try partial.sync(isLast: true) }
        progress.report(.done)
        return verified(result, size, attempt, round, isOnDisk: true)
    }

    private func verified(
        _ result: FileHasher.Result, _ size: Int64, _ attempt: Attempt, _ round: Round, isOnDisk: Bool
    ) -> VerifiedFile {
        VerifiedFile(
            path: plan.partial, name: plan.file.name, size: size, digest: result.digest,
            proof: plan.file.digest != nil ? .sha256 : plan.file.size != nil ? .size : .none, blocks: result.blocks,
            origin: plan.file.origin, source: attempt.sources.current,
            fetched: round.fetchedBefore.saturatingAdd(attempt.fetched), resumed: plan.kept,
            isOnDisk: isOnDisk)
    }
}
