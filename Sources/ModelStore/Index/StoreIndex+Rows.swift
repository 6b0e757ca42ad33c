import Foundation
import ModelCatalog
import ModelDownload

extension StoreIndex {
    /// All models, by reference.
    func records() throws(StoreError) -> [ModelRecord] {
        try Self.guarded(path) { try database.read { try Self.records($0, "SELECT id FROM models") } }
    }

    /// What there is to know of one model, by reference: itself, the models that have one of these files or contents,
    /// and those that share a file with any of them. The rest of the store is not read.
    func records(
        relatedTo ref: String, keys: [String] = [], digests: [Digest] = []
    ) throws(StoreError) -> [ModelRecord] {
        let related = """
            WITH RECURSIVE related (id) AS (
                SELECT id FROM models WHERE ref = ?
                UNION SELECT modelId FROM files WHERE path IN (SELECT value FROM json_each(?))
                UNION SELECT modelId FROM files WHERE digest IN (SELECT value FROM json_each(?))
                UNION SELECT other.modelId FROM related JOIN files own ON own.modelId = related.id
                    JOIN files other ON other.path = own.path)
            SELECT id FROM related
            """
        return try Self.guarded(path) {
            let arguments = [ref, try Self.json(keys), try Self.json(digests.map(\.hex))]
            return try database.read { database in
                let ids = try database.rows(related, arguments).map { try $0.first(Int64.self) }
                return try Self.records(database, "SELECT value FROM json_each(?)", [try Self.json(ids)])
            }
        }
    }

    private static func json(_ values: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
    }

    private static func records(
        _ database: SQLiteConnection, _ ids: String, _ arguments: [String] = []
    ) throws -> [ModelRecord] {
        let files = try Dictionary(
            grouping: database.rows(
                "SELECT * FROM files WHERE modelId IN (\(ids)) ORDER BY modelId, position", arguments)
        ) { try $0.decode("modelId", as: Int64.self) }
        let models = "SELECT * FROM models WHERE id IN (\(ids)) ORDER BY ref"
        return try database.rows(models, arguments).map { row in
            let id = try row.decode("id", as: Int64.self)
            let record = try Self.record(row, files: files[id] ?? [])
            // Whoever wrote into the index with other means is not to lead us out of the store either.
            guard (try? record.check()) != nil else { throw RowFault.unknownValue }
            return record
        }
    }

    /// All references.
    func refs() throws(StoreError) -> [String] {
        try Self.guarded(path) { try database.read { try $0.rows("SELECT ref FROM models").map { try $0.first() } } }
    }

    /// The reference that is meant by a text: itself; else the only one that differs in case alone; else that of the
    /// only model that has a file at this path inside the store.
    func ref(meantBy text: String) throws(StoreError) -> String? {
        func first(_ sql: String) throws(StoreError) -> String? {
            try Self.guarded(path) { try database.read { try $0.rows(sql, [text]).first?.optionalFirst() } }
        }
        if let ref = try first("SELECT ref FROM models WHERE ref = ?") { return ref }
        let similar = try refs().filter { $0.lowercased() == text.lowercased() }
        if similar.count == 1 { return similar[0] }
        // SQLite before 3.39 has no HAVING without GROUP BY.
        return try first(
            "SELECT CASE WHEN count(*) = 1 THEN min(ref) END FROM models JOIN files ON modelId = id WHERE path = ?")
    }

    /// Those of the contents that some model has.
    func known(_ digests: [Digest]) throws(StoreError) -> Set<Digest> {
        let sql = "SELECT DISTINCT digest FROM files WHERE digest IN (SELECT value FROM json_each(?))"
        return try Self.guarded(path) {
            let arguments = [try Self.json(digests.map(\.hex))]
            return try database.read { Set(try $0.rows(sql, arguments).map { try Self.digest($0.first()) }) }
        }
    }

    /// Writes a model, in place of what the index had under its reference.
    func save(_ record: ModelRecord) throws(StoreError) {
        try Self.guarded(path) { try database.write { try Self.insert(record, $0) } }
    }

    func delete(ref: String) throws(StoreError) {
        try Self.guarded(path) {
            try database.write { try $0.execute("DELETE FROM models WHERE ref = ?", [ref]) }
        }
    }

    /// Makes the index say exactly this.
    func replaceAll(_ records: [ModelRecord], _ pins: [Pin]) throws(StoreError) {
        try Self.guarded(path) {
            try database.write { database in
                try database.execute("DELETE FROM models; DELETE FROM pins")
                for record in records { try Self.insert(record, database) }
                for pin in pins { try Self.insert(pin, database) }
                try database.execute("PRAGMA user_version = \(Self.filled)")
            }
        }
    }

    /// Whether the index has ever been filled from the records. One that a crash left empty is no better than none.
    func isFilled() throws(StoreError) -> Bool {
        try Self.guarded(path) {
            try database.read { try $0.rows("PRAGMA user_version").first?.first(Int64.self) == Self.filled }
        }
    }

    /// SQLite keeps this number for the application, and writes it within the transaction.
    private static let filled: Int64 = 1

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
                    file.proof.rawValue, file.origin.map(Self.text),
                ])
        }
    }

    private static func record(_ row: SQLiteConnection.Row, files: [SQLiteConnection.Row]) throws -> ModelRecord {
        guard let state = StoredModel.State(recorded: try row.decode("state")) else {
            throw RowFault.unknownValue
        }
        return ModelRecord(
            ref: try row.decode("ref"), publisher: try row.decode("publisher"),
            repository: try row.decode("repository"),
            quantization: try row.optional("quantization"), revision: try row.optional("revision"),
            license: try row.optional("license"),
            installedAt: Date(seconds: try row.decode("installedAt")),
            verifiedAt: try row.optional("verifiedAt", as: Int64.self).map(Date.init(seconds:)), state: state,
            files: try files.map(file))
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

    private static func file(_ row: SQLiteConnection.Row) throws -> ModelRecord.FileRecord {
        guard let proof = VerifiedFile.Proof(rawValue: try row.decode("proof")) else {
            throw RowFault.unknownValue
        }
        return ModelRecord.FileRecord(
            name: try row.decode("name"), size: try row.decode("size"),
            modified: try row.decode("modified"),
            digest: try row.optional("digest", as: String.self).map(digest), proof: proof,
            origin: try row.optional("origin", as: String.self).map(origin))
    }

    /// How the index writes an origin down: as the records do.
    static func text(_ origin: FileOrigin) throws -> String {
        String(decoding: try JSONEncoder().encode(origin), as: UTF8.self)
    }

    private static func origin(_ text: String) throws -> FileOrigin {
        do {
            return try JSONDecoder().decode(FileOrigin.self, from: Data(text.utf8))
        } catch {
            throw RowFault.unknownValue
        }
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

    fileprivate init(seconds: Int64) { self.init(timeIntervalSince1970: Double(seconds)) }
}
