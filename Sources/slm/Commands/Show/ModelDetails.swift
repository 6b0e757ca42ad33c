import Modelteca
import SystemPackage

/// Everything the catalog knows of one size of a family.
struct ModelDetails: Answer {
    var ref: String
    var family: String
    var name: String
    @OrNull var developer: String?
    @OrNull var parameters: Int64?
    @OrNull var contextLength: Int?
    @OrNull var released: String?
    @OrNull var languages: [String]?
    @OrNull var languagesCount: Int?
    var type: ModelType
    var modalities: [Modality]
    @OrNull var thinking: Thinking?
    @OrNull var tools: Bool?
    @OrNull var activeParameters: Int64?
    @OrNull var minLlamaCppBuild: Int?
    var sampling: [SamplingAdvice]
    @OrNull var page: String?
    var deviceClass: DeviceClass
    @OrNull var guide: GuideQuote?
    var notes: [String]
    var license: LicenseTerms
    var licenseNotes: [String]
    var upstream: [String]
    var variants: [ModelVariant]
    var memory: [AtContext]

    /// What the default variant needs at one context.
    struct AtContext: Encodable {
        var contextLength: Int
        @OrNull var requiredBytes: Int64?
        var verdict: FitReport.Verdict
    }

    init(_ entry: CatalogEntry, of family: CatalogFamily, shelf: Shelf, device: Device, stored: [StoredModel]) throws {
        ref = entry.ref
        self.family = entry.familyID
        name = entry.familyName
        developer = entry.developer
        parameters = entry.parameters
        contextLength = entry.contextLength
        released = entry.released
        languages = entry.languages
        languagesCount = entry.languagesCount
        type = entry.type
        modalities = entry.modalities
        thinking = entry.thinking
        tools = entry.tools
        activeParameters = entry.activeParameters
        minLlamaCppBuild = entry.minLlamaCppBuild
        sampling = entry.sampling
        page = entry.page
        deviceClass = entry.deviceClass
        guide = family.guide.map(GuideQuote.init)
        notes = (family.differences + entry.notes + [entry.languagesNote].compactMap(\.self)).map(\.spoken)
        license = LicenseTerms(entry.license)
        licenseNotes = entry.licenseNotes.map(\.spoken)
        upstream = entry.upstream
        let offer = try shelf.catalog.offer(for: entry, endpoint: shelf.settings.credentials.endpoint)
        let budget = Budget(device: device)
        let usual = ContextOption.workload(on: device).limited(to: entry)
        variants = offer.variants.filter { !$0.files.isEmpty }
            .map { ModelVariant($0, FitReport($0, budget: budget, workload: usual), stored: stored) }
        let most = entry.contextLength ?? ContextOption.usual(on: device)
        let steps = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072].filter { $0 < most } + [most]
        memory = steps.suffix(6).map { length in
            let fit = FitReport(offer.variants[0], budget: budget, workload: Workload(contextLength: length))
            return AtContext(contextLength: length, requiredBytes: fit.required, verdict: fit.verdict)
        }
    }

    /// How much of the context fits here, where that is not all.
    private var longest: String {
        guard let longest = variants.first?.fit.longestContext, longest < contextLength ?? 0 else { return "" }
        let tokens = Language.current.grouped(Int64(longest))
        return say(en: ", \(tokens) fit on this device", es: ", en este equipo caben \(tokens)")
    }

    func draw(on page: inout Page) {
        let language = Language.current
        let home = self.page
        let by = developer.map { " · \($0)" } ?? ""
        page.line("\(ref, .strong)  \(name)\(by)")
        guide?.draw(on: &page)
        page.line()
        page.pairs([
            (
                Labels.parameters,
                parameters.map { count in
                    let active = activeParameters.map {
                        say(
                            en: ", \(language.parameters($0)) of them for each token",
                            es: ", de ellos \(language.parameters($0)) por token")
                    }
                    return Text("\(language.parameters(count)) (\(language.grouped(count)))" + (active ?? ""))
                }
            ),
            (say(en: "type", es: "tipo"), Text(type.word)),
            (
                say(en: "takes", es: "recibe"),
                modalities == [.text] ? nil : Text(modalities.map(\.word).joined(separator: ", "))
            ),
            (say(en: "thinking", es: "razona"), thinking.map { Text($0.word) }),
            (
                say(en: "tools", es: "herramientas"),
                tools.map { Text($0 ? say(en: "can call them", es: "sabe usarlas") : say(en: "no", es: "no")) }
            ),
            (Labels.context, contextLength.map { Text(language.grouped(Int64($0)) + " tokens" + longest) }),
            (say(en: "released", es: "publicado"), released.map { Text($0) }),
            (say(en: "languages", es: "idiomas"), spokenLanguages.map { Text($0) }),
            (say(en: "meant for", es: "pensado para"), Text(deviceClass.word)),
            (say(en: "upstream", es: "origen"), upstream.isEmpty ? nil : Text(upstream.joined(separator: ", "))),
            (say(en: "page", es: "página"), home.map { Text($0) }),
            (
                "llama.cpp",
                minLlamaCppBuild.map { say(en: "from build \(String($0)) on", es: "desde la versión \(String($0))") }
            ),
            (say(en: "sampling", es: "muestreo"), advice),
            (Labels.licence, Text("\(license.name) (\(license.id))")),
            ("", license.answer),
        ])
        for note in licenseNotes { page.paragraph(Text(note), indent: "    ", first: "  · ") }
        if let url = license.url { page.line("  \(url, .faint)") }
        if license.gated == true {
            page.paragraph(
                say(
                    en: "The upstream files are gated; those below are copies by others.",
                    es: "Los archivos de origen piden registrarse; los de abajo son copias de terceros."), indent: "  ")
        }
        if !notes.isEmpty { page.line() }
        for note in notes { page.paragraph(Text(note)) }
        drawVariants(on: &page)
        drawMemory(on: &page)
    }

    /// By name; the count where they are not all named.
    private var spokenLanguages: String? {
        let names = (languages ?? []).map { LanguageNames.name(of: $0, inSpanish: Language.current == .es) }
        guard let languagesCount, languagesCount > names.count else {
            return languages == nil ? nil : names.joined(separator: ", ")
        }
        let count = say(en: "about \(languagesCount)", es: "unos \(languagesCount)")
        guard !names.isEmpty else { return count }
        let shown = names.prefix(12).joined(separator: ", ")
        return say(en: "\(count), among them \(shown)", es: "\(count), entre ellos \(shown)")
    }

    /// What its publisher advises, as llama.cpp's options have it.
    private var advice: Text? {
        let ways = sampling.map { advice in
            let options: [(String, String?)] = [
                ("--temp", advice.temperature.map { "\($0)" }), ("--top-p", advice.topP.map { "\($0)" }),
                ("--top-k", advice.topK.map { "\($0)" }), ("--min-p", advice.minP.map { "\($0)" }),
                ("--repeat-penalty", advice.repeatPenalty.map { "\($0)" }),
                ("--presence-penalty", advice.presencePenalty.map { "\($0)" }),
            ]
            let said = options.compactMap { name, value in value.map { "\(name) \($0)" } }.joined(separator: " ")
            let mode: String? =
                switch advice.mode {
                case .thinking?: say(en: "when it thinks", es: "cuando razona")
                case .quick?: say(en: "without thinking", es: "sin razonar")
                case nil: nil
                }
            return said + (mode.map { " (\($0))" } ?? "")
        }
        return ways.isEmpty ? nil : Text(ways.joined(separator: "; "))
    }

    private func drawVariants(on page: inout Page) {
        page.line()
        guard !variants.isEmpty else {
            page.paragraph(
                say(
                    en: "No file is known. `slm get \(ref)` asks the Hub, and you choose.",
                    es: "No se conoce ningún archivo. `slm get \(ref)` pregunta al Hub, y usted elige."))
            return
        }
        page.table(ModelVariant.table(variants))
        for variant in variants where variant.installed {
            page.line("  \("●", .good) \(FilePath(variant.path ?? "").shown)")
        }
    }

    private func drawMemory(on page: inout Page) {
        let language = Language.current
        let known = memory.filter { $0.requiredBytes != nil }
        guard !known.isEmpty else { return }
        page.line()
        var table = Table(columns: [
            .init(title: Labels.context.uppercased(), alignment: .right),
            .init(title: Labels.needs.uppercased(), alignment: .right),
            .init(title: Labels.verdict.uppercased()),
        ])
        table.rows = known.map { row in
            [
                Text(language.grouped(Int64(row.contextLength))), Text(row.requiredBytes.map(language.memory) ?? "–"),
                row.verdict.word,
            ]
        }
        page.table(table)
        page.line()
        page.line(
            say(en: "`slm fit \(ref) --explain`, `slm get \(ref)`", es: "`slm fit \(ref) --explain`, `slm get \(ref)`"))
    }
}

/// A form in which a model can be had.
struct ModelVariant: Encodable {
    var ref: String
    var repository: String
    @OrNull var quant: String?
    @OrNull var revision: String?
    @OrNull var sizeBytes: Int64?
    var files: [File]
    var fit: FitVerdict
    var installed: Bool
    @OrNull var path: String?

    struct File: Encodable {
        var file: String
        @OrNull var sizeBytes: Int64?
        @OrNull var sha256: String?
        var url: String
    }

    init(_ variant: Variant, _ fit: FitReport, stored: [StoredModel]) {
        ref = variant.ref
        repository = "\(variant.publisher)/\(variant.repository)"
        quant = variant.quantization
        revision = variant.revision
        sizeBytes = variant.size ?? variant.withoutProjector.size
        files = variant.files.map {
            File(file: $0.name, sizeBytes: $0.size, sha256: $0.digest?.hex, url: $0.url.withoutSecrets.absoluteString)
        }
        self.fit = FitVerdict(fit)
        let digest = variant.files.first?.digest
        let model = stored.first { model in
            model.ref == variant.ref || (digest != nil && model.files.first?.digest == digest)
        }
        installed = model != nil
        path = model?.path.string
    }

    static func table(_ variants: [ModelVariant]) -> Table {
        let language = Language.current
        var table = Table(columns: [
            .init(title: say(en: "QUANT", es: "CUANT.")),
            .init(title: Labels.file.uppercased(), least: 24),
            .init(title: say(en: "FROM", es: "DE"), sacrifice: 2, least: 10),
            .init(title: Labels.size.uppercased(), alignment: .right),
            .init(title: Labels.needs.uppercased(), alignment: .right, sacrifice: 1),
            .init(title: "SHA-256", sacrifice: 3),
            .init(title: Labels.verdict.uppercased()),
        ])
        table.rows = variants.map { variant in
            let first = variant.files.first
            let more = variant.files.count > 1 ? " + \(variant.files.count - 1)" : ""
            return [
                Text((variant.quant ?? "–")),
                Text((first?.file ?? "?") + more),
                Text(String(variant.repository.prefix { $0 != "/" })),
                Text(variant.sizeBytes.map(language.bytes) ?? "–"),
                Text(variant.fit.requiredBytes.map(language.memory) ?? "–"),
                Text(first?.sha256.flatMap { Digest(hex: $0)?.short } ?? "–"), variant.fit.verdict.word,
            ]
        }
        return table
    }
}

/// What an origin has for a reference that is not the catalog's.
struct RemoteModel: Answer {
    var ref: String
    @OrNull var license: LicenseTerms?
    var variants: [ModelVariant]

    init(_ offer: Offer, device: Device, stored: [StoredModel]) {
        ref = offer.reference.description
        license = offer.variants.lazy.compactMap(\.license).first.map(LicenseTerms.init)
        let budget = Budget(device: device)
        let usual = ContextOption.workload(on: device)
        variants = offer.variants.map {
            ModelVariant($0, FitReport($0, budget: budget, workload: usual), stored: stored)
        }
    }

    func draw(on page: inout Page) {
        page.line(Text(ref, .strong))
        if let license { page.line("  \(license.name)   \(license.answer)") }
        page.line()
        page.table(ModelVariant.table(variants))
        for variant in variants where variant.installed {
            page.line("  \("●", .good) \(FilePath(variant.path ?? "").shown)")
        }
        if let first = variants.first {
            page.line()
            page.line(Text("`slm get \(first.ref)`"))
        }
    }
}

extension Modality {
    /// In the user's language.
    var word: String {
        switch self {
        case .text: say(en: "text", es: "texto")
        case .image: say(en: "pictures", es: "imágenes")
        case .audio: say(en: "sound", es: "sonido")
        case .video: say(en: "video", es: "video")
        }
    }
}

extension Thinking {
    /// In the user's language.
    var word: String {
        switch self {
        case .never: say(en: "never: it answers at once", es: "nunca: responde enseguida")
        case .switchable: say(en: "can be switched on and off", es: "se puede activar o no")
        case .always: say(en: "always, before it answers", es: "siempre, antes de responder")
        }
    }
}
