import Disk

/// What `--store` named: commands that a hint tells to type name it too, or they would look elsewhere.
enum GivenStore {
    /// ` --store DIR`, as a shell takes it; nil where none was given.
    private static let option = givenValue(of: "--store").map { " --store " + shellWord($0) }

    static var isGiven: Bool { option != nil }

    /// Those that look into a store.
    private static let verbs = Set(SLM.commands.compactMap { $0.configuration.commandName })
        .subtracting(["catalog", "completion", "device", "login", "logout"])

    /// The same spans with the store in the commands of slm that they tell to type: between backticks, in `$(…)`, or
    /// where such a command is all there is.
    static func named(in spans: [Text.Span]) -> [Text.Span] {
        guard let option, !spans.isEmpty else { return spans }
        let plain = spans.map(\.text).joined()
        guard !plain.holds(option) else { return spans }
        let places = places(in: plain)
        guard !places.isEmpty else { return spans }
        var (result, offset): ([Text.Span], Int) = ([], 0)
        for span in spans {
            let count = span.text.utf8.count
            var (text, start) = ("", 0)
            for place in places where place > offset && place <= offset + count {
                text += piece(of: span.text, start..<place - offset) + option
                start = place - offset
            }
            result.append(start == 0 ? span : Text.Span(text + piece(of: span.text, start..<count), span.tone))
            offset += count
        }
        return result
    }

    private static func piece(of text: String, _ bytes: Range<Int>) -> String {
        String(decoding: text.utf8.dropFirst(bytes.lowerBound).prefix(bytes.count), as: UTF8.self)
    }

    /// Behind which bytes it belongs: those of a command's name.
    static func places(in text: String) -> [Int] {
        var places: [Int] = []
        var (offset, isQuoted, isFirst, isNext) = (0, false, true, false)
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let name = word.prefix { $0.isLetter }
            if isNext, name == "store", word.count == name.count {
                // Its options belong to what it shall do.
                places.append(offset + name.utf8.count)
            } else if isNext, verbs.contains(String(name)) {
                places.append(offset + name.utf8.count)
                isNext = false
            } else if word.hasPrefix("--help"), places.last == offset - 1 {
                places.removeLast()
            } else if isNext, places.last == offset - 1, name.first?.isLowercase == true {
                places[places.count - 1] = offset + name.utf8.count
                isNext = false
            } else {
                let isAlone = word == "slm" && (isFirst || isQuoted)
                isNext = isAlone || word.hasSuffix("`slm") || word.hasSuffix("$(slm")
            }
            if word.utf8.count(where: { $0 == UInt8(ascii: "`") }) % 2 == 1 { isQuoted.toggle() }
            isFirst = isFirst && word.isEmpty
            offset += word.utf8.count + 1
        }
        return places
    }
}
