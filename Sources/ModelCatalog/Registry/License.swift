/// What a model's licence allows, as it really is, and beside it what the guide printed.
public struct License: Hashable, Sendable, Codable {
    /// SPDX identifier, or `LicenseRef-…` where SPDX has none.
    public var id: String
    /// In words: `Gemma Terms of Use`.
    public var name: String
    /// Where the text is.
    public var url: String?
    /// Whether the weights can be had by anybody; nil when unknown.
    package var openWeights: Bool?
    /// The answer to "may I use this commercially?".
    public var commercialUse: CommercialUse
    /// The guide's mark in its column "Código abierto": `SI`, `SI*`, `SI**`, or nil for models the guide does not have.
    package var guideFlag: String?
    /// Conditions in short sentences, English.
    package var restrictions: [String]
    /// Whether the Hub asks for a name and a token before it gives the upstream files; nil when unknown.
    package var gated: Bool?

    /// Puts together what is known; what is not stays nil.
    package init(
        id: String, name: String, url: String? = nil, openWeights: Bool? = nil, commercialUse: CommercialUse,
        guideFlag: String? = nil, restrictions: [String] = [], gated: Bool? = nil
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.openWeights = openWeights
        self.commercialUse = commercialUse
        self.guideFlag = guideFlag
        self.restrictions = restrictions
        self.gated = gated
    }

    /// Whether a business may use the model.
    public enum CommercialUse: String, Hashable, Sendable, Codable, CaseIterable {
        case yes, no
        /// Allowed on conditions, or sources disagree: read the licence.
        case restricted
    }
}
