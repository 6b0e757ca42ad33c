import ArgumentParser
import Disk
import Modelteca

/// `slm recommend`: the few best models for a device, and why.
struct Recommend: Command {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "recommend",
            abstract: say(
                en: "The few best models for this device, and why.",
                es: "Los pocos modelos mejores para este equipo, y por qué."))
    }

    @OptionGroup var context: ContextOption
    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let profile = target.profile
        let device = profile?.device ?? shelf.device
        let contextLength = context.context ?? ContextOption.usual
        let advice = await shelf.recommend(for: device, workload: Workload(contextLength: contextLength))
        let guideFamilies = Set(shelf.catalog.families.filter { $0.guide != nil }.map(\.id))
        let picks = advice.map { pick in
            RecommendAnswer.Pick(
                use: pick.use, reason: pick.reason,
                model: ListedModel(pick.listing, inGuide: guideFamilies.contains(pick.listing.entry.familyID)))
        }
        try console.show(
            RecommendAnswer(
                device: DeviceAnswer(
                    device, profile: profile, storeFree: DiskSpace.free(at: shelf.settings.store)),
                contextLength: contextLength, recommendations: picks))
    }
}

/// The few best.
struct RecommendAnswer: Report {
    var device: DeviceAnswer
    var contextLength: Int
    var recommendations: [Pick]

    struct Pick: Encodable {
        var use: Recommendation.Use
        var reason: Recommendation.Reason
        var model: ListedModel
    }

    enum CodingKeys: CodingKey { case device, recommendations }

    func draw(on page: inout Page) {
        let language = Speech.language
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
            let gap = String(repeating: " ", count: widest - displayWidth(of: pick.use.word) + 2)
            page.line("  \(pick.use.word, .faint)\(gap)\(model.name, .strong)")
            let indent = String(repeating: " ", count: widest + 4)
            page.paragraph(pick.reason.sentence, indent: indent)
            let file = model.sizeBytes.map { language.bytes($0, estimated: model.sizeIsEstimate) }
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
            facts.append(model.license.short.plain)
            page.paragraph(facts.joined(separator: " · "), indent: indent)
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
            say(en: "made for programs by its publisher", es: "hecho para programar por quien lo publica")
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
