import Modelteca

/// A form in which a model can be had.
struct ModelVariant: Encodable {
    var ref: String
    var repository: String
    @OrNull var quant: String?
    /// What the quantization keeps of the model; null where its name does not say.
    @OrNull var quality: QuantGrade?
    @OrNull var revision: String?
    @OrNull var sizeBytes: Int64?
    var files: [File]
    var fit: FitVerdict
    /// Whether `slm get` takes it for this device when no form is named.
    var isDefault: Bool
    var installed: Bool
    @OrNull var path: String?

    enum CodingKeys: String, CodingKey {
        case ref, repository, quant, quality, revision, sizeBytes, files, fit, installed, path
        case isDefault = "default"
    }

    struct File: Encodable {
        var file: String
        @OrNull var sizeBytes: Int64?
        @OrNull var sha256: String?
        var url: String
    }

    init(_ variant: Variant, _ fit: FitReport, isDefault: Bool, stored: [StoredModel]) {
        ref = variant.ref
        repository = "\(variant.publisher)/\(variant.repository)"
        quant = variant.quantization
        quality = QuantGrade(variant.quantization)
        revision = variant.revision
        sizeBytes = variant.size ?? variant.withoutProjector.size
        files = variant.files.map {
            File(file: $0.name, sizeBytes: $0.size, sha256: $0.digest?.hex, url: $0.url.withoutSecrets.absoluteString)
        }
        self.fit = FitVerdict(fit)
        self.isDefault = isDefault
        let digest = variant.files.first?.digest
        let model = stored.first { model in
            model.ref == variant.ref || (digest != nil && model.files.first?.digest == digest)
        }
        installed = model != nil
        path = model?.path.string
    }

    /// A row each.
    ///
    /// - Parameter devices: For each of several devices how the variants run there.
    static func table(_ variants: [ModelVariant], on devices: [(name: String, fits: [FitVerdict])]? = nil) -> Table {
        let language = Language.current
        let publishers = Set(variants.map(\.publisher))
        var columns: [Table.Column] = [
            .init(title: ""),
            .init(title: say(en: "QUANT", es: "CUANT.")),
            .init(title: say(en: "QUALITY", es: "CALIDAD"), sacrifice: publishers.count > 1 ? 3 : 2),
            .init(title: Labels.file.uppercased(), sacrifice: devices == nil ? 1 : 4),
            .init(title: say(en: "FROM", es: "DE"), sacrifice: publishers.count > 1 ? 2 : 5, least: 10),
            .init(title: Labels.size.uppercased(), alignment: .right),
        ]
        if let devices {
            columns += devices.map { .init(title: $0.name) }
        } else {
            columns += [
                .init(title: Labels.needs.uppercased(), alignment: .right),
                .init(title: "SHA-256", sacrifice: 4), .init(title: Labels.verdict.uppercased()),
            ]
        }
        var table = Table(columns: columns)
        table.rows = variants.enumerated().map { index, variant in
            let first = variant.files.first
            let more = variant.files.count > 1 ? " + \(variant.files.count - 1)" : ""
            let cells: [Text] = [
                variant.isDefault ? Text("*", .strong) : "",
                Text((variant.quant ?? "–")), Text(variant.quality?.word ?? "–"),
                Text((first?.file ?? "?") + more), Text(variant.publisher),
                Text(variant.sizeBytes.map(language.bytes) ?? "–"),
            ]
            if let devices { return cells + devices.map { $0.fits[index].short } }
            return cells + [
                Text(variant.fit.requiredBytes.map { variant.fit.guessMark + language.memory($0) } ?? "–"),
                Text(first?.sha256.flatMap { Digest(hex: $0)?.short } ?? "–"), variant.fit.verdict.word,
            ]
        }
        return table
    }

    /// What the mark of a row means.
    static var defaultMark: Text {
        say(
            en: "  \("*", .strong) taken unless another is named",
            es: "  \("*", .strong) la que se descarga si no indica otra")
    }

    private var publisher: String { String(repository.prefix { $0 != "/" }) }
}

extension FitVerdict {
    /// Before a figure that rests on the size of the files alone.
    var guessMark: String { reasons.contains("estimated-from-size") ? "~" : "" }

    /// Need and verdict in one cell: `1.2 GB  fits`.
    var short: Text {
        let need = requiredBytes.map { guessMark + Language.current.memory($0) } ?? "–"
        return Text(String(repeating: " ", count: max(0, 7 - displayWidth(of: need))) + need + "  ") + verdict.word
    }
}
