import ArgumentParser
import Modelteca
import SystemPackage

/// `slm adopt`: takes in what other programs have on this disk.
struct AdoptCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "adopt",
            en: "Take in the models that other programs have on this disk, without using space again.",
            es: "Incorpora los modelos que otros programas tienen en este disco, sin ocupar más espacio.",
            more: """
                  slm adopt
                  slm adopt ollama lmstudio
                  slm adopt --dry-run
                """)
    }

    @Argument(
        help: .say(
            en: "Only from these: ollama, lmstudio, hf, llama.cpp, gpt4all, jan, ramalama, docker, modelscope.",
            es: "Solo de estos: ollama, lmstudio, hf, llama.cpp, gpt4all, jan, ramalama, docker, modelscope.",
            value: say(en: "program", es: "programa")),
        completion: .list(OtherProgram.allCases.map(\.rawValue)))
    var programs: [String] = []

    @Flag(
        help: .say(
            en: "Copy what lies on another disk and cannot share its space.",
            es: "Copia lo que está en otro disco y no puede compartir su espacio."))
    var copy = false

    @Flag(
        help: .say(en: "Only say what would be taken in.", es: "Solo dice qué se incorporaría."))
    var dryRun = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        for name in programs where OtherProgram(rawValue: name.lowercased()) == nil {
            let known = OtherProgram.allCases.map(\.rawValue)
            throw invalid(
                en: "`\(name)` is none of the programs that can be asked: \(quoted(known))",
                es: "`\(name)` no es ninguno de los programas conocidos: \(quoted(known))")
        }
    }

    func run() async throws {
        let shelf = try await global.shelf()
        let asked = programs.compactMap { OtherProgram(rawValue: $0.lowercased()) }
        let options = AdoptOptions(
            programs: asked.isEmpty ? OtherProgram.allCases : asked, copies: copy, isDry: dryRun)
        let adoptions = try await shelf.adopt(options)
        try console.show(AdoptedModels(adoptions: adoptions.map(AdoptedModels.Row.init)))
        if adoptions.contains(where: \.isBad) { throw CheckFailed() }
    }
}

extension Adoption {
    /// Whether somebody has to look after it.
    fileprivate var isBad: Bool {
        switch outcome {
        case .corrupt, .failed: true
        default: false
        }
    }
}

/// What became of other programs' models.
struct AdoptedModels: Answer {
    static var isAllThereIs: Bool { false }

    var adoptions: [Row]

    struct Row: Encodable {
        var ref: String
        var program: String
        var source: String
        var sizeBytes: Int64
        var outcome: String
        @OrNull var path: String?
        @OrNull var sha256: String?
        @OrNull var error: Failure.Message?
        private var label: Text = ""

        enum CodingKeys: CodingKey { case ref, program, source, sizeBytes, outcome, path, sha256, error }

        init(_ adoption: Adoption) {
            ref = adoption.ref
            program = adoption.program.rawValue
            source = adoption.source.string
            sizeBytes = adoption.size
            (path, sha256, error) = (nil, nil, nil)
            let place = FilePath(source).shown
            let name = adoption.program.name
            let size = Language.current.bytes(adoption.size)
            switch adoption.outcome {
            case .adopted(let model):
                outcome = "adopted"
                path = model.path.string
                sha256 = model.files.first?.digest?.hex
                label = say(
                    en: "\("✓", .good) \(ref), from \(name): \(size) that take no more space",
                    es: "\("✓", .good) \(ref), de \(name): \(size) que no ocupan más espacio")
            case .alreadyHere:
                outcome = "already-here"
                label = say(
                    en: "  \(ref), from \(name): already in the store", es: "  \(ref), de \(name): ya estaba guardado")
            case .found:
                outcome = "found"
                label = say(
                    en: "  \(ref), from \(name): \(size) in \(place)", es: "  \(ref), de \(name): \(size) en \(place)")
            case .corrupt(let file, let path, let expected, let actual):
                outcome = "corrupt"
                let words = DownloadError.digestMismatch(file: file, expected: expected, actual: actual)
                error = Failure(words).message
                let here = path.shown
                label = say(
                    en: "\("✗", .bad) \(ref), from \(name): damaged, and left alone: \(here)",
                    es: "\("✗", .bad) \(ref), de \(name): está dañado y no se toca: \(here)")
            case .needsCopy:
                outcome = "needs-copy"
                label = say(
                    en: "  \(ref), from \(name): on another disk; `--copy` copies its \(size)",
                    es: "  \(ref), de \(name): está en otro disco; `--copy` copia sus \(size)")
            case .failed(let failure):
                outcome = "failed"
                error = Failure(failure).message
                label = "\("✗", .bad) \(ref), \(name): \(Failure(failure).message.message)"
            }
        }

        func draw(on page: inout Page) {
            page.line(label)
        }
    }

    func draw(on page: inout Page) {
        guard !adoptions.isEmpty else {
            page.line(
                say(
                    en: "No other program has models on this disk where they are usually kept.",
                    es: "Ningún otro programa tiene modelos en este disco en sus carpetas habituales."))
            return
        }
        for row in adoptions { row.draw(on: &page) }
    }
}
