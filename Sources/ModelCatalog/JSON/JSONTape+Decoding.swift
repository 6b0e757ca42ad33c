import Foundation

extension JSONTape {
    /// What a document says.
    ///
    /// - Throws: `DecodingError`; where it is no JSON, `dataCorrupted` without a path.
    static func decode<Value: Decodable>(_ type: Value.Type, from json: Data) throws -> Value {
        try json.withUnsafeBytes { bytes in
            let tape: JSONTape
            do {
                tape = try JSONTape(bytes.bindMemory(to: UInt8.self))
            } catch {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no JSON"))
            }
            return try Value(from: JSONTapeValue(tape: tape, index: 0))
        }
    }

    /// The keys from the document down to a value: worked out when something is wrong there.
    fileprivate func codingPath(of index: Int) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var above = 0
        while above < index, let inner = inner(of: above).enumerated().last(where: { $0.element <= index }) {
            if tokens[above].kind == .object {
                path.append(JSONTapeKey(stringValue: (try? text(at: inner.element)) ?? ""))
                above = inner.element + 1
            } else {
                path.append(JSONTapeKey(intValue: inner.offset))
                above = inner.element
            }
        }
        return path
    }

    fileprivate func mismatch(_ type: Any.Type, at index: Int) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath(of: index), debugDescription: "expected \(type)"))
    }
}

private struct JSONTapeKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) { (self.stringValue, intValue) = (stringValue, nil) }
    init(intValue: Int) { (stringValue, self.intValue) = ("\(intValue)", intValue) }
}

/// One value of a document, as `Decodable` types read it.
struct JSONTapeValue: Decoder, SingleValueDecodingContainer {
    let tape: JSONTape
    let index: Int

    var codingPath: [any CodingKey] { tape.codingPath(of: index) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard tape.tokens[index].kind == .object else { throw tape.mismatch([String: Any].self, at: index) }
        return KeyedDecodingContainer(JSONTapeFields(tape: tape, index: index))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard tape.tokens[index].kind == .array else { throw tape.mismatch([Any].self, at: index) }
        return JSONTapeElements(tape: tape, index: index)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { tape.tokens[index].kind == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        switch tape.tokens[index].kind {
        case .truth: true
        case .falsehood: false
        default: throw tape.mismatch(type, at: index)
        }
    }

    func decode(_ type: String.Type) throws -> String {
        guard tape.tokens[index].kind == .string, let text = try? tape.text(at: index) else {
            throw tape.mismatch(type, at: index)
        }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let number = tape.number(at: index) else { throw tape.mismatch(type, at: index) }
        return number
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    private func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        guard let number = tape.integer(at: index).flatMap(Number.init(exactly:)) else {
            throw tape.mismatch(type, at: index)
        }
        return number
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
}

/// An object.
private struct JSONTapeFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let tape: JSONTape
    let index: Int
    private let cursor: Cursor

    /// The key that was found last: most are asked for in the order in which they stand.
    private final class Cursor {
        var key: Int

        init(_ key: Int) { self.key = key }
    }

    init(tape: JSONTape, index: Int) {
        (self.tape, self.index) = (tape, index)
        cursor = Cursor(index + 1)
    }

    var codingPath: [any CodingKey] { tape.codingPath(of: index) }

    var allKeys: [Key] {
        tape.inner(of: index).compactMap { key in (try? tape.text(at: key)).flatMap { Key(stringValue: $0) } }
    }

    /// Where a key's value is; nil without it.
    private func find(_ key: Key) -> Int? {
        let name = key.stringValue
        let end = Int(tape.tokens[index].next)
        let start = cursor.key
        for (first, last) in [(start, end), (index + 1, start)] {
            var place = first
            while place < last {
                if tape.holds(name, at: place) {
                    cursor.key = place
                    return place + 1
                }
                place = Int(tape.tokens[place + 1].next)
            }
        }
        return nil
    }

    /// Where a key's value is; nil without it, or where it is `null`.
    private func present(_ key: Key) -> JSONTapeValue? {
        find(key).flatMap { tape.tokens[$0].kind == .null ? nil : JSONTapeValue(tape: tape, index: $0) }
    }

    private func value(_ key: Key) throws -> JSONTapeValue {
        guard let place = find(key) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "missing"))
        }
        return JSONTapeValue(tape: tape, index: place)
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try value(key).decodeNil() }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try value(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try value(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try value(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try value(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try value(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try value(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try value(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(key).decode(type) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let value = try value(key)
        if value.decodeNil() {
            throw DecodingError.valueNotFound(type, .init(codingPath: value.codingPath, debugDescription: "missing"))
        }
        return try Value(from: value)
    }

    // One look for each instead of three.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(key)?.decode(type) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try present(key)?.decode(type) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try present(key)?.decode(type) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try present(key)?.decode(type) }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key).map { try Value(from: $0) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try value(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try value(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { JSONTapeValue(tape: tape, index: index) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }
}

/// An array.
private struct JSONTapeElements: UnkeyedDecodingContainer {
    let tape: JSONTape
    let index: Int
    /// The token of the next element.
    private var place: Int
    private(set) var currentIndex = 0

    init(tape: JSONTape, index: Int) {
        (self.tape, self.index) = (tape, index)
        place = index + 1
    }

    var codingPath: [any CodingKey] { tape.codingPath(of: index) }
    var count: Int? { nil }
    var isAtEnd: Bool { place >= tape.tokens[index].next }

    private mutating func next() throws -> JSONTapeValue {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                Any.self, .init(codingPath: codingPath, debugDescription: "no more elements"))
        }
        let value = JSONTapeValue(tape: tape, index: place)
        place = Int(tape.tokens[place].next)
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, tape.tokens[place].kind == .null else { return false }
        _ = try next()
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try next().decode(type) }
    mutating func decode(_ type: String.Type) throws -> String { try next().decode(type) }
    mutating func decode(_ type: Double.Type) throws -> Double { try next().decode(type) }
    mutating func decode(_ type: Float.Type) throws -> Float { try next().decode(type) }
    mutating func decode(_ type: Int.Type) throws -> Int { try next().decode(type) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try next().decode(type) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try next().decode(type) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try next().decode(type) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try next().decode(type) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try next().decode(type) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next().decode(type) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next().decode(type) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next().decode(type) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next().decode(type) }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: next()) }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
