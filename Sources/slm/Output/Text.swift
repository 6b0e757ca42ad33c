import Disk

/// Text for a screen with tones in it: colour only says good, careful or no, and never alone.
struct Text: ExpressibleByStringInterpolation, Sendable {
    /// What a piece of text wants to say besides its words.
    enum Tone: Sendable { case plain, good, careful, bad, faint, strong }

    /// A piece in one tone.
    struct Span: Sendable {
        var text: String
        var tone: Tone
    }

    private(set) var spans: [Span]

    init(_ text: String, _ tone: Tone = .plain) { spans = text.isEmpty ? [] : [Span(text: text, tone: tone)] }

    init(stringLiteral value: String) { self.init(value) }

    init(stringInterpolation: Pieces) { spans = stringInterpolation.spans }

    struct Pieces: StringInterpolationProtocol {
        var spans: [Span] = []

        init(literalCapacity: Int, interpolationCount: Int) { spans.reserveCapacity(interpolationCount * 2 + 1) }

        mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { spans.append(Span(text: literal, tone: .plain)) }
        }

        mutating func appendInterpolation(_ value: some CustomStringConvertible, _ tone: Tone = .plain) {
            spans.append(Span(text: value.description, tone: tone))
        }

        mutating func appendInterpolation(_ text: Text) { spans += text.spans }
    }

    /// The words alone.
    var plain: String { spans.map(\.text).joined() }

    /// Columns on a screen.
    var width: Int { spans.reduce(0) { $0 + displayWidth(of: $1.text) } }

    static func + (left: Text, right: Text) -> Text {
        var both = left
        both.spans += right.spans
        return both
    }

    /// No wider than so many columns; what does not fit ends in an ellipsis.
    func clipped(to limit: Int) -> Text {
        guard width > limit else { return self }
        var left = max(0, limit - 1)
        var kept: [Span] = []
        for span in spans {
            let part = prefix(of: span.text, columns: left)
            left -= displayWidth(of: part)
            kept.append(Span(text: part, tone: span.tone))
            if part.count < span.text.count { break }
        }
        var result = Text("")
        result.spans = limit > 0 ? kept + [Span(text: "…", tone: .plain)] : []
        return result
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
    switch first.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x0300...0x036F: return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
        0x20000...0x3FFFD:
        return 2
    default: return character.unicodeScalars.contains { $0.value == 0xFE0F } ? 2 : 1
    }
}

/// As much of the beginning as fits into so many columns.
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

/// The text with everything that could move a cursor, or paint, replaced: names come from other people's files.
func printable(_ text: String) -> String { text.printable }
