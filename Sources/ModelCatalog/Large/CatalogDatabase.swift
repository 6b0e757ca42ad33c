internal import Disk
internal import Foundation
internal import SQLite
internal import Synchronization
internal import SystemPackage

/// A catalog of any size in a SQLite file: each family's own text, and beside it the few numbers and words by which
/// models are found. What was found is read as from a document, one family at a time.
final class CatalogDatabase: Sendable {
    private let connection: Mutex<SQLiteConnection>
    /// Nil for one that has no name.
    private let path: FilePath?
    let licenses: [String: CatalogDocument.LicenseRow]
    let knownBad: Set<Digest>
    /// Families read so far, by their place.
    private let held = Mutex<[Int: CatalogFamily]>([:])

    /// More than this many families are not held at a time.
    private static let mostHeld = 256

    init(_ connection: sending SQLiteConnection, path: FilePath?, frame: CatalogDocument) {
        self.connection = Mutex(connection)
        self.path = path
        licenses = frame.licenses
        knownBad = frame.knownBad
    }

    // MARK: Families

    /// - Throws: ``CatalogError/cacheDamaged(path:)``.
    func family(at index: Int) throws(CatalogError) -> CatalogFamily {
        if let family = held.withLock({ $0[index] }) { return family }
        guard
            let text = try read({ database in
                try database.rows("SELECT json FROM family WHERE id = ?", [index]).first?.first([UInt8].self)
            }), let row = try? JSONTape.decode(CatalogDocument.Family.self, from: Data(text))
        else { throw damaged() }
        let family = try CatalogReader(licenses: licenses, knownBad: knownBad).family(row, path: "families[\(index)]")
        held.withLock { held in
            if held.count >= Self.mostHeld { held.removeAll() }
            held[index] = family
        }
        return family
    }

    func entry(at place: (family: Int, index: Int)) throws(CatalogError) -> CatalogEntry {
        let family = try family(at: place.family)
        guard family.entries.indices.contains(place.index) else { throw damaged() }
        return family.entries[place.index]
    }

    /// The families that one of these names may mean, in the catalog's order; keys are those of ``NameMatching``.
    func families(named keys: [String]) throws(CatalogError) -> [CatalogFamily] {
        let marks = keys.map { _ in "?" }.joined(separator: ", ")
        let sql = "SELECT DISTINCT family FROM name WHERE key IN (\(marks)) ORDER BY family LIMIT 200"
        return try families(at: try read { try $0.rows(sql, keys).map { try $0.first() } })
    }

    /// All of them: only for who wants to see all.
    func allFamilies() throws(CatalogError) -> [CatalogFamily] {
        try families(at: try read { try $0.rows("SELECT id FROM family ORDER BY id").map { try $0.first() } })
    }

    private func families(at places: [Int]) throws(CatalogError) -> [CatalogFamily] {
        var families: [CatalogFamily] = []
        for place in places { families.append(try family(at: place)) }
        return families
    }

    /// The families whose names are nearest to what was typed, of those that begin with the same two letters.
    func families(near name: String, limit: Int) throws(CatalogError) -> [CatalogFamily] {
        let start = String(NameMatching.key(name).prefix(2))
        guard let last = start.unicodeScalars.last, let after = Unicode.Scalar(last.value + 1) else { return [] }
        let end = String(start.unicodeScalars.dropLast()) + String(after)
        let near = try read { database in
            var best: [Int: Int] = [:]
            let sql = "SELECT key, family FROM name WHERE key >= ? AND key < ? LIMIT 50000"
            try database.scan(sql, [start, end]) { row in
                let family = Int(try row.integer(1))
                if let distance = NameMatching.distance(from: name, to: try row.text(0)) {
                    best[family] = min(best[family] ?? .max, distance)
                }
            }
            return best.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(limit).map(\.key)
        }
        return try families(at: near)
    }

    // MARK: Models

    /// Places of models that pass some conditions, in an order, a few at a time.
    func places(
        _ query: CatalogQuery, from offset: Int, limit: Int
    ) throws(CatalogError) -> [(id: Int, family: Int, index: Int)] {
        let sql = "SELECT size.id, size.family, size.place \(query.text) LIMIT ? OFFSET ?"
        return try read { database in
            var places: [(id: Int, family: Int, index: Int)] = []
            try database.scan(sql, query.arguments + [limit, offset]) { row in
                places.append(
                    (id: Int(try row.integer(0)), family: Int(try row.integer(1)), index: Int(try row.integer(2))))
            }
            return places
        }
    }

    func count(_ query: CatalogQuery) throws(CatalogError) -> Int {
        try number("SELECT COUNT(*) \(query.text)", query.arguments)
    }

    /// The models with a file of which a column, `repository` or `digest`, is this; a few of them.
    func entries(column: String, _ value: String) throws(CatalogError) -> [CatalogEntry] {
        let query = CatalogQuery(
            text: "FROM size WHERE id IN (SELECT size FROM file WHERE \(column) = ?) ORDER BY id", arguments: [value])
        var entries: [CatalogEntry] = []
        for place in try places(query, from: 0, limit: 100) {
            entries.append(try entry(at: (place.family, place.index)))
        }
        return entries
    }

    func counts() throws(CatalogError) -> Catalog.Counts {
        var counts = Catalog.Counts()
        counts.families = try number("SELECT COUNT(*) FROM family")
        counts.guideFamilies = try number("SELECT COUNT(*) FROM family WHERE isOfGuide")
        counts.sizes = try number("SELECT COUNT(*) FROM size")
        counts.files = try number("SELECT SUM(files) FROM size")
        counts.filesWithDigest = try number("SELECT SUM(digests) FROM size")
        return counts
    }

    private func number(_ sql: String, _ arguments: [any SQLiteValue] = []) throws(CatalogError) -> Int {
        try read { try $0.rows(sql, arguments).first?.optionalFirst() ?? 0 }
    }

    // MARK: Errors

    /// Runs a query. A file that does not answer is removed: the next run makes it anew.
    func read<Value: Sendable>(
        _ work: @Sendable (SQLiteConnection) throws -> Value
    ) throws(CatalogError) -> Value {
        do {
            return try connection.withLock { try $0.read(work) }
        } catch {
            throw damaged()
        }
    }

    private func damaged() -> CatalogError {
        guard let path else { return .cacheDamaged(path: "") }
        try? FileManager.default.removeItem(atPath: path.string)
        return .cacheDamaged(path: path.string)
    }
}
