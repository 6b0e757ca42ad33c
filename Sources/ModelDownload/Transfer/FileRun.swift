internal import CurlHTTP
internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// Drives one file from its first request to its proof: workers for the segments, and a clock for pace and events.
struct FileRun: Sendable {
    /// What all files of a plan have in common.
    struct Shared: Sendable {
        let http: HTTPClient
        let options: Downloader.Options
        /// Files of the plan.
        let count: Int
        /// Digests that prove nothing.
        let refused: Set<Digest>
        let budget: ConnectionBudget
        let rate: SharedRate?
        let started: ContinuousClock.Instant
        let onEvent: @Sendable (TransferEvent) -> Void
    }

    /// How often the clock ticks, in seconds.
    private static let tick = 0.1
    /// While the first answer is awaited, in seconds: the other connections start right after it.
    private static let firstTick = 0.01
    /// Ticks that a request may still take once every byte is here: its connection can be used again then.
    private static let graceTicks = 2

    let plan: DownloadPlan.FilePlan
    let index: Int
    let shared: Shared
    /// Among those who share the connections.
    private let member: Int

    init(_ plan: DownloadPlan.FilePlan, index: Int, _ shared: Shared) {
        self.plan = plan
        self.index = index
        self.shared = shared
        member = shared.budget.join()
    }

    func run() async throws -> VerifiedFile {
        let partial = try PartialFile(plan)
        defer {
            partial.close()
            shared.budget.leave(member)
        }
        do {
            let news = EventSource(plan, index: index, shared)
            if let size = plan.file.size { try partial.setSize(size) }
            let first = try await bring(partial, from: [plan.file.url] + plan.file.mirrors, .first, news)
            switch first {
            case .proven(let file): return file
            case .wrong(_, let others, let fetched):
                partial.distrust()
                let second = try await bring(partial, from: others, .second(after: fetched), news)
                guard case .wrong(let digest, _, _) = second else { return try second.file }
                partial.discard()
                throw DownloadError.digestMismatch(
                    file: plan.file.name, expected: plan.file.digest ?? digest, actual: digest)
            }
        } catch is CancellationError {
            throw DownloadError.interrupted(file: plan.file.name, kept: partial.written.count)
        }
    }

    // MARK: One round

    /// A file that arrives with another digest gets a second round, over new connections and from the next mirror if
    /// there is one. Only what differs is written, and what was found so far is tried now and then, see `tried`.
    enum Round {
        case first
        /// After so many bytes of the first.
        case second(after: Int64)

        var isSecond: Bool { if case .second = self { true } else { false } }

        var fetchedBefore: Int64 {
            if case .second(let bytes) = self { bytes } else { 0 }
        }
    }

    enum Outcome {
        case proven(VerifiedFile)
        /// What came has this digest; where to ask next, and how many bytes it took.
        case wrong(Digest, others: [URL], fetched: Int64)

        var file: VerifiedFile {
            get throws {
                guard case .proven(let file) = self else { throw CancellationError() }
                return file
            }
        }
    }

    private func bring(
        _ partial: PartialFile, from sources: [URL], _ round: Round, _ news: EventSource
    ) async throws -> Outcome {
        let hasher = FileHasher(following: plan.partial)
        defer { hasher.cancel() }
        let pace = ConnectionPace(most: shared.options.connections, isFixed: shared.options.connectionsAreFixed)
        let transfer = FileTransfer(
            plan, from: sources, partial: partial, hasher: hasher, policy: shared.options.retry, pace: pace)
        hasher.advance(to: partial.written.prefix)
        news.follow(transfer, partial, hasher, isMending: round.isSecond)
        // Reading a large file takes a while, so each trial waits for twice as many damaged places as the one before.
        var places = round.isSecond ? 1 : Int.max
        while let found = try await fetch(transfer, partial, news, isSecond: round.isSecond, until: places) {
            if let file = try await tried(transfer, partial, round, news) { return .proven(file) }
            places = found * 2
        }
        // The digest decides about the bytes; the connections are for others now.
        shared.budget.leave(member)
        return try await prove(transfer, partial, hasher, round, news)
    }

    private enum Turn { case tick, workerIdle }

    /// Fetches what is missing, or only until so many damaged places have been mended.
    ///
    /// - Returns: How many have; nil when everything is here.
    private func fetch(
        _ transfer: FileTransfer, _ partial: PartialFile, _ news: EventSource, isSecond: Bool, until places: Int
    ) async throws -> Int? {
        news.report(.connecting)
        return try await withThrowingTaskGroup(of: Turn.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await clock(transfer) }
            var workers = 0
            var ticksSinceComplete = 0
            while !transfer.isComplete || (workers > 0 && ticksSinceComplete < Self.graceTicks) {
                let allowed = allowedConnections(transfer)
                while workers < allowed, let segment = transfer.nextSegment() {
                    workers += 1
                    group.addTask {
                        try await work(transfer, first: segment, onNewConnection: isSecond, until: places)
                    }
                }
                guard let turn = try await group.next() else { break }
                switch turn {
                case .workerIdle: workers -= 1
                case .tick:
                    if transfer.isComplete { ticksSinceComplete += 1 }
                    if let limit = shared.options.maxTime, elapsed() > Double(limit) {
                        throw DownloadError.timeIsUp(
                            file: plan.file.name, seconds: limit, kept: partial.written.count)
                    }
                    transfer.tick(time: elapsed())
                    news.report()
                    group.addTask { try await clock(transfer) }
                }
                if !transfer.isComplete, let found = transfer.mendedPlaces, found >= places { return found }
            }
            return nil
        }
    }

    private func allowedConnections(_ transfer: FileTransfer) -> Int {
        let wish = transfer.desiredConnections
        return min(wish, shared.budget.share(of: member, wish: wish))
    }

    private func clock(_ transfer: FileTransfer) async throws -> Turn {
        let fetched = transfer.fetched
        for _ in 0..<Int(Self.tick / Self.firstTick) {
            try await Task.sleep(for: .seconds(fetched == 0 ? Self.firstTick : Self.tick))
            if fetched != 0 || transfer.fetched != 0 { break }
        }
        return .tick
    }

    /// One connection's worth of work: segment after segment, until there are none, others suffice, or so many damaged
    /// places have been mended.
    private func work(
        _ transfer: FileTransfer, first: Segment, onNewConnection: Bool, until places: Int
    ) async throws -> Turn {
        var next: Segment? = first
        var needsNew = onNewConnection
        while let segment = next {
            let (url, ifRange) = transfer.address(for: segment)
            do {
                let failure = try await fetch(
                    segment, of: transfer, at: url, ifRange, onNewConnection: needsNew || segment.needsNewConnection)
                needsNew = false
                if let failure {
                    // The stretch stays claimed while this waits, else somebody would ask again at once.
                    try await transfer.recover(from: failure, segment, asked: url, now: elapsed)
                    transfer.release(segment)
                    return .workerIdle
                }
            } catch {
                transfer.release(segment)
                throw error
            }
            let tooMany = transfer.connections > allowedConnections(transfer)
            transfer.release(segment)
            let isFound = transfer.mendedPlaces.map { $0 >= places } ?? false
            next = tooMany || isFound ? nil : transfer.nextSegment()
        }
        return .workerIdle
    }

    private func fetch(
        _ segment: Segment, of transfer: FileTransfer, at url: URL, _ ifRange: String?, onNewConnection: Bool
    ) async throws -> SegmentFailure? {
        if url.isFileURL { return try await LocalSource(url: url, transfer: transfer).fetch(segment) }
        let sink = SegmentSink(segment, of: transfer, hadCondition: ifRange != nil)
        var request = HTTPRequest(url, rate: shared.rate, usesNewConnection: onNewConnection)
        if segment.asksForRange { request.range = (segment.range.lowerBound, segment.range.upperBound - 1) }
        if let ifRange { request.headers.append(("If-Range", ifRange)) }
        do {
            _ = try await shared.http.transfer(request, to: sink.receiver)
            sink.endedCleanly()
            return sink.outcome(nil)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return sink.outcome(error)
        }
    }

    @Sendable func elapsed() -> Double { shared.started.secondsAgo }
}

extension ContinuousClock.Instant {
    /// How long ago this was, in seconds.
    var secondsAgo: Double {
        let duration = ContinuousClock.now - self
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}

/// Work that sleeps in the kernel, on a thread of its own: the cooperative pool has none to spare.
enum Blocking {
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try work() }) }
            thread.start()
        }
    }
}
