import Foundation
import Modelteca

/// The catalog to use: the one that `SLM_CATALOG` names, else the built-in one.
///
/// - Throws: `CatalogError`, `UsageError` for an address: this version reads files.
func catalog() throws -> Catalog {
    guard let place = Speech.environment["SLM_CATALOG"], !place.isEmpty else { return try Catalog.builtIn() }
    return try Catalog(json: try catalogDocument(at: place))
}

/// The bytes of a catalog file, no more than a catalog may have.
///
/// - Throws: `CatalogError.tooLarge`, `MissingFile`, `UsageError`.
func catalogDocument(at place: String) throws -> Data {
    guard !place.contains("://") else {
        throw UsageError(
            say(
                en: "this version reads catalogs from files, not from addresses: `\(place)`",
                es: "esta versión lee catálogos de archivos, no de direcciones: `\(place)`"))
    }
    guard let file = FileHandle(forReadingAtPath: place),
        let data = try? file.read(upToCount: Catalog.longestDocument + 1)
    else { throw MissingFile(path: place) }
    guard data.count <= Catalog.longestDocument else {
        throw CatalogError.tooLarge(size: data.count, limit: Catalog.longestDocument)
    }
    return data
}
