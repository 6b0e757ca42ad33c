internal import Foundation
internal import Synchronization

/// When a mirror is tried beside the address in use, and what comes of it.
///
/// An address that brings nothing for a moment, or what is left of the file only in a long while, is raced by the next
/// mirror for the first bytes of the file. The mirror takes over when it is much faster; the address that was slow comes
/// last then. Each mirror races once, and a connection of the user's own that is slow makes both equal.
struct Race {
    /// What a mirror is asked for, in bytes: enough to tell a slow one from a quick one.
    static let length: Int64 = 256 << 10
    /// So many times faster it has to be.
    static let lead = 2.0
    /// A file that is here sooner than so many times the patience is not worth it.
    static let worth = 8.0

    /// What does not come in this time has lost, in seconds.
    static let limit = 20

    /// Since when the address in use has been in use, in seconds.
    var since: Double
    /// What had come before, in bytes.
    var before: Int64 = 0
    var isOn = false
    var asked: Set<URL> = []

    /// Whether the address in use is slow.
    ///
    /// - Parameters:
    ///   - fetched: Bytes that came in this attempt.
    ///   - left: Bytes that are missing; nil when the size is not known.
    func isDue(at time: Double, fetched: Int64, left: Int64?, patience: Double) -> Bool {
        let seconds = time - since
        let came = fetched - before
        guard came > 0 else { return seconds >= patience }
        guard seconds >= 2 * patience, let left else { return false }
        return Double(left) * seconds / Double(came) > Self.worth * patience
    }
}

extension Attempt {
    /// A mirror to race; nil where none is left, where the address in use is quick enough, or where no digest would prove
    /// that both have the same bytes.
    func rival() -> URL? {
        let time = time
        let written = partial.written.count
        return state.withLock { state in
            guard hasDigest, !state.race.isOn, !state.sources.current.isFileURL,
                let mirror = state.sources.untried.first(where: { !$0.isFileURL && !state.race.asked.contains($0) }),
                state.race.isDue(
                    at: time, fetched: state.fetched, left: state.size.map { $0 - written }, patience: patience)
            else { return nil }
            state.race.isOn = true
            state.race.asked.insert(mirror)
            return mirror
        }
    }

    /// A mirror has raced: it brought `bytes`, and the address in use what came since there were `before`.
    func settle(_ mirror: URL, bytes: Int64, since before: Int64) {
        let time = time
        let isFaster: Bool = state.withLock { state in
            state.race.isOn = false
            guard bytes > 0, state.sources.untried.contains(mirror),
                Double(bytes) > Race.lead * Double(state.fetched - before)
            else { return false }
            state.sources.prefer(mirror)
            state.ranges = RangeSupport()
            state.retries.startOver()
            (state.race.since, state.race.before) = (time, state.fetched)
            return true
        }
        guard isFaster else { return }
        for stop in stops.withLock({ Array($0.values) }) { stop() }
    }

    /// Runs a segment's request until it ends, or until its address is no longer in use.
    ///
    /// - Throws: `CancellationError` in both cases when it was stopped; what the request throws.
    func untilDropped(_ segment: Segment, _ work: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await work() }
        stops.withLock { $0[segment.id] = { task.cancel() } }
        defer { stops.withLock { $0[segment.id] = nil } }
        // It may have been dropped just before.
        if sources.number != segment.source { task.cancel() }
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
