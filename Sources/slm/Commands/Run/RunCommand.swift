import ArgumentParser
import Foundation
import Modelteca
import SystemPackage

/// `slm run`: hands a stored model to the program of llama.cpp that is installed.
struct RunCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "run", en: "Chat with a model, in the llama.cpp that is installed.",
            es: "Conversa con un modelo, con el llama.cpp que esté instalado.",
            more: "  slm run qwen2.5:1.5b\n  slm run gemma3:4b --server -- --port 8080\n\n"
                + say(
                    en: "On a terminal it offers to download a model that is not stored.",
                    es: "En una terminal ofrece descargar un modelo que no está guardado."))
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
        let model = try await stored(on: shelf)
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

    /// The model; one that is not here is downloaded first, where something runs it and the user says so.
    private func stored(on shelf: Shelf) async throws -> StoredModel {
        do {
            return try await shelf.requireStored(ref)
        } catch StoreError.notStored
            where !dryRun && console.canAsk && program(server ? "llama-server" : "llama-cli") != nil
        {
            let reference = try shelf.reference(ref)
            let question = ProgressLine.Question(reference, shelf.settings)
            let options = GetOptions(readsHeaderFirst: true, started: .now)
            let plan = try await console.during(asking: question) {
                try await shelf.preview(of: reference, options: options)
            }
            let size = plan.fetch.map { Language.current.bytes($0) } ?? "?"
            let name = plan.variant.ref
            guard
                console.ask(
                    say(
                        en: "`\(name)` is not stored. Download it, \(size)?",
                        es: "`\(name)` no está guardado. ¿Descargarlo (\(size))?"))
            else { throw StoreError.notStored(ref: ref) }
            let progress = ProgressLine(console, asJSON: false)
            let messages = GetMessages(console, progress)
            return try await progress.during {
                try await shelf.get(reference, options: options) { messages.note($0) }
            }.model
        }
    }
}

/// What would be started.
struct PlannedRun: Answer {
    var ref: String
    var command: [String]

    func draw(on page: inout Page) { page.whole(Text(command.map(shellWord).joined(separator: " "))) }
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
