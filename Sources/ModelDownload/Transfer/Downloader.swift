package import CurlHTTP
internal import Foundation
internal import ModelCatalog

/// Fetches the files of a plan: several at once, each in segments over several connections, hashed as they arrive.
public struct Downloader: Sendable {
    /// What the user may want otherwise.
    public struct Options: Sendable {
        /// The most connections at once, all files of all plans that run at the same time together.
        public var connections: Int
        /// Whether the user named that number: then it is used at once instead of found by trying.
        public var connectionsAreFixed: Bool
        /// In bytes a second, likewise all together; nil for no limit.
        public var bytesPerSecond: Int64?
        /// For the whole plan, in seconds; nil for no limit.
        public var maxTime: Int?
        /// How often a failing origin is asked again.
        package var retry: RetryPolicy
        /// How long an address may bring nothing before a mirror is tried beside it, in seconds; see `Race`.
        package var patience: Double

        /// Defaults suit a person's own connection.
        package init(
            connections: Int = 8, connectionsAreFixed: Bool = false, bytesPerSecond: Int64? = nil,
            maxTime: Int? = nil, retry: RetryPolicy = RetryPolicy(), patience: Double = 1.5
        ) {
            self.connections = max(1, connections)
            self.connectionsAreFixed = connectionsAreFixed
            self.bytesPerSecond = bytesPerSecond
            self.maxTime = maxTime
            self.retry = retry
            self.patience = patience
        }
    }

    /// A file up to this size is a small one, in bytes: it waits for answers and for the disk more than for its bytes, and
    /// many of them wait together.
    package static let mostOfSmall: Int64 = 16 << 20

    private let http: HTTPClient
    private let options: Options
    private let budget: ConnectionBudget
    private let rate: SharedRate?

    /// A downloader that sends its requests through `http`.
    package init(http: HTTPClient, options: Options = Options()) {
        self.http = http
        self.options = options
        budget = ConnectionBudget(options.connections)
        rate = options.bytesPerSecond.map { SharedRate(bytesPerSecond: $0) }
    }

    /// Fetches what is missing and proves what is there.
    ///
    /// Bytes that came stay on disk whatever happens, except when they turn out to be wrong. A file that arrives with
    /// another digest is fetched once more over new connections, from the next mirror if there is one, until its damage
    /// is found and the digest is right, before it is given up.
    /// - Parameters:
    ///   - start: From when on `Options.maxTime` counts: one plan may be a part of something larger.
    ///   - onEvent: Called at most ten times a second for each file, from any thread.
    /// - Returns: The files of the plan, in its order.
    /// - Throws: `DownloadError`; a cancelled task gives `.interrupted`.
    package func run(
        _ plan: DownloadPlan, since start: ContinuousClock.Instant = .now,
        onEvent: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws -> [VerifiedFile] {
        let shared = FileDownload.Shared(
            http: http, options: options, count: plan.files.count, refused: plan.refused,
            budget: budget, rate: rate, started: start, onEvent: onEvent)
        var verified: [Int: VerifiedFile] = [:]
        // A type of its own for what the children return: as a tuple, Swift 6.3 has handed back a freed string when it
        // optimizes.
        try await withThrowingTaskGroup(of: Arrived.self) { group in
            var waiting = plan.files.indices.makeIterator()
            for _ in 0..<options.connections {
                guard let index = waiting.next() else { break }
                group.addTask {
                    Arrived(index: index, file: try await FileDownload(plan.files[index], index: index, shared).run())
                }
            }
            while let arrived = try await group.next() {
                verified[arrived.index] = arrived.file
                guard let index = waiting.next() else { continue }
                group.addTask {
                    Arrived(index: index, file: try await FileDownload(plan.files[index], index: index, shared).run())
                }
            }
        }
        return plan.files.indices.compactMap { verified[$0] }
    }

    private struct Arrived: Sendable {
        let index: Int
        let file: VerifiedFile
    }
}
