import ModelShare
import Synchronization

/// Who fetches what, on standard error, and whether all of it has been fetched.
final class ShareMessages: Sendable {
    private struct State: Sendable {
        var screen = LiveLines()
        /// Bytes by client and file; the files of one client are a row each on the screen.
        var sent: [String: [SharedFile: Int64]] = [:]
        var lastDraw = ContinuousClock.now
        var lastActivity = ContinuousClock.now
        var visitors: Set<String> = []
        /// What was last said of a client that stopped: a hundred connections may stop at the same byte.
        var lastStop: [String: Int64] = [:]
        var isComplete = false
    }

    /// More clients than these are counted no further: addresses are cheap to have.
    private static let most = 1000

    private let console: Console
    private let state = Mutex(State())
    private let redraws: Bool
    /// The files that a client must have before it has all; nil where that is never so.
    private let all: Set<SharedFile>?

    init(_ console: Console, all: Set<SharedFile>?) {
        self.console = console
        self.all = all
        redraws = !console.isQuiet && Terminal.canRedraw
    }

    /// Whether somebody has everything.
    var isComplete: Bool { state.withLock { $0.isComplete } }

    func note(_ event: ShareServer.Event) {
        state.withLock { state in
            state.lastActivity = .now
            if state.sent.count >= Self.most { state.sent.removeAll() }
            if state.visitors.count >= Self.most { state.visitors.removeAll() }
            switch event {
            case .asked(let client):
                guard state.visitors.insert(client).inserted, all != nil else { return }
                say(slm.say(en: "\(client) opened the page", es: "\(client) abrió la página"), &state)
            case .sent(let file, let client, let sent):
                let before = state.sent[client]?[file]
                state.sent[client, default: [:]][file] = sent
                if sent == file.size, before != sent {
                    say(
                        slm.say(
                            en: "\("✓", .good) \(client) has \(file.name) (\(Language.current.bytes(file.size)))",
                            es: "\("✓", .good) \(client) tiene \(file.name) (\(Language.current.bytes(file.size)))"),
                        &state)
                    if let all, let has = state.sent[client], all.allSatisfy({ has[$0] == $0.size }) {
                        state.isComplete = true
                    }
                } else if before == nil {
                    if !redraws {
                        say(
                            slm.say(en: "\(client) fetches \(file.name)", es: "\(client) descarga \(file.name)"), &state
                        )
                    }
                }
                draw(&state)
            case .cut(let file, let client, let sent):
                guard sent < file.size, state.lastStop.updateValue(sent, forKey: client) != sent else { return }
                if state.lastStop.count >= Self.most { state.lastStop.removeAll() }
                let percent = Language.current.percent(sent, of: file.size)
                say(
                    slm.say(
                        en: "\(client) stopped at \(percent) of \(file.name); it can resume",
                        es: "\(client) se detuvo al \(percent) de \(file.name); puede continuar"), &state)
            }
        }
    }

    /// Returns when nothing has been asked or sent for so long.
    ///
    /// - Throws: `ShareError.nobodyCame`, `CancellationError`.
    func waitForSilence(_ patience: Duration) async throws {
        while true {
            let end = state.withLock { $0.lastActivity } + patience
            if end <= .now { throw ShareError.nobodyCame }
            try await Task.sleep(until: end)
        }
    }

    /// Leaves the screen as it is to stay.
    func finish() {
        state.withLock { state in if redraws { Terminal.note(state.screen.erase()) } }
    }

    private func say(_ text: Text, _ state: inout State) {
        if redraws { Terminal.note(state.screen.erase()) }
        console.say(text)
    }

    private func draw(_ state: inout State) {
        let now = ContinuousClock.now
        guard redraws, now - state.lastDraw > .milliseconds(200) else { return }
        state.lastDraw = now
        let running = state.sent.sorted { $0.key < $1.key }.flatMap { client, files in
            files.filter { $0.value < $0.key.size }.sorted { $0.key.name < $1.key.name }.map { file, sent in
                Text("  \(client)  \(file.name)  \(Language.current.percent(sent, of: file.size))")
                    .clipped(to: Terminal.columns - 1)
            }
        }
        Terminal.note(state.screen.erase() + state.screen.draw(Array(running.prefix(5)), console.errorPaint))
    }
}
