internal import Disk
public import Foundation
public import ModelCatalog
package import ModelDownload
internal import SystemPackage

/// The catalog that `update` has stored, as it came, behind a line that says where from.
public struct StoredCatalog: Sendable {
    let note: Note
    let signed: SignedCatalog

    /// What is written before the signed file.
    struct Note: Codable {
        var from: String
        var fetched: Date
        /// Somebody's own keys, in Base64; nil for the releases'.
        var keys: Set<PublicKey>?
    }

    /// The document's number.
    public var version: Int { signed.statement.version }
    /// When it was signed.
    public var signedAt: Date { signed.statement.signed }
    /// Until when it was meant to be used.
    public var expires: Date { signed.statement.expires }
    /// The address or path that it came from.
    package var origin: String { note.from }
    /// Whose signature it was checked against; nil for the releases' own.
    package var ownKeys: Set<PublicKey>? { note.keys }

    /// The keys that its origin is trusted by, with the changes that it has brought.
    var keys: CatalogKeys { signed.keys(from: note.keys.map { CatalogKeys($0) } ?? .release) }

    /// Whether it is older than the one that is compiled in, which is used then. Somebody's own catalog counts by itself.
    package var isOutOfUse: Bool { note.keys == nil && version <= Catalog.builtInRevision }

    private static let noteLimit = 64 << 10
    private static let name = "catalog.signed"

    /// Nil when there is none, or none that can be read: then the one that is compiled in is as good.
    init?(in folder: FilePath) {
        guard let folder = try? Folder.root(folder),
            let bytes = try? folder.read(Self.name, limit: Self.noteLimit + SignedCatalog.limit),
            let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let note = try? JSONDecoder().decode(Note.self, from: Data(bytes[..<end])),
            let signed = try? SignedCatalog(parsing: Data(bytes[(end + 1)...])),
            signed.content.count == signed.statement.bytes
        else { return nil }
        self.note = note
        self.signed = signed
    }

    /// Puts a file in the place of the stored one, in one instant, while nobody else does.
    ///
    /// - Parameter judge: Asked once nobody else can write, with what is stored then; false to leave it.
    /// - Throws: `CatalogUpdateError.busy`, `.cannotWrite`, and what `judge` throws.
    static func replace(
        in path: FilePath, with file: Data, _ note: Note, unless judge: (StoredCatalog?) throws -> Bool
    ) throws {
        do {
            let folder = try Folder.creatingRoot(path)
            let lock = try folder.openLock("catalog.lock")
            defer { try? lock.close() }
            guard try lock.tryLock() else { throw CatalogUpdateError.busy }
            if try judge(StoredCatalog(in: path)) { return }
            try folder.write(JSONEncoder().encode(note) + [UInt8(ascii: "\n")] + file, as: name)
        } catch let error as DiskError {
            throw CatalogUpdateError.cannotWrite(path: error.path.string, errno: error.errno)
        }
    }

    /// Forgets it. False when there was none.
    static func remove(in path: FilePath) throws(CatalogUpdateError) -> Bool {
        do throws(DiskError) {
            return try Folder.root(path)?.remove(name) ?? false
        } catch {
            throw .cannotWrite(path: error.path.string, errno: error.errno)
        }
    }
}

extension Shelf.Settings {
    /// The catalog that an update has stored; nil when there is none that can be read.
    public var storedCatalog: StoredCatalog? { StoredCatalog(in: data) }

    /// The catalog to use: the stored one, unless the one that is compiled in is newer.
    ///
    /// - Throws: `CatalogError`.
    public func catalog() throws(CatalogError) -> Catalog {
        if let stored = storedCatalog, !stored.isOutOfUse, let catalog = try? Catalog(json: stored.signed.content) {
            return catalog
        }
        return try Catalog.builtIn()
    }

    /// Goes back to the catalog that is compiled in. False when it is the one in use.
    ///
    /// - Throws: `CatalogUpdateError.cannotWrite`.
    public func resetCatalog() throws(CatalogUpdateError) -> Bool { try StoredCatalog.remove(in: data) }
}
