/// Lines at the end of a terminal that are drawn again in place.
struct LiveLines: Sendable {
    /// Columns of each line on the screen now.
    private var widths: [Int] = []

    /// What takes the lines away.
    mutating func erase() -> String {
        guard !widths.isEmpty else { return "" }
        // A window that was made narrower has broken what was drawn into more rows.
        let columns = Terminal.columns
        let rows = widths.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        widths = []
        return "\r" + (rows > 1 ? "\u{1B}[\(rows - 1)A" : "") + "\u{1B}[J"
    }

    /// What draws the lines; none may be as wide as the screen.
    mutating func draw(_ lines: [Text], _ paint: Paint) -> String {
        widths = lines.map(\.width)
        return lines.map { paint($0) }.joined(separator: "\n")
    }
}
