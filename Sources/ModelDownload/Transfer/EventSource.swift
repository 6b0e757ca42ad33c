internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// Tells how a file is coming along, thinned at the source. Used by the task that drives the file, and by it alone.
final class EventSource: Sendable {
    /// Between two events that bring no new phase, in seconds: with those that do, ten a second at most.
    private static let gap = 0.15

    private let plan: DownloadPlan.FilePlan
    private let index: Int
    private let shared: FileRun.Shared
    private let state = Mutex(State())

    private struct State {
        var rate = SmoothedRate()
        var last = -1.0
        /// Set once the bytes are here: until then the transfer tells the phase.
        var phase: TransferEvent.Phase?
        var followed: (transfer: FileTransfer, partial: PartialFile, hasher: FileHasher, isMending: Bool)?
    }

    init(_ plan: DownloadPlan.FilePlan, index: Int, _ shared: FileRun.Shared) {
        self.plan = plan
        self.index = index
        self.shared = shared
    }

    /// Speaks of this transfer from now on.
    func follow(_ transfer: FileTransfer, _ partial: PartialFile, _ hasher: FileHasher, isMending: Bool) {
        state.withLock { state in
            state.rate = SmoothedRate()
            state.phase = nil
            state.followed = (transfer, partial, hasher, isMending)
        }
    }

    /// Tells of a new phase at once, and of the old one when it is time again.
    func report(_ phase: TransferEvent.Phase? = nil) {
        let now = shared.started.secondsAgo
        let event: TransferEvent? = state.withLock { state in
            guard let (transfer, partial, hasher, isMending) = state.followed else { return nil }
            let fetched = transfer.fetched
            state.rate.note(time: now, bytes: fetched)
            if let phase { state.phase = phase == .connecting ? nil : phase }
            guard phase != nil || now - state.last >= Self.gap else { return nil }
            state.last = now
            let received = partial.written.count
            let speed = state.rate.bytesPerSecond
            let total = transfer.size
            return TransferEvent(
                file: plan.file.name, index: index, files: shared.count,
                phase: state.phase ?? self.phase(transfer, isMending: isMending, now: now), received: received,
                resumed: plan.kept,
                verified: hasher.hashed, total: total, bytesPerSecond: speed,
                secondsLeft: total.flatMap { speed > 0 ? Double(max(0, $0 - received)) / speed : nil },
                connections: transfer.connections)
        }
        if let event { shared.onEvent(event) }
    }

    /// Goes on telling while something else is awaited.
    func ticking<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask { try await Self.pause() }
            while let value = try await group.next() {
                if let value {
                    group.cancelAll()
                    return value
                }
                report()
                group.addTask { try await Self.pause() }
            }
            throw CancellationError()
        }
    }

    private static func pause<Value: Sendable>() async throws -> Value? {
        try await Task.sleep(for: .seconds(gap))
        return nil
    }

    private func phase(_ transfer: FileTransfer, isMending: Bool, now: Double) -> TransferEvent.Phase {
        if let waiting = transfer.waiting {
            return .waiting(
                seconds: max(0, waiting.until - now), attempt: waiting.attempt, of: shared.options.retry.tries,
                cause: waiting.cause)
        }
        return transfer.fetched == 0 ? .connecting : isMending ? .mending : .downloading
    }
}
