internal import Disk
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
public import ModelStore

extension Shelf {
    /// Reads stored files again and holds them against the digests they had when they were proven.
    ///
    /// - Parameters:
    ///   - texts: References as the user typed them; none means all.
    ///   - repair: Fetches damaged ranges and missing files again. The damaged file stays until the new one is proven.
    ///   - onProgress: Bytes read so far of a model, from another thread.
    /// - Throws: `StoreError`, `DownloadError`, and with `repair` what `get` throws.
    public func verify(
        _ texts: [String], repair: Bool = false,
        onProgress: @escaping @Sendable (_ ref: String, _ hashed: Int64, _ size: Int64) -> Void = { _, _, _ in },
        onEvent: @escaping @Sendable (GetEvent) -> Void = { _ in }
    ) async throws -> [Verification] {
        let listed = try await storedModels(texts, changing: repair)
        var results: [Verification] = []
        for model in listed {
            do {
                // Mending one model may have mended another that shares its files.
                let result = try await verify(model.ref, repair, onProgress, onEvent)
                // Removing one meanwhile does not concern the rest.
                if result == nil, !texts.isEmpty { throw StoreError.notStored(ref: model.ref) }
                if let result { results.append(result) }
            } catch  where listed.count > 1 && !error.concernsAll {
                results.append(
                    Verification(
                        ref: model.ref, size: model.size, state: model.state == .ready ? .damaged : model.state,
                        damaged: [], repaired: 0, seconds: 0, failure: error))
            }
        }
        return results
    }

    /// Nil when the model is no longer stored. What somebody has made of it meanwhile is what is checked.
    private func verify(
        _ ref: String, _ repair: Bool, _ onProgress: @escaping @Sendable (String, Int64, Int64) -> Void,
        _ onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Verification? {
        var tries = 3
        while let model = try await store.model(named: ref) {
            do {
                var result = try await check(model, onProgress: onProgress)
                if repair, result.state != .ready {
                    let start = ContinuousClock.now
                    result.repaired = try await mend(model, result.damaged, onEvent: onEvent)
                    result.state = .ready
                    result.seconds += (ContinuousClock.now - start).seconds
                }
                return result
            } catch StoreError.superseded where tries > 0 {
                tries -= 1
            } catch StoreError.notStored(let missing) where missing == ref {
                return nil
            }
        }
        return nil
    }

    // MARK: Reading

    private func check(
        _ model: StoredModel, onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws -> Verification {
        let start = ContinuousClock.now
        var result = VerificationResult(state: .ready)
        var failure: (any Error)?
        var before: Int64 = 0
        for file in model.files {
            // What has the name may be a folder, a pipe or a link: none of them is the file.
            guard let status = FileStatus(of: file.path), status.kind == .file else {
                result.state = .missing
                continue
            }
            let done = before
            let hashes: FileHasher.Result
            do {
                hashes = try await FileHasher.hash(file.path) { onProgress(model.ref, done + $0, model.size) }
            } catch let error as DownloadError where !error.concernsAll {
                failure = error
                continue
            }
            result.seen[file.path] = status
            before += file.size
            guard let digest = file.digest else {
                // Never read before: what it is now is what it shall be from here on.
                result.learned.append(
                    LearnedContent(
                        file: file.name, digest: hashes.digest, proof: file.proof, blocks: hashes.blocks))
                continue
            }
            guard digest != hashes.digest else { continue }
            result.damagedRanges += try await damage(of: file, digest, now: hashes.blocks)
        }
        if result.state == .ready, !result.damagedRanges.isEmpty { result.state = .damaged }
        if result.state == .ready, failure != nil {
            result.state = .unreadable
        } else {
            try await store.recordVerification(model.ref, result, of: model)
        }
        return Verification(
            ref: model.ref, size: model.size, state: result.state, damaged: result.damagedRanges, repaired: 0,
            seconds: (ContinuousClock.now - start).seconds, failure: failure)
    }

    /// Where a file is not what it was; all of it when its block hashes do not say.
    private func damage(of file: StoredFile, _ digest: Digest, now: BlockHashes) async throws -> [DamagedRange] {
        let before = try await store.blockHashes(of: digest)
        let ranges = before?.damage(comparedWith: now, size: file.size) ?? []
        return (ranges.isEmpty ? [0..<file.size] : ranges).map {
            DamagedRange(file: file.name, offset: $0.lowerBound, length: Int64($0.count))
        }
    }

    /// Fetches the damaged ranges and the missing files of a model from where they came, and proves the whole by the
    /// digests it had.
    ///
    /// - Returns: Bytes fetched.
    private func mend(
        _ model: StoredModel, _ damage: [DamagedRange], onEvent: @escaping @Sendable (GetEvent) -> Void
    ) async throws -> Int64 {
        for file in model.files where file.origin == nil {
            let isSound =
                FileStatus(of: file.path)?.kind == .file && !damage.contains { $0.file == file.name }
            guard isSound else { throw ModeltecaError.noOrigin(ref: model.ref) }
        }
        let installed = try await install(
            Variant(restoring: model), as: model.identity, mending: damage, replacing: model, onEvent: onEvent)
        return installed.fetched?.reduce(0) { $0 + $1.fetched } ?? 0
    }
}

/// What a check of a stored model found.
public struct Verification: Sendable {
    /// The model.
    public var ref: String
    /// All its files, in bytes.
    public var size: Int64
    /// `ready`, `damaged`, `missing` or `unreadable`.
    public var state: StoredModel.State
    /// Where the bytes are wrong, in whole blocks.
    public var damaged: [DamagedRange]
    /// Bytes fetched again to mend it.
    public var repaired: Int64
    /// In seconds.
    public var seconds: Double
    /// Why it could not be read or mended, where others could.
    public var failure: (any Error)?
}
