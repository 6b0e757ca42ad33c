import ArgumentParser
import Modelteca

/// `slm catalog`: the list of models itself.
struct CatalogCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "catalog", abstract: say(en: "The list of models itself.", es: "La propia lista de modelos."),
            subcommands: [
                CatalogShow.self, CatalogAddCommand.self, CatalogUpdateCommand.self, CatalogResetCommand.self,
                CatalogLintCommand.self, CatalogSources.self,
            ],
            defaultSubcommand: CatalogShow.self)
    }
}

/// `slm catalog show`: which catalog is used, and what is in it.
struct CatalogShow: Command {
    static var configuration: CommandConfiguration {
        .say("show", en: "Which catalog is used, and what is in it.", es: "Qué catálogo se usa y qué contiene.")
    }

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let settings = global.settings
        let catalog = try await catalog(settings)
        let counts = catalog.counts
        let stored = settings.storedCatalog
        let named = environment["SLM_CATALOG"].flatMap { $0.isEmpty ? nil : $0 }
        let inUse = named == nil && stored?.isOutOfUse == false
        try console.show(
            CatalogFacts(
                source: named ?? (inUse ? stored?.origin : nil) ?? "built-in", revision: catalog.revision,
                stored: stored.map { StoredCatalogFacts($0, isInUse: inUse) }, guide: catalog.guide?.title,
                guidePublisher: catalog.guide?.publisher,
                guideDate: catalog.guide?.date, families: counts.families,
                guideFamilies: counts.guideFamilies, sizes: counts.sizes,
                files: counts.files, filesWithDigest: counts.filesWithDigest,
                knownBadDigests: catalog.knownBad.count))
    }
}

/// A catalog in figures.
struct CatalogFacts: Answer {
    var source: String
    var revision: Int
    /// What the last update brought.
    @OrNull var stored: StoredCatalogFacts?
    @OrNull var guide: String?
    @OrNull var guidePublisher: String?
    @OrNull var guideDate: String?
    var families: Int
    var guideFamilies: Int
    var sizes: Int
    var files: Int
    var filesWithDigest: Int
    var knownBadDigests: Int

    private var sourceWord: String {
        source == "built-in" ? say(en: "built-in", es: "el incluido") : source
    }

    func draw(on page: inout Page) {
        page.pairs(
            [
                (
                    Labels.catalog,
                    Text("\(sourceWord), \(say(en: "revision", es: "revisión")) \(revision)")
                ),
                (say(en: "update", es: "actualización"), stored?.sentence),
                (
                    say(en: "guide", es: "guía"),
                    guide.map { Text([$0, guidePublisher, guideDate].compactMap(\.self).joined(separator: ", ")) }
                ),
                (
                    say(en: "families", es: "familias"),
                    say(
                        en: "\(families), \(guideFamilies) of them the guide's",
                        es: "\(families), de ellas \(guideFamilies) de la guía")
                ),
                (say(en: "sizes", es: "tamaños"), Text("\(sizes)")),
                (
                    say(en: "files", es: "archivos"),
                    say(
                        en: "\(files), \(filesWithDigest) with a known SHA-256",
                        es: "\(files), \(filesWithDigest) con SHA-256 conocido")
                ),
                (
                    say(en: "rejected", es: "descartados"),
                    say(
                        en: "\(knownBadDigests) SHA-256 of error pages",
                        es: "\(knownBadDigests) SHA-256 de páginas de error")
                ),
            ], indent: "")
    }
}

/// `slm catalog sources`: where the facts are from.
struct CatalogSources: Command {
    static var configuration: CommandConfiguration {
        .say("sources", en: "Where the facts are from.", es: "De dónde salen los datos.")
    }

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try console.show(CatalogSourceList(sources: try await catalog(global.settings).sources))
    }
}

/// The sources, by their ids in the catalog.
struct CatalogSourceList: Answer {
    var sources: [String: String]

    func draw(on page: inout Page) {
        page.pairs(sources.sorted { $0.key < $1.key }.map { ($0.key, Text($0.value)) }, indent: "")
    }
}

/// `slm catalog lint`: faults of a catalog document.
struct CatalogLintCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "lint", en: "Check a catalog document.", es: "Revisa un documento de catálogo.",
            more: say(en: "Exits with 1 when it has faults.", es: "Termina con 1 si tiene fallos."))
    }

    @Argument(help: .say(en: "A catalog.json.", es: "Un catalog.json.", value: Labels.file), completion: .file())
    var file: String

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let faults = CatalogLint.faults(in: try await catalogDocument(at: file, global.settings))
        try console.show(
            LintResult(
                file: file,
                faults: faults.map {
                    LintResult.Row(path: $0.path, code: $0.code, message: $0.kind.sentence)
                }))
        if !faults.isEmpty { throw CheckFailed() }
    }
}

/// What is wrong with a catalog.
struct LintResult: Answer {
    static var isAllThereIs: Bool { false }

    var file: String
    var faults: [Row]

    struct Row: Encodable {
        var path: String
        var code: String
        var message: String
    }

    func draw(on page: inout Page) {
        guard !faults.isEmpty else {
            page.line(say(en: "\("✓", .good) \(file) has no faults", es: "\("✓", .good) \(file) no tiene fallos"))
            return
        }
        for fault in faults.prefix(200) {
            let place = fault.path.isEmpty ? file : fault.path
            page.line("\("✗", .bad) \(place): \(fault.message)")
        }
        page.line()
        let count = faults.count
        page.line(
            Text(count == 1 ? say(en: "1 fault", es: "1 fallo") : say(en: "\(count) faults", es: "\(count) fallos")))
    }
}
