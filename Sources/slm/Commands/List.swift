import ArgumentParser
import Disk
import Modelteca

/// `slm list`: the catalog's models, best fit for a device first.
struct List: Command {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list",
            abstract: say(
                en: "The models, best fit for this device first.",
                es: "Los modelos, primero los que mejor caben en este equipo."),
            discussion: say(
                en: """
                      slm list --fits --max-size 2GB
                      slm list --device phone-4gb
                      slm list --ram 16GB --vram 8GB --context 8192
                      slm list --license commercial --language es

                    Without a filter the models of the guide are shown; `--all` shows the whole catalog.
                    `--language` asks what a model speaks, `--lang` what slm speaks.
                    """,
                es: """
                      slm list --fits --max-size 2GB
                      slm list --device phone-4gb
                      slm list --ram 16GB --vram 8GB --context 8192
                      slm list --license commercial --language es

                    Sin filtros se muestran los modelos de la guía; `--all` muestra el catálogo entero.
                    `--language` pregunta qué habla un modelo; `--lang`, qué habla slm.
                    """))
    }

    @Flag(help: ArgumentHelp(say(en: "Only those that fit.", es: "Solo los que caben.")))
    var fits = false

    @Flag(help: ArgumentHelp(say(en: "The whole catalog.", es: "El catálogo entero.")))
    var all = false

    @Option(
        help: ArgumentHelp(
            say(en: "Only this family: qwen2, gemma2, …", es: "Solo esta familia: qwen2, gemma2, …"),
            valueName: say(en: "name", es: "nombre")))
    var family: String?

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp(
            say(en: "Only models meant for such devices.", es: "Solo modelos pensados para esos equipos."),
            valueName: say(en: "kind", es: "clase")))
    var deviceClass: DeviceClass?

    @Option(
        help: ArgumentHelp(
            say(
                en: "Only this licence: commercial (without conditions), restricted (also with), or a name.",
                es: "Solo esta licencia: commercial (sin condiciones), restricted (también con), o un nombre."),
            valueName: say(en: "kind", es: "clase")))
    var license: String?

    @Option(
        help: ArgumentHelp(
            say(en: "Only models that speak it: es, french, …", es: "Solo modelos que lo hablan: es, francés, …"),
            valueName: say(en: "language", es: "idioma")))
    var language: String?

    @Option(
        help: ArgumentHelp(
            say(en: "Only files up to this size: 2GB.", es: "Solo archivos de hasta este tamaño: 2GB."),
            valueName: say(en: "size", es: "tamaño")))
    var maxSize: ByteSize?

    @OptionGroup var context: ContextOption
    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let profile = target.profile
        let device = profile?.device ?? shelf.device
        let contextLength = context.context ?? ContextOption.usual
        let passing = try shelf.catalog.entries(matching: filter)
        let guideFamilies = Set(shelf.catalog.families.filter { $0.guide != nil }.map(\.id))
        // What a page does not show need not be worked out; JSON has all of them.
        let shown = global.json || all || isFiltered ? passing : passing.filter { guideFamilies.contains($0.familyID) }
        let listings = await shelf.listing(
            for: device, workload: Workload(contextLength: contextLength), among: shown)
        var models = listings.filter { listing in
            guard let limit = maxSize?.bytes else { return true }
            return listing.size.map { $0 <= limit } == true
        }.map { ListedModel($0, inGuide: guideFamilies.contains($0.entry.familyID)) }
        if fits { models.removeAll { !$0.fit.verdict.isYes } }
        try console.show(
            ListAnswer(
                device: DeviceAnswer(
                    device, profile: profile, storeFree: DiskSpace.free(at: shelf.settings.store)),
                contextLength: contextLength, models: models, hidden: passing.count - shown.count))
    }

    private var isFiltered: Bool {
        family != nil || deviceClass != nil || license != nil || language != nil || maxSize != nil
    }

    private var filter: CatalogFilter {
        CatalogFilter(
            family: family, deviceClass: deviceClass, license: license.map(CatalogFilter.LicenseDemand.init(parsing:)),
            language: language, minContext: context.context)
    }
}

/// The models for a device.
struct ListAnswer: Report {
    var device: DeviceAnswer
    var contextLength: Int
    var models: [ListedModel]
    /// How many more a page could show: those that are not the guide's.
    var hidden: Int

    enum CodingKeys: CodingKey { case device, contextLength, models }

    func draw(on page: inout Page) {
        page.paragraph(device.headline(contextLength: contextLength))
        page.line()
        guard !models.isEmpty else {
            page.line(Text(say(en: "No model is left.", es: "No queda ningún modelo.")))
            page.line(
                Text(
                    say(
                        en: "`slm list --all` without filters shows every one.",
                        es: "`slm list --all` sin filtros los muestra todos.")))
            return
        }
        let table = ModelTable(models: models)
        table.draw(on: &page)
        if let legend = table.legend { page.line(legend) }
        page.line()
        let fitting = models.filter { $0.fit.verdict.isYes }
        let count = say(
            en: "\(fitting.count) of \(models.count) sizes fit.",
            es: "Caben \(fitting.count) de \(models.count) tamaños."
        )
        let example = (fitting.first ?? models[0]).name
        page.paragraph(
            count + " "
                + say(
                    en: "`slm show \(example)` for one of them, `slm get \(example)` to have it.",
                    es: "`slm show \(example)` para ver uno, `slm get \(example)` para tenerlo."))
        if hidden > 0 {
            page.paragraph(
                say(
                    en: "\(hidden) more sizes beyond the guide: `slm list --all`.",
                    es: "\(hidden) tamaños más, fuera de la guía: `slm list --all`."))
        }
    }
}
