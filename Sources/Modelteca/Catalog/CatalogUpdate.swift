internal import CurlHTTP
internal import Disk
public import Foundation
public import ModelCatalog
public import ModelDownload
internal import ModelHub
internal import SystemPackage

/// What an update of the catalog did.
public struct CatalogUpdate: Sendable {
    /// The catalog that was used before.
    public var before: Catalog
    /// The one that is used now.
    public var now: Catalog
    /// As it was stored; nil when the one that is compiled in is just as new.
    public var stored: StoredCatalog?
    /// Whether there was something new.
    public var changed: Bool
    /// The newest version of the program, where it is newer than this one.
    package var newerProgram: String?
}

extension Shelf.Settings {
    /// Fetches a signed catalog and uses it from now on.
    ///
    /// Nothing changes until it is proven: signed by a key that counts, whole, not expired, not older than what is here,
    /// and such that it can be read to its last row. It takes its place in one instant.
    /// - Parameters:
    ///   - place: An address or the path of a file; nil for where the last one came from.
    ///   - keys: Whose signature counts instead of the releases'; nil for those of the last time.
    ///   - allowsHTTP: Whether the address may be http of another machine.
    ///   - now: When it may not have expired.
    /// - Throws: `CatalogUpdateError`, `CatalogError`, `HTTPError`, `DownloadError.missing`, `HubError`.
    public func updateCatalog(
        from place: String? = nil, keys: Set<PublicKey>? = nil, allowsHTTP: Bool = false, at now: Date = Date()
    ) async throws -> CatalogUpdate {
        let own = keys ?? storedCatalog?.ownKeys
        func stored(_ stored: StoredCatalog?) -> StoredCatalog? { stored?.ownKeys == own ? stored : nil }
        let last = stored(storedCatalog)
        let trusted = last?.keys ?? own.map { CatalogKeys($0) } ?? .release
        guard !trusted.keys.isEmpty else { throw CatalogUpdateError.noKey }
        guard let place = place ?? last?.origin ?? (own == nil ? CatalogKeys.releaseAddress : nil) else {
            throw CatalogUpdateError.noAddress
        }
        let file = try await signedFile(at: place, allowsHTTP: allowsHTTP)
        let signed = try SignedCatalog(parsing: file)
        try signed.check(by: trusted, at: now)
        let version = signed.statement.version
        let catalog = try Catalog(json: signed.content)
        guard catalog.revision == version else {
            throw CatalogUpdateError.versionDisagrees(signed: version, document: catalog.revision)
        }
        let newerProgram = signed.statement.program.flatMap { Version.isNewer($0) ? $0 : nil }
        let before = try self.catalog()
        if own == nil {
            guard version >= Catalog.builtInRevision else {
                throw CatalogUpdateError.older(version: version, have: Catalog.builtInRevision)
            }
            if version == Catalog.builtInRevision, last.map(\.isOutOfUse) ?? true {
                return CatalogUpdate(
                    before: before, now: before, stored: nil, changed: false, newerProgram: newerProgram)
            }
        }
        let note = StoredCatalog.Note(from: place, fetched: now, keys: own)
        try StoredCatalog.replace(in: data, with: file, note) { there in
            guard let there = stored(there) else { return false }
            guard version >= there.version else {
                throw CatalogUpdateError.older(version: version, have: there.version)
            }
            guard version > there.version || signed.statement.sha256 == there.signed.statement.sha256 else {
                throw CatalogUpdateError.sameVersion(version)
            }
            // The same once more, perhaps to be used for longer.
            return version == there.version && signed.statement.expires <= there.expires
        }
        // A large one is prepared now, and not when somebody is waiting for a list.
        _ = try self.catalog()
        let isNew = last?.signed.statement.sha256 != signed.statement.sha256
        return CatalogUpdate(
            before: before, now: catalog, stored: storedCatalog, changed: isNew, newerProgram: newerProgram)
    }

    private func signedFile(at place: String, allowsHTTP: Bool) async throws -> Data {
        guard let address = URL(webAddress: place) else {
            guard let bytes = readBytes(at: FilePath(place), limit: SignedCatalog.limit + 1) else {
                throw HubError.noLocalFile(path: place)
            }
            guard bytes.count <= SignedCatalog.limit else {
                throw CatalogError.tooLarge(size: nil, limit: Catalog.longestDocument)
            }
            return Data(bytes)
        }
        guard allowsHTTP || address.scheme?.lowercased() == "https" || address.isOfThisMachine else {
            throw CatalogUpdateError.insecureAddress(place)
        }
        return try await document(at: address, limit: SignedCatalog.limit)
    }
}

extension Shelf {
    /// The stored models that the catalog said something else of before: what is here is not its file any more, or it
    /// does not have the model.
    ///
    /// - Throws: `StoreError`.
    package func rowsChanged(by update: CatalogUpdate) async throws -> [ChangedRow] {
        try await store.models().compactMap { model in
            guard case .catalog(let family, let size?, let quantization?) = model.reference,
                let have = model.files.first?.digest
            else { return nil }
            func digest(in catalog: Catalog) -> Digest?? {
                catalog.entry(ref: "\(family):\(size)").map { entry in
                    let file = entry.files(in: quantization).first
                    return file?.parts.first?.digest ?? file?.digest
                }
            }
            guard let before = digest(in: update.before) else { return nil }
            guard let now = digest(in: update.now) else { return ChangedRow(ref: model.ref, have: have, now: nil) }
            guard before != now, now != have else { return nil }
            return ChangedRow(ref: model.ref, have: have, now: now)
        }
    }
}

/// A stored model of which a new catalog says something else.
package struct ChangedRow: Hashable, Sendable {
    /// The model.
    package var ref: String
    /// SHA-256 of its first file here.
    package var have: Digest
    /// What the catalog has now; nil when it does not have the model, or no digest of it.
    package var now: Digest?
}
