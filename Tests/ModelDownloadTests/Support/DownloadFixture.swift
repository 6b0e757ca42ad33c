import CurlHTTP
import Foundation
import ModelCatalog
import ModelDownload
import Synchronization
import SystemPackage
import TestSupport

/// An origin, a folder for partial files, and a downloader that gives up soon.
struct DownloadFixture: Sendable {
    let hub: LoopbackHub
    /// Everything of this test.
    let folder: FilePath

    /// Where partial files collect.
    var partials: FilePath { folder.appending("partial") }

    /// Serves a plain file and describes it with all that a catalog would know.
    func serve(_ path: String, _ content: Content, named name: String? = nil) -> RemoteFile {
        RemoteFile(
            name: name ?? path, url: hub.addFile(path, content), size: Int64(content.size),
            digest: Digest(hex: content.sha256))
    }

    func plan(_ files: [RemoteFile], free: Int64? = nil, refusing: Set<Digest> = []) throws -> DownloadPlan {
        try DownloadPlan(files, in: partials, free: free, refusing: refusing)
    }

    func downloader(
        _ options: Downloader.Options = .unhurried, stallTimeout: Int = 30, token: String? = nil,
        isOffline: Bool = false
    ) -> Downloader {
        let home = hub.url
        let client = HTTPClient(
            options: HTTPClient.Options(
                userAgent: "modelteca-tests",
                authorization: { url in url.hasSameOrigin(as: home) ? token.map { "Bearer \($0)" } : nil },
                stallTimeout: stallTimeout, isOffline: isOffline))
        return Downloader(http: client, options: options)
    }

    /// Plans and fetches one file.
    @discardableResult
    func get(
        _ file: RemoteFile, _ options: Downloader.Options = .unhurried, stallTimeout: Int = 30,
        token: String? = nil, onEvent: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws -> VerifiedFile {
        let files = try await downloader(options, stallTimeout: stallTimeout, token: token)
            .run(plan([file]), onEvent: onEvent)
        guard let only = files.first, files.count == 1 else { throw Surprise(what: "\(files.count) files") }
        return only
    }

    /// Fetches in a task, cancels it as soon as the origin has sent so many bytes, and gives the error it ended with.
    func getAndCancel(_ file: RemoteFile, after bytes: Int) async throws -> DownloadError? {
        let task = Task { try await get(file) }
        try await hub.waitUntilSent(file.url.path(), bytes)
        task.cancel()
        return await failure { try await task.value }
    }
}

extension Downloader.Options {
    /// Tries again at once, and races no mirror, however long the machine takes.
    static let unhurried = Downloader.Options(retry: .hasty, patience: .infinity)
}

extension RetryPolicy {
    /// Four tries within a tenth of a second.
    static let hasty = RetryPolicy(tries: 4, firstDelay: 0.01, longestDelay: 0.02)
}

/// What a test did not expect.
struct Surprise: Error {
    let what: String
}

/// The `DownloadError` that a task ended with; nil when it ended otherwise.
func failure(of work: () async throws -> some Sendable) async -> DownloadError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? DownloadError
    }
}

/// A downloader and its origin for the length of a body.
func withDownloader(_ body: (DownloadFixture) async throws -> Void) async throws {
    try await withLoopbackHub { hub in
        try await withTemporaryFolder { folder in
            try await body(DownloadFixture(hub: hub, folder: folder))
        }
    }
}

/// Collects events from any thread.
final class EventLog: Sendable {
    private let events = Mutex<[TransferEvent]>([])

    var all: [TransferEvent] { events.withLock { $0 } }
    func note(_ event: TransferEvent) { events.withLock { $0.append(event) } }
}

extension Content {
    /// Bytes that begin as a GGUF file does; the rest is a pattern.
    static func model(size: Int, seed: UInt64 = 1) -> Content {
        let rest = Content.pattern(size: size, seed: seed)
        return rest.patched(
            zip("GGUF".utf8, (try? rest.bytes(0..<4)) ?? []).enumerated().map {
                Patch(offset: $0.offset, xor: $0.element.0 ^ $0.element.1)
            })
    }
}
