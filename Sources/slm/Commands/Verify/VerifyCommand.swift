import ArgumentParser
import Modelteca

/// `slm verify`: reads stored files again.
struct VerifyCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "verify", en: "Read stored models again and compare them with their SHA-256.",
            es: "Lee de nuevo los modelos guardados y los compara con su SHA-256.",
            more: say(
                en: "Exits with 1 when something is damaged or missing.",
                es: "Termina con 1 si algo está dañado o falta."))
    }

    @OptionGroup var stored: StoredNames

    @Flag(help: .say(en: "Download again what is damaged.", es: "Vuelve a descargar lo dañado."))
    var repair = false

    @Flag(
        help: .say(
            en: "Compare the hashes of blocks only: as quick as the disk, finds accidents, proves nothing.",
            es: "Compara solo los hashes de los bloques: tan rápido como el disco, halla accidentes, no prueba nada."))
    var fast = false

    @Option(
        help: .say(
            en: "Only what was last verified longer ago: 30d, 2w, 12h.",
            es: "Solo lo que se comprobó hace más tiempo: 30d, 2w, 12h.", value: say(en: "age", es: "tiempo")))
    var olderThan: Age?

    @OptionGroup var transfer: TransferOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf { transfer.apply(to: &$0) }
        let console = Console(global, leavesErrorTo: transfer.progress)
        let progress = ProgressLine(console, asJSON: transfer.progress == .json)
        let reading = ReadingLine(console, asJSON: transfer.progress == .json)
        let name = say(en: "reading", es: "leyendo")
        let results = try await progress.during {
            defer { reading.finish() }
            return try await shelf.verify(
                stored.refs, fast: fast, notProvenSince: olderThan?.date, repair: repair,
                onProgress: { reading.note(name, $0, $1) },
                onEvent: { event in
                    reading.finish()
                    if case .transfer(let transfer) = event { progress.note(transfer) }
                })
        }
        var rows: [VerifyResults.Row] = []
        for result in results {
            let model = result.damaged.isEmpty ? nil : try await shelf.store.model(named: result.ref)
            rows.append(VerifyResults.Row(result, of: model))
        }
        let isNothingStored = results.isEmpty ? try await shelf.store.models().isEmpty : false
        try console.show(VerifyResults(models: rows, isNothingStored: isNothingStored))
        // Of one model the reason why it could not be repaired; of several, that something is not well.
        if results.count == 1, let failure = results[0].failure, results[0].state != .unreadable {
            throw CheckFailed(status: ExitStatus(failure))
        }
        if results.contains(where: { $0.state != .ready }) { throw CheckFailed() }
    }
}

/// What a check found.
struct VerifyResults: Answer {
    static var isAllThereIs: Bool { false }

    var models: [Row]
    var isNothingStored: Bool

    private enum CodingKeys: CodingKey { case models }

    struct Row: Encodable {
        var ref: String
        var state: StoredModel.State
        var sizeBytes: Int64
        /// What the files were held against.
        var checked: Check
        var damagedRanges: [DamagedPlace]
        var repairedBytes: Int64
        var seconds: Double
        /// Why it could not be read or repaired.
        @OrNull var error: Failure.Message?

        enum Check: String, Encodable { case sha256, blocks }

        init(_ result: Verification, of model: StoredModel?) {
            ref = result.ref
            state = result.state
            sizeBytes = result.size
            checked = result.isProof ? .sha256 : .blocks
            damagedRanges = DamagedPlace.places(result.damaged, in: model)
            repairedBytes = result.repaired
            seconds = (result.seconds * 1000).rounded() / 1000
            error = result.failure.map { Failure($0).message }
        }
    }

    func draw(on page: inout Page) {
        let language = Language.current
        guard !models.isEmpty else {
            page.line(
                Text(
                    isNothingStored
                        ? Labels.nothingIsStored
                        : say(
                            en: "All was verified more recently than that.",
                            es: "Todo se comprobó más recientemente.")))
            return
        }
        let widest = models.map { displayWidth(of: $0.ref) }.max() ?? 0
        for row in models {
            let name = Text("  " + row.ref).padded(to: widest + 4)
            let margin = String(repeating: " ", count: widest + 4)
            let size = language.bytes(row.sizeBytes)
            page.line("\(name)\(row.state.word)   \(size)   \(language.duration(row.seconds))")
            if let error = row.error {
                page.paragraph(Text(error.message), indent: margin)
                if let hint = error.hint { page.paragraph(Text(hint, .faint), indent: margin) }
            }
            for place in row.damagedRanges.prefix(5) { page.paragraph(Text(place.sentence), indent: margin) }
            if row.damagedRanges.count > 5 {
                let more = row.damagedRanges.count - 5
                page.paragraph(say(en: "and \(more) more places", es: "y \(more) sitios más"), indent: margin)
            }
            if row.repairedBytes > 0 {
                let fetched = language.bytes(row.repairedBytes)
                page.line(
                    say(
                        en: "\(margin)\("✓", .good) repaired: \(fetched) downloaded, SHA-256 verified again",
                        es: "\(margin)\("✓", .good) reparado: se descargaron \(fetched), SHA-256 comprobado de nuevo"))
            }
        }
        if let sick = models.first(where: { $0.state != .ready && $0.error == nil }) {
            page.line()
            page.line(Text("`slm verify --repair \(sick.ref)`"))
        }
    }
}
