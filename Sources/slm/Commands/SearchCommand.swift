import ArgumentParser
import Modelteca

/// `slm search`: full-text over the catalog, and the Hub if asked.
struct SearchCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "search", en: "Find models by name, licence, language or use.",
            es: "Busca modelos por nombre, licencia, idioma o uso.",
            more: "  slm search spanish\n  slm search apache phone\n  slm search --hub qwen3 embedding")
    }

    @Argument(help: .say(en: "What to look for.", es: "Lo que se busca.", value: say(en: "words", es: "palabras")))
    var words: [String]

    @Flag(help: .say(en: "Ask the Hugging Face Hub too.", es: "Pregunta también al Hub de Hugging Face."))
    var hub = false

    @Flag(
        name: .shortAndLong,
        help: .say(
            en: "All that is found, also more than a screenful.",
            es: "Todo lo que se encuentra, también más de una pantalla."))
    var all = false

    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let text = words.joined(separator: " ")
        let found = CatalogSearch(shelf.catalog).search(text).map(\.entry)
        let hits = found.map(\.ref)
        let asked = AskedDevice(device: try target.profile?.device ?? shelf.device, profile: try target.profile)
        let device = asked.device
        let listings = await shelf.listing(
            for: device, workload: ContextOption.workload(on: device),
            among: found)
        let rows = Dictionary(listings.map { ($0.entry.ref, $0) }) { first, _ in first }
        let models = hits.compactMap { ref in
            rows[ref].map { ListedModel($0, isOfGuide: shelf.catalog.isOfGuide($0.entry)) }
        }
        var onHub: [HubRepository]?
        if hub {
            let host = shelf.settings.credentials.endpoint.host()
            let (repositories, offers) = try await console.during(asking: .init(host: host, ref: text)) {
                let found = try await shelf.searchHub(text)
                return (found, try await shelf.offers(of: found.prefix(HubRepository.mostAsked)))
            }
            let stored = try await shelf.store.models()
            onHub = repositories.map { repository in
                HubRepository(
                    repository, offers[repository.id].map { RemoteModel($0, devices: [asked], stored: stored) })
            }
        }
        let nearest = models.isEmpty ? shelf.catalog.nearest(to: text) : []
        let isScreenful = !global.json && !all && Terminal.outputIsTerminal
        let shown = isScreenful ? min(models.count, ListCommand.screenful) : models.count
        try console.show(
            SearchResults(
                words: text, models: Array(models.prefix(shown)), more: models.count - shown, nearest: nearest,
                hub: onHub))
        if models.isEmpty, onHub?.isEmpty ?? true { throw CheckFailed() }
    }
}

/// A repository of the Hub.
struct HubRepository: Encodable {
    var ref: String
    @OrNull var downloads: Int?
    /// `base-model` when its card names the original, `name` when only the name resembles.
    var basis: String
    /// From the smallest to the largest; null where the Hub was not asked for them, or has none.
    @OrNull var variants: [ModelVariant]?

    /// For a person only.
    let model: RemoteModel?

    enum CodingKeys: CodingKey { case ref, downloads, basis, variants }

    /// Of so many repositories the files are asked for: each is a request.
    static let mostAsked = 5

    init(_ found: FoundRepository, _ model: RemoteModel? = nil) {
        ref = "hf:\(found.id)"
        downloads = found.downloads
        switch found.basis {
        case .namesItAsBase: basis = "base-model"
        case .hasItsName: basis = "name"
        }
        variants = model?.variants
        self.model = model
    }

    /// What each repository has, the form that suits the device first, and its forms in order of size below it.
    static func draw(_ rows: [HubRepository], on page: inout Page) {
        let language = Language.current
        var table = Table(columns: [
            .init(title: say(en: "REPOSITORY", es: "REPOSITORIO")),
            .init(title: say(en: "DOWNLOADS/MONTH", es: "DESCARGAS/MES"), alignment: .right, sacrifice: 2),
        ])
        // Where the Hub was not asked for the files, there is nothing to say of them.
        let isKnown = rows.contains { $0.model != nil }
        if isKnown {
            table.columns += [
                .init(title: say(en: "QUANT", es: "CUANT."), sacrifice: 1),
                .init(title: Labels.size.uppercased(), alignment: .right),
                .init(title: Labels.needs.uppercased(), alignment: .right),
                .init(title: Labels.verdict.uppercased()),
            ]
        }
        table.rows = rows.map { row in
            [Text(row.ref), Text(row.downloads.map { language.grouped(Int64($0)) } ?? "–")]
                + (isKnown ? row.model?.brief?.row ?? ["–", "–", "–", ""] : [])
        }
        page.table(table, notes: rows.map { $0.model?.brief.map { [$0.ladder] } ?? [] }, at: 4)
        if isKnown { page.line(ModelVariant.defaultMark) }
    }
}

/// What was found for words.
struct SearchResults: Answer {
    var words: String
    var models: [ListedModel]
    /// How many more there are than a screen shows.
    var more = 0
    /// Names that look like the words, where nothing was found.
    var nearest: [String]
    /// Null when the Hub was not asked.
    @OrNull var hub: [HubRepository]?

    private enum CodingKeys: CodingKey { case words, models, nearest, hub }

    func draw(on page: inout Page) {
        if models.isEmpty {
            page.line(
                say(en: "The catalog has nothing for `\(words)`.", es: "El catálogo no tiene nada para `\(words)`."))
            if !nearest.isEmpty {
                page.line(Text(say(en: "Near: ", es: "Parecidos: ") + quoted(nearest)))
            }
            if hub == nil {
                page.line(Text("`slm search --hub \(words)`"))
            }
        } else {
            page.rankedModels(models)
            if more > 0 {
                page.line()
                page.line(
                    say(
                        en: "\(more) more: `slm search --all \(words)`",
                        es: "\(more) más: `slm search --all \(words)`"))
            }
        }
        guard let hub else { return }
        page.line()
        page.line(say(en: "On the Hub, reviewed by nobody here:", es: "En el Hub, sin revisar por nosotros:"))
        if hub.isEmpty {
            page.line(say(en: "  nothing", es: "  nada"))
        } else {
            HubRepository.draw(hub, on: &page)
            page.line()
            page.line(Text("`slm show \(hub[0].ref)`, `slm get \(hub[0].ref)`"))
        }
    }
}
