/// What a person sees: lines of a known width, in a language, painted or not.
struct Page {
    let width: Int
    let paint: Paint
    /// The lines, each with its end, as UTF-8.
    private(set) var bytes: [UInt8] = []

    init(width: Int, paint: Paint) {
        self.width = width
        self.paint = paint
    }

    /// The lines, each with its end.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// A sentence; over several lines where the screen would break it within a word.
    mutating func line(_ text: Text = "") { for part in text.folded(to: width) { whole(part) } }

    /// One line whatever its length: a path, an address or a command that is to be copied.
    mutating func whole(_ text: Text) { add(paint(text).utf8) }

    private mutating func add(_ line: some Sequence<UInt8>) {
        bytes.append(contentsOf: line)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// One line, cut where the screen ends.
    mutating func clipped(_ text: Text) { whole(text.clipped(to: width)) }

    /// A path or a name on a line of its own: for another program as it is, for a terminal as text.
    mutating func path(_ path: String) { add((Terminal.outputIsTerminal ? Text(path).plain : path).utf8) }

    /// Words and then a path, which has a line of its own where the screen would break it.
    mutating func line(_ words: Text, then path: String) {
        let whole = words + "  " + Text(path)
        if whole.width <= width { return line(whole) }
        line(words)
        self.whole("  " + Text(path))
    }

    /// Words over as many lines as they take.
    ///
    /// - Parameter first: What the first line begins with; as wide as the indent.
    mutating func paragraph(_ text: Text, indent: String = "", first: Text? = nil) {
        let margin = displayWidth(of: indent)
        // Beside what it begins with there may be no room for a word: where there is more below, it goes on there.
        let widest = margin > Self.least ? text.widestWord(within: width - margin) : 0
        if widest > width - margin, widest <= width - Self.least || margin * 2 > width {
            if let first, !first.plain.trimmed.isEmpty { line(first.withoutTrailingBlanks) }
            return paragraph(text, indent: String(repeating: " ", count: Self.least))
        }
        for (index, part) in text.wrapped(to: width - margin).enumerated() {
            whole((index == 0 ? first ?? Text(indent) : Text(indent)) + part)
        }
    }

    /// Columns before what goes on below.
    private static let least = 4

    /// Pieces side by side, over as many lines as they take: none is broken.
    mutating func pieces(_ pieces: [Text], gap: String = "   ", indent: String = "") {
        var next: Text = ""
        for piece in pieces {
            if next.width > 0, displayWidth(of: indent + gap) + next.width + piece.width > width {
                line(Text(indent) + next)
                next = ""
            }
            next += next.width > 0 ? Text(gap) + piece : piece
        }
        if next.width > 0 { line(Text(indent) + next) }
    }

    mutating func table(_ table: Table, indent: String = "  ") {
        bytes.reserveCapacity(bytes.count + (table.rows.count + 1) * (width + 1))
        table.forEachRow(width: width, paint: paint, indent: indent) { add($0) }
    }

    /// The rows of a table without its header, and below each its notes.
    ///
    /// - Parameter margin: The column at which notes begin.
    mutating func rows(of table: Table, notes: [[Text]], at margin: Int) {
        self.table(table, notes: notes, at: margin, hasHeader: false)
    }

    /// The same with its header.
    mutating func table(_ table: Table, notes: [[Text]], at margin: Int, hasHeader: Bool = true) {
        var rows: [[UInt8]] = []
        table.forEachRow(width: width, paint: paint, indent: "  ") { rows.append($0) }
        if hasHeader, let header = rows.first { add(header) }
        for (row, notes) in zip(rows.dropFirst(), notes) {
            add(row)
            for note in notes { paragraph(note, indent: String(repeating: " ", count: margin)) }
        }
    }

    /// Names and values, one pair a line, the values in one column. A pair without a value is left out.
    mutating func pairs(_ pairs: [(name: String, value: Text?)], indent: String = "  ") {
        let known = pairs.compactMap { name, value in value.map { (name, $0) } }
        // A name that leaves its value no room has a line of its own.
        let widths = known.map { displayWidth(of: $0.0) }.filter { $0 * 2 < width }
        let widest = displayWidth(of: indent) + (widths.max() ?? 2) + 2
        let margin = String(repeating: " ", count: widest)
        for (name, value) in known {
            let start = (Text(indent) + Text(name, .faint)).padded(to: widest)
            if start.width > widest {
                line(start.withoutTrailingBlanks)
                paragraph(value, indent: margin)
            } else if widest + value.width <= width {
                whole(start + value)
            } else {
                paragraph(value, indent: margin, first: start)
            }
        }
    }
}
