/// A family of models under one name, with all its sizes.
public struct CatalogFamily: Hashable, Sendable {
    /// What users type: `gemma2`.
    public var id: String
    /// Other spellings users may type.
    package var aliases: [String]
    /// For people: `Gemma 2`.
    package var name: String
    /// Who made it.
    public var developer: String?
    /// The guide's own row; nil for families the guide does not have.
    package var guide: GuideRow?
    /// Where the guide and the sources part.
    package var differences: [LocalizedText]
    /// In the order of the catalog, smallest first.
    public var entries: [CatalogEntry]

    /// What the guide prints about a family.
    package struct GuideRow: Hashable, Sendable, Codable {
        /// The name as printed.
        package var name: String
        /// The column of sizes as printed: `0,5B, 1B, 7B`.
        package var parameters: String
        /// The column "Código abierto" as printed: `SI`, `SI*`, `SI**`.
        package var openSource: String
        /// The column of features: the guide's Spanish, and a translation.
        package var features: LocalizedText

        private enum CodingKeys: String, CodingKey {
            case name, parameters, features
            case openSource = "open_source"
        }
    }
}

/// The guide whose models the catalog holds.
package struct Guide: Hashable, Sendable, Codable {
    /// As printed, in Spanish.
    package var title: String
    /// Who publishes it.
    package var publisher: String
    /// `2025-04`.
    package var date: String
}
