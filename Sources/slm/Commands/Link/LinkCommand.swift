import ArgumentParser
import Modelteca
import SystemPackage

/// `slm link`: lets another program use a stored model.
struct LinkCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "link", en: "Let another program use a stored model, without a second copy.",
            es: "Permite que otro programa use un modelo guardado, sin una segunda copia.",
            more: """
                  slm link gemma2:2b --to lmstudio
                  slm link gemma2:2b --to hf
                  slm link gemma2:2b --to ~/models
                  slm link gemma2:2b --remove
                """)
    }

    @Argument(
        help: .say(en: "A stored model.", es: "Un modelo guardado.", value: Labels.model), completion: .known(.stored))
    var ref: String

    @Option(
        help: .say(
            en: "lmstudio, ollama, hf (Hugging Face's cache), or a folder.",
            es: "lmstudio, ollama, hf (la caché de Hugging Face) o una carpeta.",
            value: say(en: "program", es: "programa")), completion: .known(.programs))
    var to: String?

    @Flag(
        help: .say(
            en: "Undo it; without --to, for all programs.", es: "Lo deshace; sin --to, para todos los programas."))
    var remove = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard let to, !to.isEmpty else {
            if to == nil, remove { return }
            throw invalid(
                en: "`--to` says who shall use it: `lmstudio`, `ollama`, `hf`, or a folder",
                es: "`--to` dice quién lo usará: `lmstudio`, `ollama`, `hf` o una carpeta")
        }
        if Self.target(to, home: "/") == nil {
            throw invalid(
                en:
                    "`--to \(to)`: slm links to `lmstudio`, `ollama`, `hf`, or a folder; a folder of that name is `./\(to)`",
                es:
                    "`--to \(to)`: slm enlaza con `lmstudio`, `ollama`, `hf` o una carpeta; una con ese nombre es `./\(to)`"
            )
        }
    }

    func run() async throws {
        let shelf = try await global.shelf()
        let target = to.flatMap { Self.target($0, home: shelf.settings.home) }
        let links: [ModelLink]
        if remove {
            links = try await shelf.unlink(ref, from: target)
        } else if let target {
            links = try await shelf.link(ref, to: target)
        } else {
            links = []
        }
        try console.show(LinkedModel(links: links.map(LinkedModel.Row.init), removed: remove))
    }

    /// Nil for a program that slm cannot link to: a folder of its name was hardly meant.
    private static func target(_ text: String, home: FilePath) -> LinkTarget? {
        let name = text.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "." || $0 == "/" }
        return switch OtherProgram(rawValue: name == "huggingface" ? "hf" : name) {
        case .lmStudio: .lmStudio
        case .ollama: .ollama
        case .huggingFace: .huggingFace
        case nil: .folder(FilePath(userPath: text, home: home))
        case .some: nil
        }
    }
}

/// Where a stored model can be found now, or could be before.
struct LinkedModel: Answer {
    static var isAllThereIs: Bool { false }

    var links: [Row]
    var removed: Bool

    struct Row: Encodable {
        var ref: String
        var to: String
        var path: String
        var file: String

        init(_ link: ModelLink) { (ref, to, path, file) = (link.ref, link.target, link.path, link.file) }
    }

    func draw(on page: inout Page) {
        if links.isEmpty {
            page.line(say(en: "There was no link to remove.", es: "No había ningún enlace que quitar."))
        }
        for link in links {
            let place = FilePath(link.path).shown
            page.line(
                removed
                    ? say(en: "\("✓", .good) removed", es: "\("✓", .good) se quitó")
                    : say(en: "\("✓", .good) linked", es: "\("✓", .good) enlazado"), then: place)
            guard link.to == "ollama", !removed else { continue }
            let name = link.ref.split(separator: "/").last.map(String.init)?.lowercased() ?? "model"
            let command = "ollama create \(shellWord(name.replacing(":", with: "-"))) -f \(shellWord(link.path))"
            page.line(
                say(en: "  \("then:", .faint)  \(command)", es: "  \("después:", .faint)  \(command)"))
        }
    }
}
