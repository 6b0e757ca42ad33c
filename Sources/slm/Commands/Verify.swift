import ArgumentParser
import Modelteca

/// `slm verify`: reads stored files again.
struct Verify: Command {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "verify",
            abstract: say(
                en: "Read stored models again and hold them against their SHA-256.",
                es: "Lee de nuevo los modelos guardados y los compara con su SHA-256."),
            discussion: say(
                en: "Exits with 1 when something is damaged or missing.",
                es: "Termina con 1 si algo está dañado o falta."))
    }

    @Argument(
        help: ArgumentHelp(
            say(en: "Stored models; none means all.", es: "Modelos guardados; ninguno son todos."), valueName: "ref"))
    var refs: [String] = []

    @Flag(help: ArgumentHelp(say(en: "Fetch again what is damaged.", es: "Trae de nuevo lo dañado.")))
    var repair = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let console = console
        let progress = ProgressLine(console, asJSON: false)
        let reading = ReadingLine(console)
        defer { reading.finish() }
        let results: [Verification]
        do {
            results = try await shelf.verify(
                refs, repair: repair, onProgress: { reading.note($0, $1, $2) },
                onEvent: { event in
                    reading.finish()
                    if case .transfer(let transfer) = event { progress.note(transfer) }
                })
        } catch {
            reading.finish()
            progress.finish()
            throw error
        }
        reading.finish()
        progress.finish()
        var rows: [VerifyAnswer.Row] = []
        for result in results {
            let model = result.damaged.isEmpty ? nil : try await shelf.stored(result.ref)
            rows.append(VerifyAnswer.Row(result, of: model))
        }
        try console.show(VerifyAnswer(models: rows))
        if results.contains(where: { $0.state != .ready }) { throw Finding() }
    }
}

/// What a check found.
struct VerifyAnswer: Report {
    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var state: StoredModel.State
        var sizeBytes: Int64
        var damagedRanges: [Range]
        var repairedBytes: Int64
        var seconds: Double

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
        let language = Speech.language
        guard !models.isEmpty else {
            page.line(Text(say(en: "Nothing is stored.", es: "No hay nada guardado.")))
            return
        }
        let widest = models.map { displayWidth(of: printable($0.ref)) }.max() ?? 0
        for row in models {
            let name = printable(row.ref)
            let gap = String(repeating: " ", count: widest - displayWidth(of: name) + 2)
            let margin = String(repeating: " ", count: widest + 4)
            let size = language.bytes(row.sizeBytes)
            page.line("  \(name)\(gap)\(row.state.word)   \(size)   \(language.duration(row.seconds))")
            for range in row.damagedRanges.prefix(5) {
                let at = language.grouped(range.offset)
                let length = language.blocks(range.length)
                let place = printable(range.tensor ?? range.file)
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
                        en: "\(margin)\("✓", .good) repaired with \(fetched) fetched, SHA-256 proven again",
                        es: "\(margin)\("✓", .good) reparado trayendo \(fetched), SHA-256 comprobado de nuevo"))
            }
        }
        if let sick = models.first(where: { $0.state != .ready }) {
            page.line()
            page.line(Text("`slm verify --repair \(printable(sick.ref))`"))
        }
    }
}
