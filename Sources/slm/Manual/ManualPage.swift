import Modelteca

/// A page for `man`, in the language of this run, written in the macros of man(7).
struct ManualPage {
    /// The page's name without its section: `slm-get`.
    let name: String
    /// All of its source.
    let source: String

    /// Every page: the program's, and one for each command.
    ///
    /// - Parameter date: The day that the pages speak of: `2026-11-26`.
    static func all(of program: CommandFacts, date: String) -> [ManualPage] {
        var pages: [ManualPage] = []
        let commands = program.shownCommands.filter { $0.commandName != "help" }
        let names = [program.commandName] + commands.map { "slm-\($0.commandName)" }
        for command in commands {
            pages.append(page(of: command, path: ["slm", command.commandName], date, seeing: ["slm"]))
            for sub in command.shownCommands {
                let path = ["slm", command.commandName, sub.commandName]
                pages.append(page(of: sub, path: path, date, seeing: ["slm", "slm-\(command.commandName)"]))
            }
        }
        var source = Troff(named: "slm", date)
        source.name("slm", program.abstract ?? "")
        source.heading(ManualWords.synopsis)
        source.line(#"\fBslm\fR \fI\#(ManualWords.command)\fR"#)
        source.heading(ManualWords.description)
        for paragraph in ManualWords.references { source.paragraph(paragraph) }
        source.heading(ManualWords.commands)
        for command in commands { source.term(command.commandName, command.abstract ?? "") }
        source.heading(ManualWords.exitStatus)
        for (status, words) in ManualWords.statuses { source.term(status, words) }
        source.heading(ManualWords.environment)
        for (variable, words) in ManualWords.variables { source.term(variable, words) }
        source.heading(ManualWords.files)
        source.term("~/Downloads/slm", ManualWords.store)
        source.term("~/.config/slm/config.yaml", ManualWords.config)
        source.heading(ManualWords.topics)
        for topic in HelpTopic.allCases {
            source.heading(topic.title, isLesser: true)
            for paragraph in topic.paragraphs { source.paragraph(paragraph) }
        }
        source.seeAlso(names.dropFirst().sorted())
        return [ManualPage(name: "slm", source: source.text)] + pages
    }

    private static func page(
        of command: CommandFacts, path: [String], _ date: String, seeing others: [String]
    ) -> ManualPage {
        let name = path.joined(separator: "-")
        var source = Troff(named: name, date)
        source.name(name, command.abstract ?? "")
        source.heading(ManualWords.synopsis)
        var synopsis = path.map { #"\fB\#(Troff.escaped($0))\fR"# }
        if !command.shownCommands.isEmpty { synopsis.append(#"\fI\#(ManualWords.command)\fR"#) }
        for argument in command.positionals {
            let word = #"\fI\#(Troff.escaped(argument.valueName ?? ""))\fR"# + (argument.isRepeating ? " ..." : "")
            synopsis.append(argument.isOptional ? "[\(word)]" : word)
        }
        if !command.options.isEmpty { synopsis.append(#"[\fI\#(ManualWords.options.lowercased())\fR]"#) }
        source.line(synopsis.joined(separator: " "))
        source.heading(ManualWords.description)
        source.paragraph(command.abstract ?? "")
        if let discussion = command.discussion { source.discussion(discussion) }
        if !command.shownCommands.isEmpty {
            source.heading(ManualWords.commands)
            for sub in command.shownCommands { source.term(sub.commandName, sub.abstract ?? "") }
        }
        if !command.positionals.isEmpty { source.heading(ManualWords.arguments) }
        for argument in command.positionals { source.term(argument.valueName ?? "", words(for: argument)) }
        if !command.options.isEmpty { source.heading(ManualWords.options) }
        for option in command.options {
            let names = (option.names ?? []).map(\.typed).sorted { $0.count < $1.count }.joined(separator: ", ")
            source.term(names, value: option.kind == .option ? option.valueName : nil, words(for: option))
        }
        source.seeAlso(others)
        return ManualPage(name: name, source: source.text)
    }

    /// What an argument is for, with the values that it can have and the one that it has unless told.
    private static func words(for argument: ArgumentFacts) -> String {
        var words = HelpPage.inLanguage(argument.abstract ?? "")
        if let values = argument.allValues, !values.isEmpty {
            words += " " + say(en: "Values: ", es: "Opciones: ") + values.joined(separator: ", ") + "."
        }
        if let value = argument.defaultValue {
            words += " " + say(en: "Default: ", es: "Por defecto: ") + value + "."
        }
        return words
    }
}

/// Source of a manual page, as it grows.
private struct Troff {
    private(set) var text: String

    init(named name: String, _ date: String) {
        text = ".TH \(Self.escaped(name.uppercased())) 1 \(date) \"slm \(Version.current)\" \"\(ManualWords.manual)\"\n"
    }

    /// Hyphens that can be pasted, and nothing that troff would take for a request or an escape.
    static func escaped(_ text: String) -> String {
        let quoted = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return quoted.hasPrefix(".") || quoted.hasPrefix("'") ? "\\&" + quoted : quoted
    }

    mutating func line(_ source: String) { text += source + "\n" }

    mutating func heading(_ words: String, isLesser: Bool = false) {
        line(isLesser ? ".SS \(Self.escaped(words))" : ".SH \(Self.escaped(words))")
    }

    mutating func name(_ name: String, _ words: String) {
        heading(ManualWords.name)
        let end = words.hasSuffix(".") ? words.dropLast() : words[...]
        line("\(Self.escaped(name)) \\- \(Self.escaped(String(end)))")
    }

    mutating func paragraph(_ words: String) {
        if !isAfterHeading { line(".PP") }
        fill(words)
    }

    /// Words that troff fills lines with.
    private mutating func fill(_ words: String) {
        for words in Text(words).wrapped(to: 76) { line(Self.escaped(words.plain)) }
    }

    private var isAfterHeading: Bool {
        let last = text.split(separator: "\n").last ?? ""
        return last.hasPrefix(".SH") || last.hasPrefix(".SS")
    }

    mutating func term(_ names: String, value: String? = nil, _ words: String) {
        line(".TP")
        line(#"\fB\#(Self.escaped(names))\fR"# + (value.map { #" \fI\#(Self.escaped($0))\fR"# } ?? ""))
        if words.isEmpty { line("\\&") } else { fill(words) }
    }

    /// Lines that stand apart are examples and stay as they are.
    mutating func discussion(_ words: String) {
        var isExample = false
        for words in words.split(separator: "\n") {
            let isNext = words.hasPrefix("  ")
            if isNext != isExample { text += isNext ? ".PP\n.RS 4\n.nf\n" : ".fi\n.RE\n.PP\n" }
            isExample = isNext
            line(Self.escaped(isNext ? String(words.drop { $0 == " " }) : String(words)))
        }
        if isExample { text += ".fi\n.RE\n" }
    }

    mutating func seeAlso(_ names: [String]) {
        heading(ManualWords.seeAlso)
        line(names.map { #"\fB\#(Self.escaped($0))\fR(1)"# }.joined(separator: ",\n"))
    }
}
