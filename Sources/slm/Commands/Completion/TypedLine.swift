import Modelteca

/// What stands before the cursor: which command, and what it waits for.
struct TypedLine {
    private(set) var command: CommandFacts
    /// The option whose value is to follow.
    private(set) var waiting: ArgumentFacts?
    /// Whether `--` has been typed.
    private(set) var isPastOptions = false
    /// Words so far that belong to no option.
    private(set) var words = 0
    /// The value of `--store`.
    private var store: String?

    init(_ typed: some Sequence<String>, of program: CommandFacts) {
        command = program
        for word in typed {
            if let option = waiting {
                if option.longest == "--store" { store = word }
                waiting = nil
            } else if word == "--", !isPastOptions {
                isPastOptions = true
            } else if word.hasPrefix("-"), word.count > 1, !isPastOptions {
                if word.hasPrefix("--store=") { store = String(word.dropFirst(8)) }
                if let option = command.option(named: word), option.kind == .option { waiting = option }
            } else if let sub = command.command(named: word) {
                command = sub
                words = 0
            } else {
                words += 1
            }
        }
    }

    /// What the word at the cursor is to be, when it is no option.
    var nextPositional: ArgumentFacts? {
        let positionals = command.positionals
        if words < positionals.count { return positionals[words] }
        return positionals.last { $0.isRepeating }
    }

    /// The shelf that the command would work on, without the network. Nil where something is wrong with it: a shell has
    /// no place for an error.
    func shelf() async -> Shelf? {
        guard var global = try? GlobalOptions.parse([]) else { return nil }
        global.store = store
        global.offline = true
        return try? await global.shelf()
    }
}

extension CommandFacts {
    /// The option of that name, as it is typed.
    func option(named name: String) -> ArgumentFacts? {
        options.first { $0.names?.contains { $0.typed == name } == true }
    }
}
