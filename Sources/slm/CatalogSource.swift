import Foundation
import Modelteca

/// The catalog to use: the one that `SLM_CATALOG` names, else the built-in one.
///
/// - Throws: as `catalogDocument`, and `CatalogError`.
func catalog(_ settings: Shelf.Settings) async throws -> Catalog {
    guard let place = environment["SLM_CATALOG"], !place.isEmpty else { return try Catalog.builtIn() }
    do {
        return try Catalog(json: try await catalogDocument(at: place, settings))
    } catch let missing as MissingFile {
        throw MissingFile(path: missing.path, variable: "SLM_CATALOG")
    }
}

/// The bytes of a catalog, from a file or an address; no more than a catalog may have.
///
/// - Throws: `CatalogError.tooLarge`, `MissingFile`, `HTTPError`, `DownloadError.missing`.
func catalogDocument(at place: String, _ settings: Shelf.Settings) async throws -> Data {
    if place.hasPrefix("https://") || place.hasPrefix("http://"), let address = URL(string: place) {
        return try await settings.catalogDocument(at: address)
    }
    guard let file = FileHandle(forReadingAtPath: place),
        let data = try? file.read(upToCount: Catalog.longestDocument + 1)
    else { throw MissingFile(path: place) }
    guard data.count <= Catalog.longestDocument else {
        throw CatalogError.tooLarge(size: nil, limit: Catalog.longestDocument)
    }
    return data
}
