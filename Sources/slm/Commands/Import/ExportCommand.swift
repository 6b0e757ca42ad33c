import ArgumentParser
import Modelteca
import SystemPackage

/// `slm export`: writes stored models into a folder that is carried elsewhere.
struct ExportCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "export", en: "Write stored models into a folder, on a USB stick for instance, with a manifest.",
            es: "Escribe modelos guardados en una carpeta, por ejemplo en un USB, con un manifiesto.",
            more: say(
                en: """
                    `SHA256SUMS` is for `sha256sum -c`, `slm-export.json` for `slm import DIR` on the other machine, which
                    needs no network. The same command goes on where it was interrupted.

                      slm export gemma2:2b qwen2:0.5b /media/usb
                    """,
                es: """
                    `SHA256SUMS` es para `sha256sum -c`, y `slm-export.json` para `slm import CARPETA` en el otro equipo, que
                    no necesita red. El mismo comando continúa donde se interrumpió.

                      slm export gemma2:2b qwen2:0.5b /media/usb
                    """))
    }

    @Argument(
        help: .say(
            en: "Stored models, and the folder last.", es: "Modelos guardados y, al final, la carpeta.",
            value: Labels.model), completion: .known(.storedThenFolder))
    var words: [String]

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard words.count < 2 else { return }
        throw invalid(
            en: "name a model, and the folder last: `slm export MODEL DIR`",
            es: "indique un modelo y, al final, la carpeta: `slm export MODELO CARPETA`")
    }

    func run() async throws {
        let shelf = try await global.shelf()
        let folder = FilePath(userPath: words[words.count - 1], home: shelf.settings.home)
        let reading = ReadingLine(console)
        defer { reading.finish() }
        let exported: [Exported]
        do {
            exported = try await shelf.export(Array(words.dropLast()), to: folder, onProgress: reading.note)
        } catch {
            throw NoRoom.saying(
                say(
                    en: "make room there, and the same command goes on; or name a folder on another disk",
                    es: "libere sitio allí y el mismo comando continúa; o indique una carpeta en otro disco"),
                of: error)
        }
        reading.finish()
        try console.show(
            ExportedModels(
                exported: exported.map { model in
                    ExportedModels.Row(
                        ref: model.ref, files: model.files.map(\.string), sizeBytes: model.size,
                        writtenBytes: model.written)
                }, folder: folder.string))
    }
}

/// What was written.
struct ExportedModels: Answer {
    static var isAllThereIs: Bool { false }

    var exported: [Row]
    var folder: String

    struct Row: Encodable {
        var ref: String
        var files: [String]
        var sizeBytes: Int64
        /// In this run; the rest was there, and was verified.
        var writtenBytes: Int64
    }

    var bare: [String]? { exported.flatMap(\.files) }

    func draw(on page: inout Page) {
        let place = FilePath(folder).shown
        for row in exported {
            let size = Language.current.bytes(row.sizeBytes)
            page.line(
                say(
                    en: "\("✓", .good) \(row.ref): \(size) in \(place), verified",
                    es: "\("✓", .good) \(row.ref): \(size) en \(place), comprobados"))
        }
        page.paragraph(
            say(
                en: "`slm import DIR` takes them in on another machine; `sha256sum -c SHA256SUMS` checks them.",
                es: "`slm import CARPETA` los incorpora en otro equipo; `sha256sum -c SHA256SUMS` los comprueba."))
    }
}
