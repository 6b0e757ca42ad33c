/// Columns that a person scans. A table that is too wide gives up first what matters least.
struct Table {
    /// How a column looks.
    struct Column {
        var title: String
        var alignment: Alignment = .left
        /// Columns with the highest number go first when the width does not suffice; 0 stays whatever happens.
        var sacrifice = 0
        /// A text column may be cut down to this width before others are dropped; one that stays whatever happens, after.
        var least: Int?

        enum Alignment { case left, right }
    }

    var columns: [Column]
    var rows: [[Text]] = []

    /// Between two columns.
    private static let gap = 2

    /// The lines, header first, none wider than `width` unless the columns that stay cannot be narrower.
    func lines(width: Int, paint: Paint) -> [String] {
        var lines: [String] = []
        forEachLine(width: width, paint: paint) { lines.append(String(decoding: $0, as: UTF8.self)) }
        return lines
    }

    /// The same one after the other, as UTF-8: of ten thousand each is put together in the same place.
    ///
    /// - Parameter indent: Blanks before each line; they are part of the width.
    func forEachLine(width: Int, paint: Paint, indent: String = "", _ take: ([UInt8]) -> Void) {
        let layout = layout(within: width - indent.utf8.count)
        var line: [UInt8] = []
        func draw(_ cells: [Text]) {
            line.removeAll(keepingCapacity: true)
            line.append(contentsOf: indent.utf8)
            write(cells, layout, paint, to: &line)
            take(line)
        }
        draw(columns.map { Text($0.title, .faint) })
        rows.forEach(draw)
    }

    private typealias Place = (column: Int, width: Int)

    private func layout(within width: Int) -> [Place] {
        var widths = columns.map { displayWidth(of: $0.title) }
        for row in rows {
            for column in 0..<min(widths.count, row.count) { widths[column] = max(widths[column], row[column].width) }
        }
        var places: [Place] = widths.enumerated().map { (column: $0.offset, width: $0.element) }
        func total() -> Int { places.reduce(0) { $0 + $1.width } + Self.gap * max(0, places.count - 1) }
        func shrink(_ isMeant: (Column) -> Bool) {
            for index in places.indices where isMeant(columns[places[index].column]) {
                guard let least = columns[places[index].column].least, total() > width else { continue }
                places[index].width = max(min(least, places[index].width), places[index].width - (total() - width))
            }
        }
        let whole = places
        shrink { $0.sacrifice > 0 }
        while total() > width, let worst = places.max(by: { sacrifice($0) < sacrifice($1) }), sacrifice(worst) > 0 {
            let left = places.map(\.column).filter { $0 != worst.column }
            // What was cut may be whole again now that there is room.
            places = whole.filter { left.contains($0.column) }
            shrink { $0.sacrifice > 0 }
        }
        shrink { $0.sacrifice == 0 }
        return places
    }

    private func sacrifice(_ place: Place) -> Int { columns[place.column].sacrifice }

    private func write(_ cells: [Text], _ layout: [Place], _ paint: Paint, to line: inout [UInt8]) {
        var pending = 0
        func put(_ text: Text, _ place: Place) {
            let (width, padding) = (text.width, max(0, place.width - text.width))
            let isRight = columns[place.column].alignment == .right
            if width > 0 {
                let blanks = pending + (isRight ? padding : 0)
                line.append(contentsOf: repeatElement(UInt8(ascii: " "), count: blanks))
                line.append(contentsOf: paint(text).utf8)
                pending = isRight ? 0 : padding
            } else {
                pending += padding
            }
            // Blanks are held back until something follows them: no line ends in blanks.
            pending += Self.gap
        }
        for place in layout {
            if place.column >= cells.count {
                put("", place)
            } else if cells[place.column].width <= place.width {
                put(cells[place.column], place)
            } else {
                put(cells[place.column].clipped(to: place.width), place)
            }
        }
    }
}
