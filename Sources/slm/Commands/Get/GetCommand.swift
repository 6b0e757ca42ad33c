import ArgumentParser
import Modelteca

/// `slm get`: download, verify and store.
struct GetCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "get", en: "Download models, verify them and store them; resumes interrupted downloads.",
            es: "Descarga modelos, los comprueba y los guarda; continúa donde se cortó.",
            more: """
                  slm get gemma2:2b
                  slm get hf:bartowski/gemma-2-2b-it-GGUF:Q4_K_M
                  slm get https://example.org/model.gguf --sha256 HEX
                """)
    }

    @Argument(
        help: .say(
            en: "tinyllama, qwen2:0.5b:q8_0, hf:owner/repo:Q4_K_M, an address, a path; `-` reads names, one a line.",
            es:
                "tinyllama, qwen2:0.5b:q8_0, hf:autor/repo:Q4_K_M, una dirección, una ruta; `-` lee nombres, uno por línea.",
            value: Labels.model),
        completion: .known(.models))
    var refs: [String]

    @Flag(
        name: .shortAndLong,
        help: .say(
            en: "Get the best that the Hub has for a model of which no file is known.",
            es: "Descarga lo mejor que tenga el Hub de un modelo del que no se conoce ningún archivo."))
    var yes = false

    @Option(
        help: .say(
            en: "The SHA-256 that the file must have.", es: "El SHA-256 que debe tener el archivo.", value: "hex"))
    var sha256: String?

    @Flag(
        help: .say(
            en: "Only say what would be downloaded, and where it would go.",
            es: "Solo dice qué se descargaría y dónde quedaría."))
    var dryRun = false

    @Flag(
        help: .say(
            en: "Leave out the vision projector that comes with a model on the Hub.",
            es: "Omite el proyector de visión que acompaña a un modelo en el Hub."))
    var noProjector = false

    @OptionGroup var context: ContextOption
    @OptionGroup var target: DeviceOptions
    @OptionGroup var transfer: TransferOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard let sha256 else { return }
        if Digest(hex: sha256) == nil {
            throw invalid(
                en: "a SHA-256 has 64 hexadecimal digits: `\(sha256)`",
                es: "un SHA-256 tiene 64 cifras hexadecimales: `\(sha256)`")
        }
        if refs.count > 1 || refs == ["-"] {
            throw invalid(
                en: "`--sha256` verifies one model, not several", es: "`--sha256` comprueba un modelo, no varios")
        }
    }

    func run() async throws {
        let refs = try InputNames.expanded(refs)
        let device = try target.profile?.device
        let shelf = try await global.shelf(for: device) { transfer.apply(to: &$0.transfer) }
        // A typing error is found before the first byte is downloaded.
        let references = try refs.map { try shelf.reference($0) }
        let console = Console(global, leavesErrorTo: transfer.progress)
        let progress = ProgressLine(console, asJSON: transfer.progress == .json, models: refs.count)
        let options = GetOptions(
            workload: context.workload(on: shelf.device),
            digest: sha256.flatMap { Digest(hex: $0) }, withProjector: !noProjector,
            readsHeaderFirst: true, started: .now,
            choose: chooser(console, progress))
        if dryRun { return try await show(refs, references, on: shelf, options, console) }
        let messages = references.indices.map { GetMessages(console, progress, number: $0) }
        let questions = references.map { ProgressLine.Question($0, shelf.settings) }
        let results = await progress.during(asking: questions) {
            await shelf.get(references, options: options) { messages[$0].note($1) }
        }
        progress.finish()
        if shelf.settings.credentials.isRefused, let source = shelf.settings.credentials.tokenSource {
            console.say(
                say(
                    en:
                        "The Hub refused the token of \(source): it was asked without. Give a new one: `slm login`.",
                    es: "El Hub rechazó el token de \(source): se le pidió sin él. Dé uno nuevo: `slm login`."))
        }
        let answer = Installed(
            installed: results.compactMap { try? $0.get() }, in: shelf.settings.store)
        let failed = zip(zip(refs, references), results).compactMap { named, result in
            // As it was typed, but for the secrets of an address.
            let ref = if case .address = named.1 { named.1.description } else { named.0 }
            return if case .failure(let error) = result { (ref: ref, error: error) } else { nil }
        }
        guard let first = failed.first else { return try console.show(answer) }
        if refs.count == 1 { throw first.error }
        // What came is in the store, and a person wants to know.
        if console.format == .page, !answer.installed.isEmpty { try console.show(answer) }
        throw PartialFailure(failed: failed, installed: answer.installed)
    }

    /// Says what would come.
    private func show(
        _ refs: [String], _ references: [ModelReference], on shelf: Shelf, _ options: GetOptions, _ console: Console
    ) async throws {
        var planned: [PlannedDownloads.Row] = []
        var failed: [(ref: String, error: any Error)] = []
        for (ref, reference) in zip(refs, references) {
            do {
                planned.append(PlannedDownloads.Row(try await shelf.preview(of: reference, options: options)))
            } catch {
                if refs.count == 1 || error is CancellationError { throw error }
                failed.append((ref, error))
            }
        }
        let answer = PlannedDownloads(
            planned: planned, storeFreeBytes: DiskSpace.free(at: shelf.settings.store))
        if failed.isEmpty { return try console.show(answer) }
        if console.format == .page, !planned.isEmpty { try console.show(answer) }
        throw PartialFailure(failed: failed, installed: [])
    }

    /// Shows what was found and whose it is; takes the first on `--yes`, or when the user agrees.
    private func chooser(_ console: Console, _ progress: ProgressLine) -> (
        @Sendable (String, [FoundRepository]) async throws -> FoundRepository?
    )? {
        guard yes || console.canAsk else { return nil }
        let takesFirst = yes
        return { model, found in
            guard let first = found.first else { return nil }
            var page = Page(width: Terminal.columns, paint: Paint(isOn: false))
            page.paragraph(
                say(
                    en: "The catalog knows no file of \(model). The Hub has these, by others:",
                    es: "El catálogo no conoce ningún archivo de \(model). El Hub tiene estos, de terceros:"))
            HubRepository.draw(found.prefix(5).map { HubRepository($0) }, on: &page)
            for line in page.lines { progress.say(Text(line)) }
            if takesFirst { return first }
            return console.ask(say(en: "Download \(first.id)?", es: "¿Descargar \(first.id)?")) ? first : nil
        }
    }
}
