import Modelteca
import Synchronization

/// How far the reading of stored files is: one line on a terminal, nothing elsewhere.
final class ReadingLine: Sendable {
    private struct State: Sendable {
        var screen = LiveLines()
        var last: ContinuousClock.Instant?
    }

    private let isOn: Bool
    private let paint: Paint
    private let state = Mutex(State())

    init(_ console: Console) {
        paint = console.errorPaint
        isOn = Terminal.canRedraw && !console.isQuiet
    }

    /// Takes in how many bytes of a model have been read, from any thread.
    func note(_ ref: String, _ read: Int64, _ size: Int64) {
        guard isOn else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.last, now - last < .milliseconds(100) { return }
            state.last = now
            let language = Language.current
            let line: Text = "  \(ref)  \(language.percent(read, of: size))  \(language.bytes(read), .faint)"
            Terminal.note(state.screen.erase() + state.screen.draw([line.clipped(to: Terminal.columns - 1)], paint))
        }
    }

    /// Takes the line away.
    func finish() {
        guard isOn else { return }
        state.withLock { Terminal.note($0.screen.erase()) }
    }
}
