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

    /// One line a row, header first, none wider than `width` unless the columns that stay cannot be narrower.
    func lines(width: Int, paint: Paint) -> [String] {
        let layout = layout(within: width)
        return ([header] + rows).map { cells in
            var line: [UInt8] = []
            write(cells, layout, paint, to: &line)
            return String(decoding: line, as: UTF8.self)
        }
    }

    private var header: [Text] { columns.map { Text($0.title, .faint) } }

    /// The rows, header first, as UTF-8: of ten thousand each is put together in the same place. Where a row is too wide
    /// for one line it has several.
    ///
    /// - Parameter indent: Blanks before each line; they are part of the width.
    func forEachRow(width: Int, paint: Paint, indent: String = "", _ take: ([UInt8]) -> Void) {
        let room = width - indent.utf8.count
        let fold = folded(layout(within: room), within: room)
        var line: [UInt8] = []
        func draw(_ cells: [Text]) {
            line.removeAll(keepingCapacity: true)
            for places in fold.lines(of: cells) {
                if !line.isEmpty { line.append(UInt8(ascii: "\n")) }
                line.append(contentsOf: indent.utf8)
                write(cells, places, paint, to: &line)
            }
            take(line)
        }
        draw(header)
        rows.forEach(draw)
    }

    /// A cell's column; nil for blanks alone.
    private typealias Place = (column: Int?, width: Int)

    /// How rows are broken that are too wide for one line.
    private struct Fold {
        /// A row on one line.
        var whole: [Place]
        /// Up to the name: what stands on the first of several lines, and what on the others.
        var first: [Place] = []
        var more: [[Place]] = []
        /// Whether a row is broken: only where its name is longer than this, in columns; nil for every row.
        var name: (column: Int, room: Int)?

        func lines(of cells: [Text]) -> [[Place]] {
            let isTooWide = name.map { $0.column < cells.count && cells[$0.column].width > $0.room } ?? true
            return isTooWide && !more.isEmpty ? [first] + more : [whole]
        }
    }

    /// A name is there to be copied: where it leaves no room for the rest, it has a line of its own.
    private func folded(_ places: [Place], within width: Int) -> Fold {
        let all = places.reduce(0) { $0 + $1.width } + Self.gap * max(0, places.count - 1)
        guard all > width, let index = places.indices.prefix(2).max(by: { places[$0].width < places[$1].width }),
            let column = places[index].column
        else { return Fold(whole: places) }
        var fold = Fold(whole: places, first: Array(places[...index]))
        let room = places[index].width - (all - width)
        let rest = places[(index + 1)...]
        if room >= max(8, displayWidth(of: columns[column].title)) {
            fold.whole[index].width = room
            fold.name = (column, room)
            let start = fold.whole[...index].reduce(Self.gap * index) { $0 + $1.width }
            fold.more = [[(column: nil, width: start)] + rest]
            return fold
        }
        // Not even then: as many columns on a line as it takes. One without a title belongs to the one before it.
        var groups: [[Place]] = []
        for place in rest {
            let isPart = place.column.map { columns[$0].title.isEmpty } ?? false
            if isPart, !groups.isEmpty { groups[groups.count - 1].append(place) } else { groups.append([place]) }
        }
        var left = 0
        for group in groups {
            let wanted = group.reduce(0) { $0 + $1.width + Self.gap }
            if wanted > left {
                fold.more.append([(column: nil, width: 2)])
                left = width - 2
            }
            fold.more[fold.more.count - 1] += group
            left -= wanted
        }
        return fold
    }

    private func layout(within width: Int) -> [Place] {
        var widths = columns.map { displayWidth(of: $0.title) }
        for row in rows {
            for column in 0..<min(widths.count, row.count) { widths[column] = max(widths[column], row[column].width) }
        }
        var places = widths.enumerated().map { (column: $0.offset, width: $0.element) }
        func total() -> Int { places.reduce(0) { $0 + $1.width } + Self.gap * max(0, places.count - 1) }
        func shrink(_ isMeant: (Column) -> Bool) {
            for index in places.indices where isMeant(columns[places[index].column]) {
                guard let least = columns[places[index].column].least, total() > width else { continue }
                places[index].width = max(min(least, places[index].width), places[index].width - (total() - width))
            }
        }
        let whole = places
        shrink { $0.sacrifice > 0 }
        func sacrifice(_ column: Int) -> Int { columns[column].sacrifice }
        while total() > width, let worst = places.map(\.column).max(by: { sacrifice($0) < sacrifice($1) }),
            sacrifice(worst) > 0
        {
            let left = places.map(\.column).filter { $0 != worst }
            // What was cut may be whole again now that there is room.
            places = whole.filter { left.contains($0.column) }
            shrink { $0.sacrifice > 0 }
        }
        shrink { $0.sacrifice == 0 }
        return places.map { (column: $0.column, width: $0.width) }
    }

    private func write(_ cells: [Text], _ layout: [Place], _ paint: Paint, to line: inout [UInt8]) {
        var pending = 0
        func put(_ text: Text, _ place: Place) {
            let (width, padding) = (text.width, max(0, place.width - text.width))
            let isRight = place.column.map { columns[$0].alignment == .right } ?? false
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
            guard let column = place.column, column < cells.count else {
                put("", place)
                continue
            }
            put(cells[column].width <= place.width ? cells[column] : cells[column].clipped(to: place.width), place)
        }
    }
}
