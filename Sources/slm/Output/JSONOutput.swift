import Disk
import Foundation

/// An answer as one JSON document: keys in order, addresses readable, nothing left out.
enum JSONOutput {
    /// - Throws: `EncodingError`, for numbers that JSON does not have.
    static func document(_ value: some Encodable, onOneLine: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !onOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
        return escaped(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// What could steer a terminal is written as `\u009B`: the same value to programs, and harmless to people.
    private static func escaped(_ document: String) -> String {
        if document.utf8.allSatisfy({ 0x20..<0x7F ~= $0 || $0 == 0x0A }) { return document }
        return document.unicodeScalars.map { scalar in
            let text = String(scalar)
            guard scalar != "\n", text.printable != text else { return text }
            return text.utf16.map { "\\u" + String(Int($0) + 0x1_0000, radix: 16).dropFirst() }.joined()
        }.joined()
    }
}

/// A value that is written as `null` when there is none: a reader can tell "not known" from "no such field".
@propertyWrapper
struct OrNull<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

/// A moment, in RFC 3339 with seconds, in UTC: `2026-01-31T08:05:09Z`.
struct Timestamp: Encodable, Sendable {
    let text: String

    /// Written without the system's formatter, which takes longer than all the rest of a long list.
    init(_ date: Date) {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        guard seconds.magnitude < 1e11 else {
            text = date.formatted(.iso8601)
            return
        }
        let (day, second) = Int(seconds).floored(by: 86_400)
        // The Gregorian calendar in eras of 400 years that begin on the first of March; source: Howard Hinnant,
        // "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
        let (era, dayOfEra) = (day + 719_468).floored(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let years = String(repeating: "0", count: max(0, 4 - String(year).utf8.count)) + String(year)
        text =
            "\(years)-\(two(month))-\(two(dayOfYear - (153 * march + 2) / 5 + 1))"
            + "T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    }

    /// The day alone.
    var day: String { String(text.prefix(10)) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Int {
    fileprivate func floored(by divisor: Int) -> (Int, Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
