import CCatalog
public import Foundation

/// The registry: the guide's models and the other small ones, with what sources say about them.
public struct Catalog: Sendable {
    /// Counts the changes of the document's content.
    public let revision: Int
    /// The guide whose families come first; nil in a catalog that follows none.
    package let guide: Guide?
    /// In the document's order.
    public let families: [CatalogFamily]
    /// Digests that circulate as a model's but belong to an error page. Nothing is ever verified against them.
    package let knownBad: Set<Digest>
    /// Where the facts come from: a line for each short id.
    package let sources: [String: String]
    /// The tests that the sizes' standings rest on, by id.
    package let benchmarks: [String: Benchmark]
    /// Where their results come from, by id.
    package let qualitySources: [String: QualitySource]

    /// The largest document that is read, in bytes.
    package static let longestDocument = 32 << 20

    /// The catalog that is compiled in.
    ///
    /// - Throws: ``CatalogError`` when it does not read, which is a bug of ours: the tests read it.
    public static func builtIn() throws(CatalogError) -> Catalog {
        try Catalog(json: builtInJSON)
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
    public static let empty = Catalog()

    private init() {
        revision = 0
        guide = nil
        families = []
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
        let bad = Set((document.knownBadHashes ?? []).map(\.sha256))
        revision = document.revision
        guide = document.guide
        knownBad = bad
        sources = document.sources ?? [:]
        benchmarks = document.quality?.benchmarks ?? [:]
        qualitySources = document.quality?.sources ?? [:]
        var families: [CatalogFamily] = []
        for index in document.families.indices {
            families.append(try CatalogReader(document: document, knownBad: bad).family(at: index))
        }
        try Self.requireUnique(families.map(\.id), "families")
        try Self.requireUnique(families.flatMap { $0.entries.map(\.ref) }, "families.sizes")
        self.families = families
    }

    /// Every size of every family, in the document's order.
    public var entries: [CatalogEntry] { families.flatMap(\.entries) }

    /// The entry with exactly this reference, `gemma2:2b`; nil when there is none.
    public func entry(ref: String) -> CatalogEntry? {
        families.lazy.flatMap(\.entries).first { $0.ref == ref }
    }

    /// The family with exactly this id; nil when there is none.
    public func family(id: String) -> CatalogFamily? {
        families.first { $0.id == id }
    }

    /// The entry that holds a file of the Hub, or else the first that takes files from its repository; nil when the
    /// catalog knows neither.
    package func entry(holding hub: HubReference) -> CatalogEntry? {
        let inRepository = entries.filter { $0.files.contains { $0.repositoryID == hub.id } }
        guard case .path(let path) = hub.selection else { return inRepository.first }
        let exact = inRepository.first { $0.files.contains { $0.repositoryID == hub.id && $0.path == path } }
        return exact ?? inRepository.first
    }

    /// The catalog's file whose content has this digest, and its entry; nil when the catalog does not know it.
    package func file(with digest: Digest) -> (entry: CatalogEntry, file: CatalogFile)? {
        for entry in entries {
            if let file = entry.files.first(where: { $0.digest == digest || $0.parts.first?.digest == digest }) {
                return (entry, file)
            }
        }
        return nil
    }

    private static func decode(_ json: Data) throws(CatalogError) -> CatalogDocument {
        let decoder = JSONDecoder()
        do {
            return try decoder.decode(CatalogDocument.self, from: json)
        } catch {
            // A document of a later schema may differ anywhere: its version is the better answer.
            if let version = try? decoder.decode(CatalogDocument.Version.self, from: json).schemaVersion,
                version != supportedSchema
            {
                throw .unsupportedSchema(version: version)
            }
            throw malformed(error)
        }
    }

    /// The only `schema_version` there is.
    static let supportedSchema = 1

    private static func malformed(_ error: any Error) -> CatalogError {
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

    private static func requireUnique(_ ids: [String], _ path: String) throws(CatalogError) {
        var seen: Set<String> = []
        for id in ids where !seen.insert(id).inserted {
            throw .malformed(path: path, reason: .duplicateID(id))
        }
    }
}
