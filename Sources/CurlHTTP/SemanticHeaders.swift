internal import Disk
package import Foundation

/// What the headers of an answer mean, where a rule is needed to know it.
extension HTTPHead {
    /// The longest wait that is believed, in seconds: a year.
    private static let longestWait = 365.0 * 86_400

    /// How long the server asks to be left alone, in seconds; nil when it does not ask.
    ///
    /// `Retry-After` in both its forms (RFC 9110, 10.2.3). On a 429 also `RateLimit: "api";r=0;t=172`
    /// (draft-ietf-httpapi-ratelimit-headers): `r` is what is left of a quota, and only where nothing is left does `t`,
    /// the seconds until it is restored, ask for a wait; of several such quotas the last to be restored counts.
    package func retryAfter(now: Date = Date()) -> Double? { requestedWait(now).map { min($0, Self.longestWait) } }

    private func requestedWait(_ now: Date) -> Double? {
        if let text = self["retry-after"]?.trimmed {
            if text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let seconds = Double(text),
                seconds.isFinite
            {
                return seconds
            }
            if let date = HTTPDate.parse(text, now: now) { return max(0, date.timeIntervalSince(now)) }
        }
        guard status == 429, let text = self["ratelimit"] else { return nil }
        // A quota's name may contain what separates quotas.
        let quotas = text.replacing(/"(?:[^"\\]|\\.)*"/, with: "").split(separator: ",")
        return quotas.compactMap(Self.restoration).max()
    }

    /// Until an exhausted quota is restored, in seconds, with one more because `t` is whole seconds.
    private static func restoration(of quota: Substring) -> Double? {
        var values: [Substring: Int64] = [:]
        for parameter in quota.split(separator: ";") {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            values[pair[0].trimmingPrefix(while: \.isWhitespace)] = Int64(pair[1].filter { !$0.isWhitespace })
        }
        guard values["r"] == 0, let seconds = values["t"], seconds >= 0 else { return nil }
        return Double(seconds) + 1
    }

    /// `Content-Range`; nil when there is none, or none that can be true.
    package var contentRange: ContentRange? { self["content-range"].flatMap { ContentRange($0) } }

    /// What may stand in `If-Range` to name this content: a strong entity tag, or else a `Last-Modified` that is strong
    /// in the sense of RFC 9110, 8.8.2.2 and 13.1.5: at least a minute older than the answer, so that no second change
    /// can hide behind the same date, whatever the clocks of a server farm say. Nil when the answer has neither.
    package func validator(now: Date = Date()) -> String? {
        if let tag = self["etag"], !tag.hasPrefix("W/"), !tag.isEmpty { return tag }
        guard let text = self["last-modified"], let modified = HTTPDate.parse(text, now: now) else { return nil }
        let sent = self["date"].flatMap { HTTPDate.parse($0, now: now) } ?? now
        return sent.timeIntervalSince(modified) >= 60 ? text : nil
    }

    /// `Last-Modified` as a date.
    package var lastModified: Date? { self["last-modified"].flatMap { HTTPDate.parse($0, now: Date()) } }

    /// Whether the body is a page for people.
    package var isWebPage: Bool { self["content-type"]?.lowercased().hasPrefix("text/html") ?? false }

    /// `Content-Length`; nil when there is none, or none that can be true. In bytes.
    package var contentLength: Int64? { self["content-length"].flatMap { Int64(digits: $0) } }
}

/// `Content-Range: bytes 0-99/1000`, or `bytes */1000` (RFC 9110, 14.4).
package struct ContentRange: Hashable, Sendable {
    /// The bytes that come, as offsets in the whole; nil where the range asked for cannot be had.
    package let range: Range<Int64>?
    /// The size of the whole, in bytes; nil where the server does not know it.
    package let total: Int64?

    init?(_ text: String) {
        guard text.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false).map {
            $0.trimmed
        }
        guard parts.count == 2 else { return nil }
        total = Int64(digits: parts[1])
        guard total != nil || parts[1] == "*" else { return nil }
        if parts[0] == "*" {
            guard total != nil else { return nil }
            range = nil
            return
        }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int64(digits: ends[0]), let last = Int64(digits: ends[1]), first <= last,
            last < total ?? .max
        else { return nil }
        range = first..<last + 1
    }
}

extension Int64 {
    /// Decimal digits and nothing else: HTTP knows no signs.
    fileprivate init?(digits text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        self.init(text)
    }
}
