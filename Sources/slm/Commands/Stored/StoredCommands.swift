import ArgumentParser
import Modelteca
import SystemPackage

/// `slm ls`: what is stored.
struct LSCommand: Command {
    static var configuration: CommandConfiguration {
        .say("ls", en: "What is stored.", es: "Lo que hay guardado.")
    }

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let models = try await shelf.store.models().map(StoredRow.init)
        try console.show(StoreListing(models: models, store: shelf.settings.store.string))
    }
}

/// One stored model.
struct StoredRow: Encodable {
    var ref: String
    var path: String
    var sizeBytes: Int64
    @OrNull var sha256: String?
    @OrNull var source: String?
    var installedAt: Timestamp
    @OrNull var verifiedAt: Timestamp?
    var state: StoredModel.State
    /// How many files it is divided into.
    var files: Int
    @OrNull var license: String?

    init(_ model: StoredModel) {
        ref = model.ref
        path = model.path.string
        sizeBytes = model.size
        sha256 = model.files.first?.digest?.hex
        source = model.files.first?.origin?.url.absoluteString
        installedAt = Timestamp(model.installedAt)
        verifiedAt = model.verifiedAt.map(Timestamp.init)
        state = model.state
        files = model.files.count
        license = model.identity.license
    }
}

/// All stored models.
struct StoreListing: Answer {
    var models: [StoredRow]
    var store: String

    func draw(on page: inout Page) {
        let language = Language.current
        let place = FilePath(store).shown
        guard !models.isEmpty else {
            page.line(say(en: "Nothing is stored in \(place).", es: "No hay nada guardado en \(place)."))
            page.line(
                say(
                    en: "`slm list` shows which models fit, `slm get MODEL` downloads one.",
                    es: "`slm list` muestra qué modelos caben, `slm get MODELO` descarga uno."))
            return
        }
        let right = Table.Column.Alignment.right
        var table = Table(columns: [
            .init(title: Labels.model.uppercased(), least: 20),
            .init(title: Labels.size.uppercased(), alignment: right),
            .init(title: say(en: "STORED", es: "GUARDADO"), sacrifice: 2),
            .init(title: say(en: "VERIFIED", es: "COMPROBADO"), sacrifice: 1),
            .init(title: say(en: "STATE", es: "ESTADO")),
        ])
        table.rows = models.map { model in
            [
                Text(model.ref), Text(language.bytes(model.sizeBytes)), Text(model.installedAt.day),
                Text(model.verifiedAt?.day ?? say(en: "never", es: "nunca")), model.state.word,
            ]
        }
        page.table(table)
        page.line()
        let total = models.reduce(Int64(0)) { $0.addingReportingOverflow($1.sizeBytes).partialValue }
        page.line(say(en: "\(language.bytes(total)) in \(place)", es: "\(language.bytes(total)) en \(place)"))
        if let sick = models.first(where: { $0.state != .ready }) {
            page.line(Text("`slm verify --repair \(sick.ref)`"))
        }
    }
}

extension StoredModel.State {
    /// In the user's language, with its mark.
    var word: Text {
        switch self {
        case .ready: Text(say(en: "✓ ready", es: "✓ listo"), .good)
        case .partial: Text(say(en: "✗ incomplete", es: "✗ incompleto"), .bad)
        case .damaged: Text(say(en: "✗ damaged", es: "✗ dañado"), .bad)
        case .missing: Text(say(en: "✗ missing", es: "✗ no está"), .bad)
        }
    }
}

/// `slm path`: where a model's first file is, alone on one line.
struct PathCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "path", en: "Where a stored model is, alone on one line.",
            es: "Dónde está un modelo guardado, solo en una línea.", more: "  llama-cli -m \"$(slm path tinyllama)\"")
    }

    @Argument(help: .say(en: "A stored model.", es: "Un modelo guardado.", value: Labels.model))
    var ref: String

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let model = try await global.shelf().requireStored(ref)
        // A path that leads nowhere would make the next program fail with a riddle.
        guard model.state != .missing else { throw StoreError.notStored(ref: model.ref) }
        try console.show(StoredPath(ref: model.ref, path: model.path.string, files: model.files.map(\.path.string)))
    }
}

/// Where a model is.
struct StoredPath: Answer {
    var ref: String
    var path: String
    var files: [String]

    func draw(on page: inout Page) { page.path(path) }
}

/// `slm rm`: removes models.
struct RMCommand: Command {
    static var configuration: CommandConfiguration {
        .say("rm", en: "Remove stored models.", es: "Borra modelos guardados.")
    }

    @Argument(help: .say(en: "Stored models.", es: "Modelos guardados.", value: Labels.model))
    var refs: [String]

    @Flag(name: .shortAndLong, help: .say(en: "Do not ask.", es: "No pregunta."))
    var yes = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        var models: [StoredModel] = []
        // All names are looked up before anything is removed: one wrong name removes nothing.
        for ref in refs {
            let model = try await shelf.requireStored(ref)
            if !models.contains(where: { $0.ref == model.ref }) { models.append(model) }
        }
        let total = models.reduce(Int64(0)) { $0.addingReportingOverflow($1.size).partialValue }
        if !yes, console.canAsk {
            let names = quoted(models.map(\.ref))
            let size = Language.current.bytes(total)
            guard console.ask(say(en: "Remove \(names) (\(size))?", es: "¿Borrar \(names) (\(size))?")) else {
                console.say(say(en: "Nothing was removed.", es: "No se borró nada."))
                return
            }
        }
        var removed: [RemovedModels.Row] = []
        for model in models {
            let freed = try await shelf.remove(model.ref)
            removed.append(RemovedModels.Row(ref: model.ref, path: model.path.string, freedBytes: freed))
        }
        try console.show(RemovedModels(removed: removed))
    }
}

/// What was removed.
struct RemovedModels: Answer {
    var removed: [Row]

    struct Row: Encodable {
        var ref: String
        var path: String
        var freedBytes: Int64
    }

    func draw(on page: inout Page) {
        for row in removed {
            let size = Language.current.bytes(row.freedBytes)
            let freed =
                row.freedBytes > 0
                ? say(en: "\(size) freed", es: "se liberaron \(size)")
                : say(
                    en: "no space freed: another model uses the same data",
                    es: "no se liberó espacio: otro modelo usa los mismos datos")
            page.line(
                say(en: "\("✓", .good) removed \(row.ref); \(freed)", es: "\("✓", .good) se borró \(row.ref); \(freed)")
            )
        }
    }
}
