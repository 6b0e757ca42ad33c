/// A family of models under one name, with all its sizes.
public struct CatalogFamily: Hashable, Sendable {
    /// What users type: `gemma2`.
    public var id: String
    /// Other spellings users may type.
    public var aliases: [String]
    /// For people: `Gemma 2`.
    public var name: String
    /// Who made it.
    public var developer: String?
    /// The guide's own row; nil for families the guide does not have.
    public var guide: GuideRow?
    /// Where the guide and the sources part.
    public var differences: [LocalizedText]
    /// In the order of the catalog, smallest first.
    public var entries: [CatalogEntry]

    /// What the guide prints about a family.
    public struct GuideRow: Hashable, Sendable, Codable {
        /// The name as printed.
        public var name: String
        /// The column of sizes as printed: `0,5B, 1B, 7B`.
        public var parameters: String
        /// The column "Código abierto" as printed: `SI`, `SI*`, `SI**`.
        public var openSource: String
        /// The column of features: the guide's Spanish, and a translation.
        public var features: LocalizedText

        private enum CodingKeys: String, CodingKey {
            case name, parameters, features
            case openSource = "open_source"
        }
    }
}

/// The guide whose models the catalog holds.
public struct Guide: Hashable, Sendable, Codable {
    /// As printed, in Spanish.
    public var title: String
    /// Who publishes it.
    public var publisher: String
    /// `2025-04`.
    public var date: String
}
