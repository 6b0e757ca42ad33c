internal import CurlHTTP
internal import Foundation
internal import Synchronization

/// A stretch of a file that one connection fetches.
struct Segment: Hashable, Sendable {
    var id: Int
    /// Bytes wanted; the end is open when the size is not known yet.
    var range: Range<Int64>
    /// Rises when the content turned out to be another one: bytes of an older generation are dropped.
    var generation: Int
    /// Which of the file's addresses this is for.
    var source: Int
    /// Whether the request says which bytes it wants.
    var asksForRange: Bool
    /// Whether the connections that are open have disappointed.
    var needsNewConnection: Bool
}

/// Why a segment did not arrive, and so what to do next.
enum SegmentFailure: Error {
    /// Ask again, later; `cause` in the words of libcurl, or the status.
    case again(DownloadError.Trouble, cause: String, after: Double?)
    /// The address that a redirect gave is refused: take the road from the start.
    case resolveAgain(status: Int, reason: String?)
    /// The origin does not give the ranges asked for; ask for the whole, at once when `certain`.
    case rangesRefused(cause: String, certain: Bool)
    /// The validator no longer holds, but a digest will prove the whole: ask without it.
    case conditionFailed
    /// The origin has other content than before; `counts` when it says so itself.
    case changed(counts: Bool)
    /// Another connection found that out first.
    case superseded
    /// Asking this origin again does not help.
    case fatal(DownloadError)
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
    private let transfer: FileTransfer
    private let hadCondition: Bool
    private let state: Mutex<State>

    init(_ segment: Segment, of transfer: FileTransfer, hadCondition: Bool) {
        self.segment = segment
        self.transfer = transfer
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
            return .again(.cutOff, cause: "the answer ended early", after: nil)
        }
    }

    private func failure(_ error: HTTPError) -> SegmentFailure {
        switch error {
        case .unreachable(_, let detail): .again(.unreachable, cause: detail, after: nil)
        case .interrupted(_, let detail): .again(.cutOff, cause: detail, after: nil)
        case .tls(_, let detail): .again(.tls, cause: detail, after: nil)
        case .stalled(_, let seconds): .again(.silent, cause: "nothing came for \(seconds) s", after: nil)
        case .timedOut: .again(.unreachable, cause: error.code, after: nil)
        case .tooManyRedirects: .fatal(.redirectLoop(file: transfer.name, url: transfer.currentOrigin))
        case .insecureRedirect(let from, let to): .fatal(.insecureRedirect(file: transfer.name, from: from, to: to))
        case .unsupported(let url, _): .fatal(.unsupportedAddress(file: transfer.name, url: url))
        case .protocolError(_, let detail): .again(.badAnswer, cause: detail, after: nil)
        case .tooLarge, .offline, .stoppedByReceiver: .again(.badAnswer, cause: error.code, after: nil)
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
        guard segment.asksForRange, let part = ContentRange(head["content-range"] ?? ""), let last = part.last,
            part.first == segment.range.lowerBound
        else { return .rangesRefused(cause: "the server sent another range than asked", certain: false) }
        // Without the size nobody knows how many ranges there are.
        guard let total = part.total else {
            return .rangesRefused(cause: "the server does not say how much there is", certain: true)
        }
        if let failure = Self.encoding(head) { return failure }
        if let failure = transfer.accept(head, size: total, ranged: true, segment) { return failure }
        state.withLock { state in
            state.mode = .ranged
            // A server may send less than asked for (RFC 9110, 14.2): the rest is another segment's.
            state.end = min(state.end, last + 1)
        }
        return nil
    }

    private func judgeWhole(_ head: HTTPHead) -> SegmentFailure? {
        if let failure = Self.encoding(head) { return failure }
        // The condition is the only reason that we know of: without it the ranges may come.
        if segment.asksForRange, hadCondition, transfer.hasDigest { return .conditionFailed }
        let size = head["content-length"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
        if let failure = transfer.accept(head, size: size, ranged: false, segment) { return failure }
        let expected = transfer.plan.file.size
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
        let origin = transfer.currentOrigin
        let reason = head["x-error-code"] ?? head["x-error-message"]
        switch head.status {
        case 416:
            return transfer.judgeUnsatisfiable(ContentRange(head["content-range"] ?? "")?.total, segment)
        case 408, 425, 500...599:
            let trouble: DownloadError.Trouble = head.status == 503 ? .throttled : .server
            return .again(trouble, cause: "HTTP \(head.status)", after: RetryAfter.seconds(head))
        case 429:
            return .again(.throttled, cause: "HTTP 429", after: RetryAfter.seconds(head))
        // What a redirect's target refuses may only mean that its address is too old.
        case 400...499 where head.url != origin:
            return .resolveAgain(status: head.status, reason: reason)
        case 404, 410:
            return .fatal(.missing(file: transfer.name, url: origin, status: head.status))
        case 400...499:
            return .fatal(.refused(file: transfer.name, url: origin, status: head.status, reason: reason))
        default:
            return .again(.badAnswer, cause: "HTTP \(head.status)", after: nil)
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
                if let failure = transfer.put(wanted, at: state.offset, segment) {
                    state.failure = failure
                    return false
                }
                state.offset += Int64(wanted.count)
                if wanted.count < bytes.count, state.mode == .whole {
                    let sent = state.offset + Int64(bytes.count - wanted.count)
                    state.failure = .fatal(
                        .sizeMismatch(file: transfer.name, expected: state.end, actual: sent))
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
        let failure = transfer.learnEnd(end, segment)
        state.withLock { state in
            state.isComplete = failure == nil
            state.failure = failure
        }
    }
}
