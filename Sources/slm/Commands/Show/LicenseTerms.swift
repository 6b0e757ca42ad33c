import Modelteca

/// What a model's licence allows.
struct LicenseTerms: Encodable {
    var id: String
    var name: String
    @OrNull var url: String?
    @OrNull var openWeights: Bool?
    var commercialUse: License.CommercialUse
    @OrNull var guideFlag: String?
    /// Whether the Hub asks for a name and a token before it gives the upstream files.
    @OrNull var gated: Bool?

    init(_ license: License) {
        id = license.id
        name = license.name
        url = license.url
        openWeights = license.openWeights
        commercialUse = license.commercialUse
        guideFlag = license.guideFlag
        gated = license.gated
    }

    /// For a column: `Apache-2.0`, `Gemma ⚠`, `non-commercial ✗`.
    var short: Text {
        switch commercialUse {
        case .yes: "\(shortName)"
        case .restricted: "\(shortName) \("⚠", .careful)"
        case .no: "\(isCustom ? say(en: "non-commercial", es: "no comercial") : shortName) \("✗", .bad)"
        }
    }

    private var isCustom: Bool { id.hasPrefix("LicenseRef-") }

    /// The words of an identifier that tell something.
    private var shortName: String {
        guard isCustom else { return id }
        let little: Set<Substring> = ["Community", "Terms", "Model", "License", "Sample", "Code"]
        return id.dropFirst("LicenseRef-".count).split(separator: "-").filter { !little.contains($0) }
            .joined(separator: " ")
    }

    /// The answer to "may I use this commercially?".
    var answer: Text {
        switch commercialUse {
        case .yes: say(en: "\("✓", .good) commercial use allowed", es: "\("✓", .good) se permite el uso comercial")
        case .restricted:
            say(
                en: "\("⚠", .careful) commercial use on conditions: read it first",
                es: "\("⚠", .careful) uso comercial con condiciones: léala antes")
        case .no: say(en: "\("✗", .bad) no commercial use", es: "\("✗", .bad) sin uso comercial")
        }
    }

    /// The legend for the marks of a column of licences.
    static func legend(for licenses: some Sequence<LicenseTerms>) -> [Text] {
        let uses = Set(licenses.map(\.commercialUse))
        var parts: [Text] = []
        if uses.contains(.restricted) {
            parts.append(say(en: "\("⚠", .careful) conditions apply", es: "\("⚠", .careful) con condiciones"))
        }
        if uses.contains(.no) {
            parts.append(say(en: "\("✗", .bad) no commercial use", es: "\("✗", .bad) sin uso comercial"))
        }
        return parts
    }
}
