import Modelteca
import Synchronization

/// How far transfers are, on standard error: a line a file that is redrawn in place, or plain lines where nobody
/// watches, or JSON objects, one a line.
final class ProgressLine: Sendable {
    /// In which form.
    enum Style: Sendable { case bar, plain, json, none }

    private struct State: Sendable {
        var shown: [Row] = []
        var screen = LiveLines()
        var lastDraw: Double = -1
        var all = GetProgress()
        /// What is asked about, until there is an answer; by the number of the model.
        var asked: [Int: Question] = [:]
    }

    /// What somebody waits for before there is anything to download.
    struct Question: Sendable {
        /// The origins of stored models.
        static let origins = Question()

        /// Who is asked; nil for a file on this disk.
        var host: String?
        /// What about; nil where it is only to answer.
        var ref: String?
    }

    /// What is known about one file.
    private struct Row: Sendable {
        var model: Model
        var event: TransferEvent
        /// For plain lines: when and at which tenth the last one was.
        var lastPlain: Double
        var lastTenth: Int64

        func isAbout(_ event: TransferEvent, _ model: Model) -> Bool {
            self.model.number == model.number && self.event.index == event.index && self.event.file == event.file
        }
    }

    /// Whose file it is: one of several models that may be on their way at the same time.
    struct Model: Sendable {
        /// Tells it from the others of this run.
        var number = 0
        /// As a user types it; nil until that is known.
        var ref: String?
    }

    /// More files than these are under way unseen.
    private static let mostLines = 10

    private let style: Style
    private let console: Console
    private let paint: Paint
    /// Whether a line has to say whose file it is about.
    private let hasSeveral: Bool
    private let state = Mutex(State())

    /// - Parameter models: How many the lines may be about.
    init(_ console: Console, asJSON: Bool, models: Int = 1) {
        self.console = console
        hasSeveral = models > 1
        state.withLock { $0.all = GetProgress(models: models) }
        paint = console.errorPaint
        style =
            if asJSON {
                .json
            } else if console.isQuiet {
                .none
            } else {
                // Requests are told line by line, and would break what is drawn in place.
                Terminal.canRedraw && !console.isVerbose ? .bar : .plain
            }
    }

    /// Takes in what happens to a model, from any thread.
    func follow(_ event: GetEvent, of model: Model) {
        state.withLock { state in
            state.all.note(event, of: model.number)
            state.asked[model.number] = nil
        }
        if case .transfer(let event) = event { note(event, of: model) }
    }

    /// One of several models cannot be had. Why is said at the end, too, with what to do.
    func giveUp(_ model: Int, typed ref: String, _ error: any Error) {
        state.withLock { state in
            state.all.giveUp(model)
            state.asked[model] = nil
            state.shown.removeAll { $0.model.number == model }
            guard style == .bar, hasSeveral, !Interrupts.wasInterrupted, !(error is CancellationError) else { return }
            let line: Text = "\("✗", .bad) \(ref, .strong)  \(Failure(error).message.message)"
            Terminal.note(
                state.screen.erase() + paint(line.clipped(to: Terminal.columns - 1)) + "\n" + lines(&state))
        }
    }

    /// Shows what is asked, once that takes longer than a moment, and that time goes by, until the work ends.
    func during<Result>(
        asking questions: [Question], _ work: () async throws -> Result
    ) async rethrows -> Result {
        guard style == .bar else { return try await work() }
        state.withLock { $0.asked = Dictionary(uniqueKeysWithValues: questions.enumerated().map { ($0, $1) }) }
        let start = Self.now()
        let clock = Task {
            try await Task.sleep(for: .milliseconds(250))
            while true {
                tick(since: start)
                try await Task.sleep(for: .milliseconds(125))
            }
        }
        defer {
            clock.cancel()
            state.withLock { $0.asked = [:] }
        }
        return try await work()
    }

    /// Leaves the screen to somebody who is asked something.
    func hush() {
        guard style == .bar else { return }
        state.withLock { state in
            state.asked = [:]
            Terminal.note(state.screen.erase())
        }
    }

    private func tick(since start: Double) {
        state.withLock { state in
            guard state.shown.isEmpty, let first = state.asked.min(by: { $0.key < $1.key })?.value else { return }
            let width = Terminal.columns - 1
            let line = TransferWords.asking(
                first, seconds: Self.now() - start, width: width)
            Terminal.note(state.screen.erase() + state.screen.draw([line.clipped(to: width)], paint))
        }
    }

    /// Takes in an event, from any thread.
    func note(_ event: TransferEvent, of model: Model = Model()) {
        if event.received > 0 { Interrupts.noteTransfer() }
        switch style {
        case .none: return
        case .json: report(event, model)
        case .plain: state.withLock { plain(event, model, &$0) }
        case .bar: state.withLock { draw(event, model, &$0) }
        }
    }

    /// Says something beside the lines, above them where they are redrawn in place.
    func say(_ text: Text) {
        guard style == .bar else { return console.say(text) }
        state.withLock { state in
            Terminal.note(state.screen.erase())
            console.say(text)
            Terminal.note(lines(&state))
        }
    }

    /// Does the work that the lines are about, and leaves them when it is over.
    func during<Result>(_ work: () async throws -> Result) async rethrows -> Result {
        defer { finish() }
        return try await work()
    }

    /// Leaves the line: what is written next begins on a line of its own.
    func finish() {
        guard style == .bar else { return }
        state.withLock { state in
            Terminal.note(state.screen.erase())
            state.shown = []
        }
    }

    // MARK: A terminal

    private func draw(_ event: TransferEvent, _ model: Model, _ state: inout State) {
        let now = Self.now()
        let isEnd = event.phase == .done
        if let index = state.shown.firstIndex(where: { $0.isAbout(event, model) }) {
            let changes = !Self.sameKind(state.shown[index].event.phase, event.phase)
            state.shown[index].event = event
            if !isEnd, !changes, now - state.lastDraw < 0.1 { return }
        } else {
            state.shown.append(Row(model: model, event: event, lastPlain: now, lastTenth: 0))
        }
        state.lastDraw = now
        var text = state.screen.erase()
        if isEnd {
            state.shown.removeAll { $0.isAbout(event, model) }
            if event.files > 1 || hasSeveral {
                let size = Language.current.bytes(event.received)
                let line: Text = "  \("✓", .good) \(event.file)  \(size)"
                text += paint(line.clipped(to: Terminal.columns - 1)) + "\n"
            }
        }
        Terminal.note(text + lines(&state))
    }

    private func lines(_ state: inout State) -> String {
        // A screen that is scrolled by what is drawn on it cannot be erased any more.
        let width = Terminal.columns - 1
        let rows = state.shown.prefix(Self.mostLines).map { row in
            TransferWords.bar(row.event, of: hasSeveral ? row.model.ref : nil, width: width).clipped(to: width)
        }
        let isTold = !rows.isEmpty && (hasSeveral || state.all.fileCount > 1 && state.all.total != nil)
        let total = isTold ? [TransferWords.total(state.all, width: width).clipped(to: width)] : []
        return state.screen.draw(rows + total, paint)
    }

    // MARK: No terminal

    private func plain(_ event: TransferEvent, _ model: Model, _ state: inout State) {
        let now = Self.now()
        let tenth = event.total.map { $0 > 0 ? event.received * 10 / $0 : 0 } ?? 0
        let index = state.shown.firstIndex { $0.isAbout(event, model) }
        var row = index.map { state.shown[$0] } ?? Row(model: model, event: event, lastPlain: now, lastTenth: tenth)
        let isNews = index == nil || !Self.sameKind(row.event.phase, event.phase)
        // A line for each tenth, but no more than one a second, and one every five seconds when it is slow.
        let waited = now - row.lastPlain
        let isDue = (tenth > row.lastTenth && waited >= 1) || waited >= 5
        row.event = event
        if isNews || isDue {
            row.lastPlain = now
            row.lastTenth = tenth
            if event.phase != .connecting { Terminal.note(TransferWords.plain(event).plain + "\n") }
        }
        if let index { state.shown[index] = row } else { state.shown.append(row) }
    }

    // MARK: Programs

    private func report(_ event: TransferEvent, _ model: Model) {
        guard let line = try? JSONOutput.document(ProgressRecord(event, of: model.ref), onOneLine: true) else { return }
        Terminal.note(line + "\n")
    }

    private static func sameKind(_ left: TransferEvent.Phase, _ right: TransferEvent.Phase) -> Bool {
        switch (left, right) {
        case (.waiting(_, _, let first, _, _), .waiting(_, _, let second, _, _)): first == second
        default: left == right
        }
    }

    /// In seconds, from a fixed start.
    static func now() -> Double {
        let time = ContinuousClock.now - start
        return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }

    private static let start = ContinuousClock.now
}

extension ProgressLine.Question {
    /// Who can say what a reference means.
    init(_ reference: ModelReference, _ settings: Shelf.Settings) {
        ref = reference.description
        host =
            switch reference {
            case .catalog, .hub: settings.credentials.endpoint.host()
            case .modelScope: settings.modelScope.endpoint.host()
            case .ollama: settings.registries.ollama.host()
            case .oci(let host, _, _): host
            case .address(let url): url.host()
            case .file: nil
            }
    }
}

extension Console {
    /// Shows what is asked, once that takes longer than a moment.
    func during<Result>(
        asking question: ProgressLine.Question?, _ work: () async throws -> Result
    ) async rethrows -> Result {
        guard let question else { return try await work() }
        let line = ProgressLine(self, asJSON: false)
        return try await line.during { try await line.during(asking: [question], work) }
    }
}
