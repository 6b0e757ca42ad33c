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
            en: """
                tinyllama, qwen2:0.5b:q8_0, hf:owner/repo:Q4_K_M, an address, a path; `-` reads names, one a line. \
                Without one you choose.
                """,
            es: """
                tinyllama, qwen2:0.5b:q8_0, hf:autor/repo:Q4_K_M, una dirección, una ruta; `-` lee nombres, uno por \
                línea. Sin ninguno se elige.
                """,
            value: Labels.model),
        completion: .known(.models))
    var refs: [String] = []

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
        let device = try target.profile?.device
        var refs = try InputNames.expanded(refs)
        if refs.isEmpty, !Console(global).canAsk { throw UsageError.missing(Labels.model, of: "get") }
        let shelf = try await global.shelf(for: device) { transfer.apply(to: &$0) }
        if refs.isEmpty { refs = [try await chosen(on: shelf)] }
        // A typing error is found before the first byte is downloaded.
        let references = try refs.map { try shelf.reference($0) }
        let console = Console(global, leavesErrorTo: transfer.progress)
        let progress = ProgressLine(console, asJSON: transfer.progress == .json, models: refs.count)
        let options = GetOptions(
            workload: context.workload(on: shelf.device),
            digest: sha256.flatMap { Digest(hex: $0) }, withProjector: !noProjector,
            readsHeaderFirst: true, started: .now,
            choose: chooser(console, progress, shelf))
        if dryRun { return try await show(refs, references, on: shelf, options, console) }
        // As they were typed, but for the secrets of an address.
        let typed = zip(refs, references).map { name, reference in
            if case .address = reference { reference.description } else { name }
        }
        let messages = references.indices.map { GetMessages(console, progress, number: $0) }
        let questions = references.map { ProgressLine.Question($0, shelf.settings) }
        let results = await progress.during(asking: questions) {
            await shelf.get(references, options: options) {
                messages[$0].note($1)
            } onFailure: {
                progress.giveUp($0, typed: typed[$0], $1)
            }
        }
        progress.finish()
        if shelf.settings.credentials.isRefused, let source = shelf.settings.credentials.tokenSource {
            console.say(
                say(
                    en:
                        "The Hub refused the token of \(source): it was asked without. Give a new one: `slm login`.",
                    es: "El Hub rechazó el token de \(source): se le pidió sin él. Dé uno nuevo: `slm login`."))
        }
        let receipts = results.compactMap { try? $0.get() }
        var steps: [NextSteps.Step] = []
        if console.format == .page, let last = receipts.last {
            steps = await NextSteps.lines(for: last.model, on: shelf)
        }
        let answer = Installed(installed: receipts, steps: steps)
        let failed = zip(typed, results).compactMap { ref, result in
            if case .failure(let error) = result { (ref: ref, error: error) } else { nil }
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

    /// Nobody reads on: `slm list --all` has every one.
    private static let mostOffers = 40

    /// What somebody picks who names nothing: of what fits, best first.
    private func chosen(on shelf: Shelf) async throws -> String {
        let device = shelf.device
        let all = await shelf.listing(workload: context.workload(on: device), measuring: true)
        let offers = all.filter { $0.variant != nil && $0.fit.verdict.isYes }.prefix(Self.mostOffers)
        let models = offers.map { ListedModel($0, isOfGuide: shelf.catalog.isOfGuide($0.entry)) }
        let name = try target.profile?.id
        let question = say(
            en: "What fits \(name ?? "this device"), best first:",
            es: "Lo que cabe en \(name ?? "este equipo"), primero lo mejor:")
        let chooser = Chooser(
            question: Text(question),
            table: ListedModel.offers(models, publishers: offers.map { $0.variant?.publisher }),
            more: say(
                en: "`slm list --all` shows more, `slm get MODEL` downloads one of them.",
                es: "`slm list --all` muestra más; `slm get MODELO` descarga uno."))
        guard let index = try await chooser.pick(console) else { throw NothingChosen() }
        return models[index].ref
    }

    /// Shows what was found and whose it is; takes the first on `--yes`, or the one that is picked.
    private func chooser(_ console: Console, _ progress: ProgressLine, _ shelf: Shelf) -> (
        @Sendable (String, [FoundRepository]) async throws -> FoundRepository?
    )? {
        guard yes || console.canAsk else { return nil }
        let takesFirst = yes
        return { model, found in
            guard let first = found.first else { return nil }
            let question = say(
                en: "The catalog knows no file of \(model). The Hub has these, by others:",
                es: "El catálogo no conoce ningún archivo de \(model). El Hub tiene estos, de terceros:")
            if takesFirst {
                progress.say("\(question) \(first.id)")
                return first
            }
            progress.hush()
            let shown = found.prefix(HubRepository.mostAsked)
            let host = shelf.settings.credentials.endpoint.host()
            let offers = try await console.during(asking: .init(host: host, ref: model)) {
                try await shelf.offers(of: shown)
            }
            let asked = AskedDevice(device: shelf.device, profile: nil)
            let rows = shown.map { repository in
                HubRepository(
                    repository, offers[repository.id].map { RemoteModel($0, devices: [asked], stored: []) })
            }
            let chooser = Chooser(question: Text(question), table: HubRepository.offers(rows))
            return try await chooser.pick(console).map { shown[shown.startIndex + $0] }
        }
    }
}

/// Somebody looked, and wants none.
struct NothingChosen: Explained {
    var code: String { "declined" }

    var words: Words {
        Words(
            en: "nothing was chosen", es: "no se eligió ninguno",
            hint: say(
                en: "`slm list --all` shows them all, `slm get MODEL` downloads one",
                es: "`slm list --all` los muestra todos; `slm get MODELO` descarga uno"))
    }
}
