internal import CurlHTTP
internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// Drives one file from its first request to its proof: workers for the segments, and a clock for pace and events.
struct FileRun: Sendable {
    /// How often the clock ticks, in seconds: ten events a second.
    private static let tick = 0.1
    /// While the first answer is awaited, in seconds: the other connections start right after it.
    private static let firstTick = 0.01

    private let plan: DownloadPlan.FilePlan
    private let index: Int
    private let count: Int
    private let http: HTTPClient
    private let options: Downloader.Options
    /// Connections that this file may use now.
    private let share: @Sendable () -> Int
    private let onEvent: @Sendable (TransferEvent) -> Void
    private let started = ContinuousClock.now

    init(
        _ plan: DownloadPlan.FilePlan, index: Int, of count: Int, http: HTTPClient, options: Downloader.Options,
        share: @escaping @Sendable () -> Int, onEvent: @escaping @Sendable (TransferEvent) -> Void
    ) {
        self.plan = plan
        self.index = index
        self.count = count
        self.http = http
        self.options = options
        self.share = share
        self.onEvent = onEvent
    }

    func run() async throws -> VerifiedFile {
        let partial = try PartialFile(plan)
        let hasher = FileHasher(following: plan.partial)
        defer {
            hasher.cancel()
            partial.close()
        }
        let pace = ConnectionPace(most: options.connections, isFixed: options.connectionsAreFixed)
        let transfer = FileTransfer(plan, partial: partial, hasher: hasher, policy: options.retry, pace: pace)
        do {
            if let size = plan.file.size { try partial.setSize(size) }
            hasher.advance(to: plan.finished.prefix)
            try await fetch(transfer, partial, hasher)
            return try await prove(transfer, partial, hasher)
        } catch is CancellationError {
            throw DownloadError.interrupted(file: plan.file.name, kept: partial.written.count)
        }
    }

    // MARK: Transfer

    private enum Turn { case tick, workerIdle }

    private func fetch(_ transfer: FileTransfer, _ partial: PartialFile, _ hasher: FileHasher) async throws {
        let rate = Mutex(SmoothedRate())
        report(transfer, partial, rate, .connecting)
        try await withThrowingTaskGroup(of: Turn.self) { group in
            group.addTask { try await clock(transfer) }
            var workers = 0
            while !transfer.isComplete {
                let wanted = min(transfer.desiredConnections, share())
                while workers < wanted, let segment = transfer.nextSegment() {
                    workers += 1
                    group.addTask { try await work(transfer, first: segment) }
                }
                guard let turn = try await group.next() else { break }
                switch turn {
                case .workerIdle: workers -= 1
                case .tick:
                    if let limit = options.maxTime, elapsed() > Double(limit) {
                        throw DownloadError.timeIsUp(
                            file: plan.file.name, seconds: limit, kept: partial.written.count)
                    }
                    transfer.tick(time: elapsed())
                    report(transfer, partial, rate, nil)
                    group.addTask { try await clock(transfer) }
                }
            }
            group.cancelAll()
        }
    }

    private func clock(_ transfer: FileTransfer) async throws -> Turn {
        let fetched = transfer.fetched
        for _ in 0..<Int(Self.tick / Self.firstTick) {
            try await Task.sleep(for: .seconds(fetched == 0 ? Self.firstTick : Self.tick))
            if fetched != 0 || transfer.fetched != 0 { break }
        }
        return .tick
    }

    /// One connection's worth of work: segment after segment, until there are none or others suffice.
    private func work(_ transfer: FileTransfer, first: Segment) async throws -> Turn {
        var next: Segment? = first
        while let segment = next {
            if let failure = try await fetch(segment, of: transfer) {
                // The stretch stays claimed while this waits, else somebody would ask again at once.
                try await transfer.recover(from: failure, segment, now: elapsed)
                transfer.release(segment)
                return .workerIdle
            }
            let tooMany = transfer.connections > min(transfer.desiredConnections, share())
            transfer.release(segment)
            next = tooMany ? nil : transfer.nextSegment()
        }
        return .workerIdle
    }

    private func fetch(_ segment: Segment, of transfer: FileTransfer) async throws -> SegmentFailure? {
        let (url, ifRange) = transfer.address(for: segment)
        let sink = SegmentSink(segment, of: transfer, from: url)
        var request = HTTPRequest(url)
        if segment.asksForRange { request.range = (segment.range.lowerBound, segment.range.upperBound - 1) }
        if let ifRange { request.headers.append(("If-Range", ifRange)) }
        if let limit = options.bytesPerSecond {
            request.bytesPerSecond = max(1, limit / Int64(max(1, transfer.connections * max(1, options.connections / share()))))
        }
        do {
            _ = try await http.transfer(request, to: sink.receiver)
            sink.endedCleanly()
            return sink.outcome(nil)
        } catch is CancellationError {
            throw CancellationError()
        } catch HTTPError.insecureRedirect(let from, _) {
            return .fatal(.refused(file: plan.file.name, url: from, status: 0, reason: "insecure-redirect"))
        } catch {
            return sink.outcome(error)
        }
    }

    // MARK: Proof

    private func prove(
        _ transfer: FileTransfer, _ partial: PartialFile, _ hasher: FileHasher
    ) async throws -> VerifiedFile {
        guard let size = transfer.size else { throw CancellationError() }
        let rate = Mutex(SmoothedRate())
        report(transfer, partial, rate, .verifying)
        async let synced: Void = Blocking.run { try partial.sync() }
        let result = try await hasher.finish(size: size)
        try await synced
        if let expected = plan.file.digest, expected != result.digest {
            partial.discard()
            throw DownloadError.digestMismatch(file: plan.file.name, expected: expected, actual: result.digest)
        }
        report(transfer, partial, rate, .done)
        return VerifiedFile(
            path: plan.partial, name: plan.file.name, size: size, digest: result.digest,
            proof: plan.file.digest != nil ? .sha256 : plan.file.size != nil ? .size : .none, blocks: result.blocks,
            source: transfer.currentOrigin, fetched: transfer.fetched, resumed: plan.kept)
    }

    // MARK: Events

    @Sendable private func elapsed() -> Double {
        let duration = ContinuousClock.now - started
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private func report(
        _ transfer: FileTransfer, _ partial: PartialFile, _ rate: borrowing Mutex<SmoothedRate>,
        _ phase: TransferEvent.Phase?
    ) {
        let now = elapsed()
        let fetched = transfer.fetched
        let speed = rate.withLock { rate in
            rate.note(time: now, bytes: fetched)
            return rate.bytesPerSecond
        }
        let received = partial.written.count
        let total = transfer.size
        let left = total.flatMap { speed > 0 ? Double($0 - received) / speed : nil }
        onEvent(
            TransferEvent(
                file: plan.file.name, index: index, files: count,
                phase: phase ?? self.phase(transfer, now: now), received: received, resumed: plan.kept, total: total,
                bytesPerSecond: speed, secondsLeft: left, connections: transfer.connections))
    }

    private func phase(_ transfer: FileTransfer, now: Double) -> TransferEvent.Phase {
        if let waiting = transfer.waiting {
            return .waiting(
                seconds: max(0, waiting.until - now), attempt: waiting.attempt, of: options.retry.tries,
                cause: waiting.cause)
        }
        return transfer.fetched == 0 ? .connecting : .downloading
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
