internal import CurlHTTP
internal import Foundation
internal import ModelCatalog
internal import Synchronization
internal import Threads

/// Brings one file from its first request to its proof: an `Attempt`, and a second one when the first brings other bytes
/// than promised. It runs the connections of an attempt, and the clock for its pace and its events.
struct FileDownload: Sendable {
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
    /// This file's number in the budget of connections.
    private let member: Int

    init(_ plan: DownloadPlan.FilePlan, index: Int, _ shared: Shared) {
        self.plan = plan
        self.index = index
        self.shared = shared
        member = shared.budget.join()
    }

    func run() async throws -> VerifiedFile {
        defer { shared.budget.leave(member) }
        do {
            try await shared.budget.enter(member)
        } catch {
            throw DownloadError.interrupted(file: plan.file.name, kept: plan.kept)
        }
        let partial = try PartialFile(plan)
        defer { partial.close() }
        do {
            let progress = ProgressReporter(plan, index: index, shared)
            if let size = plan.file.size { try partial.setSize(size) }
            try putHead(in: partial)
            var sources = Sources(plan.file.url, mirrors: plan.file.mirrors)
            var round = Round.first(plan)
            while true {
                switch try await bring(partial, from: sources, round, progress) {
                case .proven(let file): return file
                case .wrong(let digest, let attempt):
                    guard let next = round.next(after: attempt) else {
                        partial.discard()
                        throw DownloadError.digestMismatch(
                            file: plan.file.name, expected: plan.file.digest ?? digest, actual: digest)
                    }
                    round = next
                    if round.kind == .anew { sources = attempt.sources.reordered }
                    partial.distrust(round.kind == .anew ? nil : plan.local?.ranges)
                }
            }
        } catch is CancellationError {
            throw DownloadError.interrupted(file: plan.file.name, kept: partial.written.count)
        }
    }

    /// The file's first bytes came with its header.
    private func putHead(in partial: PartialFile) throws {
        guard let head = plan.local?.head, !head.isEmpty else { return }
        _ = try head.withUnsafeBytes { bytes throws(DownloadError) in try partial.write(bytes, at: 0) }
    }

    // MARK: One round

    enum Outcome {
        case proven(VerifiedFile)
        /// What came in this attempt has this digest.
        case wrong(Digest, Attempt)
    }

    private func bring(
        _ partial: PartialFile, from sources: Sources, _ round: Round, _ progress: ProgressReporter
    ) async throws -> Outcome {
        let hasher = FileHasher(following: plan.partial)
        defer { hasher.cancel() }
        let attempt = Attempt(
            plan, from: sources, partial: partial, hasher: hasher, round.sampling, shared.options,
            mayRace: round.kind != .anew,
            clock: { shared.started.secondsAgo })
        hasher.advance(to: partial.written.prefix)
        progress.follow(attempt, partial, hasher, isMending: round.isMending)
        // Reading a large file takes a while, so each check waits for twice as many damaged places as the one before.
        var places = round.isMending ? 1 : Int.max
        while true {
            switch try await fetch(attempt, progress, onNewConnection: round.kind == .anew, until: places) {
            case .complete(let size):
                // The digest decides about the bytes; the connections are for others now.
                shared.budget.leave(member)
                return try await prove(attempt, size: size, partial, round, progress)
            case .mended(let found):
                if let file = try await proveMended(attempt, partial, round, progress) { return .proven(file) }
                places = found * 2
            }
        }
    }

    private enum Fetched {
        /// The whole file is here; its size in bytes.
        case complete(Int64)
        /// This many damaged places have been mended.
        case mended(Int)
    }

    private enum Turn { case tick, workerIdle, piecesDecided, raced }

    /// Fetches what is missing, or only until `places` damaged places have been mended.
    private func fetch(
        _ attempt: Attempt, _ progress: ProgressReporter, onNewConnection: Bool, until places: Int
    ) async throws -> Fetched {
        progress.report(.connecting)
        return try await withThrowingTaskGroup(of: Turn.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await clock(attempt) }
            var workers = 0
            var ticksSinceComplete = 0
            var isDeciding = false
            while true {
                let completeSize = attempt.completeSize
                if let completeSize {
                    if workers == 0 || ticksSinceComplete >= Self.graceTicks { return .complete(completeSize) }
                } else if let found = attempt.mendedPlaces, found >= places {
                    return .mended(found)
                }
                let pieces = isDeciding ? [] : attempt.decidablePieces()
                if !pieces.isEmpty {
                    isDeciding = true
                    group.addTask {
                        try await PieceCopy(attempt: attempt).take(pieces)
                        return .piecesDecided
                    }
                }
                let allowed = allowedConnections(attempt)
                while workers < allowed, let segment = attempt.firstSegment() {
                    workers += 1
                    group.addTask {
                        try await work(attempt, first: segment, onNewConnection: onNewConnection, until: places)
                    }
                }
                switch try await group.next() ?? .tick {
                case .workerIdle: workers -= 1
                case .piecesDecided: isDeciding = false
                case .raced: break
                case .tick:
                    if completeSize != nil { ticksSinceComplete += 1 }
                    if let limit = shared.options.maxTime, attempt.time > Double(limit) {
                        throw DownloadError.timeIsUp(
                            file: plan.file.name, seconds: limit, kept: attempt.partial.written.count)
                    }
                    attempt.tick()
                    progress.report()
                    if completeSize == nil, attempt.fetched > 0 { try attempt.partial.keepUp() }
                    // A limit that the user gave makes every address slow.
                    if shared.rate == nil, let mirror = attempt.rival() {
                        group.addTask { await race(mirror, attempt) }
                    }
                    group.addTask { try await clock(attempt) }
                }
            }
        }
    }

    /// Fetches a mirror's first bytes, to see how quickly they come; they are not kept.
    private func race(_ mirror: URL, _ attempt: Attempt) async -> Turn {
        let before = attempt.fetched
        let came = Mutex<Int64>(0)
        let wanted = min(Race.length, plan.file.size ?? Race.length)
        let receiver = HTTPReceiver(
            onHead: { [200, 206].contains($0.status) && !$0.isWebPage },
            onBody: { bytes in
                came.withLock { count in
                    count += Int64(bytes.count)
                    return count < wanted
                }
            })
        _ = try? await shared.http.transfer(
            HTTPRequest(mirror, range: (0, max(0, wanted - 1))), within: Race.limit, to: receiver)
        let bytes = came.withLock { $0 }
        attempt.settle(
            mirror, bytes: bytes < wanted ? 0 : bytes, since: before)
        return .raced
    }

    private func allowedConnections(_ attempt: Attempt) -> Int {
        let wish = attempt.desiredConnections
        return min(wish, shared.budget.share(of: member, wish: wish))
    }

    private func clock(_ attempt: Attempt) async throws -> Turn {
        let fetched = attempt.fetched
        for _ in 0..<Int(Self.tick / Self.firstTick) {
            try await Task.sleep(for: .seconds(fetched == 0 ? Self.firstTick : Self.tick))
            if fetched != 0 || attempt.fetched != 0 { break }
        }
        return .tick
    }

    /// One connection's worth of work: segment after segment, until none is left, fewer connections are wanted, or enough
    /// damaged places have been mended.
    private func work(
        _ attempt: Attempt, first: Segment, onNewConnection: Bool, until places: Int
    ) async throws -> Turn {
        var next: Segment? = first
        var needsNew = onNewConnection
        while let segment = next {
            do {
                defer { attempt.release(segment) }
                let (url, ifRange) = attempt.address(for: segment)
                let failure = try await fetch(
                    segment, of: attempt, at: url, ifRange, onNewConnection: needsNew || segment.needsNewConnection)
                needsNew = false
                if let failure {
                    try await attempt.recover(from: failure, segment, asked: url)
                    return .workerIdle
                }
            }
            let isOneTooMany = attempt.connections >= allowedConnections(attempt)
            let isFound = attempt.mendedPlaces.map { $0 >= places } ?? false
            next = isOneTooMany || isFound ? nil : attempt.nextSegment()
        }
        return .workerIdle
    }

    private func fetch(
        _ segment: Segment, of attempt: Attempt, at url: URL, _ ifRange: String?, onNewConnection: Bool
    ) async throws -> SegmentFailure? {
        if url.isFileURL { return try await LocalSource(url: url, attempt: attempt).fetch(segment) }
        let sink = SegmentSink(segment, of: attempt, hadCondition: ifRange != nil)
        var request = HTTPRequest(url, rate: shared.rate, usesNewConnection: onNewConnection)
        if segment.asksForRange { request.range = (segment.range.lowerBound, segment.range.upperBound - 1) }
        if let ifRange { request.headers.append(("If-Range", ifRange)) }
        do {
            let (http, sent) = (shared.http, request)
            try await attempt.untilDropped(segment) { _ = try await http.transfer(sent, to: sink.receiver) }
            sink.endedCleanly()
            return sink.outcome(nil)
        } catch is CancellationError {
            try Task.checkCancellation()
            return .superseded
        } catch {
            return sink.outcome(error)
        }
    }
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
            do {
                try SystemThread.start("blocking") { continuation.resume(with: Result { try work() }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
