internal import CurlHTTP
internal import Foundation

/// How often, and how patiently, metadata is asked for again when that may help: after a lost connection, 408, 429 and
/// 5xx. The official client does it for the same statuses, one second apart at first and then twice as long each time
/// (huggingface_hub, `utils/_http.py`), but more often: here somebody is waiting at a terminal.
public struct Patience: Hashable, Sendable {
    /// How often the same is asked at most.
    public var tries: Int
    /// The first wait, in seconds; it doubles with every try.
    public var firstDelay: Double
    /// The longest wait that a server may ask for, in seconds; longer ones are the user's to decide.
    public var longestWait: Double

    /// Four tries within some four seconds, more where a server asks to wait.
    public init(tries: Int = 4, firstDelay: Double = 0.5, longestWait: Double = 20) {
        self.tries = tries
        self.firstDelay = firstDelay
        self.longestWait = longestWait
    }

    /// Statuses that pass by themselves.
    private static let passing: Set<Int> = [408, 425, 429, 500, 502, 503, 504]

    /// Asks until there is an answer that asking again would not change, or until patience ends.
    func ask<Answer>(_ question: () async throws -> (Answer, HTTPHead)) async throws -> Answer {
        var delay = firstDelay
        for _ in 1..<max(1, tries) {
            do {
                let (answer, head) = try await question()
                guard Self.passing.contains(head.status) else { return answer }
                let wish = Self.wish(of: head) ?? delay
                guard wish <= longestWait else { return answer }
                delay = max(delay, wish)
            } catch let error as HTTPError {
                switch error {
                case .interrupted, .stalled, .timedOut: break
                default: throw error
                }
            }
            try await Task.sleep(for: .seconds(delay))
            delay *= 2
        }
        return try await question().0
    }

    /// How long a server asks to wait, in seconds: `Retry-After` in both its forms (RFC 9110, 10.2.3), or the Hub's
    /// own `RateLimit: "api";r=0;t=172`.
    static func wish(of head: HTTPHead) -> Double? {
        if let text = head["retry-after"]?.trimmingCharacters(in: .whitespaces) {
            if let seconds = Double(text) { return seconds.isFinite ? max(0, seconds) : nil }
            if let date = HTTPDate.parse(text) { return max(0, date.timeIntervalSinceNow) }
        }
        guard head.status == 429, let limit = head["ratelimit"], limit.contains("r=0;") || limit.hasSuffix("r=0") else {
            return nil
        }
        let window = limit.split(separator: ";").first { $0.hasPrefix("t=") }
        return window.flatMap { Double($0.dropFirst(2)) }.flatMap { $0.isFinite && $0 >= 0 ? $0 + 1 : nil }
    }
}
