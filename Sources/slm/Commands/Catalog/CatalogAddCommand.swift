import ArgumentParser
import Foundation
import Modelteca

/// `slm catalog add`: drafts an entry for a file of the Hub.
struct CatalogAddCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "add", en: "Draft an entry for a file of the Hub.", es: "Redacta una entrada para un archivo del Hub.",
            more: say(
                en: """
                      slm catalog add bartowski/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct-Q4_K_M.gguf > mine.json
                      slm catalog lint mine.json
                      SLM_CATALOG=mine.json slm list

                    It writes a catalog of one model to standard output, from the file's header and what the Hub says,
                    and says what is missing. Only the header is fetched. To put it into a catalog of several, paste
                    its rows there; Scripts/format-catalog.py keeps the layout.
                    """,
                es: """
                      slm catalog add bartowski/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct-Q4_K_M.gguf > mio.json
                      slm catalog lint mio.json
                      SLM_CATALOG=mio.json slm list

                    Escribe en la salida estándar un catálogo de un modelo, con lo que dicen la cabecera del archivo y
                    el Hub, y avisa de lo que falta. Solo se descarga la cabecera. Para incluirlo en un catálogo de
                    varios, pegue allí sus filas; Scripts/format-catalog.py conserva el formato.
                    """))
    }

    @Argument(
        help: .say(
            en: "A file of the Hub: owner/repository/file.gguf.",
            es: "Un archivo del Hub: propietario/repositorio/archivo.gguf.",
            value: say(en: "repo/file", es: "repo/archivo")))
    var file: String

    @Option(
        help: .say(
            en: "The id of the family it belongs to.", es: "El id de la familia a la que pertenece.", value: "id"))
    var family: String?

    @Option(help: .say(en: "The id of the size.", es: "El id del tamaño.", value: "id"))
    var size: String?

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        guard case .hub(let reference) = try ModelReference(parsing: file.holds(":") ? file : "hf:" + file),
            case .path = reference.selection
        else {
            throw invalid(
                en: "`\(file)` names no file of the Hub: write owner/repository/file.gguf",
                es: "`\(file)` no nombra ningún archivo del Hub: escriba propietario/repositorio/archivo.gguf")
        }
        let shelf = try await global.shelf()
        let draft = try await console.during(asking: .init(.hub(reference), shelf.settings)) {
            try await shelf.draft(of: reference, family: family, size: size)
        }
        let document = try JSONOutput.document(draft) + "\n"
        try Terminal.answer(document)
        for fault in CatalogLint.faults(in: Data(document.utf8)) {
            console.say("\("✗", .bad) \(fault.path): \(fault.kind.sentence)")
        }
        let fields = CatalogDraft.untold.joined(separator: ", ")
        console.say(
            say(
                en: "Neither the file nor the Hub tells: \(fields). Write what a source says, and name the source.",
                es: "Ni el archivo ni el Hub dicen: \(fields). Escriba lo que diga una fuente y nómbrela."))
    }
}
