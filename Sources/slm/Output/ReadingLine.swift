import Modelteca
import Synchronization

/// How far the reading of stored files is: one line on a terminal, a JSON object a line where that is wanted.
final class ReadingLine: Sendable {
    private struct State: Sendable {
        var screen = LiveLines()
        var start: ContinuousClock.Instant?
        var last: ContinuousClock.Instant?

        /// Whether so much time has gone by that the line is drawn again.
        mutating func isDue(_ now: ContinuousClock.Instant) -> Bool {
            if let last, now - last < .milliseconds(100) { return false }
            last = now
            return true
        }

        mutating func draw(_ line: Text, _ paint: Paint) {
            Terminal.note(screen.erase() + screen.draw([line.clipped(to: Terminal.columns - 1)], paint))
        }
    }

    private enum Style { case none, line, json }

    private let style: Style
    private let paint: Paint
    private let state = Mutex(State())

    init(_ console: Console, asJSON: Bool = false) {
        paint = console.errorPaint
        style = asJSON ? .json : Terminal.canRedraw && !console.isQuiet && !console.isVerbose ? .line : .none
    }

    /// Takes in how many bytes have been read, from any thread.
    ///
    /// - Parameter name: Of what, for people.
    func note(_ name: String, _ read: Int64, _ size: Int64) {
        guard style != .none else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            let start = state.start ?? now
            state.start = start
            guard state.isDue(now) else { return }
            switch style {
            case .none: break
            case .json:
                let record = ReadingRecord(readBytes: read, totalBytes: size)
                guard let line = try? JSONOutput.document(record, onOneLine: true) else { return }
                Terminal.note(line + "\n")
            case .line:
                state.draw(TransferWords.reading(name, read, of: size, seconds: (now - start) / .seconds(1)), paint)
            }
        }
    }

    /// Takes in how many files a search has seen.
    func look(_ files: Int) {
        guard style == .line else { return }
        state.withLock { if $0.isDue(.now) { $0.draw(TransferWords.looking(files), paint) } }
    }

    /// Takes the line away.
    func finish() {
        guard style == .line else { return }
        state.withLock { Terminal.note($0.screen.erase()) }
    }
}

/// A reading's state as one JSON object a line.
private struct ReadingRecord: Encodable {
    var event = "reading"
    var readBytes: Int64
    var totalBytes: Int64
}
