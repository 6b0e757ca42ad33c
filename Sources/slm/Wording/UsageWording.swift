import ArgumentParser
import HostHardware
import ModelCatalog

/// What is said about a command that was not written as it has to be.
enum UsageWording {
    /// Words for an error of the argument parser; nil for any other error.
    ///
    /// The parser's sentences are English and fixed, so the known ones are said again in our manner; one that a later
    /// version adds is shown as it is.
    static func words(for error: any Error) -> Failure.Words? {
        guard SLM.exitCode(for: error) == .validationFailure else { return nil }
        let text = SLM.message(for: error)
        let lines = text.split(separator: "\n", maxSplits: 1).map(String.init)
        let first = lines.first ?? text
        // The parts in quotes are every other one.
        let parts = first.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        let quoted = parts.indices.filter { !$0.isMultiple(of: 2) }.map { parts[$0] }
        let sentence = sentence(for: first, quoted)
        let more = lines.count > 1 ? lines[1].trimmedLines : nil
        return Failure.Words(
            code: "usage", message: sentence.message, hint: sentence.hint ?? more ?? helpHint(ThisProcess.arguments))
    }

    private static func sentence(for text: String, _ quoted: [String]) -> (message: String, hint: String?) {
        let name = quoted.first ?? ""
        // `--context <n>`: the name of the option is the first word.
        let option = quoted.count > 1 ? String(quoted[1].prefix { $0 != " " }) : String(name.prefix { $0 != " " })
        if text.hasPrefix("Unknown option") {
            let hint = quoted.count > 1 ? say(en: "did you mean `\(option)`?", es: "¿quiso decir `\(option)`?") : nil
            return (say(en: "there is no option `\(name)`", es: "no existe la opción `\(name)`"), hint)
        }
        if text.hasPrefix("Unexpected argument") || text.contains("unexpected arguments") {
            let names = quoted.map { "`\($0)`" }.joined(separator: ", ")
            return (say(en: "not expected here: \(names)", es: "sobra aquí: \(names)"), nil)
        }
        if text.hasPrefix("Missing expected argument") {
            let what = name.prefix { $0 != " " }
            return (say(en: "something is missing: `\(what)`", es: "falta algo: `\(what)`"), nil)
        }
        if text.hasPrefix("Missing value for") {
            let option = name.prefix { $0 != " " }
            return (say(en: "`\(option)` needs a value", es: "`\(option)` necesita un valor"), nil)
        }
        if text.hasPrefix("The value"), quoted.count > 1 {
            let choices = quoted.dropFirst(2).map { "`\($0)`" }.joined(separator: ", ")
            return (
                say(en: "`\(option)` cannot be `\(name)`", es: "`\(option)` no puede ser `\(name)`"),
                choices.isEmpty ? nil : say(en: "it can be \(choices)", es: "puede ser \(choices)")
            )
        }
        return (text, nil)
    }

    /// Says which command was meant, before the parser calls it an unexpected argument.
    ///
    /// - Throws: `UsageError`.
    static func checkCommandName(in arguments: [String], among commands: [any ParsableCommand.Type]) throws {
        guard let word = HelpPage.commandWord(in: arguments) else { return }
        let names = commands.compactMap { $0.configuration.commandName } + ["help"]
        guard !names.contains(word) else { return }
        let near = names.filter {
            NameMatching.edits(Array($0), Array(word)) <= (word.count < 4 ? 1 : 2) || $0.hasPrefix(word)
        }
        let hint: String
        if !near.isEmpty {
            let list = near.map { "`slm \($0)`" }.joined(separator: say(en: " or ", es: " o "))
            hint = say(en: "did you mean \(list)?", es: "¿quiso decir \(list)?")
        } else if word.contains(":") || word.contains("/") || word.hasSuffix(".gguf") {
            hint = say(
                en: "`slm show \(word)` tells about a model, `slm get \(word)` fetches it",
                es: "`slm show \(word)` habla de un modelo, `slm get \(word)` lo descarga")
        } else {
            hint = say(en: "`slm --help` shows them all", es: "`slm --help` los muestra todos")
        }
        throw UsageError(say(en: "there is no command `\(word)`", es: "no existe la orden `\(word)`"), hint: hint)
    }

    private static func helpHint(_ arguments: [String]) -> String {
        let command = HelpPage.commandWord(in: Array(arguments.dropFirst())).map { " \($0)" } ?? ""
        return say(en: "`slm\(command) --help` shows how", es: "`slm\(command) --help` muestra cómo")
    }
}

/// An error of `validate()`: what is wrong, and on the next line what to do.
func invalid(_ message: String, hint: String? = nil) -> ValidationError {
    ValidationError([message, hint].compactMap(\.self).joined(separator: "\n"))
}

extension String {
    /// Several lines as one sentence.
    fileprivate var trimmedLines: String {
        split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
    }
}
