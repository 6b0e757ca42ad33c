import ArgumentParser
import Modelteca

/// `slm show`: everything about one model, or a GGUF file.
struct ShowCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "show", en: "Everything about one model, or a GGUF file.", es: "Todo sobre un modelo, o un archivo GGUF.",
            more: """
                  slm show gemma2:2b
                  slm show hf:bartowski/gemma-2-2b-it-GGUF
                  slm show gemma2:2b --device phone-6gb --device laptop-8gb
                  slm show ./model.gguf --tensors
                """)
    }

    @Argument(
        help: .say(en: "A model, or a GGUF file.", es: "Un modelo, o un archivo GGUF.", value: Labels.model),
        completion: .known(.models))
    var ref: String

    @Flag(help: .say(en: "List every tensor of a file.", es: "Muestra cada tensor de un archivo."))
    var tensors = false

    @Flag(
        help: .say(
            en: "The header of the stored file instead of the model's page.",
            es: "La cabecera del archivo guardado en vez de la página del modelo."))
    var header = false

    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let reference = try shelf.reference(ref)
        let stored = try await shelf.stored(ref)
        if case .file(let path) = reference {
            return try console.show(FileDetails(path: path.absolute, stored: stored, listsTensors: tensors))
        }
        if tensors || header {
            let model = try await shelf.requireStored(ref)
            return try console.show(FileDetails(path: model.path, stored: model, listsTensors: tensors))
        }
        let devices = target.devices(here: shelf.device)
        if let match = try shelf.catalog.find(reference) {
            try await show(match, on: devices, shelf)
        } else {
            let offer = try await offer(reference, shelf, stored)
            try console.show(RemoteModel(offer, devices: devices, stored: try await shelf.store.models()))
        }
    }

    /// What the origin has; of a model that is stored what is here, where the origin does not answer or is one file.
    private func offer(_ reference: ModelReference, _ shelf: Shelf, _ stored: StoredModel?) async throws -> Offer {
        var settings = shelf.settings
        settings.isOffline = true
        let here = Shelf(catalog: shelf.catalog, device: shelf.device, settings: settings)
        let isHere = stored?.state == .ready
        if isHere, case .address = reference { return try await here.resolve(reference) }
        do {
            return try await console.during(asking: .init(reference, settings)) {
                try await shelf.resolve(reference)
            }
        } catch  where isHere && !(error is CancellationError) {
            console.say(
                say(
                    en: "Its origin does not answer: this is what is stored.",
                    es: "Su origen no responde: esto es lo que está guardado."))
            return try await here.resolve(reference)
        }
    }

    private func show(_ match: CatalogMatch, on devices: [AskedDevice], _ shelf: Shelf) async throws {
        let models = try await shelf.store.models()
        guard match.entries.count > 1 else {
            return try console.show(
                ModelDetails(match.entries[0], of: match.family, shelf: shelf, devices: devices, stored: models))
        }
        var columns: [ListColumn] = []
        for asked in devices {
            let rows = await shelf.listing(
                for: asked.device, workload: ContextOption.workload(on: asked.device), among: match.entries)
            columns.append(ListColumn(asked, rows: rows))
        }
        let offer = try shelf.catalog.offer(for: match, endpoint: shelf.settings.credentials.endpoint)
        let meant = offer.best(on: devices[0].device, for: ContextOption.workload(on: devices[0].device)).variant
        try console.show(
            FamilyDetails(
                match.family, models: ListColumn.joined(columns, shelf.catalog), meant: meant.ref,
                isHere: devices[0].profile == nil))
    }
}

/// A family with several sizes.
struct FamilyDetails: Answer {
    var family: String
    var name: String
    @OrNull var developer: String?
    @OrNull var guide: GuideQuote?
    var differences: [String]
    var models: [ListedModel]
    /// What the name alone means on the device, as `get` and `fit` take it.
    var resolved: String

    /// For a person only.
    let isHere: Bool

    enum CodingKeys: CodingKey { case family, name, developer, guide, differences, models, resolved }

    init(_ family: CatalogFamily, models: [ListedModel], meant: String, isHere: Bool) {
        self.family = family.id
        name = family.name
        developer = family.developer
        guide = family.guide.map(GuideQuote.init)
        differences = family.differences.map(\.spoken)
        self.models = models
        resolved = meant
        self.isHere = isHere
    }

    func draw(on page: inout Page) {
        page.line("\(name, .strong)\(developer.map { " · \($0)" } ?? "")")
        guide?.draw(on: &page)
        page.line()
        page.models(models)
        for difference in differences {
            page.line()
            page.paragraph(Text(difference))
        }
        page.line()
        page.paragraph(
            isHere
                ? say(
                    en: "Here `\(family)` alone means `\(resolved)`.", es: "Aquí, `\(family)` a secas es `\(resolved)`."
                )
                : say(
                    en: "There `\(family)` alone means `\(resolved)`.",
                    es: "Allí, `\(family)` a secas es `\(resolved)`."))
        if let first = models.first { page.line(Text("`slm show \(first.name)`")) }
    }
}

/// What the guide says of a family, in its own words.
struct GuideQuote: Encodable {
    var name: String
    var parameters: String
    @OrNull var openSource: String?
    var features: String

    init(_ row: CatalogFamily.GuideRow) {
        name = row.name
        parameters = row.parameters
        openSource = row.openSource
        features = row.features.spoken
    }

    func draw(on page: inout Page) {
        let open = openSource ?? "–"
        page.paragraph(
            say(
                en: "The guide: “\(features)”. Parameters: “\(parameters)”; open source: “\(open)”.",
                es: "La guía: «\(features)». Parámetros: «\(parameters)»; código abierto: «\(open)»."))
    }
}

extension LocalizedText {
    /// In the language of this run.
    var spoken: String { say(en: en, es: es) }
}
