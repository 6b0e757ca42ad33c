import ArgumentParser
import Modelteca

/// `slm outdated`: what has changed upstream.
struct OutdatedCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "outdated", en: "Which stored models have changed upstream.",
            es: "Qué modelos guardados han cambiado en su origen.",
            more: say(
                en: "Exits with 1 when something is newer. `slm update` downloads it.",
                es: "Termina con 1 si hay algo más nuevo. `slm update` lo descarga."))
    }

    @OptionGroup var stored: StoredNames

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let statuses = try await global.shelf().outdated(stored.refs)
        let rows = statuses.map(OriginStates.Row.init)
        try console.show(OriginStates(models: rows))
        if rows.contains(where: { $0.status == .changed }) { throw CheckFailed() }
        // Who could not be asked has not said that nothing has changed.
        if let failure = statuses.lazy.compactMap(\.failure).first { throw CheckFailed(status: ExitStatus(failure)) }
    }
}

/// How stored models stand.
struct OriginStates: Answer {
    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var status: UpdateStatus.Outcome
        @OrNull var haveSha256: String?
        @OrNull var nowSha256: String?
        /// What an update would download.
        @OrNull var sizeBytes: Int64?
        /// Why the origin could not be asked.
        @OrNull var error: Failure.Message?

        init(_ status: UpdateStatus) {
            ref = status.ref
            self.status = status.outcome
            haveSha256 = status.have?.hex
            nowSha256 = status.now?.hex
            sizeBytes = status.size
            error = status.failure.map { Failure($0).message }
        }
    }

    func draw(on page: inout Page) {
        let language = Language.current
        let telling = models.filter { $0.status != .current }
        guard !telling.isEmpty else {
            let count = models.count
            let sentence =
                switch count {
                case 0: Labels.nothingIsStored
                case 1: say(en: "The stored model is up to date.", es: "El modelo guardado está al día.")
                default:
                    say(en: "All \(count) stored models are up to date.", es: "Los \(count) modelos están al día.")
                }
            page.line(Text(sentence))
            return
        }
        var table = Table(columns: [
            .init(title: Labels.model.uppercased(), least: 20),
            .init(title: say(en: "HAVE", es: "AQUÍ"), sacrifice: 2),
            .init(title: say(en: "NOW", es: "ORIGEN"), sacrifice: 1),
            .init(title: say(en: "WHAT CHANGED", es: "QUÉ CAMBIÓ")),
            .init(title: say(en: "TO DOWNLOAD", es: "A DESCARGAR"), alignment: .right),
        ])
        table.rows = telling.map { row in
            [
                Text(row.ref), Text(row.haveSha256.map { "\($0.prefix(8))…" } ?? "–"),
                Text(row.nowSha256.map { "\($0.prefix(8))…" } ?? "–"), row.status.word,
                Text(row.status == .changed ? row.sizeBytes.map(language.bytes) ?? "?" : "–"),
            ]
        }
        page.table(table)
        let reasons = Set(telling.compactMap(\.error?.message))
        for reason in reasons.sorted() { page.paragraph(Text(reason, .faint), indent: "  ") }
        if telling.contains(where: { $0.status == .changed }) {
            page.line()
            page.line(say(en: "`slm update` downloads what is newer.", es: "`slm update` descarga lo nuevo."))
        }
    }
}

extension UpdateStatus.Outcome: Encodable {
    /// In the user's language.
    var word: Text {
        switch self {
        case .current: Text(say(en: "nothing", es: "nada"), .good)
        case .changed: Text(say(en: "the file was replaced", es: "se sustituyó el archivo"), .careful)
        case .removed: Text(say(en: "gone upstream; yours stays", es: "ya no está; el suyo se queda"), .careful)
        case .unknown: Text(say(en: "cannot be known", es: "no se puede saber"), .faint)
        }
    }
}

/// `slm update`: downloads what has changed.
struct UpdateCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "update", en: "Download what has changed upstream; the old file stays until the new one is verified.",
            es: "Descarga lo que ha cambiado; el archivo anterior se queda hasta comprobar el nuevo.")
    }

    @OptionGroup var stored: StoredNames

    @OptionGroup var transfer: TransferOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf { transfer.apply(to: &$0.transfer) }
        let console = Console(global, leavesErrorTo: transfer.progress)
        let progress = ProgressLine(console, asJSON: transfer.progress == .json)
        let messages = GetMessages(console, progress)
        let results = try await progress.during { try await shelf.update(stored.refs) { messages.note($0) } }
        try console.show(UpdateResults(models: results.map(UpdateResults.Row.init)))
        let failure = results.lazy.compactMap(\.status.failure).first
        if let failure { throw CheckFailed(status: ExitStatus(failure)) }
    }
}

/// What an update did.
struct UpdateResults: Answer {
    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var changed: Bool
        @OrNull var fromSha256: String?
        @OrNull var toSha256: String?
        var sizeBytes: Int64
        var fetchedBytes: Int64
        var reusedBytes: Int64
        /// How it compared with its origin before.
        var status: UpdateStatus.Outcome
        /// Why the origin could not be asked.
        @OrNull var error: Failure.Message?

        init(_ result: Updated) {
            ref = result.ref
            changed = result.changed
            fromSha256 = result.from?.hex
            toSha256 = result.to?.hex
            sizeBytes = result.size
            fetchedBytes = result.fetched
            reusedBytes = result.reused
            status = result.status.outcome
            error = result.status.failure.map { Failure($0).message }
        }
    }

    func draw(on page: inout Page) {
        let language = Language.current
        for row in models where row.changed {
            let fetched = language.bytes(row.fetchedBytes)
            let size = language.bytes(row.sizeBytes)
            page.line(
                say(
                    en: "\("✓", .good) updated \(row.ref): \(fetched) of \(size) downloaded",
                    es: "\("✓", .good) actualizado \(row.ref): se descargaron \(fetched) de \(size)"))
        }
        let same = models.filter { $0.status == .current }.count
        if models.isEmpty {
            page.line(Text(Labels.nothingIsStored))
        } else if same == models.count {
            page.line(say(en: "Nothing has changed upstream.", es: "Nada ha cambiado en el origen."))
        } else if same > 0 {
            page.line(say(en: "\(same) unchanged", es: "\(same) sin cambios"))
        }
        for row in models where row.status == .removed || row.status == .unknown {
            page.line("\(row.ref): \(row.status.word)")
            if let error = row.error { page.paragraph(Text(error.message, .faint), indent: "  ") }
        }
    }
}
