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
    /// Whether the size was worked out, because no source gives it.
    var sizeIsEstimate: Bool
    @OrNull var sha256: String?
    @OrNull var url: String?
    var license: LicenseAnswer
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

    init(_ listing: Listing, inGuide: Bool) {
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
        url = file?.url.absoluteString
        license = LicenseAnswer(entry.license)
        deviceClass = entry.deviceClass
        fit = FitVerdict(listing.fit)
        speed = listing.speed.map { Speed(from: Self.rounded($0.lowerBound), to: Self.rounded($0.upperBound)) }
        installed = listing.isInstalled
        self.inGuide = inGuide
        languages = entry.languages
    }

    /// What a person types: the default quantization needs no name.
    var name: String { "\(family):\(size)" }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

/// The table of models that `list`, `search` and `recommend` share.
struct ModelTable {
    var models: [ListedModel]

    func draw(on page: inout Page) {
        let language = Speech.language
        let hasSpeed = models.contains { $0.speed != nil }
        let right = Table.Column.Alignment.right
        var table = Table(columns: [
            .init(title: ""),
            .init(title: say(en: "MODEL", es: "MODELO"), least: 16),
            .init(title: say(en: "PARAMS", es: "PARÁM."), alignment: right, sacrifice: 3),
            .init(title: say(en: "LICENCE", es: "LICENCIA"), sacrifice: 1, least: 11),
            .init(title: say(en: "FILE", es: "ARCHIVO"), alignment: right, sacrifice: 2),
            .init(title: say(en: "NEEDS", es: "NECESITA"), alignment: right),
        ])
        if hasSpeed {
            table.columns.append(.init(title: say(en: "SPEED", es: "VELOCIDAD"), sacrifice: 4))
        }
        table.columns.append(.init(title: say(en: "VERDICT", es: "VEREDICTO")))
        var isUnitSaid = false
        for model in models {
            var row: [Text] = [
                model.installed ? Text("●", .good) : "",
                Text(model.name),
                Text(model.parameters.map(language.parameters) ?? "–"),
                model.license.short,
                Text(model.sizeBytes.map { language.bytes($0, estimated: model.sizeIsEstimate) } ?? "–"),
                Text(
                    model.fit.requiredBytes.map { (model.sizeIsEstimate ? "~" : "") + language.memory($0) } ?? "–"),
            ]
            if hasSpeed {
                let speed = model.speed.map { language.range($0.from...max($0.from, $0.to)) }
                row.append(Text((speed ?? "–") + (speed != nil && !isUnitSaid ? " tok/s" : "")))
                isUnitSaid = isUnitSaid || speed != nil
            }
            table.rows.append(row + [model.fit.verdict.word])
        }
        page.table(table, indent: "")
    }

    /// What the marks mean, as far as there are any.
    var legend: Text? {
        var parts: [Text] = []
        if models.contains(where: \.installed) {
            parts.append(say(en: "\("●", .good) stored here", es: "\("●", .good) guardado aquí"))
        }
        parts += LicenseAnswer.legend(for: models.map(\.license))
        if models.contains(where: \.sizeIsEstimate) {
            parts.append(say(en: "~ worked out, no source gives it", es: "~ calculado, ninguna fuente lo da"))
        }
        guard let first = parts.first else { return nil }
        return parts.dropFirst().reduce(first) { $0 + "   " + $1 }
    }
}
