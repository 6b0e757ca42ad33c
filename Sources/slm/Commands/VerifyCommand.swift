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

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let console = console
        let progress = ProgressLine(console, asJSON: false)
        let reading = ReadingLine(console)
        let results = try await progress.during {
            defer { reading.finish() }
            return try await shelf.verify(
                stored.refs, repair: repair, onProgress: { reading.note($0, $1, $2) },
                onEvent: { event in
                    reading.finish()
                    if case .transfer(let transfer) = event { progress.note(transfer) }
                })
        }
        var rows: [VerifyResults.Row] = []
        for result in results {
            let model = result.damaged.isEmpty ? nil : try await shelf.stored(result.ref)
            rows.append(VerifyResults.Row(result, of: model))
        }
        try console.show(VerifyResults(models: rows))
        if results.contains(where: { $0.state != .ready }) { throw CheckFailed() }
    }
}

/// What a check found.
struct VerifyResults: Answer {
    static var isAllThereIs: Bool { false }

    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var state: StoredModel.State
        var sizeBytes: Int64
        var damagedRanges: [Range]
        var repairedBytes: Int64
        var seconds: Double
        /// Why it could not be read or repaired.
        @OrNull var error: Failure.Message?

        init(_ result: Verification, of model: StoredModel?) {
            ref = result.ref
            state = result.state
            sizeBytes = result.size
            damagedRanges = result.damaged.map { range in
                Range(
                    file: range.file, offset: range.offset, length: range.length,
                    tensor: model.flatMap { Self.tensor(at: range, in: $0) })
            }
            repairedBytes = result.repaired
            seconds = (result.seconds * 1000).rounded() / 1000
            error = result.failure.map { Failure($0).message }
        }

        /// The first tensor that the damage touches; nil where the header itself cannot be read any more.
        private static func tensor(at range: DamagedRange, in model: StoredModel) -> String? {
            guard let path = model.files.first(where: { $0.name == range.file })?.path,
                let file = try? GGUFFile(path: path.string)
            else { return nil }
            let (start, end) = (range.offset - file.dataStart, range.offset + range.length - file.dataStart)
            return file.tensors.first { $0.offset < end && start < $0.end }?.name
        }
    }

    struct Range: Encodable {
        var file: String
        var offset: Int64
        var length: Int64
        @OrNull var tensor: String?
    }

    func draw(on page: inout Page) {
        let language = Language.current
        guard !models.isEmpty else {
            page.line(Text(Labels.nothingIsStored))
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
            for range in row.damagedRanges.prefix(5) {
                let at = language.grouped(range.offset)
                let length = language.bytes(range.length)
                let place = range.tensor ?? range.file
                page.paragraph(
                    say(en: "\(length) at \(at), in \(place)", es: "\(length) en \(at), dentro de \(place)"),
                    indent: margin)
            }
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
        if let sick = models.first(where: { $0.state != .ready }) {
            page.line()
            page.line(Text("`slm verify --repair \(sick.ref)`"))
        }
    }
}
