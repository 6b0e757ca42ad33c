internal import CurlHTTP
internal import Foundation

/// `Content-Range: bytes 0-99/1000`, or `bytes */1000` (RFC 9110, 14.4).
struct ContentRange: Hashable {
    var first: Int64?
    var last: Int64?
    var total: Int64?

    init?(_ text: String) {
        guard text.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", maxSplits: 1).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        guard parts.count == 2 else { return nil }
        total = Int64(parts[1])
        guard total ?? 0 >= 0 else { return nil }
        if parts[0] == "*" { return }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, first <= last, last < .max else {
            return nil
        }
        (self.first, self.last) = (first, last)
        if let total, last >= total { return nil }
    }
}

/// `Retry-After` in both its forms (RFC 9110, 10.2.3), and the Hub's own `RateLimit: "bucket";r=0;t=172`.
enum RetryAfter {
    /// In seconds; nil when the server asks for nothing.
    static func seconds(_ head: HTTPHead, now: Date = Date()) -> Double? {
        if let text = head["retry-after"]?.trimmingCharacters(in: .whitespaces) {
            if let seconds = Double(text), seconds >= 0, seconds.isFinite { return seconds }
            if let date = HTTPDate.parse(text) { return max(0, date.timeIntervalSince(now)) }
        }
        guard head.status == 429, let limit = head["ratelimit"] else { return nil }
        let wait = limit.split(separator: ";").first { $0.hasPrefix("t=") }
        return wait.flatMap { Double($0.dropFirst(2)) }.flatMap { $0 >= 0 && $0.isFinite ? $0 + 1 : nil }
    }
}

/// Dates as HTTP headers have them today (RFC 9110, 5.6.7).
enum HTTPDate {
    static func parse(_ text: String) -> Date? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return format.date(from: text)
    }
}

extension Journal.Validator {
    /// What guards a range: a strong entity tag, or a date at least a minute older than the answer
    /// (RFC 9110, 8.8.2.2 and 13.1.5); nil when the answer has neither.
    init?(_ head: HTTPHead) {
        let address = Self.plain(head.url)
        if let tag = head["etag"], !tag.hasPrefix("W/"), !tag.isEmpty {
            self.init(value: tag, address: address)
        } else if let text = head["last-modified"], let modified = HTTPDate.parse(text),
            modified.timeIntervalSince(head["date"].flatMap(HTTPDate.parse) ?? Date()) <= -60
        {
            self.init(value: text, address: address)
        } else {
            return nil
        }
    }

    /// An address without what changes at every request of a signed one.
    static func plain(_ url: URL) -> String {
        var parts = URLComponents(url: url, resolvingAgainstBaseURL: true)
        parts?.query = nil
        parts?.fragment = nil
        return parts?.string ?? url.absoluteString
    }
}
