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

    mutating func line(_ text: Text = "") { add(paint(text).utf8) }

    private mutating func add(_ line: some Sequence<UInt8>) {
        bytes.append(contentsOf: line)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// One line, cut where the screen ends.
    mutating func clipped(_ text: Text) { line(text.clipped(to: width)) }

    /// A path or a name on a line of its own: for another program as it is, for a terminal as text.
    mutating func path(_ path: String) { add((Terminal.outputIsTerminal ? Text(path).plain : path).utf8) }

    /// Words and then a path, which has a line of its own where the screen would break it.
    mutating func line(_ words: Text, then path: String) {
        let whole = words + "  " + Text(path)
        if whole.width <= width { return line(whole) }
        line(words)
        line("  " + Text(path))
    }

    /// Words over as many lines as they take.
    ///
    /// - Parameter first: What the first line begins with; as wide as the indent.
    mutating func paragraph(_ text: Text, indent: String = "", first: Text? = nil) {
        for (index, part) in text.wrapped(to: width - displayWidth(of: indent)).enumerated() {
            line((index == 0 ? first ?? Text(indent) : Text(indent)) + part)
        }
    }

    mutating func table(_ table: Table, indent: String = "  ") {
        bytes.reserveCapacity(bytes.count + (table.rows.count + 1) * (width + 1))
        table.forEachLine(width: width, paint: paint, indent: indent) { add($0) }
    }

    /// The rows of a table without its header, and below each its notes.
    ///
    /// - Parameter margin: The column at which notes begin.
    mutating func rows(of table: Table, notes: [[Text]], at margin: Int) {
        let rows = table.lines(width: width - 2, paint: paint).dropFirst()
        for (row, notes) in zip(rows, notes) {
            add("  \(row)".utf8)
            for note in notes { paragraph(note, indent: String(repeating: " ", count: margin)) }
        }
    }

    /// The same with its header.
    mutating func table(_ table: Table, notes: [[Text]], at margin: Int) {
        if let header = table.lines(width: width - 2, paint: paint).first { add("  \(header)".utf8) }
        rows(of: table, notes: notes, at: margin)
    }

    /// Names and values, one pair a line, the values in one column. A pair without a value is left out.
    mutating func pairs(_ pairs: [(name: String, value: Text?)], indent: String = "  ") {
        let known = pairs.compactMap { name, value in value.map { (name, $0) } }
        let widest = displayWidth(of: indent) + (known.map { displayWidth(of: $0.0) }.max() ?? 0) + 2
        let margin = String(repeating: " ", count: widest)
        for (name, value) in known {
            let start = (Text(indent) + Text(name, .faint)).padded(to: widest)
            if widest + value.width <= width {
                line(start + value)
            } else {
                paragraph(value, indent: margin, first: start)
            }
        }
    }
}
