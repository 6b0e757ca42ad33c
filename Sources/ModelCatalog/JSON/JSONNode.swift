import Foundation

/// A JSON value and where it stands, for the linter: a broken document must still be walked.
struct JSONNode {
    indirect enum Value {
        case null, bool(Bool), integer(Int64), number(Double), string(String)
        case array([Value]), object([String: Value])
    }

    /// Nil where the key is missing or the value is `null`.
    let value: Value?
    let path: String

    /// - Parameter repeated: Told the path and the name of each key that an object has twice; the first counts.
    /// - Throws: ``JSONTape/Fault``.
    init(json: Data, repeated: (_ path: String, _ key: String) -> Void = { _, _ in }) throws {
        value = try json.withUnsafeBytes { bytes in
            try Self.value(at: 0, of: JSONTape(bytes.bindMemory(to: UInt8.self)), path: "", repeated)
        }
        path = ""
    }

    private static func value(
        at index: Int, of tape: JSONTape, path: String, _ repeated: (_ path: String, _ key: String) -> Void
    ) throws(JSONTape.Fault) -> Value {
        switch tape.tokens[index].kind {
        case .null: return .null
        case .truth: return .bool(true)
        case .falsehood: return .bool(false)
        case .string: return .string(try tape.text(at: index))
        case .number:
            if let number = tape.integer(at: index) { return .integer(number) }
            guard let number = tape.number(at: index) else { throw JSONTape.Fault() }
            return .number(number)
        case .array:
            var elements: [Value] = []
            for (place, inner) in tape.inner(of: index).enumerated() {
                elements.append(try value(at: inner, of: tape, path: Self.path(path, index: place), repeated))
            }
            return .array(elements)
        case .object:
            var fields: [String: Value] = [:]
            for inner in tape.inner(of: index) {
                let key = try tape.text(at: inner)
                let below = Self.path(path, key: key)
                let value = try value(at: inner + 1, of: tape, path: below, repeated)
                if fields[key] == nil { fields[key] = value } else { repeated(below, key) }
            }
            return .object(fields)
        }
    }

    private init(value: Value?, path: String) {
        if case .null? = value { self.value = nil } else { self.value = value }
        self.path = path
    }

    /// The value under a key; of something that is no object it is missing.
    subscript(key: String) -> JSONNode {
        let inner: Value? = if case .object(let fields)? = value { fields[key] } else { nil }
        return JSONNode(value: inner, path: Self.path(path, key: key))
    }

    /// `families[3].sizes[0]`, from the keys on the way down.
    static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce("") { above, key in
            key.intValue.map { path(above, index: $0) } ?? path(above, key: key.stringValue)
        }
    }

    private static func path(_ above: String, key: String) -> String { above.isEmpty ? key : "\(above).\(key)" }
    private static func path(_ above: String, index: Int) -> String { "\(above)[\(index)]" }

    var string: String? { if case .string(let text)? = value { text } else { nil } }
    var bool: Bool? { if case .bool(let truth)? = value { truth } else { nil } }
    /// Whole or not.
    var number: Double? { if case .number(let number)? = value { number } else { integer.map(Double.init) } }
    var integer: Int64? { if case .integer(let number)? = value { number } else { nil } }

    /// The elements; nil when it is no array.
    var elements: [JSONNode]? {
        guard case .array(let values)? = value else { return nil }
        return values.enumerated().map { JSONNode(value: $1, path: Self.path(path, index: $0)) }
    }

    /// The fields in the order of their keys; nil when it is no object.
    var fields: [(key: String, node: JSONNode)]? {
        guard case .object(let values)? = value else { return nil }
        return values.keys.sorted().map { ($0, self[$0]) }
    }
}
