internal import CurlHTTP
internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// One file on its way: what is here, who fetches what, and how the origin has behaved so far.
///
/// Locks are taken in this order: a sink's, `turn`, `state`, those of the partial file and the hasher.
final class FileTransfer: Sendable {
    /// A segment is at most this long, in bytes: the finished prefix, which the hasher follows, grows steadily.
    private static let longestSegment: Int64 = 16 << 20
    /// And at least this long while there is that much: near the end many short ones finish together.
    private static let shortestSegment: Int64 = 1 << 20

    enum Mode { case unknown, ranged, whole }

    struct Waiting {
        var until: Double
        var attempt: Int
        var cause: String
    }

    /// A stretch that somebody fetches.
    struct Claim {
        var range: Range<Int64>
        /// The file's progress when it was claimed.
        var best: Int64
        /// The failures counted until then.
        var failures: Int
    }

    struct State {
        /// The address in use, then the mirrors that are left.
        var sources: [URL]
        /// How many addresses were dropped: names the present one.
        var source = 0
        /// Why the first of them was: what the user wants to know when none is left.
        var firstFailure: DownloadError?
        /// Where the redirects of the current source ended.
        var direct: URL?
        var size: Int64?
        var mode = Mode.unknown
        /// Whether ranges are not to be asked for again, whatever the mode.
        var refusesRanges = false
        /// Once a validator has changed while a digest proves the whole, validators are of no more use.
        var ignoresValidators = false
        var generation = 0
        var claimed: [Int: Claim] = [:]
        var nextID = 0
        /// The most bytes that were ever here together: only more than that is progress.
        var best: Int64 = 0
        /// Since the last progress.
        var tries = 0
        var resolves = 0
        /// Counted in all. Requests that were under way when one was counted do not count: many connections that fail
        /// together are one failure.
        var failures = 0
        /// In all, in seconds.
        var waited = 0.0
        var restarts = 0
        var rangeFaults = 0
        var fetched: Int64 = 0
        var waiting: [Int: Waiting] = [:]
        var pace: ConnectionPace
    }

    let name: String
    let plan: DownloadPlan.FilePlan
    let partial: PartialFile
    let hasher: FileHasher
    let policy: RetryPolicy
    let state: Mutex<State>
    /// The generation of the content. Held while bytes are put down and while everything starts over, so that bytes of
    /// an older content can never be glued to those of a newer one.
    let turn = Mutex(0)

    /// - Parameter sources: Where to ask, in this order; not empty.
    init(
        _ plan: DownloadPlan.FilePlan, from sources: [URL], partial: PartialFile, hasher: FileHasher,
        policy: RetryPolicy, pace: ConnectionPace
    ) {
        name = plan.file.name
        self.plan = plan
        self.partial = partial
        self.hasher = hasher
        self.policy = policy
        state = Mutex(
            State(
                sources: sources, size: plan.file.size ?? plan.journal?.size, best: partial.written.count, pace: pace))
    }

    // MARK: What others ask

    /// Whether bytes from anywhere may be tried, because the whole will be proven.
    var hasDigest: Bool { plan.file.digest != nil }
    var size: Int64? { state.withLock { $0.size } }
    var fetched: Int64 { state.withLock { $0.fetched } }
    var currentOrigin: URL { state.withLock { $0.sources.first ?? plan.file.url } }
    /// The mirrors that nobody has had to ask yet.
    var untriedSources: [URL] { state.withLock { Array($0.sources.dropFirst()) } }
    var connections: Int { state.withLock { $0.claimed.count } }
    var desiredConnections: Int {
        state.withLock { state in
            // A disk of our own is not faster for being read in several places.
            state.mode == .ranged && state.sources.first?.isFileURL != true ? state.pace.desired : 1
        }
    }
    var waiting: Waiting? {
        state.withLock { state in
            // While one connection brings bytes, another's wait is no news.
            state.waiting.count >= max(1, state.claimed.count) ? state.waiting.values.min { $0.until < $1.until } : nil
        }
    }
    var isComplete: Bool {
        guard let size else { return false }
        return partial.written.prefix >= size
    }

    /// How many damaged places have been mended, where the origin lets bytes be fetched from anywhere; nil where it does
    /// not, or while a place may still grow.
    var mendedPlaces: Int? { state.withLock { $0.mode } == .ranged ? partial.mendedPlaces : nil }

    func tick(time: Double) {
        state.withLock { $0.pace.note(time: time, bytes: $0.fetched) }
    }

    // MARK: Handing out work

    /// The next stretch that nobody fetches; nil when there is none, or when the first answer has to come first.
    func nextSegment() -> Segment? {
        state.withLock { state in
            guard state.mode == .ranged || state.claimed.isEmpty else { return nil }
            let end = state.size ?? .max
            // Read under the lock: what a neighbour has just finished must not look like a gap.
            var taken = partial.written
            for claim in state.claimed.values { taken.insert(claim.range) }
            guard let gap = taken.firstGap(to: end) else { return nil }
            var length = Self.longestSegment
            if let size = state.size {
                let share = (size - taken.count) / Int64(2 * max(1, state.pace.desired))
                length = min(max(share, Self.shortestSegment), Self.longestSegment)
            }
            let range = gap.lowerBound..<min(gap.upperBound, gap.lowerBound.saturatingAdd(length))
            state.nextID += 1
            state.claimed[state.nextID] = Claim(range: range, best: state.best, failures: state.failures)
            return Segment(
                id: state.nextID, range: range, generation: state.generation, source: state.source,
                asksForRange: state.mode != .whole, needsNewConnection: state.tries > 0)
        }
    }

    /// Where to send a segment's request, and the validator that has to hold.
    func address(for segment: Segment) -> (url: URL, ifRange: String?) {
        let validator = partial.validator
        return state.withLock { state in
            let url = state.direct ?? state.sources.first ?? plan.file.url
            guard segment.asksForRange, !state.ignoresValidators, let validator,
                validator.address == Journal.Validator.plain(url)
            else { return (url, nil) }
            return (url, validator.value)
        }
    }

    /// A segment's request is over.
    func release(_ segment: Segment) {
        state.withLock { state in
            state.claimed[segment.id] = nil
            state.waiting[segment.id] = nil
        }
        // Nobody fetches these bytes any longer: from now on a kill is not to cost them.
        partial.note()
    }
}
