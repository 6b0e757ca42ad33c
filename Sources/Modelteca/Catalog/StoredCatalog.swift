internal import Disk
public import Foundation
public import ModelCatalog
package import ModelDownload
internal import SystemPackage

/// The catalog that `update` has stored, as it came, behind a line that says where from.
public struct StoredCatalog: Sendable {
    let note: Note
    /// Its first line; the document itself is read when it is asked for.
    let signed: SignedCatalog
    private let path: FilePath
    /// Where in the file the document begins.
    private let start: Int64

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
        guard let folder = try? Folder.root(folder), let status = try? folder.status(Self.name), status.kind == .file,
            let bytes = try? Self.beginning(of: Self.name, in: folder),
            let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let note = try? JSONDecoder().decode(Note.self, from: Data(bytes[..<end])),
            let signed = try? SignedCatalog(parsing: Data(bytes[(end + 1)...]))
        else { return nil }
        start = Int64(bytes.count - signed.content.count)
        guard status.size - start == Int64(signed.statement.bytes) else { return nil }
        path = folder.path.appending(Self.name)
        self.note = note
        self.signed = signed
    }

    /// Both lines that stand before the document, and some of it.
    private static func beginning(of name: String, in folder: Folder) throws -> [UInt8] {
        guard let file = try folder.open(name) else { return [] }
        defer { try? file.close() }
        return try Array(unsafeUninitializedCapacity: noteLimit + SignedCatalog.headLimit + 2) { buffer, count in
            count = try file.fill(UnsafeMutableRawBufferPointer(buffer), at: 0)
        }
    }

    /// The catalog: a large one as a database, which is made of it once.
    func catalog(caches: FilePath) throws -> Catalog? {
        try Catalog.read(path, from: start, caches: caches.appending("modelteca"))
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
        if let stored = storedCatalog, !stored.isOutOfUse, let catalog = try? stored.catalog(caches: caches) {
            return catalog
        }
        return try Catalog.builtIn()
    }

    /// Goes back to the catalog that is compiled in. False when it is the one in use.
    ///
    /// - Throws: `CatalogUpdateError.cannotWrite`.
    public func resetCatalog() throws(CatalogUpdateError) -> Bool { try StoredCatalog.remove(in: data) }
}
