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
    @OrNull var fillsInTheMiddle: Bool?
    var phoneApps: [App]
    var variants: [ModelVariant]
    /// What the default variant needs.
    var memory: [ContextRow]
    /// Each device that was asked about; absent when it is one.
    var devices: [OnDevice]?

    /// An app for phones that offers the model.
    struct App: Encodable {
        var name: String
        @OrNull var minMemoryBytes: Int64?
    }

    /// How its forms run on one device.
    struct OnDevice: Encodable {
        /// A profile's name; null for this machine.
        @OrNull var device: String?
        /// In the order of `variants`.
        var fits: [FitVerdict]
        var memory: [ContextRow]
    }

    init(
        _ entry: CatalogEntry, of family: CatalogFamily, shelf: Shelf, devices: [AskedDevice], stored: [StoredModel],
        withContexts: Bool = true
    ) throws {
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
        // How many there are stands beside the languages.
        let languagesNote = entry.languagesCount == nil ? entry.languagesNote : nil
        notes = (family.differences + entry.notes + [languagesNote].compactMap(\.self)).map(\.spoken)
        license = LicenseTerms(entry.license)
        licenseNotes = entry.licenseNotes.map(\.spoken)
        upstream = entry.upstream
        fillsInTheMiddle = entry.fillsInTheMiddle
        phoneApps = entry.phoneApps.map { App(name: $0.name, minMemoryBytes: $0.minMemory.map { Int64($0) << 30 }) }
        let offer = try shelf.catalog.offer(for: entry, endpoint: shelf.settings.credentials.endpoint)
        let forms = offer.variants.filter { !$0.files.isEmpty }
        let most = entry.contextLength ?? ContextOption.usual(on: devices[0].device)
        let asked = devices.map { asked in
            let budget = Budget(device: asked.device)
            let usual = ContextOption.workload(on: asked.device).limited(to: entry)
            let reports = forms.map { FitReport($0, budget: budget, workload: usual) }
            let steps = withContexts ? ContextRow.steps(upTo: most) : []
            let rows = steps.map { length in
                var workload = usual
                (workload.contextLength, workload.contextMayShrink) = (length, false)
                return ContextRow(
                    FitReport(offer.variants[0], budget: budget, workload: workload), contextLength: length)
            }
            let taken = offer.best(within: budget, for: usual).variant.ref
            return (reports: reports, rows: rows, taken: taken, name: asked.name)
        }
        variants = zip(forms, asked[0].reports).map {
            ModelVariant($0, $1, isDefault: $0.ref == asked[0].taken, stored: stored)
        }
        memory = asked[0].rows
        if asked.count > 1 {
            self.devices = asked.map {
                OnDevice(device: $0.name, fits: $0.reports.map { FitVerdict($0) }, memory: $0.rows)
            }
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
            (
                say(en: "in an editor", es: "en un editor"),
                fillsInTheMiddle == true
                    ? say(en: "completes code in the middle", es: "completa código en medio") : nil
            ),
            (say(en: "on phones", es: "en teléfonos"), phoneApps.isEmpty ? nil : Text(appWords)),
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

    private var appWords: String {
        phoneApps.map { app in
            let size = app.minMemoryBytes.map { Language.current.sold($0) }
            return app.name + (size.map { say(en: " (from \($0) on)", es: " (desde \($0))") } ?? "")
        }.joined(separator: ", ")
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
        let columns = devices?.map { (name: $0.device ?? "", fits: $0.fits) }
        page.table(ModelVariant.table(variants, on: columns))
        page.line(ModelVariant.defaultMark)
        for variant in variants where variant.installed {
            page.whole("  \("●", .good) \(FilePath(variant.path ?? "").shown)")
        }
    }

    private func drawMemory(on page: inout Page) {
        let rows = devices?.map { (name: $0.device ?? "", rows: $0.memory) } ?? [(name: ref, rows: memory)]
        if let table = ContextRow.table(rows) {
            page.line()
            page.table(table)
        }
        page.line()
        page.line(Text("`slm fit \(ref) --explain`, `slm get \(ref)`"))
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
