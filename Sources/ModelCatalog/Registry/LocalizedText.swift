/// The same sentence in the two languages of the catalog.
public struct LocalizedText: Hashable, Sendable, Codable {
    /// English.
    public var en: String
    /// Spanish.
    public var es: String

    /// Pairs an English sentence with its Spanish rendering.
    public init(en: String, es: String) {
        self.en = en
        self.es = es
    }
}
