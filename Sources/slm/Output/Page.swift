import Modelteca

/// What a person sees: lines of a known width, in a language, painted or not.
struct Page {
    let width: Int
    let paint: Paint
    private(set) var lines: [String] = []

    init(width: Int, paint: Paint) {
        self.width = width
        self.paint = paint
    }

    mutating func line(_ text: Text = "") { lines.append(paint(text)) }

    /// One line, cut where the screen ends.
    mutating func clipped(_ text: Text) { lines.append(paint(text.clipped(to: width))) }

    /// Words over as many lines as they take.
    mutating func paragraph(_ text: String, indent: String = "", first: String? = nil, tone: Text.Tone = .plain) {
        for (index, part) in wrapped(text, to: width - displayWidth(of: indent)).enumerated() {
            lines.append((index == 0 ? first ?? indent : indent) + paint(Text(part, tone)))
        }
    }

    mutating func table(_ table: Table, indent: String = "  ") {
        lines += table.lines(width: width - displayWidth(of: indent), paint: paint).map { indent + $0 }
    }

    /// Names and values, one pair a line, the values in one column.
    mutating func pairs(_ pairs: [(String, Text?)], indent: String = "  ") {
        let known = pairs.compactMap { name, value in value.map { (name, $0) } }
        let widest = known.map { displayWidth(of: $0.0) }.max() ?? 0
        for (name, value) in known {
            let gap = String(repeating: " ", count: widest - displayWidth(of: name) + 2)
            let start = indent + paint(Text(name, .faint)) + gap
            if displayWidth(of: indent) + widest + 2 + value.width <= width {
                lines.append(start + paint(value))
            } else {
                let margin = String(repeating: " ", count: displayWidth(of: indent) + widest + 2)
                paragraph(value.plain, indent: margin, first: start)
            }
        }
    }
}

/// The words of a text in lines of at most so many columns; a longer word has a line of its own.
func wrapped(_ text: String, to limit: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph -> [String] in
        var lines: [String] = []
        var line = ""
        for word in paragraph.split(separator: " ") {
            if !line.isEmpty, displayWidth(of: line) + 1 + displayWidth(of: word) > limit {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        return lines + [line]
    }
}
