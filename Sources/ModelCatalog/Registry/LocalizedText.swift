/// The same sentence in the two languages of the catalog.
package struct LocalizedText: Hashable, Sendable, Codable {
    /// English.
    package var en: String
    /// Spanish.
    package var es: String
}
