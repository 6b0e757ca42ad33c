internal import CurlHTTP
internal import Foundation
internal import Synchronization
internal import Threads

/// Why a segment did not arrive, and so what to do next.
enum SegmentFailure: Error {
    /// Ask again, later; `cause` in the words of libcurl, or the status. `host` is who failed, where that is known: a
    /// storage host that the origin names fails for itself.
    case again(DownloadError.Trouble, cause: String, after: Double?, host: String? = nil)
    /// The address that a redirect gave is refused: take the road from the start.
    case resolveAgain(status: Int, reason: String?, by: URL)
    /// The origin does not give the ranges asked for; ask for the whole, at once when `certain`.
    case rangesRefused(cause: String, certain: Bool)
    /// The validator no longer holds, but a digest will prove the whole: ask without it.
    case conditionFailed
    /// The origin has other content than before; `counts` when it says so itself.
    case changed(counts: Bool)
    /// Another connection found that out first.
    case superseded
    /// Asking this origin again does not help.
    case fatal(any Error)
}

/// Takes the answer to one segment's request: judges its head, puts its bytes in their place. Runs on libcurl's thread.
final class SegmentSink: Sendable {
    private enum Mode { case undecided, ranged, whole, discarding }

    private struct State {
        var mode = Mode.undecided
        /// Where the next byte belongs.
        var offset: Int64
        var end: Int64
        var isComplete = false
        var failure: SegmentFailure?
        var discarded = 0
    }

    /// The most that is read of a refusal's text, in bytes, so that its connection can be used again.
    private static let refusalLimit = 64 * 1024

    private let segment: Segment
    private let attempt: Attempt
    private let hadCondition: Bool
    private let state: Mutex<State>

    init(_ segment: Segment, of attempt: Attempt, hadCondition: Bool) {
        self.segment = segment
        self.attempt = attempt
        self.hadCondition = hadCondition
        state = Mutex(State(offset: segment.range.lowerBound, end: segment.range.upperBound))
    }

    var receiver: HTTPReceiver { HTTPReceiver(onHead: { self.judge($0) }, onBody: { self.take($0) }) }

    /// What became of the request, once it has ended with `error` or without.
    func outcome(_ error: (any Error)?) -> SegmentFailure? {
        state.withLock { state in
            if let failure = state.failure { return failure }
            if state.isComplete || state.offset >= state.end { return nil }
            if let error = error as? HTTPError { return failure(error) }
            if let error = error as? ThreadError { return .fatal(error) }
            return .again(.cutOff, cause: "the answer ended early", after: nil)
        }
    }

    private func failure(_ error: HTTPError) -> SegmentFailure {
        switch error {
        case .unreachable(let host, let detail): .again(.unreachable, cause: detail, after: nil, host: host)
        case .interrupted(let url, let detail): .again(.cutOff, cause: detail, after: nil, host: url.host())
        case .tls(let host, let detail): .again(.tls, cause: detail, after: nil, host: host)
        case .stalled(let url, let seconds):
            .again(.silent, cause: "nothing came for \(seconds) s", after: nil, host: url.host())
        case .timedOut(let url): .again(.unreachable, cause: error.code, after: nil, host: url.host())
        case .tooManyRedirects: .fatal(DownloadError.redirectLoop(file: attempt.name, url: attempt.sources.current))
        case .insecureRedirect(let from, let to):
            .fatal(DownloadError.insecureRedirect(file: attempt.name, from: from, to: to))
        case .unsupported(let url, _): .fatal(DownloadError.unsupportedAddress(file: attempt.name, url: url))
        case .protocolError(let url, let detail): .again(.badAnswer, cause: detail, after: nil, host: url.host())
        case .proxyRefused(_, _, _, let status) where RetryPolicy.passes(status):
            .again(.unreachable, cause: "the proxy refuses (\(status))", after: nil)
        case .proxyUnreachable(let proxy, let variable, _, _):
            .again(.unreachable, cause: "no proxy at \(proxy)" + (variable.map { " (\($0))" } ?? ""), after: nil)
        // One connection less may do.
        case .outOfFiles: .again(.throttled, cause: "too many open files", after: nil)
        case .offline, .proxyRefused, .strayRedirect: .fatal(error)
        case .tooLarge, .tooSlow, .stoppedByReceiver: .again(.badAnswer, cause: error.code, after: nil)
        }
    }

    // MARK: The head

    private func judge(_ head: HTTPHead) -> Bool {
        switch head.status {
        case 206: return keep(judgePart(head))
        case 200: return keep(judgeWhole(head))
        default:
            let refusal = refusal(head)
            state.withLock {
                $0.mode = .discarding
                $0.failure = refusal
            }
            return true
        }
    }

    /// True when there is no failure.
    private func keep(_ failure: SegmentFailure?) -> Bool {
        guard let failure else { return true }
        state.withLock { $0.failure = failure }
        return false
    }

    private func judgePart(_ head: HTTPHead) -> SegmentFailure? {
        let part = head.contentRange
        guard segment.asksForRange, let range = part?.range, range.lowerBound == segment.range.lowerBound else {
            return .rangesRefused(cause: "the server sent another range than it was asked for", certain: false)
        }
        // Without the size there is no telling how many ranges there are.
        guard let total = part?.total else {
            return .rangesRefused(cause: "the server does not say how much there is", certain: true)
        }
        if let failure = Self.encoding(head) { return failure }
        if let failure = attempt.accept(head, size: total, ranged: true, segment) { return failure }
        state.withLock { state in
            state.mode = .ranged
            // A server may send less than asked for (RFC 9110, 14.2): the rest is another segment's.
            state.end = min(state.end, range.upperBound)
        }
        return nil
    }

    private func judgeWhole(_ head: HTTPHead) -> SegmentFailure? {
        if let failure = Self.encoding(head) { return failure }
        // The condition is the only reason that we know of: without it the ranges may come.
        if segment.asksForRange, hadCondition, attempt.hasDigest { return .conditionFailed }
        let size = head.contentLength
        if let failure = attempt.accept(head, size: size, ranged: false, segment) { return failure }
        let expected = attempt.plan.file.size
        state.withLock { state in
            state.mode = .whole
            state.offset = 0
            state.end = size ?? expected ?? .max
        }
        return nil
    }

    /// Compressed bytes are not the file's: their offsets and their digest are others.
    private static func encoding(_ head: HTTPHead) -> SegmentFailure? {
        guard let encoding = head["content-encoding"], encoding != "identity" else { return nil }
        return .again(.badAnswer, cause: "the server sent \(encoding) instead of the bytes", after: nil)
    }

    private func refusal(_ head: HTTPHead) -> SegmentFailure {
        let origin = attempt.sources.current
        let reason = head["x-error-code"] ?? head["x-error-message"]
        switch head.status {
        case 416:
            return attempt.judgeUnsatisfiable(head.contentRange?.total, segment)
        case let status where RetryPolicy.passes(status):
            let trouble: DownloadError.Trouble = status == 429 || status == 503 ? .throttled : .server
            return .again(trouble, cause: "HTTP \(status)", after: head.retryAfter(), host: head.url.host())
        // What a redirect's target refuses may only mean that its address is too old.
        case 400...499 where head.url != origin:
            return .resolveAgain(status: head.status, reason: reason, by: head.url)
        case 404, 410:
            return .fatal(DownloadError.missing(file: attempt.name, url: origin, status: head.status))
        case 400...499:
            return .fatal(DownloadError.refused(file: attempt.name, url: origin, status: head.status, reason: reason))
        default:
            let trouble: DownloadError.Trouble = (500..<600).contains(head.status) ? .server : .badAnswer
            return .again(trouble, cause: "HTTP \(head.status)", after: nil, host: head.url.host())
        }
    }

    // MARK: The bytes

    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        state.withLock { state in
            switch state.mode {
            case .undecided: return false
            case .discarding:
                state.discarded += bytes.count
                return state.discarded <= Self.refusalLimit
            case .ranged, .whole:
                let room = max(0, state.end - state.offset)
                let wanted = UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(clamping: room)))
                if let failure = attempt.put(wanted, at: state.offset, segment) {
                    state.failure = failure
                    return false
                }
                state.offset += Int64(wanted.count)
                if wanted.count < bytes.count, state.mode == .whole {
                    let sent = state.offset + Int64(bytes.count - wanted.count)
                    state.failure = .fatal(
                        DownloadError.sizeMismatch(file: attempt.name, expected: state.end, actual: sent))
                }
                return wanted.count == bytes.count
            }
        }
    }

    /// Called when the request ended without an error: a body of unknown length is complete then.
    func endedCleanly() {
        let end: Int64? = state.withLock { state in
            guard state.mode == .whole, state.failure == nil, state.end == .max else { return nil }
            return state.offset
        }
        guard let end else { return }
        let failure = attempt.learnEnd(end, segment)
        state.withLock { state in
            state.isComplete = failure == nil
            state.failure = failure
        }
    }
}
