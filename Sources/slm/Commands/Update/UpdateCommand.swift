import ArgumentParser
import Modelteca

/// `slm update`: downloads what has changed.
struct UpdateCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "update", en: "Download what has changed upstream; the old file stays until the new one is verified.",
            es: "Descarga lo que ha cambiado; el archivo anterior se queda hasta comprobar el nuevo.",
            more: say(
                en: "Tensors that the stored file has already are taken from there.",
                es: "Los tensores que el archivo guardado ya tiene no se descargan."))
    }

    @OptionGroup var stored: StoredNames

    @Flag(
        help: .say(
            en: "Keep the old version too; `slm rollback` goes back to it.",
            es: "Conserva también la versión anterior; `slm rollback` vuelve a ella."))
    var keep = false

    @Flag(
        help: .say(
            en: "Only say what would be downloaded.", es: "Solo dice qué se descargaría."))
    var dryRun = false

    @OptionGroup var transfer: TransferOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf { transfer.apply(to: &$0) }
        let console = Console(global, leavesErrorTo: transfer.progress)
        if dryRun {
            let statuses = try await console.during(asking: .origins) {
                try await shelf.outdated(stored.refs, closely: true)
            }
            try console.show(UpdateResults(models: statuses.map(UpdateResults.Row.init), isDry: true))
            if let failure = statuses.lazy.compactMap(\.failure).first {
                throw CheckFailed(status: ExitStatus(failure))
            }
            return
        }
        let progress = ProgressLine(console, asJSON: transfer.progress == .json)
        let messages = GetMessages(console, progress)
        let results = try await progress.during {
            try await progress.during(asking: [.origins]) {
                try await shelf.update(stored.refs, keepingOld: keep) { messages.note($0) }
            }
        }
        try console.show(
            UpdateResults(models: results.map(UpdateResults.Row.init), isDry: false, keepsOld: keep))
        let failure = results.lazy.compactMap(\.status.failure).first
        if let failure { throw CheckFailed(status: ExitStatus(failure)) }
    }
}

/// What an update did.
struct UpdateResults: Answer {
    static var isAllThereIs: Bool { false }

    var models: [Row]
    /// Whether nothing was done.
    var isDry: Bool
    var keepsOld = false

    enum CodingKeys: CodingKey { case models }

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
        var pinned: Bool
        /// Why the origin could not be asked.
        @OrNull var error: Failure.Message?

        /// What it would be.
        init(_ status: UpdateStatus) {
            ref = status.ref
            changed = status.outcome == .changed && !status.isHeld
            fromSha256 = status.have?.hex
            toSha256 = status.now?.hex
            sizeBytes = status.size ?? 0
            fetchedBytes = changed ? status.preview?.fetch ?? sizeBytes : 0
            reusedBytes = changed ? max(0, sizeBytes - fetchedBytes) : 0
            self.status = status.outcome
            pinned = status.isHeld
            error = status.failure.map { Failure($0).message }
        }

        init(_ result: Updated) {
            ref = result.ref
            changed = result.changed
            fromSha256 = result.from?.hex
            toSha256 = result.to?.hex
            sizeBytes = result.size
            fetchedBytes = result.fetched
            reusedBytes = result.reused
            status = result.status.outcome
            pinned = result.status.isHeld
            error = result.status.failure.map { Failure($0).message }
        }
    }

    func draw(on page: inout Page) {
        let language = Language.current
        for row in models where row.changed {
            let fetched = language.bytes(row.fetchedBytes)
            let size = language.bytes(row.sizeBytes)
            if isDry {
                page.line(
                    say(
                        en: "\(row.ref): about \(fetched) of \(size) to download",
                        es: "\(row.ref): a descargar, unos \(fetched) de \(size)"))
                continue
            }
            page.line(
                say(
                    en: "\("✓", .good) updated \(row.ref): \(fetched) of \(size) downloaded",
                    es: "\("✓", .good) actualizado \(row.ref): se descargaron \(fetched) de \(size)"))
            if keepsOld {
                page.line(
                    say(
                        en: "  the old version was kept: `slm rollback \(row.ref)` goes back to it",
                        es: "  se conservó la versión anterior: `slm rollback \(row.ref)` vuelve a ella"))
            }
        }
        for row in models where row.pinned && row.status == .changed {
            page.line(
                say(
                    en: "\(row.ref) is pinned and stays as it is; `slm unpin \(row.ref)` lets it be updated",
                    es: "\(row.ref) está fijado y se queda como está; `slm unpin \(row.ref)` permite actualizarlo"))
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
