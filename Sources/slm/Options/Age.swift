import ArgumentParser
import Foundation

/// How long ago, as a person writes it: `30d`, `2w`, `12h`; a number alone means days.
struct Age: ExpressibleByArgument {
    /// In seconds.
    let seconds: Double

    init?(argument: String) {
        let text = argument.lowercased().filter { $0 != " " }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Double] = ["h": 3600, "": 86_400, "d": 86_400, "w": 7 * 86_400, "s": 7 * 86_400]
        // Longer than there have been models; `s` is `semanas`.
        guard let number = Double(digits), number < 100_000, let unit = units[text.dropFirst(digits.count)] else {
            return nil
        }
        seconds = number * unit
    }

    /// The moment so long before this one.
    var date: Date { Date(timeIntervalSinceNow: -seconds) }
}
