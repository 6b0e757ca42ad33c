import Disk
import Foundation
import ModelCatalog
import ModelDownload
import SQLite

extension StoreIndex {
    /// All models, by reference.
    func records() throws(StoreError) -> [ModelRecord] {
        try Self.guarded(path) { try database.read { try Self.records($0) } }
    }

    /// What there is to know of some models: themselves, the models that have one of these files (in any case: on some
    /// disks those are the same) or contents, and those that share a file with any of them. The rest of the store is not
    /// read.
    func records(
        relatedTo refs: String..., keys: [String] = [], digests: [Digest] = []
    ) throws(StoreError) -> [ModelRecord] {
        try records(relatedTo: refs, keys: keys, digests: digests)
    }

    func records(
        relatedTo refs: [String], keys: [String] = [], digests: [Digest] = []
    ) throws(StoreError) -> [ModelRecord] {
        let related = """
            WITH RECURSIVE related (id) AS (
                SELECT id FROM models WHERE ref IN (SELECT value FROM json_each(?))
                UNION SELECT modelId FROM files WHERE path COLLATE NOCASE IN (SELECT value FROM json_each(?))
                UNION SELECT modelId FROM files WHERE digest IN (SELECT value FROM json_each(?))
                UNION SELECT other.modelId FROM related JOIN files own ON own.modelId = related.id
                    JOIN files other ON other.path = own.path)
            SELECT id FROM related
            """
        return try Self.guarded(path) {
            let arguments = [try Self.json(refs), try Self.json(keys), try Self.json(digests.map(\.hex))]
            return try database.read { database in
                let ids = try database.rows(related, arguments).map { try $0.first(Int64.self) }
                return try Self.records(
                    database, "WHERE id IN (SELECT value FROM json_each(?))", [try Self.json(ids)])
            }
        }
    }

    private static func json(_ values: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
    }

    /// Reads by position and in one pass: a list of ten thousand models is asked for often.
    private static func records(
        _ database: SQLiteConnection, _ condition: String = "", _ arguments: [String] = []
    ) throws -> [ModelRecord] {
        let sql = """
            SELECT id, ref, publisher, repository, quantization, revision, license, installedAt, verifiedAt, state,
                name, size, modified, digest, proof, origin
            FROM models JOIN files ON modelId = id \(condition) ORDER BY ref, position
            """
        var records: [ModelRecord] = []
        var last: Int64?
        try database.scan(sql, arguments) { row in
            let id = try row.integer(0)
            if id == last {
                records[records.count - 1].files.append(try file(row))
            } else {
                records.append(try record(row))
                last = id
            }
        }
        // Whoever wrote into the index with other means is not to lead us out of the store either.
        for index in records.indices {
            guard (try? records[index].check()) != nil else { throw RowFault.unknownValue }
        }
        return records
    }

    /// All references.
    func refs() throws(StoreError) -> [String] {
        try Self.guarded(path) { try database.read { try $0.rows("SELECT ref FROM models").map { try $0.first() } } }
    }

    /// The reference that is meant by a text: itself; else the only one that differs in case alone, where case does not
    /// matter; else that of the only model that has a file at this path inside the store.
    func ref(meantBy text: String) throws(StoreError) -> String? {
        func first(_ sql: String) throws(StoreError) -> String? {
            try Self.guarded(path) { try database.read { try $0.rows(sql, [text]).first?.optionalFirst() } }
        }
        if let ref = try first("SELECT ref FROM models WHERE ref = ?") { return ref }
        let similar: [String] = try Self.guarded(path) {
            try database.read {
                try $0.rows("SELECT ref FROM models WHERE ref = ? COLLATE NOCASE", [text]).map { try $0.first() }
            }
        }
        let wanted = ModelReference.ignoringCase(text)
        let same = similar.filter { ModelReference.ignoringCase($0) == wanted }
        if same.count == 1 { return same[0] }
        // SQLite before 3.39 has no HAVING without GROUP BY.
        return try first(
            "SELECT CASE WHEN count(*) = 1 THEN min(ref) END FROM models JOIN files ON modelId = id WHERE path = ?")
    }

    /// The references of the models that have a file with one of these contents.
    func refs(with digests: [Digest]) throws(StoreError) -> [String] {
        let sql = """
            SELECT DISTINCT ref FROM models JOIN files ON modelId = id
            WHERE digest IN (SELECT value FROM json_each(?)) ORDER BY ref
            """
        return try Self.guarded(path) {
            let arguments = [try Self.json(digests.map(\.hex))]
            return try database.read { try $0.rows(sql, arguments).map { try $0.first() } }
        }
    }

    /// Those of the contents that some model has.
    func known(_ digests: [Digest]) throws(StoreError) -> Set<Digest> {
        let sql = "SELECT DISTINCT digest FROM files WHERE digest IN (SELECT value FROM json_each(?))"
        return try Self.guarded(path) {
            let arguments = [try Self.json(digests.map(\.hex))]
            return try database.read { Set(try $0.rows(sql, arguments).map { try Self.digest($0.first()) }) }
        }
    }

    /// When the folder of records had last changed as the index was written, in nanoseconds since 1970: as long as that
    /// is so, no record has come or gone. Nil when that was never noted.
    func recordsModified() throws(StoreError) -> Int64? {
        try Self.guarded(path) {
            try database.read { try $0.rows("SELECT modified FROM recordFolder").first?.optionalFirst() }
        }
    }

    /// Changes the index after the records: every writer holds the store's lock and writes those first.
    private func write(_ work: (SQLiteConnection) throws -> Void) throws {
        let records = FileStatus(of: path.removingLastComponent().appending(StoreLayout.recordsName))
        try database.write { database in
            try work(database)
            try database.execute(
                "INSERT OR REPLACE INTO recordFolder (id, modified) VALUES (1, ?)", [records?.modified])
        }
    }

    /// Writes a model, in place of what the index had under its reference.
    func save(_ record: ModelRecord) throws(StoreError) { try save([record]) }

    /// Writes models in one step, and removes others.
    func save(_ records: [ModelRecord], inPlaceOf refs: [String] = []) throws(StoreError) {
        try Self.guarded(path) {
            try write { database in
                for ref in refs { try database.execute("DELETE FROM models WHERE ref = ?", [ref]) }
                for record in records { try Self.insert(record, database) }
            }
        }
    }

    /// Writes many models in one step, and of others no more than when they were proven. The index is up to date then.
    func save(_ records: [ModelRecord], proven refs: [String], at date: Date) throws(StoreError) {
        let sql = "UPDATE models SET verifiedAt = ? WHERE ref IN (SELECT value FROM json_each(?))"
        try Self.guarded(path) {
            try write { database in
                for record in records { try Self.insert(record, database) }
                try database.execute(sql, [date.seconds, try Self.json(refs)])
                try Self.mark(.current, database)
            }
        }
    }

    func delete(ref: String) throws(StoreError) {
        try Self.guarded(path) {
            try write { try $0.execute("DELETE FROM models WHERE ref = ?", [ref]) }
        }
    }

    /// Makes the index say exactly this.
    func replaceAll(_ records: [ModelRecord], _ pins: [Pin]) throws(StoreError) {
        try Self.guarded(path) {
            try write { database in
                try database.execute("DELETE FROM models; DELETE FROM pins")
                for record in records { try Self.insert(record, database) }
                for pin in pins { try Self.insert(pin, database) }
                try Self.mark(.current, database)
            }
        }
    }

    /// How the index stands to the records. One that a crash left empty is no better than none.
    enum Standing: Int64 { case empty, current, behind }

    func standing() throws(StoreError) -> Standing {
        // SQLite keeps this number for the application, and writes it within the transaction.
        try Self.guarded(path) {
            try database.read { Standing(rawValue: try $0.rows("PRAGMA user_version").first?.first() ?? 0) ?? .empty }
        }
    }

    /// Says that records are about to be written which the index does not have yet.
    func markBehind() throws(StoreError) {
        try Self.guarded(path) { try database.write { try Self.mark(.behind, $0) } }
    }

    private static func mark(_ standing: Standing, _ database: SQLiteConnection) throws {
        try database.execute("PRAGMA user_version = \(standing.rawValue)")
    }

    /// All pins, or those of one model.
    func pins(ref: String? = nil) throws(StoreError) -> [Pin] {
        try Self.guarded(path) {
            try database.read { database in
                let sql = "SELECT * FROM pins WHERE ?1 IS NULL OR ref = ?1 ORDER BY ref, file"
                return try database.rows(sql, [ref]).map { row in
                    Pin(
                        ref: try row.decode("ref"), file: try row.decode("file"),
                        digest: try Self.digest(row.decode("digest", as: String.self)),
                        size: try row.decode("size"), revision: try row.optional("revision"))
                }
            }
        }
    }

    func save(_ pin: Pin) throws(StoreError) {
        try Self.guarded(path) { try database.write { try Self.insert(pin, $0) } }
    }

    private static func insert(_ pin: Pin, _ database: SQLiteConnection) throws {
        try database.execute(
            "INSERT OR REPLACE INTO pins (ref, file, digest, size, revision) VALUES (?, ?, ?, ?, ?)",
            [pin.ref, pin.file, pin.digest.hex, pin.size, pin.revision])
    }

    private static func insert(_ record: ModelRecord, _ database: SQLiteConnection) throws {
        try database.execute("DELETE FROM models WHERE ref = ?", [record.ref])
        try database.execute(
            """
            INSERT INTO models
            (ref, publisher, repository, quantization, revision, license, installedAt, verifiedAt, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                record.ref, record.publisher, record.repository, record.quantization, record.revision, record.license,
                record.installedAt.seconds, record.verifiedAt?.seconds, Self.word(record.state),
            ])
        let id = database.lastInsertedRowID
        for (position, file) in record.files.enumerated() {
            try database.execute(
                """
                INSERT INTO files (modelId, position, name, path, size, modified, digest, proof, origin)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id, Int64(position), file.name, record.key(of: file), file.size, file.modified, file.digest?.hex,
                    file.proof.rawValue, file.recordedOrigin?.text,
                ])
        }
    }

    private static func record(_ row: SQLiteColumns) throws -> ModelRecord {
        guard let state = StoredModel.State(recorded: try row.text(9)) else { throw RowFault.unknownValue }
        return ModelRecord(
            ref: try row.text(1), publisher: try row.text(2), repository: try row.text(3),
            quantization: try row.optionalText(4), revision: try row.optionalText(5), license: try row.optionalText(6),
            installedAt: Date(seconds: try row.integer(7)),
            verifiedAt: try row.optionalInteger(8).map(Date.init(seconds:)), state: state, files: [try file(row)])
    }

    /// The index knows the words of its first version.
    private static func word(_ state: StoredModel.State) -> String {
        switch state {
        case .ready, .changed, .partial, .unreadable: "ready"
        case .damaged: "damaged"
        case .incomplete: "partial"
        case .missing: "missing"
        }
    }

    private static func file(_ row: SQLiteColumns) throws -> ModelRecord.FileRecord {
        guard let proof = VerifiedFile.Proof(rawValue: try row.text(14)) else { throw RowFault.unknownValue }
        return ModelRecord.FileRecord(
            name: try row.text(10), size: try row.integer(11), modified: try row.integer(12),
            digest: try row.optionalText(13).map(digest), proof: proof,
            recordedOrigin: try row.optionalText(15).map(RecordedOrigin.init(text:)))
    }

    private static func digest(_ hex: String) throws -> Digest {
        guard let digest = Digest(hex: hex) else { throw RowFault.unknownValue }
        return digest
    }

    /// A row that SQLite's own checks let pass and that we cannot read.
    private enum RowFault: Error { case unknownValue }
}

extension Date {
    fileprivate var seconds: Int64 { Int64(exactly: timeIntervalSince1970.rounded(.down)) ?? 0 }

    init(seconds: Int64) { self.init(timeIntervalSince1970: Double(seconds)) }
}
