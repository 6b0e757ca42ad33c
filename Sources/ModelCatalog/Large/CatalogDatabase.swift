internal import Disk
internal import Foundation
internal import GRDB
internal import Synchronization
internal import SystemPackage

/// A catalog of any size in a SQLite file: each family's own text, and beside it the few numbers and words by which
/// models are found. What was found is read as from a document, one family at a time.
final class CatalogDatabase: Sendable {
    private let queue: DatabaseQueue
    /// Nil for one that has no name.
    private let path: FilePath?
    let licenses: [String: CatalogDocument.LicenseRow]
    let knownBad: Set<Digest>
    /// Families read so far, by their place.
    private let held = Mutex<[Int: CatalogFamily]>([:])

    /// More than this many families are not held at a time.
    private static let mostHeld = 256

    init(_ queue: DatabaseQueue, path: FilePath?, frame: CatalogDocument) {
        (self.queue, self.path) = (queue, path)
        licenses = frame.licenses
        knownBad = frame.knownBad
    }

    // MARK: Families

    /// - Throws: ``CatalogError/cacheDamaged(path:)``.
    func family(at index: Int) throws(CatalogError) -> CatalogFamily {
        if let family = held.withLock({ $0[index] }) { return family }
        guard
            let text = try read({ database in
                try Data.fetchOne(database, sql: "SELECT json FROM family WHERE id = ?", arguments: [index])
            }), let row = try? JSONDecoder().decode(CatalogDocument.Family.self, from: text)
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
        let marks = databaseQuestionMarks(count: keys.count)
        let found = try read { database in
            try Int.fetchAll(
                database,
                sql: "SELECT DISTINCT family FROM name WHERE key IN (\(marks)) ORDER BY family LIMIT 200",
                arguments: StatementArguments(keys))
        }
        return try families(at: found)
    }

    /// All of them: only for who wants to see all.
    func allFamilies() throws(CatalogError) -> [CatalogFamily] {
        try families(at: try read { try Int.fetchAll($0, sql: "SELECT id FROM family ORDER BY id") })
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
            let rows = try Row.fetchCursor(
                database, sql: "SELECT key, family FROM name WHERE key >= ? AND key < ? LIMIT 50000",
                arguments: [start, end])
            while let row = try rows.next() {
                let key: String = row[0]
                let family: Int = row[1]
                if let distance = NameMatching.distance(from: name, to: key) {
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
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT size.id, size.family, size.place \(query.text) LIMIT ? OFFSET ?",
                arguments: query.arguments + [limit, offset]
            ).map { (id: $0[0], family: $0[1], index: $0[2]) }
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

    private func number(_ sql: String, _ arguments: StatementArguments = []) throws(CatalogError) -> Int {
        try read { try Int.fetchOne($0, sql: sql, arguments: arguments) ?? 0 }
    }

    // MARK: Errors

    /// Runs a query. A file that does not answer is removed: the next run makes it anew.
    func read<Value: Sendable>(_ work: (Database) throws -> Value) throws(CatalogError) -> Value {
        do {
            return try queue.read(work)
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
