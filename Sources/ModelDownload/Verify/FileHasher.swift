internal import Crypto
internal import Disk
internal import Foundation
package import ModelCatalog
internal import Synchronization
package import SystemPackage
internal import Threads

/// Hashes a file on a thread of its own, just behind its writer: SHA-256 of the whole and the block hashes.
///
/// It reads what was written from the page cache, so that memory stays flat and the network never waits for it.
package final class FileHasher: Sendable {
    /// The most that is read in one piece, in bytes: small enough to stay in a processor's cache between two hashes.
    private static let pieceSize = 256 * 1024

    /// What came out of a whole file.
    package struct Result: Hashable, Sendable {
        /// SHA-256 of all bytes.
        package let digest: ModelCatalog.Digest
        /// One fast hash for each block.
        package let blocks: BlockHashes
    }

    private struct State {
        /// Bytes from the start that may be read.
        var prefix: Int64 = 0
        /// The size, once it is known that no more will come.
        var end: Int64?
        var generation = 0
        var isCancelled = false
        var hashed: Int64 = 0
        var outcome: Swift.Result<Result, any Error>?
        var waiter: CheckedContinuation<Result, any Error>?
    }

    private let path: FilePath
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Begins to follow the file at `path`; nothing is read before `advance(to:)`. Where no thread can be had, `finish`
    /// says so.
    init(following path: FilePath) {
        self.path = path
        do throws(ThreadError) {
            try SystemThread.start("sha256") { [self] in run() }
        } catch {
            end(with: .failure(error))
        }
    }

    /// Hashes a file that is complete.
    ///
    /// - Parameter onProgress: Gets the bytes hashed so far, from another thread, for every 32 MiB or so.
    /// - Throws: `DownloadError.disk`, `CancellationError`.
    package static func hash(
        _ path: FilePath, onProgress: (@Sendable (Int64) -> Void)? = nil
    ) async throws -> Result {
        guard let size = FileStatus.size(ofFile: path) else {
            throw DownloadError.disk(path: path.string, errno: ENOENT)
        }
        let hasher = FileHasher(following: path)
        hasher.progress.withLock { $0 = onProgress }
        hasher.advance(to: size)
        return try await hasher.finish(size: size)
    }

    /// A file that is here already as what would be fetched, if its bytes are just those.
    ///
    /// - Returns: Nil when its digest is another, or when another user owns it, who may write to it afterwards.
    /// - Throws: `DownloadError.disk`, `CancellationError`.
    package static func prove(_ path: FilePath, as file: RemoteFile) async throws -> VerifiedFile? {
        guard file.digest != nil, let status = FileStatus(of: path), status.kind == .file, status.isOwn,
            file.size ?? status.size == status.size
        else { return nil }
        do {
            let proven = try await VerifiedFile.proving(path, as: file)
            return FileStatus(of: path)?.isUnchanged(since: status) == true ? proven : nil
        } catch DownloadError.digestMismatch {
            return nil
        }
    }

    private let progress = Mutex<(@Sendable (Int64) -> Void)?>(nil)

    /// Bytes hashed so far.
    var hashed: Int64 { state.withLock { $0.hashed } }

    /// Says that the first `prefix` bytes are in the file.
    func advance(to prefix: Int64) {
        let grew = state.withLock { state in
            guard prefix > state.prefix else { return false }
            defer { state.prefix = prefix }
            // Waking for every 16 KiB would cost more than hashing them.
            return prefix - state.hashed >= Int64(Self.pieceSize) || state.end != nil
        }
        if grew { wake.signal() }
    }

    /// Begins again: the bytes hashed so far are no longer the file's.
    func restart() {
        state.withLock { state in
            state.prefix = 0
            state.hashed = 0
            state.generation += 1
        }
        wake.signal()
    }

    /// Waits until all `size` bytes are hashed.
    func finish(size: Int64) async throws -> Result {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state in
                    state.end = size
                    if state.outcome == nil { state.waiter = continuation }
                    return state.outcome
                }
                wake.signal()
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Ends the thread without a result; a waiting `finish` throws `CancellationError`.
    func cancel() {
        state.withLock { $0.isCancelled = true }
        wake.signal()
    }

    // MARK: On the thread

    private enum Step { case wait, hash(Range<Int64>, generation: Int), complete(generation: Int), stop }

    private func run() {
        do {
            try follow()
        } catch {
            let code = (error as? Errno)?.rawValue ?? 0
            end(with: .failure(DownloadError.disk(path: path.string, errno: code)))
        }
    }

    private func follow() throws {
        var file: FileDescriptor?
        defer { try? file?.close() }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 64)
        defer { buffer.deallocate() }
        var sha = SHA256()
        var blocks = BlockHasher()
        var generation = 0
        while true {
            switch nextStep() {
            case .wait:
                wake.wait()
            case .stop:
                return end(with: .failure(CancellationError()))
            case .complete(let current):
                // Nothing of an empty file has begun the new round yet.
                if current != generation { (sha, blocks) = (SHA256(), BlockHasher()) }
                guard let digest = ModelCatalog.Digest(bytes: sha.finalize()) else { throw Errno.ioError }
                end(with: .success(Result(digest: digest, blocks: blocks.finish())))
                // Of a small file just written nothing is on its way to the disk yet, where it soon has to be.
                file?.startWriting()
                return
            case .hash(let range, let current):
                if current != generation {
                    (sha, blocks, generation) = (SHA256(), BlockHasher(), current)
                }
                let open =
                    try file ?? FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
                file = open
                let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])
                let count = try open.read(fromAbsoluteOffset: range.lowerBound, into: target)
                guard count > 0 else {
                    // A file that has just started over is shorter than it was.
                    guard isCurrent(current) else { continue }
                    throw Errno.ioError
                }
                let bytes = UnsafeRawBufferPointer(rebasing: target[..<count])
                sha.update(bufferPointer: bytes)
                blocks.update(bytes)
                note(count, generation: current)
            }
        }
    }

    private func nextStep() -> Step {
        state.withLock { state in
            if state.isCancelled { return .stop }
            if let end = state.end, state.hashed >= end { return .complete(generation: state.generation) }
            let available = state.prefix - state.hashed
            guard available > 0 else { return .wait }
            let range = state.hashed..<state.hashed + min(available, Int64(Self.pieceSize))
            return .hash(range, generation: state.generation)
        }
    }

    private func isCurrent(_ generation: Int) -> Bool { state.withLock { $0.generation == generation } }

    private func note(_ count: Int, generation: Int) {
        let hashed: Int64? = state.withLock { state in
            guard state.generation == generation else { return nil }
            state.hashed += Int64(count)
            return state.hashed
        }
        if let hashed, hashed % (32 << 20) < Int64(count) { progress.withLock { $0 }?(hashed) }
    }

    private func end(with outcome: Swift.Result<Result, any Error>) {
        let waiter = state.withLock { state in
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: outcome)
    }
}
