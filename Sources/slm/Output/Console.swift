import Foundation

/// What a command answers: the same value is drawn for people and written as JSON, so that the two cannot drift apart.
protocol Answer: Encodable {
    /// Whether the command does nothing but answer. Else it has done something, or its exit status says the most: then
    /// standard output may be closed.
    static var isAllThereIs: Bool { get }

    /// Draws it for a person.
    func draw(on page: inout Page)

    /// With `--quiet`: names or paths and nothing else, for a pipe; nil where that is no answer.
    var bare: [String]? { get }
}

extension Answer {
    static var isAllThereIs: Bool { true }
    var bare: [String]? { nil }
}

/// Where a command's words go: answers to standard output, messages to standard error.
struct Console: Sendable {
    /// How answers are written.
    enum Format: Sendable { case page, json }

    let format: Format
    let isQuiet: Bool
    private let isBare: Bool
    let isVerbose: Bool
    /// For standard output.
    let paint: Paint
    /// For standard error.
    let errorPaint: Paint

    /// - Parameter progress: JSON progress has standard error to itself.
    init(_ options: GlobalOptions, leavesErrorTo progress: TransferOptions.Style = .auto) {
        format = options.json ? .json : .page
        isQuiet = options.quiet || progress == .json
        isBare = options.quiet
        isVerbose = options.verbose
        paint = Paint(on: STDOUT_FILENO, isRefused: options.noColor)
        errorPaint = Paint(on: STDERR_FILENO, isRefused: options.noColor)
    }

    /// Gives the answer.
    ///
    /// - Throws: `EncodingError`, `OutputError`.
    func show<Value: Answer>(_ answer: Value) throws {
        if Terminal.outputWasClosed, !Value.isAllThereIs { return }
        switch format {
        case .page:
            var page = Page(width: Terminal.columns, paint: paint)
            if isBare, let lines = answer.bare {
                for line in lines { page.path(line) }
            } else {
                answer.draw(on: &page)
            }
            try Terminal.answer(page.bytes)
        case .json: try Terminal.answer(JSONOutput.document(answer) + "\n")
        }
    }

    /// Says something beside the answer; nothing with `--quiet`.
    func say(_ text: Text) {
        guard !isQuiet else { return }
        // A log keeps a sentence on a line; a screen would break it within a word.
        let lines = Terminal.errorIsTerminal ? text.folded(to: Terminal.columns) : [text]
        Terminal.note(lines.map { errorPaint($0) + "\n" }.joined())
    }

    /// Whether there is a user to ask.
    var canAsk: Bool { Terminal.inputIsTerminal && Terminal.errorIsTerminal && format == .page }

    /// Asks a question about what it shows first.
    func ask(_ question: Text, about answer: some Answer) -> Bool {
        var page = Page(width: Terminal.columns, paint: errorPaint)
        answer.draw(on: &page)
        Terminal.note(page.text)
        return ask(question)
    }

    /// Asks a question whose answer is yes or no; anything but a yes is a no.
    func ask(_ question: Text) -> Bool {
        Terminal.note(errorPaint(question + Text(slm.say(en: " [y/N] ", es: " [s/N] "))))
        let answer = readLine()?.lowercased() ?? ""
        return ["y", "yes", "s", "si", "sí"].contains(answer.filter { !$0.isWhitespace })
    }
}
