internal import CurlHTTP
internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// One file on its way: what is here, who fetches what, and how the origin has behaved so far.
final class FileTransfer: Sendable {
    /// A segment is at most this long, in bytes: the finished prefix, which the hasher follows, grows steadily.
    private static let longestSegment: Int64 = 16 << 20
    /// And at least this long while there is that much: near the end many short ones finish together.
    private static let shortestSegment: Int64 = 1 << 20
    /// How often changed content, or a refused address, is taken up again before the file is given up.
    private static let mostRestarts = 3
    private static let mostResolves = 5

    private enum Mode { case unknown, ranged, whole }

    struct Waiting {
        var until: Double
        var attempt: Int
        var cause: String
    }

    private struct State {
        var sources: [URL]
        /// Where the redirects of the current source ended.
        var direct: URL?
        var size: Int64?
        var mode = Mode.unknown
        var generation = 0
        var claimed: [Int: Range<Int64>] = [:]
        var nextID = 0
        var tries = 0
        var retryAt = 0.0
        var restarts = 0
        var resolves = 0
        var fetched: Int64 = 0
        var waiting: [Int: Waiting] = [:]
        var pace: ConnectionPace
        var learnedSize = false
    }

    let name: String
    private let plan: DownloadPlan.FilePlan
    private let partial: PartialFile
    private let hasher: FileHasher
    private let policy: RetryPolicy
    private let state: Mutex<State>

    init(
        _ plan: DownloadPlan.FilePlan, partial: PartialFile, hasher: FileHasher, policy: RetryPolicy,
        pace: ConnectionPace
    ) {
        name = plan.file.name
        self.plan = plan
        self.partial = partial
        self.hasher = hasher
        self.policy = policy
        state = Mutex(
            State(
                sources: [plan.file.url] + plan.file.mirrors, size: plan.file.size ?? plan.journal?.size, pace: pace))
    }

    // MARK: What others ask

    var size: Int64? { state.withLock { $0.size } }
    var fetched: Int64 { state.withLock { $0.fetched } }
    var currentOrigin: URL { state.withLock { $0.sources.first ?? plan.file.url } }
    var connections: Int { state.withLock { $0.claimed.count } }
    var desiredConnections: Int { state.withLock { $0.mode == .ranged ? $0.pace.desired : 1 } }
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

    func tick(time: Double) {
        state.withLock { $0.pace.note(time: time, bytes: $0.fetched) }
    }

    // MARK: Handing out work

    /// The next stretch that nobody fetches; nil when there is none, or when the first answer has to come first.
    func nextSegment() -> Segment? {
        let written = partial.written
        return state.withLock { state in
            guard state.mode == .ranged || state.claimed.isEmpty else { return nil }
            let end = state.size ?? .max
            var taken = written
            for range in state.claimed.values { taken.insert(range) }
            guard let gap = taken.firstGap(to: end) else { return nil }
            var length = Self.longestSegment
            if let size = state.size {
                let share = (size - taken.count) / Int64(2 * max(1, state.pace.desired))
                length = min(max(share, Self.shortestSegment), Self.longestSegment)
            }
            let range = gap.lowerBound..<min(gap.upperBound, gap.lowerBound + length)
            state.nextID += 1
            state.claimed[state.nextID] = range
            return Segment(
                id: state.nextID, range: range, generation: state.generation, asksForRange: state.mode != .whole)
        }
    }

    /// Where to send a segment's request, and the validator that has to hold.
    func address(for segment: Segment) -> (url: URL, ifRange: String?) {
        let validator = partial.validator
        return state.withLock { state in
            let url = state.direct ?? state.sources.first ?? plan.file.url
            guard segment.asksForRange, let validator, validator.address == Self.plain(url) else { return (url, nil) }
            return (url, validator.value)
        }
    }

    /// A segment's request is over.
    func release(_ segment: Segment) {
        state.withLock { state in
            state.claimed[segment.id] = nil
            state.waiting[segment.id] = nil
        }
    }

    private static func plain(_ url: URL) -> String {
        var parts = URLComponents(url: url, resolvingAgainstBaseURL: true)
        parts?.query = nil
        parts?.fragment = nil
        return parts?.string ?? url.absoluteString
    }

    // MARK: What a sink reports (on libcurl's thread)

    /// Judges the head of a good answer; nil accepts it.
    func accept(_ head: HTTPHead, size: Int64?, ranged: Bool, _ segment: Segment) -> SegmentFailure? {
        if let type = head["content-type"], type.hasPrefix("text/html"), name.lowercased().hasSuffix(".gguf") {
            return .fatal(.notAModel(file: name, url: currentOrigin, html: true))
        }
        let (isCurrent, known, learned) = state.withLock {
            ($0.generation == segment.generation, $0.size, $0.learnedSize)
        }
        guard isCurrent else { return .superseded }
        if let size, let known, size != known {
            // A size that only the server has said before may change with the content.
            if learned || plan.file.size == nil { return .changed }
            return .fatal(.sizeMismatch(file: name, expected: known, actual: size))
        }
        if let failure = checkValidator(head, ranged: ranged, segment) { return failure }
        if known == nil, let size {
            do { try partial.setSize(size) } catch { return .fatal(error) }
        }
        state.withLock { state in
            if state.size == nil, let size {
                state.size = size
                state.learnedSize = true
            }
            state.mode = ranged ? .ranged : .whole
            if head.url != state.sources.first { state.direct = head.url }
        }
        return nil
    }

    private func checkValidator(_ head: HTTPHead, ranged: Bool, _ segment: Segment) -> SegmentFailure? {
        let fresh = Self.validator(head)
        let old = partial.validator
        let sameAddress = old?.address == Self.plain(head.url)
        if sameAddress, let old, let fresh, old.value != fresh.value { return .changed }
        if !ranged, partial.written.count > 0, plan.file.digest == nil, !(sameAddress && old?.value == fresh?.value) {
            // Everything is sent again, and nothing says that it is the same: what is here cannot be kept.
            return .changed
        }
        if ranged, segment.range.lowerBound > 0, plan.file.digest == nil, old == nil || !sameAddress {
            return .changed
        }
        partial.setValidator(fresh ?? (sameAddress ? old : nil))
        return nil
    }

    /// A strong entity tag, or a date (RFC 9110, 13.1.5: weak tags cannot guard a range).
    private static func validator(_ head: HTTPHead) -> Journal.Validator? {
        let tag = head["etag"].flatMap { $0.hasPrefix("W/") ? nil : $0 }
        guard let value = tag ?? head["last-modified"] else { return nil }
        return Journal.Validator(value: value, address: plain(head.url))
    }

    /// The server has nothing at the place asked for: `total` is the size it speaks of.
    func judgeUnsatisfiable(_ total: Int64?) -> SegmentFailure {
        if total == 0, size == nil {
            learnEnd(0)
            return .again(cause: "empty", after: 0, throttled: false)
        }
        if let total, let expected = plan.file.size, total != expected {
            return .fatal(.sizeMismatch(file: name, expected: expected, actual: total))
        }
        return .changed
    }

    /// Puts bytes in their place; nil when that went well.
    func put(_ bytes: UnsafeRawBufferPointer, at offset: Int64, _ segment: Segment) -> SegmentFailure? {
        guard state.withLock({ $0.generation == segment.generation }) else {
            return .superseded
        }
        if offset == 0, name.lowercased().hasSuffix(".gguf"), bytes.count >= 4,
            !bytes.prefix(4).elementsEqual("GGUF".utf8)
        {
            let text = bytes.prefix(64).drop { $0 == 32 || $0 == 10 || $0 == 13 || $0 == 9 }
            return .fatal(.notAModel(file: name, url: currentOrigin, html: text.first == UInt8(ascii: "<")))
        }
        do {
            hasher.advance(to: try partial.write(bytes, at: offset))
        } catch {
            return .fatal(error)
        }
        state.withLock { state in
            state.fetched += Int64(bytes.count)
            state.tries = 0
            state.resolves = 0
        }
        return nil
    }

    /// A body without a stated length has ended.
    func learnEnd(_ end: Int64) {
        state.withLock { state in
            guard state.size == nil else { return }
            state.size = end
            state.learnedSize = true
        }
    }

    // MARK: After a failure

    /// Decides what a failure means for the file, and waits as long as it asks for.
    ///
    /// - Throws: `DownloadError` when the file cannot be had; `CancellationError`.
    func recover(from failure: SegmentFailure, _ segment: Segment, now: @Sendable () -> Double) async throws {
        switch failure {
        case .fatal(let error):
            try useNextSource(after: error)
        case .superseded:
            break
        case .changed:
            try restart(segment)
        case .resolveAgain(let status):
            let resolves = state.withLock { state in
                state.direct = nil
                state.resolves += 1
                // Some hosts refuse valid ranges with 403: ask for the whole file before giving up.
                if state.resolves == Self.mostResolves { state.mode = .whole }
                return state.resolves
            }
            guard resolves > Self.mostResolves else { return }
            try useNextSource(after: .refused(file: name, url: currentOrigin, status: status, reason: nil))
        case .again(let cause, let after, let throttled):
            try await wait(cause: cause, requested: after, throttled: throttled, segment, now: now)
        }
    }

    private func wait(
        cause: String, requested: Double?, throttled: Bool, _ segment: Segment, now: @Sendable () -> Double
    ) async throws {
        let time = now()
        let delay: Double? = state.withLock { state in
            // Many connections that fail together are one failure.
            if time >= state.retryAt {
                state.tries += 1
                state.direct = nil
                if throttled { state.pace.throttled(time: time) }
            }
            guard state.tries < policy.tries,
                let delay = policy.delay(attempt: state.tries, requested: requested)
            else { return nil }
            state.retryAt = max(state.retryAt, time + delay)
            state.waiting[segment.id] = Waiting(until: time + delay, attempt: state.tries, cause: cause)
            return delay
        }
        guard let delay else {
            let host = currentOrigin.host() ?? currentOrigin.absoluteString
            let kept = partial.written.count
            return try useNextSource(
                after: .givenUp(file: name, host: host, tries: policy.tries, kept: kept, cause: cause))
        }
        try await Task.sleep(for: .seconds(delay))
    }

    private func useNextSource(after error: DownloadError) throws {
        switch error {
        case .noSpace, .disk, .cannotWrite: throw error
        default: break
        }
        let hasAnother = state.withLock { state in
            guard state.sources.count > 1 else { return false }
            state.sources.removeFirst()
            state.direct = nil
            state.mode = .unknown
            state.tries = 0
            state.resolves = 0
            return true
        }
        if !hasAnother { throw error }
    }

    private func restart(_ segment: Segment) throws {
        let url = currentOrigin
        let proceed: Bool? = state.withLock { state in
            guard state.generation == segment.generation else { return nil }
            state.generation += 1
            state.restarts += 1
            state.mode = .unknown
            state.direct = nil
            if state.learnedSize || plan.file.size == nil { state.size = nil }
            state.learnedSize = false
            return state.restarts <= Self.mostRestarts
        }
        guard let proceed else { return }
        guard proceed else { throw DownloadError.changing(file: name, url: url) }
        try partial.restart()
        hasher.restart()
    }
}
