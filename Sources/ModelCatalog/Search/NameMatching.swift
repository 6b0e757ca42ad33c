/// How spellings of model names are compared.
package enum NameMatching {
    /// Lower case without hyphens, underscores, spaces and colons; a decimal comma is a point.
    package static func key(_ name: some StringProtocol) -> String {
        var key = ""
        for character in name.lowercased() where !"-_ :".contains(character) {
            key.append(character == "," ? "." : character)
        }
        return key
    }

    /// A size in one spelling: `1,5B` and `1.50b` are `1.5b`, `1.0B` is `1b`.
    static func sizeKey(_ size: some StringProtocol) -> String {
        let key = key(size)
        let number = key.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard number.holds("."), !number.isEmpty else { return key }
        var digits = String(number)
        while digits.hasSuffix("0") { digits.removeLast() }
        if digits.hasSuffix(".") { digits.removeLast() }
        return digits + key.dropFirst(number.count)
    }

    /// How far two names are apart; nil when they have nothing to do with each other. 0 is the same name.
    static func distance(from typed: String, to name: String) -> Int? {
        let (typed, name) = (Array(key(typed).utf8.prefix(64)), Array(key(name).utf8.prefix(64)))
        guard !typed.isEmpty, !name.isEmpty else { return nil }
        if typed == name { return 0 }
        let common = min(typed.count, name.count)
        let isPrefix = typed.prefix(common).elementsEqual(name.prefix(common))
        let edits = edits(typed, name)
        if isPrefix, common >= 2 { return min(edits, 2) }
        return edits <= max(1, common / 3) ? edits : nil
    }

    /// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
    package static func edits<Letter: Equatable>(_ left: [Letter], _ right: [Letter]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var next = [row + 1]
            for column in 0..<right.count {
                let isSame = left[row] == right[column]
                var best = min(last[column + 1] + 1, next[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, before[column - 1] + 1)
                }
                next.append(best)
            }
            before = last
            last = next
        }
        return last[right.count]
    }
}
