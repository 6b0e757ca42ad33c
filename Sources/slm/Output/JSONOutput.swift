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

    init(_ date: Date) { text = date.formatted(.iso8601) }

    /// The day alone.
    var day: String { String(text.prefix(10)) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
