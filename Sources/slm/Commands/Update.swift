import ArgumentParser
import Modelteca

/// `slm outdated`: what has changed upstream.
struct Outdated: Command {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "outdated",
            abstract: say(
                en: "Which stored models have changed upstream.", es: "Qué modelos guardados han cambiado en su origen."
            ),
            discussion: say(
                en: "Exits with 1 when something is newer. `slm update` fetches it.",
                es: "Termina con 1 si hay algo más nuevo. `slm update` lo trae."))
    }

    @Argument(
        help: ArgumentHelp(
            say(en: "Stored models; none means all.", es: "Modelos guardados; ninguno son todos."), valueName: "ref"))
    var refs: [String] = []

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let rows = try await global.shelf().outdated(refs).map(OutdatedAnswer.Row.init)
        try console.show(OutdatedAnswer(models: rows))
        if rows.contains(where: { $0.status == .changed }) { throw Finding() }
    }
}

/// How stored models stand.
struct OutdatedAnswer: Report {
    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var status: UpdateStatus.Outcome
        @OrNull var haveSha256: String?
        @OrNull var nowSha256: String?
        /// What an update would fetch.
        @OrNull var sizeBytes: Int64?

        init(_ status: UpdateStatus) {
            ref = status.ref
            self.status = status.outcome
            haveSha256 = status.have?.hex
            nowSha256 = status.now?.hex
            sizeBytes = status.size
        }
    }

    func draw(on page: inout Page) {
        let language = Speech.language
        let telling = models.filter { $0.status != .current }
        guard !telling.isEmpty else {
            let count = models.count
            page.line(
                Text(
                    count == 0
                        ? say(en: "Nothing is stored.", es: "No hay nada guardado.")
                        : count == 1
                            ? say(
                                en: "The stored model is as its origin has it.",
                                es: "El modelo guardado está como en su origen.")
                            : say(
                                en: "All \(count) stored models are as their origins have them.",
                                es: "Los \(count) modelos guardados están como en su origen.")))
            return
        }
        var table = Table(columns: [
            .init(title: say(en: "MODEL", es: "MODELO"), least: 20),
            .init(title: say(en: "HAVE", es: "AQUÍ"), sacrifice: 2),
            .init(title: say(en: "NOW", es: "ORIGEN"), sacrifice: 1),
            .init(title: say(en: "WHAT CHANGED", es: "QUÉ CAMBIÓ")),
            .init(title: say(en: "WOULD FETCH", es: "TRAERÍA"), alignment: .right),
        ])
        table.rows = telling.map { row in
            [
                Text(printable(row.ref)), Text(row.haveSha256.map { "\($0.prefix(8))…" } ?? "–"),
                Text(row.nowSha256.map { "\($0.prefix(8))…" } ?? "–"), row.status.word,
                Text(row.status == .changed ? row.sizeBytes.map(language.bytes) ?? "?" : "–"),
            ]
        }
        page.table(table)
        if telling.contains(where: { $0.status == .changed }) {
            page.line()
            page.line(Text(say(en: "`slm update` fetches what is newer.", es: "`slm update` trae lo nuevo.")))
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
        case .unknown: Text(say(en: "its origin does not say", es: "su origen no lo dice"), .faint)
        }
    }
}

/// `slm update`: fetches what has changed.
struct Update: Command {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "update",
            abstract: say(
                en: "Fetch what has changed upstream; the old file stays until the new one is proven.",
                es: "Trae lo que ha cambiado; el archivo anterior se queda hasta comprobar el nuevo."))
    }

    @Argument(
        help: ArgumentHelp(
            say(en: "Stored models; none means all.", es: "Modelos guardados; ninguno son todos."), valueName: "ref"))
    var refs: [String] = []

    @OptionGroup var transfer: TransferOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf { transfer.apply(to: &$0.transfer) }
        let console = Console(global, leavesErrorTo: transfer.progress)
        let progress = ProgressLine(console, asJSON: transfer.progress == .json)
        let talk = GetTalk(console, progress)
        let results: [Updated]
        do {
            results = try await shelf.update(refs) { talk.note($0) }
        } catch {
            progress.finish()
            throw error
        }
        progress.finish()
        try console.show(UpdateAnswer(models: results.map(UpdateAnswer.Row.init)))
    }
}

/// What an update did.
struct UpdateAnswer: Report {
    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var changed: Bool
        @OrNull var fromSha256: String?
        @OrNull var toSha256: String?
        var sizeBytes: Int64
        var fetchedBytes: Int64
        var reusedBytes: Int64

        init(_ result: Updated) {
            ref = result.ref
            changed = result.changed
            fromSha256 = result.from?.hex
            toSha256 = result.to?.hex
            sizeBytes = result.size
            fetchedBytes = result.fetched
            reusedBytes = result.reused
        }
    }

    func draw(on page: inout Page) {
        let language = Speech.language
        for row in models where row.changed {
            let fetched = language.bytes(row.fetchedBytes)
            let size = language.bytes(row.sizeBytes)
            page.line(
                say(
                    en: "\("✓", .good) updated \(printable(row.ref)): \(fetched) fetched of \(size)",
                    es: "\("✓", .good) actualizado \(printable(row.ref)): \(fetched) traídos de \(size)"))
        }
        let same = models.filter { !$0.changed }.count
        if models.isEmpty {
            page.line(Text(say(en: "Nothing is stored.", es: "No hay nada guardado.")))
        } else if same == models.count {
            page.line(Text(say(en: "Nothing has changed upstream.", es: "Nada ha cambiado en el origen.")))
        } else if same > 0 {
            page.line(Text(say(en: "\(same) unchanged", es: "\(same) sin cambios")))
        }
    }
}
