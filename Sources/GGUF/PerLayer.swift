/// A number that is the same in all layers of a model, or given for each.
///
/// Written as a number or as an array, in JSON too; truth values are 0 and 1.
package enum PerLayer: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, Decodable {
    /// Every layer has this.
    case same(Int)
    /// One number a layer, first layer first.
    case each([Int])

    /// Every layer has this.
    package init(integerLiteral value: Int) { self = .same(value) }

    /// One number a layer, first layer first.
    package init(arrayLiteral elements: Int...) { self = .each(elements) }

    /// The number of a layer; that of the last one for layers beyond the list.
    package subscript(layer: Int) -> Int {
        switch self {
        case .same(let value): value
        case .each(let values): values.isEmpty ? 0 : values[min(max(layer, 0), values.count - 1)]
        }
    }

    /// The largest of all layers.
    package var largest: Int {
        switch self {
        case .same(let value): value
        case .each(let values): values.max() ?? 0
        }
    }

    /// Reads a number, a truth value or an array of numbers.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Nearly all are numbers, and every failed try takes as long as many that succeed.
        if let value = try? container.decode(Int.self) {
            self = .same(value)
        } else if let flag = try? container.decode(Bool.self) {
            self = .same(flag ? 1 : 0)
        } else {
            self = .each(try container.decode([Int].self))
        }
    }
}
