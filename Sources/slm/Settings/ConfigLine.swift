import Disk

/// A line of the configuration file.
enum ConfigLine {
    /// The key and the value of a line; nil where it is empty, a comment, or the `---` that begins a document.
    static func pair(in line: Substring) throws(ConfigFault.Reason) -> (name: String, value: String)? {
        let text = line.trimmed
        if text.isEmpty || text.hasPrefix("#") || text == "---" { return nil }
        // Only what is inside of something is indented, and here nothing is.
        if line.first?.isWhitespace == true || text.hasPrefix("- ") { throw .nested }
        guard let colon = text.firstIndex(of: ":") else { throw .noPair(text) }
        let (name, rest) = (text[..<colon].trimmed, text[text.index(after: colon)...])
        guard rest.isEmpty || rest.first?.isWhitespace == true, name.allSatisfy({ $0.isLetter || "-_".contains($0) })
        else { throw .noPair(text) }
        return (name, try value(rest.trimmed, of: name))
    }

    private static func value(_ text: String, of name: String) throws(ConfigFault.Reason) -> String {
        guard let first = text.first, first != "#" else { throw .noValue(name) }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { throw .notPlain(name) }
        if first == "\"" || first == "'" { return try quoted(text, by: first, of: name) }
        let value = text.firstRange(of: " #").map { text[..<$0.lowerBound].trimmed } ?? text
        if value == "~" || value == "null" { throw .noValue(name) }
        // Signs by which YAML means something else than a text.
        if "&*!|>%@`{[".contains(first) || value.holds(": ") || value.hasSuffix(":") { throw .notPlain(name) }
        return value
    }

    /// A text in quotes. In single ones a quote is written twice; in double ones a backslash keeps `"` and itself.
    private static func quoted(
        _ text: String, by quote: Character, of name: String
    ) throws(ConfigFault.Reason) -> String {
        var (value, rest) = ("", text.dropFirst())
        while let character = rest.popFirst() {
            if character == quote {
                if quote == "'", rest.first == "'" {
                    value.append("'")
                    rest.removeFirst()
                    continue
                }
                let after = rest.trimmed
                guard after.isEmpty || rest.first?.isWhitespace == true && after.hasPrefix("#") else {
                    throw .notPlain(name)
                }
                if value.isEmpty { throw .noValue(name) }
                return value
            }
            if quote == "\"", character == "\\" {
                guard let next = rest.popFirst(), "\\\"".contains(next) else { throw .notPlain(name) }
                value.append(next)
            } else {
                value.append(character)
            }
        }
        throw .notPlain(name)
    }
}
