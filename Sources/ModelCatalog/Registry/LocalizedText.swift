/// The same sentence in the two languages of the catalog.
public struct LocalizedText: Hashable, Sendable, Codable {
    /// English.
    public var en: String
    /// Spanish.
    public var es: String
}
