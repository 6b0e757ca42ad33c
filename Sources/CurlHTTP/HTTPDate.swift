internal import Foundation

/// Dates as HTTP writes them: always in GMT (RFC 9110, 5.6.7).
enum HTTPDate {
    /// What is written today (IMF-fixdate), and the two obsolete forms that still have to be read (RFC 850, asctime).
    private static let forms = [
        "EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", "EEE MMM d HH:mm:ss yyyy",
    ]

    /// - Parameter now: Decides the century of a year with two digits: none is more than fifty years ahead.
    static func parse(_ text: String, now: Date) -> Date? {
        // In asctime a day below ten has a second space in front.
        let words = text.split(separator: " ").joined(separator: " ")
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.twoDigitStartDate = Calendar(identifier: .gregorian).date(byAdding: .year, value: -50, to: now)
        for form in forms {
            format.dateFormat = form
            if let date = format.date(from: words) { return date }
        }
        return nil
    }
}
