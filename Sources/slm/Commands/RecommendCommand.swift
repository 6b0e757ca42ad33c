import ArgumentParser
import Modelteca

/// `slm recommend`: the best few models for a device, and why.
struct RecommendCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "recommend", en: "The best few models for this device, and why.",
            es: "Los mejores modelos para este equipo, y por qué.")
    }

    @OptionGroup var context: ContextOption
    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let profile = target.profile
        let device = profile?.device ?? shelf.device
        let contextLength = context.length(on: device)
        let advice = await shelf.recommend(for: device, workload: context.workload(on: device))
        let picks = advice.map { pick in
            Recommendations.Pick(
                use: pick.use, reason: pick.reason,
                model: ListedModel(pick.listing, isOfGuide: shelf.catalog.isOfGuide(pick.listing.entry)))
        }
        try console.show(
            Recommendations(
                device: DeviceFacts(device, profile: profile, store: shelf.settings.store),
                contextLength: contextLength, recommendations: picks))
    }
}

/// The few best.
struct Recommendations: Answer {
    var device: DeviceFacts
    var contextLength: Int
    var recommendations: [Pick]

    struct Pick: Encodable {
        var use: Recommendation.Use
        var reason: Recommendation.Reason
        var model: ListedModel
    }

    enum CodingKeys: CodingKey { case device, recommendations }

    func draw(on page: inout Page) {
        let language = Language.current
        page.paragraph(device.headline(contextLength: contextLength))
        page.line()
        guard let first = recommendations.first else {
            page.paragraph(
                say(
                    en: "No model of the catalog fits. A shorter context may help: `slm recommend --context 1024`.",
                    es:
                        "Ningún modelo del catálogo cabe. Quizá con un contexto más corto: `slm recommend --context 1024`."
                ))
            return
        }
        let widest = recommendations.map { displayWidth(of: $0.use.word) }.max() ?? 0
        for pick in recommendations {
            let model = pick.model
            page.line(Text("  \(pick.use.word, .faint)").padded(to: widest + 4) + Text(model.name, .strong))
            let indent = String(repeating: " ", count: widest + 4)
            page.paragraph(Text(pick.reason.sentence), indent: indent)
            let file = model.sizeBytes.map { (model.sizeIsEstimate ? "~" : "") + language.bytes($0) }
            var facts = [
                model.parameters.map(language.parameters),
                file.map { say(en: "\($0) file", es: "archivo de \($0)") },
                model.fit.requiredBytes.map { needed -> String in
                    let budget = model.fit.budgetBytes.map(language.memory) ?? "?"
                    return say(
                        en: "needs \(language.memory(needed)) of \(budget)",
                        es: "necesita \(language.memory(needed)) de \(budget)")
                },
                model.speed.map { "\(language.range($0.from...max($0.from, $0.to))) tok/s" },
            ].compactMap(\.self)
            if let longest = model.fit.longestContext, longest > contextLength {
                let tokens = language.grouped(Int64(longest))
                facts.append(say(en: "context up to \(tokens)", es: "contexto hasta \(tokens)"))
            }
            facts.append(model.license.short.plain)
            page.paragraph(Text(facts.joined(separator: " · ")), indent: indent)
        }
        page.line()
        page.line(Text("`slm get \(first.model.name)`"))
    }
}

extension Recommendation.Use: Encodable {
    /// In the user's language.
    var word: String {
        switch self {
        case .chat: say(en: "conversation", es: "conversación")
        case .code: say(en: "code", es: "código")
        case .spanish: say(en: "Spanish", es: "español")
        case .tiny: say(en: "smallest", es: "el más pequeño")
        }
    }
}

extension Recommendation.Reason: Encodable {
    /// In the user's language.
    var sentence: String {
        switch self {
        case .mostCapable:
            say(
                en: "the most capable that fits with room to spare and writes as fast as one reads",
                es: "el más capaz que cabe con holgura y escribe tan rápido como se lee")
        case .mostCapableThatFits:
            say(en: "the most capable that fits with room to spare", es: "el más capaz que cabe con holgura")
        case .madeForCode:
            say(en: "made for writing code by its publisher", es: "su autor lo creó para programar")
        case .namesSpanish:
            say(
                en: "the most capable whose publisher names Spanish among its languages",
                es: "el más capaz cuyo autor nombra el español entre sus idiomas")
        case .runsAnywhere:
            say(
                en: "the most capable of those that run on anything",
                es: "el más capaz de los que funcionan en cualquier equipo")
        }
    }
}
