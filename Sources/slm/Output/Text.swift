import Disk

/// Text for a screen with tones in it: colour only says good, careful or no, and never alone.
///
/// Everything that a person sees is one of these, and holds nothing that could steer a terminal, wherever it came from.
struct Text: ExpressibleByStringInterpolation, Sendable {
    /// What a piece of text wants to say besides its words.
    enum Tone: Sendable {
        case plain, good, careful, bad, faint, strong
        /// Black on white on every screen: for a camera.
        case code
    }

    /// A piece in one tone.
    struct Span: Sendable {
        let text: String
        let tone: Tone
        /// Columns on a screen: a table asks several times.
        let width: Int

        /// The one place where text from outside becomes text for a terminal.
        init(_ text: String, _ tone: Tone) {
            let isPlain = text.isPlain
            self.text = isPlain ? text : text.printable
            self.tone = tone
            width = isPlain ? text.utf8.count : displayWidth(of: self.text)
        }
    }

    /// Nearly every text is one piece, and has no array of its own for it.
    private var first: Span?
    private var others: [Span] = []

    private(set) var spans: [Span] {
        get { first.map { [$0] + others } ?? [] }
        set { (first, others) = (newValue.first, Array(newValue.dropFirst())) }
    }

    init(_ text: String, _ tone: Tone = .plain) {
        first = text.isEmpty ? nil : Span(text, tone)
        if GivenStore.isGiven { spans = GivenStore.named(in: spans) }
    }

    init(stringLiteral value: String) { self.init(value) }

    init(stringInterpolation: Pieces) { spans = GivenStore.named(in: stringInterpolation.spans) }

    struct Pieces: StringInterpolationProtocol {
        var spans: [Span] = []

        init(literalCapacity: Int, interpolationCount: Int) { spans.reserveCapacity(interpolationCount * 2 + 1) }

        mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { spans.append(Span(literal, .plain)) }
        }

        mutating func appendInterpolation(_ value: some CustomStringConvertible, _ tone: Tone = .plain) {
            spans.append(Span(value.description, tone))
        }

        mutating func appendInterpolation(_ text: Text) { spans += text.spans }
    }

    /// The words alone.
    var plain: String { others.isEmpty ? first?.text ?? "" : spans.map(\.text).joined() }

    /// Columns on a screen.
    var width: Int { others.reduce(first?.width ?? 0) { $0 + $1.width } }

    static func + (left: Text, right: Text) -> Text {
        var both = left
        both.spans += right.spans
        return both
    }

    static func += (left: inout Text, right: Text) { left = left + right }

    /// Filled up with blanks to a width.
    func padded(to columns: Int) -> Text { self + Text(String(repeating: " ", count: max(0, columns - width))) }

    /// Without the blanks that it was filled up with.
    var withoutTrailingBlanks: Text {
        var text = self
        while let last = text.spans.last, last.text.allSatisfy({ $0 == " " }) { text.spans.removeLast() }
        return text
    }

    /// No wider than the limit; a longer text ends in an ellipsis. A mark at its end stays: it says more than the words.
    func clipped(to limit: Int) -> Text {
        guard width > limit else { return self }
        guard limit > 0 else { return "" }
        if let mark = spans.last, mark.tone != .plain, spans.count > 1, displayWidth(of: mark.text) == 1, limit > 4 {
            var words = self
            words.spans.removeLast()
            return words.clipped(to: limit - 2) + Text(" \(mark.text)", mark.tone)
        }
        var left = limit - 1
        var kept: Text = ""
        for span in spans {
            let part = prefix(of: span.text, columns: left)
            left -= displayWidth(of: part)
            kept.spans.append(Span(part, span.tone))
            if part.count < span.text.count { break }
        }
        return kept + "…"
    }

    /// The same with the blanks that it begins with before each line; a text that fits is left as it is.
    func folded(to limit: Int) -> [Text] {
        guard width > limit else { return [self] }
        let indent = String(repeating: " ", count: min(limit / 2, plain.prefix { $0 == " " }.count))
        return wrapped(to: limit - indent.count).map { Text(indent) + $0 }
    }

    /// The words in lines no wider than the limit; a longer word has a line of its own.
    ///
    /// A command in backticks is one word where it fits into a line: it is copied from there. Where a second line would be
    /// a mere rest, the first ends with a clause, or gives some words away.
    func wrapped(to limit: Int) -> [Text] {
        var lines: [[Text]] = []
        var width = limit
        for word in words(within: limit) {
            if width + 1 + word.width <= limit {
                lines[lines.count - 1].append(word)
                width += 1 + word.width
            } else {
                lines.append([word])
                width = word.width
            }
        }
        if lines.count == 2, let cut = Text.betterEnd(of: lines[0], before: lines[1], limit) {
            lines = [Array(lines[0][..<cut]), lines[0][cut...] + lines[1]]
        }
        return lines.isEmpty ? [""] : lines.map(Text.joined)
    }

    /// The columns of the widest of its words.
    func widestWord(within limit: Int) -> Int { width > limit ? words(within: limit).map(\.width).max() ?? 0 : width }

    private static func joined(_ words: some Collection<Text>) -> Text {
        words.dropFirst().reduce(words.first ?? "") { line, word in
            let tone = line.spans.last?.tone ?? .plain
            return line + Text(" ", word.spans.first?.tone == tone ? tone : .plain) + word
        }
    }

    /// How many words the first of two lines should keep; nil where it is well as it is.
    private static func betterEnd(of first: [Text], before rest: [Text], _ limit: Int) -> Int? {
        let width = joined(rest).width
        guard width * 4 < limit else { return nil }
        // Both lines stay within the limit, and the first does not become the rest.
        let cuts = first.indices.dropFirst().filter { cut in
            joined(first[..<cut]).width * 2 >= limit && joined(first[cut...]).width + 1 + width <= limit
        }
        return cuts.last { first[$0 - 1].plain.last.map(",.;:·".contains) ?? false }
            ?? cuts.last { (joined(first[$0...]).width + 1 + width) * 4 >= limit }
    }

    /// The words, a dot between two with the one before it.
    private func words(within limit: Int) -> [Text] {
        words(keepingCommands: true).flatMap { $0.width > limit ? $0.words(keepingCommands: false) : [$0] }
    }

    private func words(keepingCommands keepsCommands: Bool) -> [Text] {
        var words: [Text] = []
        var word: Text = ""
        var isCommand = false
        func endWord() {
            if word.plain == "·", let last = words.popLast() {
                words.append(last + " " + word)
            } else if word.width > 0 {
                words.append(word)
            }
            word = ""
        }
        for span in spans {
            let parts = span.text.split(separator: " ", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                if index > 0 {
                    // What a shell takes as one word is one.
                    let isOpen = word.plain.hasPrefix("'") && word.plain.count { $0 == "'" } == 1
                    let isQuoted = isOpen && parts[index...].contains { $0.utf8.contains(UInt8(ascii: "'")) }
                    if isCommand || isQuoted { word += " " } else { endWord() }
                }
                word += Text(String(part), span.tone)
                if keepsCommands, part.count(where: { $0 == "`" }) % 2 == 1 { isCommand.toggle() }
            }
        }
        endWord()
        return words
    }
}

/// Columns that a terminal gives a text: none for combining marks, two for East Asian wide characters and emoji.
///
/// Ranges: Unicode Standard Annex 11, the blocks whose characters are Wide.
func displayWidth(of text: some StringProtocol) -> Int {
    // Nearly everything is ASCII, where bytes are columns.
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + columns(of: $1) }
}

private func columns(of character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    if first.properties.isEmojiPresentation { return 2 }
    switch first.value {
    case 0..<0x20, 0x7F..<0xA0: return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
        0x1F1E6...0x1F1FF, 0x20000...0x3FFFD:
        return 2
    default: return character.unicodeScalars.contains { $0.value == 0xFE0F } ? 2 : 1
    }
}

/// As much of the beginning as fits into the columns.
private func prefix(of text: String, columns limit: Int) -> String {
    var width = 0
    var end = text.startIndex
    for index in text.indices {
        width += columns(of: text[index])
        guard width <= limit else { break }
        end = text.index(after: index)
    }
    return String(text[..<end])
}
