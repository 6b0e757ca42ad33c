import Foundation

/// A JSON value and where it stands, for the linter: a broken document must still be walked.
struct JSONNode {
    indirect enum Value: Decodable {
        case null, bool(Bool), integer(Int64), number(Double), string(String)
        case array([Value]), object([String: Value])

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            // Each miss is an error made and thrown away, so what is most frequent is tried first.
            if single.decodeNil() {
                self = .null
            } else if let value = try? single.decode(String.self) {
                self = .string(value)
            } else if let value = try? single.decode(Int64.self) {
                self = .integer(value)
            } else if let value = try? single.decode([String: Value].self) {
                self = .object(value)
            } else if let value = try? single.decode([Value].self) {
                self = .array(value)
            } else if let value = try? single.decode(Bool.self) {
                self = .bool(value)
            } else {
                self = .number(try single.decode(Double.self))
            }
        }
    }

    /// Nil where the key is missing or the value is `null`.
    let value: Value?
    let path: String

    init(json: Data) throws {
        value = try JSONDecoder().decode(Value.self, from: json)
        path = ""
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
