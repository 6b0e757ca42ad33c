import ArgumentParser
import Foundation
import Modelteca
import SystemPackage

/// `slm run`: hands a stored model to the program of llama.cpp that is installed.
struct RunCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "run", en: "Chat with a stored model, in the llama.cpp that is installed.",
            es: "Conversa con un modelo guardado, con el llama.cpp que esté instalado.",
            more: "  slm run qwen2.5:1.5b\n  slm run gemma3:4b --server -- --port 8080")
    }

    @Argument(
        help: .say(en: "A stored model.", es: "Un modelo guardado.", value: Labels.model), completion: .known(.stored))
    var ref: String

    @Flag(help: .say(en: "Start llama-server instead.", es: "Inicia llama-server."))
    var server = false

    @Option(
        help: .say(
            en: "Context length in tokens; without it, the longest that fits.",
            es: "Longitud del contexto en tokens; sin la opción, la mayor que quepa.", value: "tokens"))
    var context: Int?

    @Flag(help: .say(en: "Only say what would be started.", es: "Solo dice qué se iniciaría."))
    var dryRun = false

    @Argument(
        parsing: .postTerminator,
        help: .say(
            en: "More for the program, after `--`.", es: "Más para el programa, después de `--`.",
            value: say(en: "arguments", es: "argumentos")))
    var more: [String] = []

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let context, !(1...100_000_000).contains(context) {
            throw invalid(en: "no context has \(context) tokens", es: "ningún contexto tiene \(context) tokens")
        }
    }

    func run() async throws {
        let shelf = try await global.shelf()
        let model = try await shelf.requireStored(ref)
        guard model.state == .ready else { throw StoreError.changed(path: model.path) }
        let run = await LlamaRun(model, server: server, context: context, on: shelf, device: shelf.device)
        guard let program = run.program else { throw RunnerMissing(name: run.programs[0]) }
        var arguments = [program.string, "-m", model.path.string] + run.options
        arguments += more
        guard !dryRun, console.format == .page else {
            return try console.show(PlannedRun(ref: model.ref, command: arguments))
        }
        // From here on this process is that program: its exit status is ours.
        let words = arguments.map { strdup($0) } + [nil]
        execv(program.string, words)
        throw RunnerMissing(name: program.string)
    }
}

/// What would be started.
struct PlannedRun: Answer {
    var ref: String
    var command: [String]

    func draw(on page: inout Page) { page.line(Text(command.map(shellWord).joined(separator: " "))) }
}

/// The program that runs models is not installed.
struct RunnerMissing: Explained {
    var name: String

    var code: String { "no-runner" }

    var words: Words {
        Words(
            en: "`\(name)` is not installed; slm itself does not run models",
            es: "`\(name)` no está instalado; slm no ejecuta modelos por sí mismo", hint: NextSteps.howToGetOne)
    }
}
