import ArgumentParser
import Modelteca

/// `slm list`: the catalog's models, best fit for a device first.
struct ListCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "list", en: "The models, best fit for this device first.",
            es: "Los modelos, primero los que mejor caben en este equipo.",
            more: say(
                en: """
                      slm list --fits --max-size 2GB
                      slm list --device phone-4gb
                      slm list --ram 16GB --vram 8GB --context 8192
                      slm list --license commercial --language es

                    Without a filter the models of the guide are shown; `--all` shows the whole catalog.
                    `--language` is about the language of a model, `--lang` about that of slm.
                    """,
                es: """
                      slm list --fits --max-size 2GB
                      slm list --device phone-4gb
                      slm list --ram 16GB --vram 8GB --context 8192
                      slm list --license commercial --language es

                    Sin filtros se muestran los modelos de la guía; `--all` muestra el catálogo entero.
                    `--language` es el idioma de un modelo; `--lang`, el de slm.
                    """))
    }

    @Flag(help: .say(en: "Only models that fit.", es: "Solo los que caben."))
    var fits = false

    @Flag(help: .say(en: "Show the whole catalog.", es: "Muestra el catálogo entero."))
    var all = false

    @Option(
        help: .say(
            en: "Only this family: qwen2, gemma2, …", es: "Solo esta familia: qwen2, gemma2, …",
            value: say(en: "name", es: "nombre")))
    var family: String?

    @Option(
        name: .customLong("class"),
        help: .say(
            en: "Only models meant for this kind of device.", es: "Solo modelos pensados para este tipo de equipo.",
            value: say(en: "kind", es: "clase")))
    var deviceClass: DeviceClass?

    @Option(
        help: .say(
            en: "Only this licence: commercial (no conditions), restricted (conditions too), or a name.",
            es: "Solo esta licencia: commercial (sin condiciones), restricted (también con ellas) o un nombre.",
            value: say(en: "kind", es: "clase")))
    var license: String?

    @Option(
        help: .say(
            en: "Only models that know this language: es, french, …",
            es: "Solo modelos que conocen este idioma: es, francés, …", value: say(en: "language", es: "idioma")))
    var language: String?

    @Option(
        help: .say(
            en: "Only files up to this size: 2GB.", es: "Solo archivos de hasta este tamaño: 2GB.", value: Labels.size))
    var maxSize: ByteSize?

    @OptionGroup var context: ContextOption
    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let profile = target.profile
        let device = profile?.device ?? shelf.device
        let contextLength = context.length(on: device)
        let passing = try shelf.catalog.entries(matching: filter)
        // What a page does not show need not be calculated; JSON has all of them.
        let shown = global.json || all || isFiltered ? passing : passing.filter(shelf.catalog.isOfGuide)
        let listings = await shelf.listing(
            for: device, workload: context.workload(on: device), among: shown)
        var models = listings.filter { listing in
            guard let limit = maxSize?.bytes else { return true }
            return listing.size.map { $0 <= limit } == true
        }.map { ListedModel($0, isOfGuide: shelf.catalog.isOfGuide($0.entry)) }
        if fits { models.removeAll { !$0.fit.verdict.isYes } }
        try console.show(
            ModelList(
                device: DeviceFacts(device, profile: profile, store: shelf.settings.store),
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
struct ModelList: Answer {
    var device: DeviceFacts
    var contextLength: Int
    var models: [ListedModel]
    /// How many more a page could show: those that are not the guide's.
    var hidden: Int

    enum CodingKeys: CodingKey { case device, contextLength, models }

    func draw(on page: inout Page) {
        page.paragraph(device.headline(contextLength: contextLength))
        page.line()
        guard !models.isEmpty else {
            page.line(say(en: "No model matches.", es: "Ningún modelo cumple los filtros."))
            page.line(
                say(
                    en: "`slm list --all` without filters shows every one.",
                    es: "`slm list --all` sin filtros los muestra todos."))
            return
        }
        page.models(models)
        page.line()
        let fitting = models.filter { $0.fit.verdict.isYes }
        let example = (fitting.first ?? models[0]).name
        page.paragraph(
            count(of: fitting.count)
                + say(
                    en: " `slm show \(example)` for the details, `slm get \(example)` to download it.",
                    es: " `slm show \(example)` para ver el detalle, `slm get \(example)` para descargarlo."))
        if hidden > 0 {
            page.paragraph(
                say(
                    en: "\(hidden) more models beyond the guide: `slm list --all`.",
                    es: "\(hidden) modelos más, fuera de la guía: `slm list --all`."))
        }
    }

    private func count(of fitting: Int) -> Text {
        let models = models.count
        return switch fitting {
        case 0: say(en: "None of the \(models) models fits.", es: "No cabe ninguno de los \(models) modelos.")
        case 1: say(en: "1 of \(models) models fits.", es: "Cabe 1 de \(models) modelos.")
        default: say(en: "\(fitting) of \(models) models fit.", es: "Caben \(fitting) de \(models) modelos.")
        }
    }
}
