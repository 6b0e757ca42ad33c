import Modelteca

/// One row of the catalog: a size in its best form for a device.
struct ListedModel: Encodable {
    var ref: String
    var family: String
    var size: String
    @OrNull var quant: String?
    var type: ModelType
    var modalities: [Modality]
    @OrNull var released: String?
    @OrNull var thinking: Thinking?
    @OrNull var tools: Bool?
    @OrNull var parameters: Int64?
    /// Of a model with experts, those that work on one token.
    @OrNull var activeParameters: Int64?
    @OrNull var file: String?
    @OrNull var sizeBytes: Int64?
    /// Whether the size was calculated, because no source gives it.
    var sizeIsEstimate: Bool
    @OrNull var sha256: String?
    @OrNull var url: String?
    var license: LicenseTerms
    var deviceClass: DeviceClass
    var fit: FitVerdict
    /// What turns pictures or sound into what the model reads; its size is not in `sizeBytes`.
    @OrNull var projector: Projector?
    /// Tokens a second that this device may write.
    @OrNull var speed: Speed?
    @OrNull var tokensPerSecond: TokensPerSecond?
    var installed: Bool
    /// Whether it is one of the guide's.
    var inGuide: Bool
    @OrNull var languages: [String]?
    /// About how many, where they are not all named.
    @OrNull var languagesCount: Int?

    struct Speed: Encodable {
        var from: Double
        var to: Double
    }

    struct TokensPerSecond: Encodable {
        var low: Double
        var high: Double

        init(_ range: ClosedRange<Double>) {
            (low, high) = (ListedModel.rounded(range.lowerBound), ListedModel.rounded(range.upperBound))
        }
    }

    struct Projector: Encodable {
        var file: String
        @OrNull var sizeBytes: Int64?
    }

    /// Whether it completes code between what stands before and behind it; null where no source says.
    @OrNull var fillsInTheMiddle: Bool?
    /// Each device that was asked about; absent when it is one.
    var devices: [OnDevice]?

    /// Everything that has to be downloaded, in bytes.
    var downloadBytes: Int64? {
        sizeBytes.map { $0 + (projector?.sizeBytes ?? 0) }
    }

    init(_ listing: Listing, isOfGuide: Bool) {
        let entry = listing.entry
        let file = listing.variant?.files.first
        ref = listing.ref
        family = entry.familyID
        size = entry.size
        quant = listing.variant?.quantization
        type = entry.type
        modalities = entry.modalities
        released = entry.released
        thinking = entry.thinking
        tools = entry.tools
        parameters = entry.parameters
        activeParameters = entry.activeParameters
        self.file = file?.name
        let found = listing.variant.flatMap { $0.files.dropFirst().first { FileName($0.name)?.kind == .projector } }
        projector = found.map { Projector(file: $0.name, sizeBytes: $0.size) }
        // A projector of unknown size says nothing about the model's own file.
        let own = listing.variant?.withoutProjector.size
        sizeBytes = own ?? listing.size
        sizeIsEstimate = own == nil && listing.sizeIsEstimate && listing.size != nil
        sha256 = file?.digest?.hex
        url = file?.url.withoutSecrets.absoluteString
        license = LicenseTerms(entry.license)
        deviceClass = entry.deviceClass
        fit = FitVerdict(listing.fit)
        speed = listing.speed.map { Speed(from: Self.rounded($0.lowerBound), to: Self.rounded($0.upperBound)) }
        tokensPerSecond = listing.speed.map(TokensPerSecond.init)
        installed = listing.isInstalled
        inGuide = isOfGuide
        languages = entry.languages
        languagesCount = entry.languagesCount
        fillsInTheMiddle = entry.fillsInTheMiddle
    }

    /// What a person types: the default quantization needs no name.
    var name: String { "\(family):\(size)" }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

extension Catalog {
    /// Whether the guide has the entry's family.
    func isOfGuide(_ entry: CatalogEntry) -> Bool { family(id: entry.familyID)?.guide != nil }
}

extension Page {
    /// The table of models that `list`, `search` and `show` share, and what its marks mean.
    mutating func models(_ models: [ListedModel]) {
        // What one does not talk with stands apart, under its name.
        let groups = ModelType.groups.map { group in models.filter { $0.type.group == group } }.filter { !$0.isEmpty }
        for (index, group) in groups.enumerated() {
            if groups.count > 1 {
                if index > 0 { line() }
                line(Text(group[0].type.group.heading, .strong))
            }
            modelTable(group)
        }
        legend(for: models)
    }

    /// The table in the order that the models have.
    mutating func rankedModels(_ models: [ListedModel]) {
        modelTable(models)
        legend(for: models)
    }

    private mutating func modelTable(_ models: [ListedModel]) {
        if let devices = models.first?.devices { return comparison(models, devices.map { $0.device ?? "" }) }
        let language = Language.current
        let hasSpeed = models.contains { $0.speed != nil }
        let columns: [Table.Column] = [
            .init(title: ""),
            // A name is there to be typed: it is never cut.
            .init(title: Labels.model.uppercased()),
            .init(title: say(en: "PARAMS", es: "PARÁM."), alignment: .right, sacrifice: 4),
            .init(title: Labels.licence.uppercased(), sacrifice: 1, least: 11),
            .init(title: Labels.file.uppercased(), alignment: .right, sacrifice: 2),
            .init(title: Labels.needs.uppercased(), alignment: .right),
        ]
        let speed = Table.Column(title: say(en: "SPEED", es: "VELOCIDAD"), sacrifice: 3)
        let verdict = Table.Column(title: Labels.verdict.uppercased())
        var table = Table(columns: columns + (hasSpeed ? [speed] : []) + [verdict])
        // The unit is said once, in the first row that has a speed.
        let first = models.firstIndex { $0.speed != nil }
        table.rows = models.enumerated().map { index, model in
            let mark = model.sizeIsEstimate ? "~" : ""
            let cells: [Text] = [
                model.installed ? Text("●", .good) : "", Text(model.name),
                Text(model.parameters.map(language.parameters) ?? "–"), model.license.short,
                Text(model.downloadBytes.map { mark + language.bytes($0) } ?? "–"),
                Text(model.fit.requiredBytes.map { mark + language.memory($0) } ?? "–"),
            ]
            let speed = model.speed.map { language.range($0.from...max($0.from, $0.to)) } ?? "–"
            return cells + (hasSpeed ? [Text(speed + (index == first ? " tok/s" : ""))] : []) + [model.fit.verdict.word]
        }
        self.table(table, indent: "")
    }

    /// One column for each of several devices.
    private mutating func comparison(_ models: [ListedModel], _ devices: [String]) {
        let language = Language.current
        var table = Table(
            columns: [
                .init(title: ""), .init(title: Labels.model.uppercased()),
                .init(title: say(en: "PARAMS", es: "PARÁM."), alignment: .right, sacrifice: 2),
                .init(title: Labels.licence.uppercased(), sacrifice: 1, least: 11),
            ] + devices.map { .init(title: $0) })
        table.rows = models.map { model in
            let cells: [Text] = [
                model.installed ? Text("●", .good) : "", Text(model.name),
                Text(model.parameters.map(language.parameters) ?? "–"), model.license.short,
            ]
            return cells + (model.devices ?? []).map { $0.fit?.short ?? Text("–") }
        }
        self.table(table, indent: "")
    }

    private mutating func legend(for models: [ListedModel]) {
        var legend: [Text] = []
        if models.contains(where: \.installed) {
            legend.append(say(en: "\("●", .good) stored here", es: "\("●", .good) guardado aquí"))
        }
        legend += LicenseTerms.legend(for: models.map(\.license))
        if models.contains(where: \.sizeIsEstimate) {
            legend.append(say(en: "~ calculated, no source gives it", es: "~ calculado, ninguna fuente lo da"))
        }
        pieces(legend)
    }
}

extension ModelType {
    /// Above the models of one type.
    var heading: String {
        switch self {
        case .chat, .reasoning: say(en: "To talk with", es: "Para conversar")
        case .code: say(en: "For code", es: "Para código")
        case .vision: say(en: "For pictures", es: "Para imágenes")
        case .embedding: say(en: "For search in documents", es: "Para buscar en documentos")
        case .reranker: say(en: "To sort what a search found", es: "Para ordenar lo que halló una búsqueda")
        case .translation: say(en: "To translate", es: "Para traducir")
        case .base:
            say(
                en: "Base models: they continue a text, they do not answer",
                es: "Modelos base: continúan un texto, no responden")
        }
    }

    /// One word.
    var word: String {
        switch self {
        case .chat: say(en: "conversation", es: "conversación")
        case .base: say(en: "base model", es: "modelo base")
        case .code: say(en: "code", es: "código")
        case .vision: say(en: "pictures", es: "imágenes")
        case .embedding: say(en: "search in documents", es: "búsqueda en documentos")
        case .reranker: say(en: "sorting of search results", es: "ordenar resultados de búsqueda")
        case .translation: say(en: "translation", es: "traducción")
        case .reasoning: say(en: "reasoning", es: "razonamiento")
        }
    }
}
