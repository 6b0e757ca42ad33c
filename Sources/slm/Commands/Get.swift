import ArgumentParser
import Modelteca
import Synchronization

/// `slm get`: download, prove and store.
struct Get: Command {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "get",
            abstract: say(
                en: "Download models, prove them and store them; resumes what was cut.",
                es: "Descarga modelos, los comprueba y los guarda; sigue donde se cortó."),
            discussion: """
                  slm get gemma2:2b
                  slm get hf:bartowski/gemma-2-2b-it-GGUF:Q4_K_M
                  slm get https://example.org/model.gguf --sha256 HEX
                """)
    }

    @Argument(
        help: ArgumentHelp(
            say(
                en: "tinyllama, qwen2:0.5b:q8_0, hf:owner/repo:Q4_K_M, an address, a path.",
                es: "tinyllama, qwen2:0.5b:q8_0, hf:autor/repo:Q4_K_M, una dirección, una ruta."),
            valueName: "ref"))
    var refs: [String]

    @Flag(
        name: .shortAndLong,
        help: ArgumentHelp(
            say(
                en: "Take the best of what the Hub has for a model of which no file is known.",
                es: "Toma lo mejor que tenga el Hub de un modelo del que no se conoce ningún archivo.")))
    var yes = false

    @Option(
        help: ArgumentHelp(
            say(en: "The SHA-256 that the file must have.", es: "El SHA-256 que debe tener el archivo."),
            valueName: "hex"))
    var sha256: String?

    @Flag(
        help: ArgumentHelp(
            say(
                en: "Leave out the vision projector that lies beside a model on the Hub.",
                es: "Deja fuera el proyector de visión que acompaña a un modelo en el Hub.")))
    var noProjector = false

    @OptionGroup var context: ContextOption
    @OptionGroup var transfer: TransferOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard let sha256 else { return }
        if Digest(hex: sha256) == nil {
            throw invalid(
                say(
                    en: "a SHA-256 has 64 hexadecimal digits: `\(sha256)`",
                    es: "un SHA-256 tiene 64 cifras hexadecimales: `\(sha256)`"))
        }
        if refs.count > 1 {
            throw invalid(
                say(en: "`--sha256` proves one model, not several", es: "`--sha256` comprueba un modelo, no varios"))
        }
    }

    func run() async throws {
        let shelf = try await global.shelf { transfer.apply(to: &$0.transfer) }
        // What was typed wrong is found before the first byte is fetched.
        let references = try refs.map { try shelf.reference($0) }
        let console = Console(global, leavesErrorTo: transfer.progress)
        let progress = ProgressLine(console, asJSON: transfer.progress == .json, hasSeveral: refs.count > 1)
        let options = GetOptions(
            workload: Workload(contextLength: context.context ?? ContextOption.usual),
            digest: sha256.flatMap { Digest(hex: $0) }, withProjector: !noProjector, started: .now,
            choose: chooser(console, progress))
        let talks = references.indices.map { GetTalk(console, progress, number: $0) }
        let results = await shelf.get(references, options: options) { talks[$0].note($1) }
        progress.finish()
        let answer = GetAnswer(installed: results.compactMap { try? $0.get() }, isQuiet: global.quiet)
        let failed = zip(refs, results).compactMap { ref, result in
            if case .failure(let error) = result { SomeFailed.One(ref: ref, error: error) } else { nil }
        }
        guard let first = failed.first else { return try console.show(answer) }
        if refs.count == 1 { throw first.error }
        // What came is in the store, and a person wants to know.
        if console.format == .page, !answer.installed.isEmpty { try console.show(answer) }
        throw SomeFailed(failed: failed, installed: answer.installed)
    }

    /// Shows what was found and whose it is; takes the first on `--yes`, or when the user agrees.
    private func chooser(_ console: Console, _ progress: ProgressLine) -> (
        @Sendable (String, [FoundRepository]) async throws -> FoundRepository?
    )? {
        guard yes || console.canAsk else { return nil }
        let takesFirst = yes
        return { model, found in
            guard let first = found.first else { return nil }
            var page = Page(width: console.width, paint: console.errorPaint)
            page.paragraph(
                say(
                    en: "The catalog knows no file of \(model). The Hub has these, made by others:",
                    es: "El catálogo no conoce ningún archivo de \(model). El Hub tiene estos, hechos por terceros:"))
            page.table(FoundAnswer.table(found.prefix(5).map(FoundAnswer.init)))
            for line in page.lines { progress.talk(Text(line)) }
            if takesFirst { return first }
            let name = printable(first.id)
            return console.ask(say(en: "Take \(name)?", es: "¿Tomar \(name)?")) ? first : nil
        }
    }
}

/// How bytes are fetched.
struct TransferOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            say(en: "How progress is shown.", es: "Cómo se muestra el avance."), valueName: "auto|json"))
    var progress = Style.auto

    @Option(
        help: ArgumentHelp(
            say(en: "Connections at a time.", es: "Conexiones a la vez."), valueName: "n"))
    var connections: Int?

    @Option(
        help: ArgumentHelp(
            say(en: "No faster than this, a second: 5MB.", es: "No más rápido que esto por segundo: 5MB."),
            valueName: say(en: "size", es: "tamaño")))
    var limitRate: ByteSize?

    @Option(
        help: ArgumentHelp(
            say(
                en: "Stop after so many seconds; the next run goes on.",
                es: "Para tras tantos segundos; la próxima vez sigue."),
            valueName: say(en: "seconds", es: "segundos")))
    var maxTime: Int?

    enum Style: String, ExpressibleByArgument, CaseIterable { case auto, json }

    func validate() throws {
        if let connections, !(1...64).contains(connections) {
            throw invalid(say(en: "`--connections` is from 1 to 64", es: "`--connections` va de 1 a 64"))
        }
        if let limitRate, limitRate.bytes < 1000 {
            throw invalid(say(en: "`--limit-rate` is at least 1kB", es: "`--limit-rate` es al menos 1kB"))
        }
        if let maxTime, maxTime < 1 {
            throw invalid(say(en: "`--max-time` is at least one second", es: "`--max-time` es al menos un segundo"))
        }
    }

    func apply(to options: inout Downloader.Options) {
        if let connections {
            options.connections = connections
            options.connectionsAreFixed = true
        }
        if let limitRate { options.bytesPerSecond = limitRate.bytes }
        if let maxTime { options.maxTime = maxTime }
    }
}

/// What is said while a model is on its way.
final class GetTalk: Sendable {
    private let console: Console
    private let progress: ProgressLine
    private let model: Mutex<ProgressLine.Model>
    private let hasSaidResume = Mutex(false)

    /// - Parameter number: Tells the model from others that are fetched by the same command.
    init(_ console: Console, _ progress: ProgressLine, number: Int = 0) {
        self.console = console
        self.progress = progress
        model = Mutex(ProgressLine.Model(number: number))
    }

    func note(_ event: GetEvent) {
        switch event {
        case .resolved(let variant, let fit):
            model.withLock { $0.ref = variant.ref }
            introduce(variant, fit)
        case .waitingForOther(let ref):
            progress.talk(
                Text(
                    say(
                        en: "another process is fetching \(printable(ref)): waiting for it",
                        es: "otro proceso está descargando \(printable(ref)): se espera a que termine")))
        case .transfer(let event):
            if event.resumed > 0,
                hasSaidResume.withLock({ said in
                    defer { said = true }; return !said
                })
            {
                let kept = Speech.language.bytes(event.resumed)
                progress.talk(
                    Text(
                        say(
                            en: "resuming: \(kept) are here from an earlier run",
                            es: "se continúa: \(kept) ya están aquí de una vez anterior")))
            }
            progress.note(event, of: model.withLock { $0 })
        }
    }

    private func introduce(_ variant: Variant, _ fit: FitReport) {
        let language = Speech.language
        let name = variant.ref.split(separator: ":").prefix(2).joined(separator: ":")
        let isHub = variant.ref.hasPrefix("hf:") || variant.ref.contains("/")
        var line = Text(printable(isHub ? variant.ref : name), .strong)
        if let quantization = variant.quantization, !isHub || !variant.ref.hasSuffix(quantization) {
            line = line + " · \(printable(quantization))"
        }
        if !isHub { line = line + " · \(printable("\(variant.publisher)/\(variant.repository)"))" }
        if let size = variant.size { line = line + " · \(language.bytes(size))" }
        let model = variant.withoutProjector
        if model.files.count < variant.files.count, let all = variant.size, let text = model.size {
            let size = language.bytes(all - text)
            line = line + say(en: " (\(size) of it a projector)", es: " (\(size) son de un proyector)")
        }
        if let license = variant.license { line = line + " · " + LicenseAnswer(license).short }
        progress.talk(line)
        if console.isVerbose {
            for file in variant.files { progress.talk(Text("  \(printable(file.url.absoluteString))", .faint)) }
            for reason in fit.reasons { progress.talk(Text("  \(fit.verdict.word.plain): \(reason.sentence)", .faint)) }
        }
        if fit.verdict == .tooLarge {
            let needed = fit.required.map(language.memory) ?? "?"
            let budget = fit.budget.now.map(language.memory) ?? "?"
            progress.talk(
                say(
                    en: "\("careful:", .careful) it needs \(needed) of memory, and this device gives \(budget)",
                    es: "\("cuidado:", .careful) necesita \(needed) de memoria, y este equipo da \(budget)"))
        }
    }
}
