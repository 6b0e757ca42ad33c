import ArgumentParser
import Disk
import HostHardware
import ModelCatalog

/// What is said about a command that was not written as it has to be.
enum UsageWords {
    /// Words for an error of the argument parser; nil for any other error.
    ///
    /// The parser's sentences are English and fixed, so the known ones are said again in our manner; one that a later
    /// version adds is shown as it is.
    static func words(for error: any Error, of arguments: [String] = ThisProcess.arguments) -> Words? {
        guard SLM.exitCode(for: error) == .validationFailure else { return nil }
        let text = SLM.message(for: error)
        let lines = text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
        let first = lines.first.map(String.init) ?? text
        // The parts in quotes are every other one.
        let parts = first.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        let quoted = parts.indices.filter { !$0.isMultiple(of: 2) }.map { parts[$0] }
        // Many choices are bullets below the sentence.
        let bullets = lines.dropFirst().filter { $0.hasPrefix("- ") }.map { String($0.dropFirst(2)) }
        if let words = words(for: first, quoted, choices: quoted.dropFirst(2) + bullets) {
            return Words(words.message, hint: words.hint ?? helpHint(arguments))
        }
        let more = lines.dropFirst().joined(separator: " ")
        return Words(first, hint: more.isEmpty ? helpHint(arguments) : more)
    }

    /// - Parameter quoted: What stands in quotes, the sentence's names and values.
    private static func words(for sentence: String, _ quoted: [String], choices: [String]) -> Words? {
        guard let name = quoted.first else { return nil }
        // `--context <n>`: the name of the option is the first word.
        func word(_ text: String?) -> String { String((text ?? "").prefix { $0 != " " }) }
        if sentence.hasPrefix("Unknown option") {
            let near = word(quoted.dropFirst().first)
            let meant = near.isEmpty ? nil : say(en: "did you mean `\(near)`?", es: "¿quiso decir `\(near)`?")
            return Words(
                en: "there is no option `\(name)`", es: "no existe la opción `\(name)`",
                hint: hint(forOption: name) ?? meant)
        }
        if sentence.hasPrefix("Unexpected argument") || sentence.holds("unexpected arguments: ") {
            let names = slm.quoted(quoted)
            return Words(en: "not expected here: \(names)", es: "sobra aquí: \(names)")
        }
        if sentence.hasPrefix("Missing expected argument") {
            return Words(en: "missing: `\(word(name))`", es: "falta: `\(word(name))`")
        }
        if sentence.hasPrefix("Missing value for") {
            return Words(en: "`\(word(name))` needs a value", es: "`\(word(name))` necesita un valor")
        }
        if sentence.hasPrefix("The option"), sentence.holds("does not take any value") {
            return Words(en: "`\(word(name))` takes no value", es: "`\(word(name))` no lleva valor")
        }
        if sentence.hasPrefix("The value"), quoted.count > 1 {
            let option = word(quoted[1])
            let names = slm.quoted(choices)
            return Words(
                en: "`\(option)` cannot be `\(name)`", es: "`\(option)` no puede ser `\(name)`",
                hint: choices.isEmpty ? nil : say(en: "it can be \(names)", es: "puede ser \(names)"))
        }
        return nil
    }

    /// Says which command was meant, before the parser calls it an unexpected argument.
    ///
    /// - Throws: `UsageError`.
    static func checkCommandName(in arguments: [String], among commands: [any ParsableCommand.Type]) throws {
        // The parser would take the next word for the value.
        if let option = arguments.prefix(while: { $0 != "--" }).first(where: Self.lacksValue)?.dropLast() {
            throw UsageError(say(en: "`\(option)` needs a value", es: "`\(option)` necesita un valor"))
        }
        let words = HelpPage.words(in: arguments)
        guard let word = words.first else { return }
        if word == "help" { return try checkTopic(words.dropFirst(), among: commands) }
        let names = commands.compactMap { $0.configuration.commandName } + ["help"]
        guard !names.contains(word) else { return }
        let hint: String
        if let known = Self.hint(forCommand: word) {
            hint = known
        } else if isModel(word) {
            hint = say(
                en: "`slm get \(word)` downloads this model, `slm show \(word)` tells about it",
                es: "`slm get \(word)` descarga este modelo, `slm show \(word)` lo describe")
        } else if let meant = near(word, names, after: "slm") {
            hint = meant
        } else {
            hint = say(en: "`slm --help` shows them all", es: "`slm --help` los muestra todos")
        }
        throw UsageError(say(en: "there is no command `\(word)`", es: "no existe el comando `\(word)`"), hint: hint)
    }

    private static func lacksValue(_ word: String) -> Bool {
        word.hasPrefix("--") && word.last == "=" && word.firstIndex(of: "=") == word.indices.last
    }

    /// Whether a word in the place of a command names a model: it looks like an address or a file, or the catalog has it.
    private static func isModel(_ word: String) -> Bool {
        if word.holds(":") || word.holds("/") || word.hasSuffix(".gguf") { return true }
        guard case .catalog(let family, let size, let quantization)? = try? ModelReference(parsing: word) else {
            return false
        }
        return (try? Catalog.builtIn().find(family: family, size: size, quantization: quantization)) != nil
    }

    /// The parser would show the help of the last command that it knows, as if nothing were wrong.
    private static func checkTopic(_ asked: ArraySlice<String>, among commands: [any ParsableCommand.Type]) throws {
        var (known, before) = (commands, "slm help")
        for word in asked where word != "help" {
            if let command = known.first(where: { $0.configuration.commandName == word }) {
                (known, before) = (command.configuration.subcommands, "\(before) \(word)")
                continue
            }
            let topics = before == "slm help" ? HelpTopic.allCases.map(\.name) : []
            let names = known.compactMap { $0.configuration.commandName } + topics
            let list = quoted(HelpTopic.allCases.map { "slm help \($0.name)" })
            throw UsageError(
                say(en: "there is no help about `\(word)`", es: "no hay ayuda sobre `\(word)`"),
                hint: near(word, names, after: before)
                    ?? say(
                        en: "`slm --help` shows all commands; words are explained by \(list)",
                        es: "`slm --help` muestra todos los comandos; las palabras se explican con \(list)"))
        }
    }

    /// Which of some names may have been meant; nil when none is near.
    private static func near(_ word: String, _ names: [String], after command: String) -> String? {
        var known = names.filter { !$0.hasPrefix("_") }.map { (name: $0, meaning: $0) }
        if command == "slm", word.count > 2 { known += OtherNames.all }
        let edits = known.map { NameMatching.edits(Array($0.name), Array(word)) }
        let fewest = min(edits.min() ?? .max, word.count < 4 ? 1 : 2)
        var near: [String] = []
        for (name, count) in zip(known, edits) where count == fewest || name.name.hasPrefix(word) {
            if !near.contains(name.meaning) { near.append(name.meaning) }
        }
        guard !near.isEmpty else { return nil }
        let list = quoted(near.map { "\(command) \($0)" }, or: say(en: " or ", es: " o "))
        return say(en: "did you mean \(list)?", es: "¿quiso decir \(list)?")
    }

    /// For an option that other tools have.
    private static func hint(forOption name: String) -> String? {
        switch name {
        case "--format", "--output":
            say(en: "`--json` writes one JSON document", es: "`--json` escribe un documento JSON")
        case "--color", "--colour":
            say(
                en: "`--no-color` or NO_COLOR=1 for none; CLICOLOR_FORCE=1 for colours in a pipe, too",
                es: "`--no-color` o NO_COLOR=1 para ninguno; CLICOLOR_FORCE=1 para tenerlos también en una tubería")
        case "-l", "--long":
            say(
                en: "the table has what fits; `--json` writes everything",
                es: "la tabla tiene lo que entra; `--json` lo escribe todo")
        default: nil
        }
    }

    /// For a command that other tools have, and whose work is done otherwise here.
    private static func hint(forCommand word: String) -> String? {
        switch word {
        case "cache", "gc", "du", "clean", "cleanup":
            say(
                en:
                    "`slm ls` shows what the store holds, `slm prune` removes what is left over, `slm rm MODEL` a model",
                es: "`slm ls` muestra lo que hay guardado, `slm prune` borra lo que sobra, `slm rm MODELO` un modelo")
        case "auth", "whoami":
            say(
                en: "`slm login` keeps a token of the Hub, `slm logout` removes it, `slm doctor` says whose it is",
                es: "`slm login` guarda un token del Hub, `slm logout` lo borra, `slm doctor` dice de quién es")
        case "config", "settings":
            say(
                en: "`slm env` shows every setting, and where it comes from",
                es: "`slm env` muestra cada ajuste, y de dónde viene")
        default: nil
        }
    }

    private static func helpHint(_ arguments: [String]) -> String {
        let arguments = OtherNames.replaced(in: Array(arguments.dropFirst()))
        return helpHint(command: HelpPage.commandWord(in: arguments))
    }

    static func helpHint(command: String?) -> String {
        let command = command.map { " \($0)" } ?? ""
        return say(en: "`slm\(command) --help` shows how", es: "`slm\(command) --help` muestra cómo")
    }
}

/// An error of `validate()`: what is wrong, and on the next line what to do.
func invalid(en: String, es: String, hint: String? = nil) -> ValidationError {
    ValidationError([say(en: en, es: es), hint].compactMap(\.self).joined(separator: "\n"))
}

extension CommandConfiguration {
    /// What a command is for, and more about it below.
    static func say(_ name: String, en: String, es: String, more: String = "") -> CommandConfiguration {
        CommandConfiguration(commandName: name, abstract: slm.say(en: en, es: es), discussion: flowing(more))
    }

    /// A paragraph as one line, because screens have a width of their own; what is indented stays as it is.
    ///
    /// By bytes: the parser asks every command for its name once for each argument there is.
    private static func flowing(_ text: String) -> String {
        let (newline, blank) = (UInt8(ascii: "\n"), UInt8(ascii: " "))
        var bytes = Array(text.utf8)
        /// Whether a line that begins here can be joined with another.
        func flows(_ start: Int) -> Bool { start < bytes.count && bytes[start] != newline && bytes[start] != blank }
        var isFlowing = flows(0)
        for index in bytes.indices where bytes[index] == newline {
            let wasFlowing = isFlowing
            isFlowing = flows(index + 1)
            if wasFlowing, isFlowing { bytes[index] = blank }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ArgumentHelp {
    /// What an argument or option is for.
    ///
    /// - Parameter value: What its value is called.
    static func say(en: String, es: String, value: String? = nil) -> ArgumentHelp {
        ArgumentHelp(slm.say(en: en, es: es), valueName: value)
    }
}
