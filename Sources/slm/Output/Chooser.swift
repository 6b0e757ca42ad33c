import Modelteca
import Threads

/// One of several rows, with the arrows; with its number where the terminal cannot draw a line again.
struct Chooser: Sendable {
    var question: Text
    /// One row an offer.
    var table: Table
    /// Which one the cursor is on at first.
    var first = 0
    /// Where the other rows are, when numbers leave no room for all.
    var more: String?

    /// - Returns: The row; nil when none is wanted.
    /// - Throws: `CancellationError`, `ThreadError`.
    func pick(_ console: Console) async throws -> Int? {
        guard !table.rows.isEmpty else { return nil }
        return try await withCheckedThrowingContinuation { continuation in
            do {
                // Whoever waits for a key needs a thread of its own.
                try SystemThread.start("keys") {
                    continuation.resume(
                        with: Result {
                            Terminal.canRedraw
                                ? try RawMode.during(.keys) { try withArrows(console.errorPaint) }
                                : try withNumber(console.errorPaint)
                        })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private func withArrows(_ paint: Paint) throws -> Int? {
        var screen = LiveLines()
        var cursor = min(max(0, first), table.rows.count - 1)
        var top = 0
        defer { Terminal.note(screen.erase()) }
        while true {
            // The question, the header, the help, and where the cursor stands after them.
            let height = max(3, min(table.rows.count, Terminal.rows - 5))
            top = min(max(top, cursor - height + 1), cursor)
            Terminal.note(screen.erase() + screen.draw(lines(cursor, top..<min(top + height, table.rows.count)), paint))
            switch try Key.next() {
            case .up: cursor = max(0, cursor - 1)
            case .down: cursor = min(table.rows.count - 1, cursor + 1)
            case .pageUp: cursor = max(0, cursor - height)
            case .pageDown: cursor = min(table.rows.count - 1, cursor + height)
            case .first: cursor = 0
            case .last: cursor = table.rows.count - 1
            case .enter: return cursor
            case .escape, .end: return nil
            case .other: break
            }
        }
    }

    private func lines(_ cursor: Int, _ shown: Range<Int>) -> [Text] {
        let width = Terminal.columns - 1
        let drawn = table.lines(width: width - 4, paint: Paint(isOn: false)).map { Text($0) }
        let rows = shown.map { index in
            let row = drawn[index + 1].plain
            return index == cursor ? Text("  › \(row)", .strong) : Text("    \(row)")
        }
        let count = table.rows.count
        let place = shown.count < count ? "  \(cursor + 1)/\(count)" : ""
        let help = say(
            en: "  ↑ ↓ choose   Enter downloads   Esc leaves\(place)",
            es: "  ↑ ↓ elegir   Enter descarga   Esc sale\(place)")
        return ([question, Text("    \(drawn[0].plain)", .faint)] + rows + [Text(help, .faint)]).map {
            $0.clipped(to: width)
        }
    }

    private func withNumber(_ paint: Paint) throws -> Int? {
        let width = Terminal.columns
        var page = Page(width: width, paint: paint)
        page.paragraph(question)
        // What scrolls away cannot be chosen by who has not seen it.
        let height = max(5, Terminal.rows - 5)
        var table = table
        let isAll = table.rows.count <= height
        if !isAll { table.rows.removeSubrange(height...) }
        let numbers = table.rows.indices.map { "\($0 + 1)" }
        let widest = numbers.last?.count ?? 1
        let rows = table.lines(width: width - widest - 2, paint: Paint(isOn: false))
        page.clipped(Text(String(repeating: " ", count: widest + 2) + rows[0]))
        for (number, row) in zip(numbers, rows.dropFirst()) {
            page.clipped(Text(String(repeating: " ", count: widest - number.count) + number + "  " + row))
        }
        if !isAll, let more { page.paragraph(Text(more, .faint)) }
        Terminal.note(page.text)
        while true {
            Terminal.note(
                say(en: "Number, or Enter for none: ", es: "Número, o Enter para ninguno: "))
            while !Key.isReady(within: 100) { if Interrupts.wasInterrupted { throw CancellationError() } }
            guard let answer = readLine()?.trimmed, !answer.isEmpty else { return nil }
            if let number = Int(answer), table.rows.indices.contains(number - 1) { return number - 1 }
        }
    }
}
