/// A row of cells that shows how much of something is taken: blocks, or ASCII where the terminal has no more.
struct Bar {
    /// One thing that takes room.
    struct Part {
        var size: Int64
        var shade: Shade
    }

    /// How the cells of a part look: told apart without colour.
    enum Shade: CaseIterable {
        case full, dense, light

        fileprivate func cell(inASCII: Bool) -> Character {
            switch self {
            case .full: inASCII ? "#" : "█"
            case .dense: inASCII ? "=" : "▓"
            case .light: inASCII ? "-" : "▒"
            }
        }
    }

    /// In bytes, from left to right.
    var parts: [Part]
    /// What there is, in bytes.
    var whole: Int64
    /// In columns, with the brackets that ASCII needs.
    var width: Int
    /// Whether more than ASCII would not be shown.
    var isASCII = Bar.isASCIIWanted(in: environment)

    /// One thing alone.
    init(_ used: Int64, of whole: Int64, width: Int) {
        self.init([Part(size: used, shade: .full)], of: whole, width: width)
    }

    init(_ parts: [Part], of whole: Int64, width: Int) {
        (self.parts, self.whole, self.width) = (parts, whole, width)
    }

    /// Whether the terminal, or its locale, has no more than ASCII. The first of POSIX's variables that is set decides.
    static func isASCIIWanted(in environment: [String: String]) -> Bool {
        if environment["TERM"] == "dumb" { return true }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased().filter { $0 != "-" }
        return !name.holds("utf8")
    }

    private var used: Int64 {
        parts.reduce(0) { sum, part in
            let (total, overflow) = sum.addingReportingOverflow(max(0, part.size))
            return overflow ? .max : total
        }
    }

    /// The cells. Anything at all is a cell; only what is too much fills the last one without being whole.
    var cells: String {
        let width = max(1, isASCII ? self.width - 2 : self.width)
        let scale = whole > 0 ? Double(width) / Double(whole) : .infinity
        var (cells, end) = ("", 0.0)
        for part in parts where part.size > 0 {
            end += Double(part.size) * scale
            let column = max(Int(min(end.rounded(), Double(width))), cells.isEmpty ? 1 : 0)
            cells += String(repeating: part.shade.cell(inASCII: isASCII), count: max(0, column - cells.count))
        }
        // A full bar says that nothing is left.
        if used < whole, cells.count == width { cells.removeLast() }
        cells += String(repeating: isASCII ? "." : "░", count: max(0, width - cells.count))
        return isASCII ? "[\(cells)]" : cells
    }

    /// The cells in the colour of what they mean: a tenth to spare is good, none is bad.
    var text: Text {
        let tone: Text.Tone = used > whole ? .bad : Double(used) > 0.9 * Double(whole) ? .careful : .good
        return Text(cells, tone)
    }

    /// What the shades mean: `█ weights 4.9 GB`.
    static func key(_ shade: Shade?, _ words: String, isASCII: Bool = isASCIIWanted(in: environment)) -> Text {
        let cell = shade.map { $0.cell(inASCII: isASCII) } ?? (isASCII ? "." : "░")
        return "\(String(cell)) \(words)"
    }
}
