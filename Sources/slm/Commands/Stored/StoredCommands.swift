import ArgumentParser
import Disk
import Foundation
import Modelteca
import SystemPackage

/// `slm ls`: what is stored.
struct LSCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "ls", en: "What is stored, and for one model what to do with it.",
            es: "Lo que hay guardado y, de un modelo, qué hacer con él.")
    }

    @OptionGroup var names: StoredNames
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        if !names.refs.isEmpty { return try await showNamed() }
        let shelf = try global.storeShelf()
        try shelf.checkStore()
        let store = shelf.settings.store.string
        let unfinished = try await shelf.store.unfinished()
        if console.format == .json {
            var models = try await shelf.store.models()
            if !unfinished.isEmpty { models = (models + unfinished).sorted { $0.ref < $1.ref } }
            return try console.show(StoreListing(lines: [], models: models, store: store, sizeBytes: 0))
        }
        var (lines, size) = try await shelf.store.lines()
        if !unfinished.isEmpty { lines = (lines + unfinished.map(StoredLine.init)).sorted { $0.ref < $1.ref } }
        try console.show(
            StoreListing(
                lines: lines, store: store, sizeBytes: size,
                keptBytes: try await shelf.store.keptVersions().sizeOnDisk))
    }

    private func showNamed() async throws {
        let shelf = try await global.shelf()
        let models = try await shelf.storedModels(names.refs)
        var listing = StoreListing(models, in: shelf.settings.store.string)
        if console.format == .page, !console.isQuiet, models.count == 1, models[0].state == .ready {
            listing.steps = await NextSteps.lines(for: models[0], on: shelf)
        }
        try console.show(listing)
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
    /// Of a model that is half here: what has come of it.
    @OrNull var fetchedBytes: Int64?
    var files: [File]
    @OrNull var license: String?

    struct File: Encodable {
        var path: String
        var role: Role
        var sizeBytes: Int64
        @OrNull var sha256: String?
    }

    enum Role: String, Encodable { case model, projector }

    init(_ model: StoredModel) {
        ref = model.ref
        path = model.files.first?.pathText ?? ""
        sizeBytes = model.size
        sha256 = model.files.first?.digest?.hex
        source = model.files.first?.origin?.url.absoluteString
        installedAt = Timestamp(model.installedAt)
        verifiedAt = model.verifiedAt.map(Timestamp.init)
        state = model.state
        fetchedBytes = model.fetched
        files = model.files.map { file in
            File(
                path: file.pathText, role: FileName.isProjector(file.name) ? .projector : .model,
                sizeBytes: file.size, sha256: file.digest?.hex)
        }
        license = model.identity.license
    }
}

/// Stored models.
struct StoreListing: Answer {
    /// One of each, for people.
    var lines: [StoredLine]
    /// All there is to know of each, for programs. Each of the two is read where somebody asks for it.
    var models: [StoredModel] = []
    var store: String
    /// What all of them take: a file that has several names counts once.
    var sizeBytes: Int64
    /// What the older versions that were kept have, in bytes.
    var keptBytes: Int64 = 0
    /// What to do with the one that was named.
    var steps: [NextSteps.Step] = []
}

extension StoreListing {
    init(_ models: [StoredModel], in store: String) {
        self.init(lines: models.map(StoredLine.init), models: models, store: store, sizeBytes: models.sizeOnDisk)
    }

    private enum CodingKeys: CodingKey { case models, store }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(models.map(StoredRow.init), forKey: .models)
        try values.encode(store, forKey: .store)
    }

    /// What is half here is no model yet.
    var bare: [String]? { lines.filter { $0.state != .partial }.map(\.ref) }

    func draw(on page: inout Page) {
        let language = Language.current
        let place = FilePath(store).shown
        guard !lines.isEmpty else {
            page.line(say(en: "Nothing is stored in \(place).", es: "No hay nada guardado en \(place)."))
            page.line(
                say(
                    en: "`slm list` shows which models fit, `slm get MODEL` downloads one.",
                    es: "`slm list` muestra qué modelos caben, `slm get MODELO` descarga uno."))
            return
        }
        let right = Table.Column.Alignment.right
        var table = Table(columns: [
            .init(title: Labels.model.uppercased()),
            .init(title: Labels.size.uppercased(), alignment: right),
            .init(title: say(en: "STORED", es: "GUARDADO"), sacrifice: 2),
            .init(title: say(en: "VERIFIED", es: "COMPROBADO"), sacrifice: 1),
            .init(title: say(en: "STATE", es: "ESTADO")),
        ])
        let never = Text(say(en: "never", es: "nunca"))
        let ready = StoredModel.State.ready.word
        var (stored, verified) = (LastDay(), LastDay())
        table.rows = lines.map { model in
            [
                Text(model.ref), Text(language.bytes(model.size)), stored.text(of: model.installedAt),
                model.verifiedAt.map { verified.text(of: $0) } ?? never,
                model.fetched.map { "\(model.state.word), \(language.bytes($0))" }
                    ?? (model.state == .ready ? ready : model.state.word),
            ]
        }
        page.table(table)
        page.line()
        page.line(say(en: "\(language.bytes(sizeBytes)) in \(place)", es: "\(language.bytes(sizeBytes)) en \(place)"))
        if keptBytes > 0 {
            let kept = language.bytes(keptBytes)
            page.paragraph(
                say(
                    en: "\(kept) in older versions that were kept; `slm rollback MODEL` goes back to one",
                    es: "\(kept) en versiones anteriores conservadas; `slm rollback MODELO` vuelve a una"))
        }
        if let half = lines.first(where: { $0.state == .partial }) {
            page.paragraph(
                say(
                    en: "`slm get \(half.ref)` resumes, `slm rm \(half.ref)` removes what has come",
                    es: "`slm get \(half.ref)` continúa; `slm rm \(half.ref)` borra lo descargado"))
        }
        if let sick = lines.first(where: { $0.state != .ready && $0.state != .partial }) {
            page.paragraph(Text(sick.state.help(for: sick.ref)))
        }
        if !steps.isEmpty { page.line() }
        page.pairs(steps)
    }
}

/// Days of a column: of ten thousand models many that stand together came on the same one.
private struct LastDay {
    private var number: Double?
    private var text: Text = ""

    mutating func text(of date: Date) -> Text {
        let day = (date.timeIntervalSince1970 / 86_400).rounded(.down)
        if day != number { (number, text) = (day, Text(Timestamp(date).day)) }
        return text
    }
}

extension [StoredModel] {
    /// Bytes that all their files take on the disk, each file once, however many names it has.
    var sizeOnDisk: Int64 {
        var use = DiskUse()
        for file in flatMap(\.files) { FileStatus(of: file.path).map { use.add($0) } }
        return use.bytes
    }
}

extension StoredModel.State {
    /// In the user's language, with its mark.
    var word: Text {
        switch self {
        case .ready: Text(say(en: "✓ ready", es: "✓ listo"), .good)
        case .changed: Text(say(en: "! changed", es: "! cambiado"), .careful)
        case .partial: Text(say(en: "… partial", es: "… a medias"), .careful)
        case .incomplete: Text(say(en: "✗ incomplete", es: "✗ incompleto"), .bad)
        case .unreadable: Text(say(en: "✗ unreadable", es: "✗ no se puede leer"), .bad)
        case .damaged: Text(say(en: "✗ damaged", es: "✗ dañado"), .bad)
        case .missing: Text(say(en: "✗ missing", es: "✗ no está"), .bad)
        }
    }
}

extension StoredModel.State {
    /// What a model in this state needs.
    func help(for ref: String) -> String {
        guard self == .unreadable else { return "`slm verify --repair \(ref)`" }
        return say(
            en: "its permissions keep you out of \(ref): `chmod a+rX`, by its owner, gives it to all",
            es: "los permisos le impiden leer \(ref): `chmod a+rX`, de su dueño, lo da a todos")
    }
}

/// `slm path`: where a model's first file is, alone on one line.
struct PathCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "path", en: "Where a stored model is, alone on one line.",
            es: "Dónde está un modelo guardado, solo en una línea.", more: "  llama-cli -m \"$(slm path tinyllama)\"")
    }

    @Argument(
        help: .say(en: "A stored model.", es: "Un modelo guardado.", value: Labels.model), completion: .known(.stored))
    var ref: String

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let model = try await stored()
        // A path that leads nowhere, or to a part without the others, would make the next program fail with a riddle.
        switch model.state {
        case .missing: throw StoreError.notStored(ref: model.ref)
        case .incomplete:
            throw StoreError.incomplete(
                ref: model.ref, missing: model.files.map(\.path).filter { FileStatus(of: $0)?.kind != .file })
        case .damaged, .changed, .unreadable:
            let (word, help) = (model.state.word.plain, model.state.help(for: model.ref))
            console.say(
                say(
                    en: "\("careful:", .careful) \(model.ref): \(word); \(help)",
                    es: "\("atención:", .careful) \(model.ref): \(word); \(help)"))
        case .ready, .partial: break
        }
        try console.show(StoredPath(ref: model.ref, path: model.path.string, files: model.files.map(\.path.string)))
    }
}

extension PathCommand {
    /// Whose full name is given needs no catalog to be found.
    fileprivate func stored() async throws -> StoredModel {
        let shelf = try global.storeShelf()
        try shelf.checkStore()
        if let model = try await shelf.store.model(named: ref) { return model }
        return try await global.shelf().requireStored(ref)
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

    @Argument(
        help: .say(en: "Stored models.", es: "Modelos guardados.", value: Labels.model), completion: .known(.stored))
    var refs: [String]

    @Flag(
        name: [.long, .customShort("y"), .customShort("f")], help: .say(en: "Do not ask.", es: "No pregunta."))
    var yes = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        var models: [StoredModel] = []
        // All names are looked up before anything is removed: one wrong name removes nothing.
        for ref in refs {
            let model = try await shelf.removable(ref)
            if !models.contains(where: { $0.ref == model.ref }) { models.append(model) }
        }
        if !yes, console.canAsk {
            let names = quoted(models.map(\.ref))
            let size = Language.current.bytes(try await shelf.store.bytesFreed(byRemoving: models.map(\.ref)))
            let question = say(
                en: "Remove \(names) and free \(size)?", es: "¿Borrar \(names) y liberar \(size)?")
            guard console.ask(Text(question)) else {
                console.say(say(en: "Nothing was removed.", es: "No se borró nada."))
                return
            }
        }
        var removed: [RemovedModels.Row] = []
        for model in models {
            let freed = try await shelf.remove(model.ref)
            var row = RemovedModels.Row(ref: model.ref, path: model.path.string, freedBytes: freed)
            row.hadNothing = model.state == .partial || model.state == .missing
            removed.append(row)
        }
        try console.show(RemovedModels(removed: removed))
    }
}

/// What was removed.
struct RemovedModels: Answer {
    static var isAllThereIs: Bool { false }

    var removed: [Row]

    struct Row: Encodable {
        var ref: String
        var path: String
        var freedBytes: Int64
        /// Whether none of its files was here whole.
        var hadNothing = false

        private enum CodingKeys: CodingKey { case ref, path, freedBytes }
    }

    func draw(on page: inout Page) {
        for row in removed {
            let size = Language.current.bytes(row.freedBytes)
            let freed =
                row.freedBytes > 0
                ? say(en: "\(size) freed", es: "se liberaron \(size)")
                : row.hadNothing
                    ? say(en: "it had no data here", es: "aquí no tenía datos")
                    : say(
                        en: "no space freed: another model or program uses the same data",
                        es: "no se liberó espacio: otro modelo o programa usa los mismos datos")
            page.line(
                say(en: "\("✓", .good) removed \(row.ref); \(freed)", es: "\("✓", .good) se borró \(row.ref); \(freed)")
            )
        }
    }
}
