internal import SQLite

/// Writes families into a database that is being made.
final class CatalogRows {
    private let family: SQLiteStatement
    private let size: SQLiteStatement
    private let standing: SQLiteStatement
    private let name: SQLiteStatement
    private let file: SQLiteStatement
    private let words: SQLiteStatement
    private var count = 0

    init(_ database: SQLiteConnection) throws {
        family = try database.prepare("INSERT INTO family VALUES (?, ?, ?, ?)")
        size = try database.prepare(
            "INSERT INTO size VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        standing = try database.prepare("INSERT INTO standing VALUES (?, ?, ?, ?)")
        name = try database.prepare("INSERT OR IGNORE INTO name VALUES (?, ?)")
        file = try database.prepare("INSERT INTO file VALUES (?, ?, ?)")
        words = try database.prepare("INSERT INTO word (rowid, name, other) VALUES (?, ?, ?)")
    }

    func add(_ row: CatalogFamily, at index: Int, _ text: [UInt8]) throws {
        try family.run([index, row.id, row.guide != nil, text])
        for key in row.lookupKeys { try name.run([key, index]) }
        for (place, entry) in row.entries.enumerated() {
            let id = count
            count += 1
            var tested = 0
            for (bit, use) in QualityUse.allCases.enumerated() {
                guard let rank = entry.rank(in: use) else { continue }
                tested |= 1 << bit
                try standing.run([use.rawValue, !rank.isIndependent, rank.place, id])
            }
            try size.run([
                id, index, place, entry.type.rawValue, entry.deviceClass.rawValue, entry.license.id,
                CatalogQuery.text(of: entry.spokenLanguages), entry.contextLength, entry.released ?? "",
                entry.apparentParameters, row.guide != nil, entry.sees, entry.fillsInTheMiddle == true,
                entry.files.count,
                entry.files.count { $0.digest != nil }, entry.leastMemory, entry.leastRead, tested,
            ])
            for one in entry.files {
                try file.run([id, one.repositoryID, one.digest?.hex])
                if let first = one.parts.first?.digest {
                    try file.run([id, one.repositoryID, first.hex])
                }
            }
            let document = CatalogSearch.Document(entry, of: row)
            try words.run([
                id, document.names.joined(separator: " "), document.others.joined(separator: " "),
            ])
        }
    }
}

extension CatalogFamily {
    /// Every name by which it, or one of its sizes, is found.
    fileprivate var lookupKeys: Set<String> {
        var names = [id, name] + aliases
        for entry in entries {
            names += [entry.ref] + entry.names + entry.upstream
            names += entry.upstream.compactMap { $0.split(separator: "/").last.map(String.init) }
        }
        return Set(names.map { NameMatching.key($0) })
    }
}

extension CatalogEntry {
    /// ISO 639-1 codes of all that it ``knows(_:)``.
    fileprivate var spokenLanguages: [String] {
        let named = languages ?? []
        return named.contains("es") || !knows("es") ? named : named + ["es"]
    }
}
