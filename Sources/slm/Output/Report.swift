#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One answer: the same value is drawn for people and written as JSON, so that the two cannot drift apart.
protocol Report: Encodable {
    /// Draws it for a person.
    func draw(on page: inout Page)
}

/// Where a command's words go: answers to standard output, talk to standard error.
struct Console: Sendable {
    /// How answers are written.
    enum Format: Sendable { case page, json }

    let format: Format
    let isQuiet: Bool
    let isVerbose: Bool
    let width: Int
    /// For standard output.
    let paint: Paint
    /// For standard error.
    let errorPaint: Paint

    /// - Parameter progress: JSON progress has standard error to itself.
    init(_ options: GlobalOptions, leavesErrorTo progress: TransferOptions.Style = .auto) {
        let environment = Speech.environment
        let wantsColour = !options.noColor && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        format = options.json ? .json : .page
        isQuiet = options.quiet || progress == .json
        isVerbose = options.verbose
        width = Terminal.columns(environment: environment)
        paint = Paint(isOn: wantsColour && Terminal.outputIsTerminal)
        errorPaint = Paint(isOn: wantsColour && Terminal.errorIsTerminal)
    }

    /// Gives the answer.
    ///
    /// - Throws: `EncodingError`.
    func show(_ report: some Report) throws {
        switch format {
        case .page:
            var page = Page(width: width, paint: paint)
            report.draw(on: &page)
            Terminal.write(page.lines.map { $0 + "\n" }.joined(), to: STDOUT_FILENO)
        case .json:
            Terminal.write(try JSONOutput.document(report) + "\n", to: STDOUT_FILENO)
        }
    }

    /// Says something beside the answer; nothing with `--quiet`.
    func talk(_ text: Text) {
        if !isQuiet { Terminal.write(errorPaint(text) + "\n", to: STDERR_FILENO) }
    }

    /// Whether somebody can be asked.
    var canAsk: Bool { Terminal.inputIsTerminal && Terminal.errorIsTerminal && format == .page }

    /// Asks a question whose answer is yes or no; anything but a yes is a no.
    func ask(_ question: String) -> Bool {
        Terminal.write("\(question) [\(say(en: "y/N", es: "s/N"))] ", to: STDERR_FILENO)
        let answer = readLine()?.lowercased() ?? ""
        return ["y", "yes", "s", "si", "sí"].contains(answer.filter { !$0.isWhitespace })
    }
}
