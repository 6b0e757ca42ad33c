import Disk
import Foundation
import Modelteca
import SystemPackage

/// The catalog to use: the one that `SLM_CATALOG` names, else the one that `slm catalog update` has stored, else the
/// built-in one.
///
/// - Throws: as `catalogDocument`, and `CatalogError`.
func catalog(_ settings: Shelf.Settings) async throws -> Catalog {
    guard let place = environment["SLM_CATALOG"], !place.isEmpty else { return try settings.catalog() }
    if isAddress(place) { return try Catalog(json: try await catalogDocument(at: place, settings)) }
    let caches = settings.caches.appending("modelteca")
    let catalog = try Catalog.read(FilePath(place), caches: caches) { size in
        let size = Language.current.bytes(size)
        Terminal.note(
            say(
                en: "reading the catalog of \(size), once: later runs are quick",
                es: "se lee el catálogo de \(size) una vez; después será rápido") + "\n")
    }
    guard let catalog else { throw MissingFile(path: place, variable: Setting.source(of: .catalog)) }
    return catalog
}

private func isAddress(_ place: String) -> Bool { place.hasPrefix("https://") || place.hasPrefix("http://") }

/// The bytes of a catalog, from a file or an address; no more than a catalog may have.
///
/// - Throws: `CatalogError.tooLarge`, `MissingFile`, `HTTPError`, `DownloadError.missing`.
func catalogDocument(at place: String, _ settings: Shelf.Settings) async throws -> Data {
    if isAddress(place), let address = URL(string: place) {
        return try await settings.catalogDocument(at: address)
    }
    guard let data = try? contents(of: FilePath(place), limit: Catalog.longestDocument + 1) else {
        throw MissingFile(path: place)
    }
    guard data.count <= Catalog.longestDocument else {
        throw CatalogError.tooLarge(size: nil, limit: Catalog.longestDocument)
    }
    return data
}

/// A file from its beginning, or what a pipe gives (`slm catalog lint <(…)`), up to so many bytes.
private func contents(of path: FilePath, limit: Int) throws -> Data {
    let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    return try file.closeAfter { try file.contents(limit: limit) }
}

extension FileDescriptor {
    /// What comes from here on, up to so many bytes.
    func contents(limit: Int) throws -> Data {
        var data = Data()
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        while data.count < limit {
            let count = try piece.withUnsafeMutableBytes { try read(into: $0) }
            if count == 0 { break }
            data.append(contentsOf: piece.prefix(min(count, limit - data.count)))
        }
        return data
    }
}
