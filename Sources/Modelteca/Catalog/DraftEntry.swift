internal import GGUF
package import ModelCatalog
internal import ModelHub

extension Shelf {
    /// Drafts a catalog's entry for a file of the Hub, from its header and what the Hub says; only the header is fetched.
    ///
    /// - Parameters:
    ///   - family: The id of the family it belongs to; made of the model's name where nil.
    ///   - size: The id of the size; made of the number of weights where nil.
    /// - Throws: `GGUFError`, and what `resolve` throws.
    package func draft(
        of reference: HubReference, family: String? = nil, size: String? = nil
    ) async throws -> CatalogDraft {
        let offer = try await hub.resolve(reference)
        // One file was named: it is the model, whatever else would suit this device.
        guard let variant = offer.models.first?.first, let first = variant.files.first else {
            throw HubError.noModelFiles(id: reference.id)
        }
        let card = try await hub.card(of: reference)
        let header = try await hub.header(of: first).file
        guard
            let draft = CatalogDraft(
                variant, header: header, upstream: card.upstream, languages: card.languages, family: family, size: size)
        else { throw HubError.noModelFiles(id: reference.id) }
        return draft
    }
}
