/// The keys and values at the head of a file, in file order.
public struct GGUFMetadata: Hashable, Sendable {
    /// Keys in the order in which the file has them.
    public private(set) var keys: [String] = []
    private var values: [String: GGUFValue] = [:]

    /// No keys at all.
    package init() {}

    /// The value under a key, in its own type.
    public subscript(key: String) -> GGUFValue? { values[key] }

    /// A text; nil when the key is absent or holds something else.
    public func string(_ key: String) -> String? { values[key]?.string }

    /// A whole number; nil when the key is absent or holds something else.
    public func integer(_ key: String) -> Int64? { values[key]?.integer }

    /// A number; nil when the key is absent or holds something else.
    public func double(_ key: String) -> Double? { values[key]?.double }

    /// A truth value; nil when the key is absent or holds something else.
    public func bool(_ key: String) -> Bool? { values[key]?.bool }

    /// How many elements an array has; nil when the key is absent or is no array.
    package func arrayCount(_ key: String) -> Int? { values[key]?.array?.count }

    /// Whole numbers of a short array, or the one number that stands there instead of an array.
    package func integers(_ key: String) -> [Int64]? {
        guard let value = values[key] else { return nil }
        if let single = value.integer { return [single] }
        guard let elements = value.array?.elements else { return nil }
        let numbers = elements.compactMap { $0.integer ?? $0.bool.map { $0 ? 1 : 0 } }
        return numbers.count == elements.count ? numbers : nil
    }

    /// Adds a value; false when the key is already there.
    mutating func insert(_ value: GGUFValue, for key: String) -> Bool {
        guard values.updateValue(value, forKey: key) == nil else { return false }
        keys.append(key)
        return true
    }
}
