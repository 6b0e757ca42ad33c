import ArgumentParser
import Modelteca

/// `slm recommend`: the best few models for a device, and why. It is also what `slm` alone says.
struct RecommendCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "recommend", en: "The best few models for this device, and why.",
            es: "Los mejores modelos para este equipo, y por qué.",
            more: "  slm recommend\n  slm recommend --use code --top 3\n  slm recommend --device phone-6gb --explain")
    }

    @Option(
        help: .say(
            en: "For one use only: chat, code, editor, spanish, writing, pictures, documents, tiny.",
            es: "Solo para un uso: chat, code, editor, spanish, writing, pictures, documents, tiny.",
            value: say(en: "use", es: "uso")),
        completion: .list(["chat", "code", "editor", "spanish", "writing", "pictures", "documents", "tiny"]))
    var use: Use?

    @Option(
        help: .say(
            en: "A language instead of Spanish: fr, german, …", es: "Un idioma en vez del español: fr, alemán, …",
            value: say(en: "language", es: "idioma")))
    var language: String?

    @Option(
        name: [.long, .customLong("limit")],
        help: .say(en: "So many for each use.", es: "Esta cantidad para cada uso.", value: "n"))
    var top = 1

    @Flag(help: .say(en: "Show the test results and the rule.", es: "Muestra los resultados de pruebas y la regla."))
    var explain = false

    @OptionGroup var context: ContextOption
    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if top < 1 { throw invalid(en: "`--top` is at least 1", es: "`--top` es al menos 1") }
    }

    func run() async throws {
        let shelf = try await global.shelf()
        let profile = try target.profile
        let device = profile?.device ?? shelf.device
        await shelf.measure(device, console)
        let contextLength = context.length(on: device)
        let named = language.map { Use.language(LanguageNames.code($0)) }
        let uses = use.map { [named ?? $0] } ?? Use.usual.map { $0 == .language("es") ? named ?? $0 : $0 }
        let advice = await shelf.recommend(
            for: device, workload: context.workload(on: device), uses: uses, top: top, minContext: context.context)
        try console.show(
            Recommendations(
                device: DeviceFacts(device, profile: profile, store: shelf.settings.store),
                contextLength: contextLength, recommendations: advice.map { Recommendations.Pick($0, shelf.catalog) },
                missingLanguage: advice.contains { $0.use == named } ? nil : language, isExplained: explain))
    }
}

/// The few best.
struct Recommendations: Answer {
    var device: DeviceFacts
    var contextLength: Int
    var recommendations: [Pick]
    /// One that was asked for, and that no model that would do is said to know.
    var missingLanguage: String?
    var isExplained: Bool

    enum CodingKeys: CodingKey { case device, recommendations }

    private var noneKnowsIt: Text? {
        missingLanguage.map { language in
            Text(
                say(
                    en: "No model that would do is said to know `\(language)`.",
                    es: "De ningún modelo que serviría se dice que sepa `\(language)`."))
        }
    }

    func draw(on page: inout Page) {
        for line in device.headline(contextLength: contextLength, width: page.width) { page.line(line) }
        page.line()
        guard let first = recommendations.first else {
            page.paragraph(
                noneKnowsIt
                    ?? Text(
                        say(
                            en:
                                "No model of the catalog fits. A shorter context may help: `slm recommend --context 1024`.",
                            es:
                                "Ningún modelo del catálogo cabe. Quizá con un contexto más corto: `slm recommend --context 1024`."
                        )))
            return
        }
        let language = Language.current
        var table = Table(columns: [
            .init(title: ""), .init(title: ""), .init(title: "", alignment: .right, sacrifice: 2),
            .init(title: "", sacrifice: 1), .init(title: "", sacrifice: 5), .init(title: "", sacrifice: 3),
            .init(title: "", sacrifice: 4),
        ])
        // The unit is said once.
        let told = recommendations.firstIndex { $0.model.speed != nil }
        let isNarrow = page.width < 100
        let width = isNarrow ? 5 : 10
        table.rows = recommendations.enumerated().map { index, pick in
            let model = pick.model
            let isNew = index == 0 || recommendations[index - 1].use != pick.use
            let mark = model.sizeIsEstimate ? "~" : ""
            return [
                Text(isNew ? pick.useWord : "", .faint), Text(model.name, .strong),
                Text(model.downloadBytes.map { mark + language.bytes($0) } ?? "–"),
                Text(
                    model.fit.requiredBytes.map {
                        say(en: "needs \(language.memory($0))", es: "usa \(language.memory($0))")
                    } ?? ""),
                model.fit.requiredBytes.flatMap { used in
                    model.fit.room.map { Bar(used, of: $0, width: width).text }
                } ?? "",
                Text(
                    model.speed.map { language.range($0.from...max($0.from, $0.to)) + (index == told ? " tok/s" : "") }
                        ?? ""),
                isNarrow ? "" : model.license.short,
            ]
        }
        let isPhone = device.deviceClass == .phone
        let notes = recommendations.map {
            $0.notes(explained: isExplained, onPhone: isPhone, tellingLicense: isNarrow)
        }
        let widest = recommendations.map { displayWidth(of: $0.useWord) }.max() ?? 0
        page.rows(of: table, notes: notes, at: widest + 4)
        if let noneKnowsIt {
            page.line()
            page.paragraph(noneKnowsIt)
        }
        if isExplained { explain(on: &page) }
        page.line()
        let name = first.model.name
        let isForPhone = device.deviceClass?.runsApps == true
        let then = device.profile == nil || isForPhone ? NextSteps.line(for: name, isForPhone: isForPhone) : ""
        let get =
            isForPhone && device.profile != nil ? "slm get \(name) --device \(device.profile ?? "")" : "slm get \(name)"
        if device.profile != nil {
            let list = "slm list" + DeviceOptions.typed
            page.paragraph(
                say(
                    en: "`\(get)` fetches one, `\(list)` shows more.",
                    es: "`\(get)` descarga uno, `\(list)` muestra más."))
        } else {
            page.paragraph(
                say(
                    en: "`\(get)` fetches one, `slm list` shows more, `slm list --device phone-4gb` is for a phone.",
                    es:
                        "`\(get)` descarga uno, `slm list` muestra más, `slm list --device phone-4gb` es para un teléfono."
                ))
        }
        if !then.isEmpty { page.paragraph(Text(then)) }
    }

    /// The rule in a few lines.
    private func explain(on page: inout Page) {
        page.line()
        for rule in Self.rule { page.paragraph(Text(rule), indent: "  ", first: "· ") }
    }

    private static var rule: [String] {
        let (least, quick) = (Int(Use.chat.leastSpeed), Int(Use.editor.leastSpeed))
        let thinking = Int(Ranking.thinkingSpeed)
        return [
            say(
                en:
                    "What fits now and writes at least \(least) tokens a second (\(quick) in an editor and for documents) comes first; "
                    + "what lies wholly on the graphics card, before what does not.",
                es:
                    "Primero lo que cabe ahora y escribe al menos \(least) tokens por segundo (\(quick) en un editor y para "
                    + "documentos); lo que cabe entero en la placa de video, antes que lo que no."),
            say(
                en: "Models are compared on each named test that both took, under the same protocol. Independent tests "
                    + "weigh alike, a publisher's own a quarter, and what only its publisher tested comes after. No score is made up of them, only an order.",
                es:
                    "Los modelos se comparan en cada prueba con nombre que hicieron los dos, con el mismo protocolo. Las "
                    + "independientes pesan igual; las del propio autor, un cuarto, y lo que solo probó su autor va después. De ellas no sale una nota, solo una clasificación."
            ),
            say(
                en: "From \(thinking) tokens a second on a model may think first, if it does better so.",
                es: "A partir de \(thinking) tokens por segundo un modelo puede pensar antes, si así rinde más."),
            say(
                en: "Where neither of two neighbours beats the other two to one, the lighter comes first. What nobody "
                    + "measured comes last, newest first.",
                es:
                    "Si ninguno de dos vecinos gana al otro dos a uno, va antes el más ligero. Lo que nadie midió va al "
                    + "final, primero lo más nuevo."),
        ]
    }
}

extension Recommendations {
    /// One model for one use.
    struct Pick: Encodable {
        var use: String
        /// Of a use that is a language, its code.
        var language: String?
        var place: Int
        var reason: String
        /// Whether it does best when it thinks first.
        var thinksFirst: Bool
        /// Null where nobody has measured it.
        @OrNull var evidence: Standing.Evidence?
        @OrNull var beats: Standing.Beaten?
        var results: [Result]
        /// Apps for phones that offer it.
        var phoneApps: [String]
        var model: ListedModel

        /// What one test gave.
        struct Result: Encodable {
            var benchmark: String
            var value: Double
            @OrNull var mode: String?
            /// `publisher` or `rival`; null for an independent party.
            @OrNull var measuredBy: String?
            var source: String
            @OrNull var address: String?
            @OrNull var date: String?

            /// Its name, and the words beside that in the user's language.
            var testName: String {
                guard Language.current == .es else { return benchmark }
                return [
                    (", accuracy", ", exactitud"), (", as reported", ", según quien la publica"),
                    (", Spanish", ", español"),
                ].reduce(benchmark) { $0.replacing($1.0, with: $1.1) }
            }
        }

        init(_ pick: Recommendation, _ catalog: Catalog) {
            use = pick.use.code
            if case .language(let code) = pick.use { language = code }
            place = pick.place
            reason = pick.reason.code
            let choice = pick.choice
            thinksFirst = choice.thinksFirst
            evidence = choice.standing?.evidence
            beats = choice.standing?.beats
            results = (choice.standing?.values ?? []).map { result in
                let source = catalog.qualitySources[result.source]
                return Result(
                    benchmark: catalog.benchmarks[result.benchmark]?.name ?? result.benchmark, value: result.value,
                    mode: result.mode, measuredBy: result.measuredBy, source: source?.what ?? result.source,
                    address: source?.address, date: source?.date)
            }
            let entry = choice.listing.entry
            phoneApps = entry.phoneApps.map(\.name)
            model = ListedModel(choice.listing, isOfGuide: catalog.isOfGuide(entry))
        }

        /// What the use is called, in the user's language.
        var useWord: String {
            switch use {
            case "code": say(en: "code", es: "código")
            case "editor": say(en: "in an editor", es: "en un editor")
            case "spanish": say(en: "Spanish", es: "español")
            case "language": LanguageNames.name(of: language ?? "", inSpanish: Language.current == .es)
            case "writing": say(en: "writing", es: "redacción")
            case "pictures": say(en: "pictures", es: "imágenes")
            case "documents": say(en: "documents", es: "documentos")
            case "tiny": say(en: "tiny", es: "mínimo")
            default: say(en: "conversation", es: "conversación")
            }
        }

        /// Why, below its row.
        ///
        /// - Parameter tellingLicense: Whether there is no column for it: what it forbids is said on every screen.
        func notes(explained: Bool, onPhone: Bool, tellingLicense: Bool) -> [Text] {
            var parts: [String] = []
            if thinksFirst { parts.append(say(en: "thinks first", es: "piensa antes de responder")) }
            if let beats {
                let (won, tests) = (beats.won, beats.tests)
                parts.append(
                    tests == 1
                        ? say(
                            en: "beats \(beats.model) on the one test both took",
                            es: "supera a \(beats.model) en la única prueba que hicieron los dos")
                        : say(
                            en: "beats \(beats.model) on \(won) of \(tests) tests both took",
                            es: "supera a \(beats.model) en \(won) de \(tests) pruebas que hicieron los dos"))
            } else if let result = results.first {
                parts.append("\(result.testName) \(Language.current.decimal(result.value, digits: 1))")
            }
            switch evidence {
            case .strong?: break
            case .fair?: parts.append(say(en: "few independent tests", es: "pocas pruebas independientes"))
            case .publisher?: parts.append(say(en: "only its makers' tests", es: "solo pruebas de sus autores"))
            case nil where reason == "largest":
                parts.append(
                    say(
                        en: "no test of this is at hand; the largest that is quick enough",
                        es: "no hay pruebas de esto; es el más grande que va lo bastante rápido"))
            case nil:
                parts.append(
                    say(
                        en: "not measured by anybody; the newest that fits",
                        es: "nadie lo ha medido; es el más nuevo que cabe"))
            }
            if onPhone, let app = phoneApps.first {
                parts.append(say(en: "offered by \(app)", es: "lo ofrece \(app)"))
            }
            if use == "code", place == 1, model.fillsInTheMiddle != true {
                parts.append(
                    say(
                        en: "to complete lines in an editor: `slm recommend --use editor`",
                        es: "para completar líneas en un editor: `slm recommend --use editor`"))
            }
            var line = Text(parts.joined(separator: " · "))
            if tellingLicense, model.license.commercialUse != .yes {
                line += say(en: " · licence \(model.license.short)", es: " · licencia \(model.license.short)")
            }
            guard explained else { return [line] }
            return [line]
                + results.map { result in
                    let value = Language.current.decimal(result.value, digits: 1)
                    let by =
                        switch result.measuredBy {
                        case nil: ""
                        case "rival"?: say(en: ", by a rival", es: ", de un rival")
                        default: say(en: ", by its publisher", es: ", de su autor")
                        }
                    let mode = result.mode.map { " (\($0))" } ?? ""
                    return Text(
                        "\(result.testName)\(mode): \(value)\(by) – \(result.source), \(result.date ?? "?")", .faint)
                }
        }
    }
}
