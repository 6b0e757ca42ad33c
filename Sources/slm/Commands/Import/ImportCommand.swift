import ArgumentParser
import Modelteca
import SystemPackage

/// `slm import`: takes in files and folders from anywhere.
struct ImportCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "import", en: "Take in GGUF files and folders from anywhere on this machine.",
            es: "Incorpora archivos y carpetas GGUF de cualquier lugar de este equipo.",
            more: say(
                en: """
                    Without an option a file uses no space again where the disk can do that, and is copied elsewhere. A folder
                    that `slm export` has written is verified against its manifest.

                      slm import ~/Downloads/model.gguf
                      slm import --move ~/models
                      slm import /media/usb
                    """,
                es: """
                    Sin opciones, un archivo no vuelve a ocupar espacio donde el disco lo permite, y si no se copia. Una
                    carpeta escrita por `slm export` se comprueba con su manifiesto.

                      slm import ~/Descargas/modelo.gguf
                      slm import --move ~/modelos
                      slm import /media/usb
                    """))
    }

    @Argument(
        help: .say(
            en: "GGUF files, and folders that have some.", es: "Archivos GGUF y carpetas que los contienen.",
            value: say(en: "path", es: "ruta")), completion: .file())
    var paths: [String]

    @Flag(
        help: .say(
            en: "Remove the files from where they are, once the store has them.",
            es: "Quita los archivos de donde están, cuando el almacén ya los tiene."))
    var move = false

    @Flag(help: .say(en: "Always make a copy.", es: "Hace siempre una copia."))
    var copy = false

    @Flag(
        help: .say(
            en: "Use no space again, or refuse.", es: "No vuelve a ocupar espacio; si no puede, se niega."))
    var link = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard [move, copy, link].count(where: { $0 }) > 1 else { return }
        throw invalid(
            en: "`--move`, `--copy` and `--link` exclude each other",
            es: "`--move`, `--copy` y `--link` se excluyen entre sí")
    }

    func run() async throws {
        let shelf = try await global.shelf()
        let reading = ReadingLine(console)
        let home = shelf.settings.home
        defer { reading.finish() }
        let results = try await shelf.take(
            in: paths.map { FilePath(userPath: $0, home: home) },
            move ? .move : copy ? .copy : link ? .link : .share, onProgress: reading.note, onFolder: reading.look)
        reading.finish()
        try console.show(ImportedModels(imported: results.map(ImportedModels.Row.init)))
        for case .failed(let error) in results.map(\.outcome) { throw CheckFailed(status: ExitStatus(error)) }
    }
}

/// What became of files that were to be taken in.
struct ImportedModels: Answer {
    static var isAllThereIs: Bool { false }

    var imported: [Row]

    struct Row: Encodable {
        var outcome: Outcome
        @OrNull var ref: String?
        @OrNull var path: String?
        var sizeBytes: Int64
        @OrNull var sha256: String?
        var sources: [String]
        var moved: Bool
        /// By what it was known.
        var knownBy: Imported.Recognition
        /// What nobody says of it.
        var lacks: [Imported.Lack]
        @OrNull var error: Failure.Message?

        enum Outcome: String, Encodable { case imported, alreadyHere = "already-here", failed }

        init(_ result: Imported) {
            ref = result.ref
            sizeBytes = result.size
            sources = result.sources.map(\.string)
            moved = result.isMoved
            knownBy = result.recognition
            lacks = result.lacks
            (path, sha256, error) = (nil, nil, nil)
            switch result.outcome {
            case .imported(let model), .alreadyHere(let model):
                path = model.path.string
                sha256 = model.files.first?.digest?.hex
                if case .imported = result.outcome { outcome = .imported } else { outcome = .alreadyHere }
            case .failed(let failure):
                outcome = .failed
                error =
                    Failure(
                        NoRoom.saying(
                            say(
                                en:
                                    "nothing of it was taken in, and it is where it was. Make room with `slm rm`, or put the "
                                    + "store on another disk with `--store DIR`",
                                es:
                                    "no se incorporó nada de él y sigue donde estaba. Libere sitio con `slm rm` o use otro "
                                    + "disco con `--store CARPETA`"), of: failure)
                    ).message
            }
        }
    }

    var bare: [String]? { imported.compactMap(\.path) }

    func draw(on page: inout Page) {
        for row in imported {
            let place = FilePath(row.sources.first ?? "").shown
            let size = Language.current.bytes(row.sizeBytes)
            let ref = row.ref ?? ""
            switch row.outcome {
            case .imported:
                page.line(
                    say(
                        en: "\("✓", .good) \(ref): \(size) taken in from",
                        es: "\("✓", .good) \(ref): \(size) incorporados de"), then: place)
                page.paragraph(Text(row.about, .faint), indent: "  ")
            case .alreadyHere:
                page.line(
                    say(
                        en: "  \(ref): already in the store, nothing copied",
                        es: "  \(ref): ya estaba guardado, no se copió nada"))
            case .failed:
                page.whole("\("✗", .bad) \(place)")
                page.paragraph(Text(row.error?.message ?? ""), indent: "  ")
                if let hint = row.error?.hint { page.paragraph(Text(hint, .faint), indent: "  ") }
            }
        }
    }
}

extension ImportedModels.Row {
    /// How it was known, and what is not known of it.
    fileprivate var about: String {
        let known =
            switch knownBy {
            case .catalog: say(en: "a file of the catalog", es: "un archivo del catálogo")
            case .manifest: say(en: "verified against its manifest", es: "comprobado con su manifiesto")
            case .header, .none: say(en: "not in the catalog", es: "no está en el catálogo")
            }
        let missing = lacks.map { lack in
            switch lack {
            case .digest: say(en: "no published SHA-256", es: "sin SHA-256 publicado")
            case .license: say(en: "no licence stated", es: "no indica licencia")
            case .chatTemplate: say(en: "no chat template", es: "sin plantilla de chat")
            case .name: say(en: "no name in its header", es: "sin nombre en su cabecera")
            }
        }
        return ([known] + missing).joined(separator: "; ")
    }
}
