import ArgumentParser
import Modelteca

/// `slm list`: the catalog's models, best fit for a device first.
struct ListCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "list", en: "The models worth having on this device, best first.",
            es: "Los modelos que convienen a este equipo, primero los mejores.",
            more: say(
                en: """
                      slm list --fits --max-size 2GB
                      slm list --device phone-4gb
                      slm list --ram 16GB --vram 8GB --context 8192
                      slm list --device phone-8gb --device laptop-8gb
                      slm list --license commercial --language es

                    A terminal shows the best twelve; `--all` shows every one, `--guide` those of the guide.
                    `--language` is about the language of a model, `--lang` about that of slm.
                    """,
                es: """
                      slm list --fits --max-size 2GB
                      slm list --device phone-4gb
                      slm list --ram 16GB --vram 8GB --context 8192
                      slm list --device phone-8gb --device laptop-8gb
                      slm list --license commercial --language es

                    Una terminal muestra los doce mejores; `--all`, todos; `--guide`, los de la guía.
                    `--language` es el idioma de un modelo; `--lang`, el de slm.
                    """))
    }

    @Flag(help: .say(en: "Only models that fit.", es: "Solo los que caben."))
    var fits = false

    @Flag(
        name: .shortAndLong,
        help: .say(
            en: "Every model, also what is not for conversation.",
            es: "Todos los modelos, también los que no son para conversar."))
    var all = false

    @Flag(help: .say(en: "Only the models of the guide.", es: "Solo los modelos de la guía."))
    var guide = false

    @Option(
        name: [.long, .customLong("limit")], help: .say(en: "Only so many.", es: "Solo esta cantidad.", value: "n"))
    var top: Int?

    @Option(
        help: .say(
            en: "Order: best, name, size, speed, date.",
            es: "Cómo ordenarlos: best (mejores), name, size, speed, date.",
            value: say(en: "order", es: "criterio")))
    var sort: ListOrder?

    @Option(
        help: .say(
            en: "Only for this: chat, code, vision, embedding, translation, …",
            es: "Solo para esto: chat, code, vision, embedding, translation, …", value: say(en: "type", es: "tipo")))
    var type: ModelType?

    @Option(
        help: .say(
            en: "Only this family: qwen2, gemma2, …", es: "Solo esta familia: qwen2, gemma2, …",
            value: say(en: "name", es: "nombre")), completion: .known(.families))
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
            value: say(en: "kind", es: "clase")), completion: .list(["commercial", "restricted"]))
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
        let devices = target.devices(here: shelf.device)
        let device = devices[0].device
        await shelf.measure(device, console)
        let contextLength = context.length(on: device)
        let workload = context.workload(on: device)
        let isScreenful = !global.json && !global.quiet && !all && top == nil && Terminal.outputIsTerminal
        // On a screen what one does not talk with has to be asked for.
        let onlyTalking = isScreenful && !isFiltered
        var listings: [Listing]
        var count: Int
        if let shown = top ?? (isScreenful ? Self.screenful : nil), maxSize == nil, !fits, sort == nil {
            // What is not shown need not be worked out.
            count = try shelf.catalog.count(matching: filter)
            var wanted = filter
            if onlyTalking { wanted.types = [.chat, .reasoning] }
            listings = try await shelf.listing(
                for: device, workload: workload, matching: wanted, first: shown, measuring: true)
        } else {
            listings = await shelf.listing(
                for: device, workload: workload, among: try shelf.catalog.entries(matching: filter), measuring: true)
            if let limit = maxSize?.bytes { listings.removeAll { $0.size.map { $0 > limit } ?? true } }
            if fits {
                let columns = await columns(of: listings, devices.dropFirst(), shelf)
                listings.removeAll { row in
                    !row.fit.verdict.isYes || columns.contains { !$0.fits(row.entry) }
                }
            }
            if let sort { listings = sort.sorted(listings) }
            count = listings.count
            if onlyTalking { listings.removeAll { $0.entry.type.group != .chat } }
            if let shown = top ?? (isScreenful ? Self.screenful : nil) { listings = Array(listings.prefix(shown)) }
        }
        let others = await columns(of: listings, devices.dropFirst(), shelf)
        let models = ListColumn.joined([ListColumn(devices[0], rows: listings)] + others, shelf.catalog)
        var ofGuide = (all: 0, fitting: 0)
        if !global.json, models.count < count, !models.contains(where: \.inGuide) {
            var guides = filter
            guides.isOfGuide = true
            ofGuide = (
                try shelf.catalog.count(matching: guides),
                try await shelf.countFitting(on: device, workload: workload, matching: guides)
            )
        }
        try console.show(
            ModelList(
                device: DeviceFacts(device, profile: devices[0].profile, store: shelf.settings.store),
                devices: others.isEmpty
                    ? nil
                    : devices.map { DeviceFacts($0.device, profile: $0.profile, store: shelf.settings.store) },
                contextLength: contextLength, contextLengths: devices.map { context.length(on: $0.device) },
                models: models, isRanked: sort == nil, command: Self.typed, all: count,
                ofGuide: ofGuide.all, ofGuideFitting: ofGuide.fitting))
    }

    /// The same models on other devices.
    private func columns(
        of listings: [Listing], _ others: some Sequence<AskedDevice>, _ shelf: Shelf
    ) async -> [ListColumn] {
        var columns: [ListColumn] = []
        for asked in others {
            let rows = await shelf.listing(
                for: asked.device, workload: context.workload(on: asked.device), among: listings.map(\.entry))
            columns.append(ListColumn(asked, rows: rows))
        }
        return columns
    }

    func validate() throws {
        if let top, top < 1 { throw invalid(en: "`--top` is at least 1", es: "`--top` es al menos 1") }
    }

    /// Rows that a terminal of 24 lines shows with the header and the lines below.
    static let screenful = 12

    /// The command with everything that was asked for but how many: a hint without it would answer another question.
    private static var typed: String {
        let words = ThisProcess.arguments.dropFirst().drop { $0 != configuration.commandName }
        let limits = ["--top", "--limit"]
        let kept = zip(words, [""] + words).filter { word, before in
            !limits.contains(before) && !limits.contains { word == $0 || word.hasPrefix("\($0)=") }
        }
        return (["slm"] + kept.map { shellWord($0.0) }).joined(separator: " ")
    }

    private var isFiltered: Bool {
        family != nil || deviceClass != nil || license != nil || language != nil || maxSize != nil || type != nil
            || guide
    }

    private var filter: CatalogFilter {
        var filter = CatalogFilter(
            family: family, deviceClass: deviceClass, type: type,
            license: license.map(CatalogFilter.LicenseDemand.init(parsing:)),
            language: language, minContext: context.context)
        filter.isOfGuide = guide
        return filter
    }
}

/// The models for a device.
struct ModelList: Answer {
    var device: DeviceFacts
    /// All of them; absent when it is one.
    var devices: [DeviceFacts]?
    var contextLength: Int
    /// For each device.
    var contextLengths: [Int]
    var models: [ListedModel]
    /// Whether they stand in their own order, each type apart; else in one that was asked for.
    var isRanked: Bool
    /// How they were asked for.
    var command: String
    /// How many there are.
    var all: Int
    /// How many of them are the guide's.
    var ofGuide: Int
    /// And of those fit.
    var ofGuideFitting: Int

    enum CodingKeys: CodingKey { case device, devices, contextLength, models }

    var bare: [String]? { models.map(\.ref) }

    func draw(on page: inout Page) {
        for (device, length) in zip(devices ?? [device], contextLengths) {
            for line in device.headline(contextLength: length, width: page.width) { page.line(line) }
        }
        page.line()
        guard !models.isEmpty else {
            page.line(say(en: "No model matches.", es: "Ningún modelo cumple los filtros."))
            page.line(
                say(
                    en: "`slm list --all` without filters shows every one.",
                    es: "`slm list --all` sin filtros los muestra todos."))
            return
        }
        if isRanked { page.models(models) } else { page.rankedModels(models) }
        page.line()
        let fitting = models.filter { $0.fit.verdict.isYes }
        let example = (fitting.first ?? models[0]).name
        if models.count < all {
            let guide =
                ofGuide == 0 || models.contains { $0.inGuide }
                ? ""
                : say(
                    en: "\(ofGuideFitting) of the guide's \(ofGuide) fit: `\(command) --guide`. ",
                    es: "De los \(ofGuide) de la guía caben \(ofGuideFitting): `\(command) --guide`. ")
            page.paragraph(
                Text(guide)
                    + say(
                        en: "All \(all): `\(command) --all`. `slm show \(example)` for one of them.",
                        es: "Los \(all): `\(command) --all`. `slm show \(example)` para ver uno."))
        } else {
            page.paragraph(
                count(of: fitting.count)
                    + say(
                        en: " `slm show \(example)` for the details, `slm get \(example)` to download it.",
                        es: " `slm show \(example)` para ver el detalle, `slm get \(example)` para descargarlo."))
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

/// How `list` is to be sorted.
enum ListOrder: String, CaseIterable, ExpressibleByArgument {
    case best, name, size, speed, date

    func sorted(_ listings: [Listing]) -> [Listing] {
        let pairs = listings.enumerated()
        func by<Key: Comparable>(_ key: (Listing) -> Key) -> [Listing] {
            pairs.map { (key: key($0.element), index: $0.offset, listing: $0.element) }
                .sorted { ($0.key, $0.index) < ($1.key, $1.index) }.map(\.listing)
        }
        return switch self {
        case .best: listings
        case .name: by(\.entry.ref)
        case .size: by { $0.size ?? .max }
        case .speed: by { -($0.speed?.upperBound ?? 0) }
        case .date: Array(by { $0.entry.released ?? "" }.reversed())
        }
    }
}
