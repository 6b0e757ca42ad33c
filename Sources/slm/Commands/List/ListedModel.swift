import Modelteca

/// One row of the catalog: a size in its best form for a device.
struct ListedModel: Encodable {
    var ref: String
    var family: String
    var size: String
    @OrNull var quant: String?
    @OrNull var parameters: Int64?
    @OrNull var file: String?
    @OrNull var sizeBytes: Int64?
    /// Whether the size was calculated, because no source gives it.
    var sizeIsEstimate: Bool
    @OrNull var sha256: String?
    @OrNull var url: String?
    var license: LicenseTerms
    var deviceClass: DeviceClass
    var fit: FitVerdict
    /// Tokens a second that this device may write.
    @OrNull var speed: Speed?
    var installed: Bool
    /// Whether it is one of the guide's.
    var inGuide: Bool
    @OrNull var languages: [String]?

    struct Speed: Encodable {
        var from: Double
        var to: Double
    }

    init(_ listing: Listing, isOfGuide: Bool) {
        let entry = listing.entry
        let file = listing.variant?.files.first
        ref = listing.ref
        family = entry.familyID
        size = entry.size
        quant = listing.variant?.quantization
        parameters = entry.parameters
        self.file = file?.name
        sizeBytes = listing.size
        sizeIsEstimate = listing.sizeIsEstimate && listing.size != nil
        sha256 = file?.digest?.hex
        url = file?.url.withoutSecrets.absoluteString
        license = LicenseTerms(entry.license)
        deviceClass = entry.deviceClass
        fit = FitVerdict(listing.fit)
        speed = listing.speed.map { Speed(from: Self.rounded($0.lowerBound), to: Self.rounded($0.upperBound)) }
        installed = listing.isInstalled
        inGuide = isOfGuide
        languages = entry.languages
    }

    /// What a person types: the default quantization needs no name.
    var name: String { "\(family):\(size)" }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

extension Catalog {
    /// Whether the guide has the entry's family.
    func isOfGuide(_ entry: CatalogEntry) -> Bool { families.first { $0.id == entry.familyID }?.guide != nil }
}

extension Page {
    /// The table of models that `list`, `search` and `show` share, and what its marks mean.
    mutating func models(_ models: [ListedModel]) {
        let language = Language.current
        let hasSpeed = models.contains { $0.speed != nil }
        let columns: [Table.Column] = [
            .init(title: ""),
            .init(title: Labels.model.uppercased(), least: 16),
            .init(title: say(en: "PARAMS", es: "PARÁM."), alignment: .right, sacrifice: 3),
            .init(title: Labels.licence.uppercased(), sacrifice: 1, least: 11),
            .init(title: Labels.file.uppercased(), alignment: .right, sacrifice: 2),
            .init(title: Labels.needs.uppercased(), alignment: .right),
        ]
        let speed = Table.Column(title: say(en: "SPEED", es: "VELOCIDAD"), sacrifice: 4)
        let verdict = Table.Column(title: Labels.verdict.uppercased())
        var table = Table(columns: columns + (hasSpeed ? [speed] : []) + [verdict])
        // The unit is said once, in the first row that has a speed.
        let first = models.firstIndex { $0.speed != nil }
        table.rows = models.enumerated().map { index, model in
            let mark = model.sizeIsEstimate ? "~" : ""
            let cells: [Text] = [
                model.installed ? Text("●", .good) : "", Text(model.name),
                Text(model.parameters.map(language.parameters) ?? "–"), model.license.short,
                Text(model.sizeBytes.map { mark + language.bytes($0) } ?? "–"),
                Text(model.fit.requiredBytes.map { mark + language.memory($0) } ?? "–"),
            ]
            let speed = model.speed.map { language.range($0.from...max($0.from, $0.to)) } ?? "–"
            return cells + (hasSpeed ? [Text(speed + (index == first ? " tok/s" : ""))] : []) + [model.fit.verdict.word]
        }
        self.table(table, indent: "")
        var legend: [Text] = []
        if models.contains(where: \.installed) {
            legend.append(say(en: "\("●", .good) stored here", es: "\("●", .good) guardado aquí"))
        }
        legend += LicenseTerms.legend(for: models.map(\.license))
        if models.contains(where: \.sizeIsEstimate) {
            legend.append(say(en: "~ calculated, no source gives it", es: "~ calculado, ninguna fuente lo da"))
        }
        if let first = legend.first { line(legend.dropFirst().reduce(first) { $0 + "   " + $1 }) }
    }
}
