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
                  slm show ./model.gguf --tensors
                """)
    }

    @Argument(help: .say(en: "A model, or a GGUF file.", es: "Un modelo, o un archivo GGUF.", value: Labels.model))
    var ref: String

    @Flag(help: .say(en: "List every tensor of a file.", es: "Muestra cada tensor de un archivo."))
    var tensors = false

    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let reference = try shelf.reference(ref)
        let stored = try await shelf.stored(ref)
        if case .file(let path) = reference {
            return try console.show(FileDetails(path: path.absolute, stored: stored, listsTensors: tensors))
        }
        if let stored, stored.state == .ready, tensors || !reference.isOfCatalog {
            return try console.show(FileDetails(path: stored.path, stored: stored, listsTensors: tensors))
        }
        let device = target.profile?.device ?? shelf.device
        if let match = try shelf.catalog.find(reference) {
            try await show(match, on: device, shelf, stored)
        } else {
            let offer = try await shelf.resolve(reference)
            try console.show(RemoteModel(offer, device: device, stored: try await shelf.store.models()))
        }
    }

    private func show(_ match: CatalogMatch, on device: Device, _ shelf: Shelf, _ stored: StoredModel?) async throws {
        let models = try await shelf.store.models()
        guard match.entries.count > 1 else {
            return try console.show(
                ModelDetails(match.entries[0], of: match.family, shelf: shelf, device: device, stored: models))
        }
        let rows = await shelf.listing(
            for: device, workload: ContextOption.workload(on: device), among: match.entries)
        try console.show(FamilyDetails(match.family, rows: rows))
    }
}

extension ModelReference {
    fileprivate var isOfCatalog: Bool {
        if case .catalog = self { true } else { false }
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

    init(_ family: CatalogFamily, rows: [Listing]) {
        self.family = family.id
        name = family.name
        developer = family.developer
        guide = family.guide.map(GuideQuote.init)
        differences = family.differences.map(\.spoken)
        models = rows.map { ListedModel($0, isOfGuide: family.guide != nil) }
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
        if let first = models.first {
            page.line()
            page.line(Text("`slm show \(first.name)`"))
        }
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
