import CCatalog
import Disk
public import Foundation
package import SystemPackage

/// The registry: the guide's models and the other small ones, with what sources say about them.
public struct Catalog: Sendable {
    /// Counts the changes of the document's content.
    public let revision: Int
    /// The guide whose families come first; nil in a catalog that follows none.
    package let guide: Guide?
    /// In the document's order. A large catalog is read whole for it: ask for what you look for instead.
    public var families: [CatalogFamily] {
        guard let database else { return held }
        return (try? database.allFamilies()) ?? []
    }
    private let held: [CatalogFamily]
    /// Where a large catalog is; nil for one that is held in memory.
    let database: CatalogDatabase?
    /// Digests that circulate as a model's but belong to an error page. Nothing is ever verified against them.
    package let knownBad: Set<Digest>
    /// Where the facts come from: a line for each short id.
    package let sources: [String: String]
    /// The tests that the sizes' standings rest on, by id.
    package let benchmarks: [String: Benchmark]
    /// Where their results come from, by id.
    package let qualitySources: [String: QualitySource]

    /// The largest document that is read into memory, in bytes. Files may be larger: see ``read(_:caches:willMake:)``.
    package static let longestDocument = 32 << 20
    /// The largest file that is read, in bytes.
    package static let longestFile = 1 << 30
    /// A file that is larger becomes a database first, in bytes: reading it takes longer than anything else.
    package static let mostAtOnce = 1 << 20

    /// The catalog that is compiled in.
    ///
    /// - Throws: ``CatalogError`` when it does not read, which is a bug of ours: the tests read it.
    public static func builtIn() throws(CatalogError) -> Catalog {
        try compiledIn.get()
    }

    /// Read once in a program, however often it is asked for.
    private static let compiledIn = Result { () throws(CatalogError) in
        // The bytes are there for as long as the program runs: only who changes a `Data` needs a copy.
        guard let bytes = UnsafeMutableRawPointer(mutating: modelteca_catalog_bytes()) else {
            throw .malformed(path: "", reason: .notJSON)
        }
        return try Catalog(json: Data(bytesNoCopy: bytes, count: modelteca_catalog_count(), deallocator: .none))
    }

    /// The bytes of the catalog that is compiled in.
    package static var builtInJSON: Data {
        Data(bytes: modelteca_catalog_bytes(), count: modelteca_catalog_count())
    }

    /// The ``revision`` of the catalog that is compiled in, without reading it whole.
    package static let builtInRevision: Int = {
        let start = String(decoding: builtInJSON.prefix(512), as: UTF8.self)
        let number = start.split(separator: "\"revision\":").dropFirst().first?.trimmingPrefix { $0 == " " }
        return number.flatMap { Int($0.prefix { $0.isNumber }) } ?? (try? builtIn().revision) ?? 0
    }()

    /// A catalog with nothing in it, for work that asks it for nothing: reading the real one takes time and memory.
    package static let empty = Catalog()

    private init() {
        revision = 0
        guide = nil
        held = []
        database = nil
        knownBad = []
        sources = [:]
        benchmarks = [:]
        qualitySources = [:]
    }

    /// Reads a catalog document.
    ///
    /// File names, ids and digests are checked, because they become paths and proofs; `catalog lint` says more.
    /// - Throws: ``CatalogError/tooLarge(size:limit:)``, ``CatalogError/unsupportedSchema(version:)`` or
    ///   ``CatalogError/malformed(path:reason:)``.
    public init(json: Data) throws(CatalogError) {
        guard json.count <= Self.longestDocument else {
            throw .tooLarge(size: json.count, limit: Self.longestDocument)
        }
        let document = try Self.decode(json)
        let reader = CatalogReader(licenses: document.licenses, knownBad: document.knownBad)
        var families: [CatalogFamily] = []
        for (index, row) in document.families.enumerated() {
            families.append(try reader.family(row, path: "families[\(index)]"))
        }
        try Self.requireUnique(families.map(\.id), "families")
        try Self.requireUnique(families.flatMap { $0.entries.map(\.ref) }, "families.sizes")
        self.init(frame: document, families: families)
    }

    private init(frame: CatalogDocument, families: [CatalogFamily] = [], database: CatalogDatabase? = nil) {
        revision = frame.revision
        guide = frame.guide
        knownBad = frame.knownBad
        sources = frame.sources ?? [:]
        benchmarks = frame.quality?.benchmarks ?? [:]
        qualitySources = frame.quality?.sources ?? [:]
        held = families
        self.database = database
    }

    /// Some families of a catalog, for questions that only they can answer.
    init(_ families: [CatalogFamily], of whole: Catalog) {
        revision = whole.revision
        guide = whole.guide
        knownBad = whole.knownBad
        sources = whole.sources
        benchmarks = whole.benchmarks
        qualitySources = whole.qualitySources
        held = families
        database = nil
    }

    /// Reads a catalog from a file: into memory where it is small, else as a database that is made of it once and kept
    /// in `caches` until the file changes.
    ///
    /// - Parameters:
    ///   - start: Where in the file the document begins.
    ///   - most: In bytes; a document that is larger becomes a database.
    ///   - willMake: Told before a large one is read through, with its size in bytes.
    /// - Returns: Nil when there is no file to read.
    /// - Throws: As ``init(json:)``; `CancellationError`; what the disk said.
    package static func read(
        _ path: FilePath, from start: Int64 = 0, caches: FilePath?, atOnce most: Int = mostAtOnce,
        willMake: (_ size: Int64) -> Void = { _ in }
    ) throws -> Catalog? {
        // Without this a pipe that somebody left there would have to be waited for.
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]),
            let status = FileStatus(of: file), status.kind != .folder
        else { return nil }
        defer { try? file.close() }
        guard status.kind == .file, status.size - start > most else {
            guard let bytes = readBytes(at: path, limit: longestDocument + Int(start) + 1) else { return nil }
            let json = Data(bytes.dropFirst(Int(start)))
            guard json.count <= longestDocument else { throw CatalogError.tooLarge(size: nil, limit: longestDocument) }
            return try Catalog(json: json)
        }
        guard status.size <= longestFile else {
            throw CatalogError.tooLarge(size: Int(status.size), limit: longestFile)
        }
        let (database, frame) = try CatalogDatabase.open(
            file, from: start, path: path, status: status, caches: caches
        ) {
            willMake(status.size)
        }
        return Catalog(frame: frame, database: database)
    }

    /// Every size of every family, in the document's order.
    public var entries: [CatalogEntry] { families.flatMap(\.entries) }

    /// How much is in it.
    package struct Counts: Sendable {
        package var families = 0
        package var guideFamilies = 0
        package var sizes = 0
        package var files = 0
        package var filesWithDigest = 0
    }

    package var counts: Counts {
        if let database { return (try? database.counts()) ?? Counts() }
        var counts = Counts()
        counts.families = families.count
        counts.guideFamilies = families.count { $0.guide != nil }
        for entry in entries {
            counts.sizes += 1
            counts.files += entry.files.count
            counts.filesWithDigest += entry.files.count { $0.digest != nil }
        }
        return counts
    }

    /// The entry with exactly this reference, `gemma2:2b`; nil when there is none.
    public func entry(ref: String) -> CatalogEntry? {
        let id = ref.prefix { $0 != ":" }
        return family(id: String(id))?.entries.first { $0.ref == ref }
    }

    /// The family with exactly this id; nil when there is none.
    public func family(id: String) -> CatalogFamily? {
        let families = database.map { (try? $0.families(named: [NameMatching.key(id)])) ?? [] } ?? held
        return families.first { $0.id == id }
    }

    /// The entry that holds a file of the Hub, or else the first that takes files from its repository; nil when the
    /// catalog knows neither.
    package func entry(holding hub: HubReference) -> CatalogEntry? {
        if let database {
            let all = (try? database.entries(column: "repository", hub.id)) ?? []
            return Catalog.entry(holding: hub, among: all)
        }
        return Catalog.entry(holding: hub, among: entries)
    }

    private static func entry(holding hub: HubReference, among entries: [CatalogEntry]) -> CatalogEntry? {
        let inRepository = entries.filter { $0.files.contains { $0.repositoryID == hub.id } }
        guard case .path(let path) = hub.selection else { return inRepository.first }
        let exact = inRepository.first { $0.files.contains { $0.repositoryID == hub.id && $0.path == path } }
        return exact ?? inRepository.first
    }

    /// The catalog's file whose content has this digest, and its entry; nil when the catalog does not know it.
    package func file(with digest: Digest) -> (entry: CatalogEntry, file: CatalogFile)? {
        let entries = database.map { (try? $0.entries(column: "digest", digest.hex)) ?? [] } ?? entries
        for entry in entries {
            if let file = entry.files.first(where: { $0.digest == digest || $0.parts.first?.digest == digest }) {
                return (entry, file)
            }
        }
        return nil
    }

    static func decode(_ json: Data) throws(CatalogError) -> CatalogDocument {
        do {
            return try JSONTape.decode(CatalogDocument.self, from: json)
        } catch {
            // A document of a later schema may differ anywhere: its version is the better answer.
            if let version = try? JSONTape.decode(CatalogDocument.Version.self, from: json).schemaVersion,
                version != supportedSchema
            {
                throw .unsupportedSchema(version: version)
            }
            throw malformed(error)
        }
    }

    /// The only `schema_version` there is.
    static let supportedSchema = 1

    static func malformed(_ error: any Error, below: String = "") -> CatalogError {
        guard !below.isEmpty, case .malformed(let path, let reason) = malformed(error) else {
            return malformed(decoding: error)
        }
        return .malformed(path: path.isEmpty ? below : "\(below).\(path)", reason: reason)
    }

    private static func malformed(decoding error: any Error) -> CatalogError {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            .malformed(path: JSONNode.path(context.codingPath + [key]), reason: .missing)
        case .valueNotFound(_, let context):
            .malformed(path: JSONNode.path(context.codingPath), reason: .missing)
        case .dataCorrupted(let context) where context.codingPath.isEmpty: .malformed(path: "", reason: .notJSON)
        case .typeMismatch(_, let context), .dataCorrupted(let context):
            .malformed(
                path: JSONNode.path(context.codingPath), reason: .unreadable(context.debugDescription))
        case nil: .malformed(path: "", reason: .notJSON)
        @unknown default: .malformed(path: "", reason: .unreadable("\(error)"))
        }
    }

    static func requireUnique(_ ids: [String], _ path: String) throws(CatalogError) {
        var seen: Set<String> = []
        for id in ids where !seen.insert(id).inserted {
            throw .malformed(path: path, reason: .duplicateID(id))
        }
    }
}
