internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// Reports how a file is coming along, thinned at the source. Used by the task that drives the file, and by it alone.
final class ProgressReporter: Sendable {
    /// Between two events that bring no new phase, in seconds: with those that do, ten a second at most.
    private static let gap = 0.15
    /// Longer without a byte is a silence, in seconds. Until then the rate falls, and the time left grows.
    private static let patience = 3.0
    /// The seconds over which libcurl takes the rate: only after them a silence counts as one there.
    private static let window = 5.0

    private let plan: DownloadPlan.FilePlan
    private let index: Int
    private let shared: FileDownload.Shared
    private let state = Mutex(State())

    private struct State {
        var rate = SmoothedRate()
        var last = -1.0
        /// When the last byte came, and how many there were then.
        var news = (time: 0.0, bytes: Int64(0))
        /// Set once the bytes are here: until then the attempt tells the phase.
        var phase: TransferEvent.Phase?
        var followed: (attempt: Attempt, partial: PartialFile, hasher: FileHasher, isMending: Bool)?
    }

    init(_ plan: DownloadPlan.FilePlan, index: Int, _ shared: FileDownload.Shared) {
        self.plan = plan
        self.index = index
        self.shared = shared
    }

    /// Reports on this attempt from now on.
    func follow(_ attempt: Attempt, _ partial: PartialFile, _ hasher: FileHasher, isMending: Bool) {
        state.withLock { state in
            state.rate = SmoothedRate()
            state.news = (shared.started.secondsAgo, attempt.fetched)
            state.phase = nil
            state.followed = (attempt, partial, hasher, isMending)
        }
    }

    /// Reports a new phase at once, and the old one again when it is time.
    func report(_ phase: TransferEvent.Phase? = nil) {
        let now = shared.started.secondsAgo
        let event: TransferEvent? = state.withLock { state in
            guard let (attempt, partial, hasher, isMending) = state.followed else { return nil }
            let fetched = attempt.fetched
            state.rate.note(time: now, bytes: fetched)
            if fetched != state.news.bytes { state.news = (now, fetched) }
            if let phase { state.phase = phase == .connecting ? nil : phase }
            guard phase != nil || now - state.last >= Self.gap else { return nil }
            state.last = now
            let received = partial.written.count
            let total = attempt.size
            let phase = state.phase ?? self.phase(attempt, isMending: isMending, now: now)
            let silence = phase.awaitsBytes ? silence(since: state.news.time, now) : nil
            let speed = silence == nil ? state.rate.bytesPerSecond : 0
            return TransferEvent(
                file: plan.file.name, index: index, files: shared.count,
                phase: phase, received: received,
                resumed: plan.kept,
                verified: hasher.hashed, total: total, bytesPerSecond: speed,
                secondsLeft: total.flatMap { speed > 0 ? Double(max(0, $0 - received)) / speed : nil },
                connections: attempt.connections, silence: silence, retry: silence.flatMap { retry(after: $0, phase) })
        }
        if let event { shared.onEvent(event) }
    }

    /// Where the user wants few bytes a second they come in pieces, and the time between is no silence.
    private func silence(since time: Double, _ now: Double) -> Double? {
        let pause = shared.options.bytesPerSecond.map { 131_072 / Double(max(1, $0)) } ?? 0
        return now - time > Self.patience + pause ? now - time : nil
    }

    /// Every connection has been silent for as long, or longer. How long a first answer may take depends on the way to it.
    private func retry(after silence: Double, _ phase: TransferEvent.Phase) -> Double? {
        if phase == .connecting { return nil }
        return max(0, Double(shared.http.options.stallTimeout) + Self.window - silence)
    }

    /// Goes on reporting while something else is awaited.
    func ticking<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Never.self) { group in
            group.addTask { [self] in
                while true {
                    try await Task.sleep(for: .seconds(Self.gap))
                    report()
                }
            }
            // Nothing is reported after what was awaited: the group ends when its task does.
            defer { group.cancelAll() }
            return try await work()
        }
    }

    private func phase(_ attempt: Attempt, isMending: Bool, now: Double) -> TransferEvent.Phase {
        if let wait = attempt.wait {
            return .waiting(
                host: wait.host, seconds: max(0, wait.until - now), attempt: wait.attempt,
                of: shared.options.retry.tries,
                cause: wait.cause)
        }
        return attempt.fetched == 0 ? .connecting : isMending ? .mending : .downloading
    }
}

extension TransferEvent.Phase {
    fileprivate var awaitsBytes: Bool {
        switch self {
        case .connecting, .downloading, .mending: true
        case .waiting, .verifying, .done: false
        }
    }
}
