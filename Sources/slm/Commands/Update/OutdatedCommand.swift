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
        let shelf = try await global.shelf()
        let statuses = try await console.during(asking: .origins) { try await shelf.outdated(stored.refs) }
        let rows = statuses.map(OriginStates.Row.init)
        try console.show(OriginStates(models: rows))
        if rows.contains(where: { $0.status == .changed }) { throw CheckFailed() }
        // Who could not be asked has not said that nothing has changed.
        if let failure = statuses.lazy.compactMap(\.failure).first { throw CheckFailed(status: ExitStatus(failure)) }
    }
}

/// How stored models stand.
struct OriginStates: Answer {
    static var isAllThereIs: Bool { false }

    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var status: UpdateStatus.Outcome
        @OrNull var haveSha256: String?
        @OrNull var nowSha256: String?
        @OrNull var sizeBytes: Int64?
        /// About what an update would download.
        @OrNull var fetchBytes: Int64?
        /// Metadata that came, went, or has another value.
        @OrNull var metadataKeys: [String]?
        /// As far as headers and samples tell.
        @OrNull var changedTensors: Int?
        @OrNull var tensors: Int?
        var pinned: Bool
        /// Why the origin could not be asked.
        @OrNull var error: Failure.Message?

        init(_ status: UpdateStatus) {
            ref = status.ref
            self.status = status.outcome
            haveSha256 = status.have?.hex
            nowSha256 = status.now?.hex
            sizeBytes = status.size
            let preview = status.preview
            fetchBytes = preview?.fetch
            // Where no header was read nothing is known of them.
            let isRead = (preview?.tensors ?? 0) > 0
            metadataKeys = isRead ? preview?.keys : nil
            changedTensors = isRead ? preview?.changedTensors : nil
            tensors = isRead ? preview?.tensors : nil
            pinned = status.isHeld
            error = status.failure.map { Failure($0).message }
        }
    }

    func draw(on page: inout Page) {
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
            .init(title: Labels.model.uppercased()),
            .init(title: say(en: "HAVE", es: "AQUÍ"), sacrifice: 2),
            .init(title: say(en: "NOW", es: "ORIGEN"), sacrifice: 1),
            .init(title: say(en: "WHAT CHANGED", es: "QUÉ CAMBIÓ"), least: 16),
            .init(title: say(en: "TO DOWNLOAD", es: "A DESCARGAR"), alignment: .right),
        ])
        table.rows = telling.map { row in
            [
                Text(row.ref), Text(row.haveSha256.map { "\($0.prefix(8))…" } ?? "–"),
                Text(row.nowSha256.map { "\($0.prefix(8))…" } ?? "–"), row.change,
                Text(row.toFetch),
            ]
        }
        page.table(table)
        let reasons = Set(telling.compactMap(\.error?.message))
        for reason in reasons.sorted() { page.paragraph(Text(reason, .faint), indent: "  ") }
        if telling.contains(where: { $0.status == .changed && !$0.pinned }) {
            page.line()
            page.line(say(en: "`slm update` downloads what is newer.", es: "`slm update` descarga lo nuevo."))
        }
    }
}

extension OriginStates.Row {
    /// How much an update would download.
    fileprivate var toFetch: String {
        guard status == .changed else { return "–" }
        guard let fetchBytes, tensors != nil else { return sizeBytes.map(Language.current.bytes) ?? "?" }
        let size = Language.current.bytes(fetchBytes)
        return say(en: "about \(size)", es: "unos \(size)")
    }

    /// What has changed, as far as it is known.
    fileprivate var change: Text {
        var change = status.word
        if let metadataKeys, let changedTensors, let tensors {
            change = Text(UpdateWords.change(metadataKeys, changedTensors, of: tensors), .careful)
        }
        return pinned ? change + say(en: " (pinned)", es: " (fijado)") : change
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
