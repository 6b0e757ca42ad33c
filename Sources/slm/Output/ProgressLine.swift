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

    init(_ console: Console, asJSON: Bool, hasSeveral: Bool = false) {
        self.console = console
        self.hasSeveral = hasSeveral
        paint = console.errorPaint
        style =
            if asJSON { .json } else if console.isQuiet { .none } else if Terminal.canRedraw { .bar } else { .plain }
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
        return state.screen.draw(rows, paint)
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
    private static func now() -> Double {
        let time = ContinuousClock.now - start
        return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }

    private static let start = ContinuousClock.now
}

/// A transfer's state as one JSON object a line.
struct ProgressRecord: Encodable {
    var event: String
    /// The model, as a user types it.
    @OrNull var ref: String?
    var file: String
    var index: Int
    var files: Int
    var receivedBytes: Int64
    var resumedFromBytes: Int64
    @OrNull var totalBytes: Int64?
    var bytesPerSecond: Int64
    @OrNull var secondsLeft: Double?
    var connections: Int
    /// Only while waiting: until the next try.
    var retryInSeconds: Double?
    var attempt: Int?
    var host: String?
    var cause: String?

    init(_ event: TransferEvent, of ref: String?) {
        self.ref = ref
        switch event.phase {
        case .connecting: self.event = "connecting"
        case .downloading: self.event = "downloading"
        case .mending: self.event = "mending"
        case .verifying: self.event = "verifying"
        case .done: self.event = "done"
        case .waiting(let host, let seconds, let attempt, _, let cause):
            self.event = "waiting"
            self.host = host
            retryInSeconds = seconds
            self.attempt = attempt
            self.cause = cause
        }
        file = event.file
        index = event.index
        files = event.files
        receivedBytes = event.received
        resumedFromBytes = event.resumed
        totalBytes = event.total
        let rate = event.bytesPerSecond
        bytesPerSecond = rate.isFinite && rate > 0 && rate < 1e15 ? Int64(rate) : 0
        secondsLeft = event.secondsLeft.flatMap { $0.isFinite ? $0 : nil }
        connections = event.connections
    }
}
