/// Columns that a person scans. A table that is too wide gives up first what matters least.
struct Table {
    /// How a column looks.
    struct Column {
        var title: String
        var alignment: Alignment = .left
        /// Columns with the highest number go first when the width does not suffice; 0 stays whatever happens.
        var sacrifice = 0
        /// A text column may be cut down to this width before others are dropped.
        var least: Int?

        enum Alignment { case left, right }
    }

    var columns: [Column]
    var rows: [[Text]] = []

    /// Between two columns.
    private static let gap = 2

    /// The lines, header first, none wider than `width` unless the columns that stay cannot be narrower.
    func lines(width: Int, paint: Paint) -> [String] {
        let layout = layout(within: width)
        let header = layout.map { Text(columns[$0.column].title, .faint) }
        let body = rows.map { row in layout.map { $0.column < row.count ? row[$0.column] : "" } }
        return ([header] + body).map { cells in line(cells, layout, paint) }
    }

    private typealias Place = (column: Int, width: Int)

    private func layout(within width: Int) -> [Place] {
        var places: [Place] = columns.indices.map { column in
            let cells = rows.map { column < $0.count ? $0[column].width : 0 }
            return (column, max(displayWidth(of: columns[column].title), cells.max() ?? 0))
        }
        func total() -> Int { places.reduce(0) { $0 + $1.width } + Self.gap * max(0, places.count - 1) }
        func shrink() {
            for index in places.indices {
                guard let least = columns[places[index].column].least, total() > width else { continue }
                places[index].width = max(min(least, places[index].width), places[index].width - (total() - width))
            }
        }
        let whole = places
        shrink()
        while total() > width, let worst = places.max(by: { sacrifice($0) < sacrifice($1) }), sacrifice(worst) > 0 {
            let left = places.map(\.column).filter { $0 != worst.column }
            // What was cut may be whole again now that there is room.
            places = whole.filter { left.contains($0.column) }
            shrink()
        }
        return places
    }

    private func sacrifice(_ place: Place) -> Int { columns[place.column].sacrifice }

    private func line(_ cells: [Text], _ layout: [Place], _ paint: Paint) -> String {
        var line = ""
        var pending = 0
        for (cell, place) in zip(cells, layout) {
            let text = cell.clipped(to: place.width)
            let padding = max(0, place.width - text.width)
            let isRight = columns[place.column].alignment == .right
            if text.width > 0 {
                line += String(repeating: " ", count: pending + (isRight ? padding : 0)) + paint(text)
                pending = isRight ? 0 : padding
            } else {
                pending += padding
            }
            // Blanks are held back until something follows them: no line ends in blanks.
            pending += Self.gap
        }
        return line
    }
}
