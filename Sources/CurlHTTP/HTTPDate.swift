internal import Foundation

/// Dates as HTTP writes them: always in GMT (RFC 9110, 5.6.7).
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Reads what is written today (IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`), and the two obsolete forms that still
    /// have to be read (RFC 850, `Sunday, 06-Nov-94 08:49:37 GMT`; asctime, `Sun Nov  6 08:49:37 1994`).
    ///
    /// - Parameter now: Decides the century of a year with two digits: none is more than fifty years ahead.
    static func parse(_ text: String, now: Date) -> Date? {
        let words = text.split { $0 == " " || $0 == "-" }.map(String.init)
        let parts: (day: String, month: String, year: String, time: String)
        switch words.count {
        case 6 where words[0].hasSuffix(",") && words[5] == "GMT": parts = (words[1], words[2], words[3], words[4])
        case 5: parts = (words[2], words[1], words[4], words[3])
        default: return nil
        }
        let time = parts.time.split(separator: ":", omittingEmptySubsequences: false).map { number($0, 2...2) }
        guard let month = months.firstIndex(of: parts.month.lowercased()), let day = number(parts.day, 1...2),
            let year = number(parts.year, 2...4), parts.year.count != 3, time.count == 3, let hour = time[0],
            let minute = time[1], let second = time[2], (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        func date(_ year: Int) -> Date {
            Date(
                timeIntervalSince1970: Double(days(year, month + 1, day) * 86_400 + hour * 3600 + minute * 60 + second))
        }
        if parts.year.count == 4 { return date(year) }
        let limit = now.addingTimeInterval(50 * 365.25 * 86_400)
        return [2100, 2000, 1900].map { date($0 + year) }.first { $0 <= limit }
    }

    private static func number(_ text: some StringProtocol, _ lengths: ClosedRange<Int>) -> Int? {
        lengths.contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    /// Days from 1970 to a day of the Gregorian calendar, whose years are taken to begin in March, after the leap day.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
