import Modelteca
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How far the reading of stored files is: one line on a terminal, nothing elsewhere.
final class ReadingLine: Sendable {
    private struct State: Sendable {
        var isShown = false
        var last: ContinuousClock.Instant?
    }

    private let isOn: Bool
    private let console: Console
    private let state = Mutex(State())

    init(_ console: Console) {
        self.console = console
        isOn = Terminal.errorIsTerminal && !console.isQuiet
    }

    /// Takes in how many bytes of a model have been read, from any thread.
    func note(_ ref: String, _ hashed: Int64, _ size: Int64) {
        guard isOn else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.last, now - last < .milliseconds(100) { return }
            state = State(isShown: true, last: now)
            let language = Speech.language
            let share = language.percent(hashed, of: size)
            let text: Text = "  \(printable(ref))  \(share)  \(language.bytes(hashed), .faint)"
            Terminal.write("\r\u{1B}[K" + console.errorPaint(text.clipped(to: console.width - 1)), to: STDERR_FILENO)
        }
    }

    /// Takes the line away.
    func finish() {
        guard isOn else { return }
        state.withLock { state in
            if state.isShown { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
            state = State()
        }
    }
}
