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
    /// Whether the request says which bytes it wants.
    var asksForRange: Bool
}

/// Why a segment did not arrive, and so what to do next.
enum SegmentFailure: Error {
    /// Ask again, later: the cause in the words of libcurl or the status.
    case again(cause: String, after: Double?, throttled: Bool)
    /// The address that a redirect gave is refused: take the road from the start.
    case resolveAgain(status: Int)
    /// The origin has other content than before.
    case changed
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
        var head: HTTPHead?
    }

    private let segment: Segment
    private let transfer: FileTransfer
    private let origin: URL
    private let state: Mutex<State>

    init(_ segment: Segment, of transfer: FileTransfer, from origin: URL) {
        self.segment = segment
        self.transfer = transfer
        self.origin = origin
        state = Mutex(State(offset: segment.range.lowerBound, end: segment.range.upperBound))
    }

    var receiver: HTTPReceiver { HTTPReceiver(onHead: { self.judge($0) }, onBody: { self.take($0) }) }

    /// What became of the request, once it has ended with `error` or without.
    func outcome(_ error: (any Error)?) -> SegmentFailure? {
        state.withLock { state in
            if let failure = state.failure { return failure }
            if state.isComplete || state.offset >= state.end { return nil }
            if let error = error as? HTTPError { return Self.failure(error) }
            return .again(cause: "the answer ended early", after: nil, throttled: false)
        }
    }

    private static func failure(_ error: HTTPError) -> SegmentFailure {
        switch error {
        case .unreachable(_, let detail), .interrupted(_, let detail), .tls(_, let detail),
            .protocolError(_, let detail), .unsupported(_, let detail):
            .again(cause: detail, after: nil, throttled: false)
        case .stalled(_, let seconds):
            .again(cause: "nothing came for \(seconds) s", after: nil, throttled: false)
        default:
            .again(cause: error.code, after: nil, throttled: false)
        }
    }

    // MARK: The head

    private func judge(_ head: HTTPHead) -> Bool {
        let failure: SegmentFailure?
        switch head.status {
        case 206: failure = judgePart(head)
        case 200: failure = judgeWhole(head)
        default:
            state.withLock {
                $0.mode = .discarding
                $0.failure = self.refusal(head)
            }
            return true
        }
        guard let failure else { return true }
        state.withLock { $0.failure = failure }
        return false
    }

    private func judgePart(_ head: HTTPHead) -> SegmentFailure? {
        guard segment.asksForRange, let part = ContentRange(head["content-range"] ?? ""),
            part.first == segment.range.lowerBound
        else { return .again(cause: "the server sent another range than asked", after: nil, throttled: false) }
        if let encoding = head["content-encoding"], encoding != "identity" {
            return .again(cause: "the server sent \(encoding) instead of the bytes", after: nil, throttled: false)
        }
        if let failure = transfer.accept(head, size: part.total, ranged: true, segment) { return failure }
        state.withLock { state in
            state.mode = .ranged
            state.end = min(state.end, part.total ?? state.end)
        }
        return nil
    }

    private func judgeWhole(_ head: HTTPHead) -> SegmentFailure? {
        if let encoding = head["content-encoding"], encoding != "identity" {
            return .again(cause: "the server sent \(encoding) instead of the bytes", after: nil, throttled: false)
        }
        let size = head["content-length"].flatMap { Int64($0) }
        if let failure = transfer.accept(head, size: size, ranged: false, segment) { return failure }
        state.withLock { state in
            state.mode = .whole
            state.offset = 0
            state.end = size ?? transfer.size ?? .max
        }
        return nil
    }

    private func refusal(_ head: HTTPHead) -> SegmentFailure {
        let wasRedirected = head.url != transfer.currentOrigin
        switch head.status {
        case 401, 403:
            if wasRedirected { return .resolveAgain(status: head.status) }
            let reason = head["x-error-code"] ?? head["x-error-message"]
            return .fatal(
                .refused(file: transfer.name, url: transfer.currentOrigin, status: head.status, reason: reason))
        case 404, 410:
            if wasRedirected { return .resolveAgain(status: head.status) }
            return .fatal(.missing(file: transfer.name, url: transfer.currentOrigin, status: head.status))
        case 416:
            return transfer.judgeUnsatisfiable(ContentRange(head["content-range"] ?? "")?.total)
        case 408, 425, 429, 500...599:
            return .again(
                cause: "HTTP \(head.status)", after: RetryAfter.seconds(head),
                throttled: head.status == 429 || head.status == 503)
        default:
            return .again(cause: "HTTP \(head.status)", after: nil, throttled: false)
        }
    }

    // MARK: The bytes

    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        state.withLock { state in
            switch state.mode {
            case .undecided: return false
            case .discarding:
                state.discarded += bytes.count
                return state.discarded <= 64 * 1024
            case .ranged, .whole:
                let room = state.end - state.offset
                let wanted = UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(clamping: room)))
                if let failure = transfer.put(wanted, at: state.offset, segment) {
                    state.failure = failure
                    return false
                }
                state.offset += Int64(wanted.count)
                return wanted.count == bytes.count
            }
        }
    }

    /// Called when the request ended without an error: a body of unknown length is complete then.
    func endedCleanly() {
        let end: Int64? = state.withLock { state in
            guard state.mode == .whole, state.failure == nil, state.end == .max else { return nil }
            state.isComplete = true
            return state.offset
        }
        if let end { transfer.learnEnd(end) }
    }
}

/// `Content-Range: bytes 0-99/1000`, or `bytes */1000` (RFC 9110, 14.4).
struct ContentRange: Hashable {
    var first: Int64?
    var last: Int64?
    var total: Int64?

    init?(_ text: String) {
        guard text.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2 else { return nil }
        total = Int64(parts[1])
        if parts[0] == "*" { return }
        let ends = parts[0].split(separator: "-").map { Int64($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, first <= last else { return nil }
        (self.first, self.last) = (first, last)
        if let total, last >= total { return nil }
    }
}

/// `Retry-After` in both its forms, and the Hub's own `RateLimit: "bucket";r=0;t=172`.
enum RetryAfter {
    static func seconds(_ head: HTTPHead, now: Date = Date()) -> Double? {
        if let text = head["retry-after"]?.trimmingCharacters(in: .whitespaces) {
            if let seconds = Double(text), seconds >= 0 { return seconds }
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.timeZone = TimeZone(secondsFromGMT: 0)
            format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
            if let date = format.date(from: text) { return max(0, date.timeIntervalSince(now)) }
        }
        guard head.status == 429, let limit = head["ratelimit"] else { return nil }
        let wait = limit.split(separator: ";").first { $0.hasPrefix("t=") }
        return wait.flatMap { Double($0.dropFirst(2)) }.map { $0 + 1 }
    }
}
