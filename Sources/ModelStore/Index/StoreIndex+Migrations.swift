import ModelCatalog
import SQLite
import SystemPackage

extension StoreIndex {
    /// A step that brings an index up to date, and the name under which the index knows that it was taken.
    struct Migration: Sendable {
        var name: String
        var run: @Sendable (SQLiteConnection) throws -> Void
    }

    /// Only ever appended to: an index written by any release is brought up to date by running what it lacks.
    private static let migrations = [
        Migration(name: "v1") { try $0.execute(firstTables) },
        // Where a file came from, as a value and no longer as an address to be read again. `source` stays, and is empty:
        // SQLite before 3.35, that of Debian 11 for one, cannot drop a column.
        Migration(name: "v2 origin") { database in
            try database.execute("ALTER TABLE files ADD COLUMN origin TEXT")
            for row in try database.rows("SELECT modelId, position, source FROM files WHERE source IS NOT NULL") {
                let source = try row.decode("source", as: String.self)
                try database.execute(
                    "UPDATE files SET origin = ?, source = NULL WHERE modelId = ? AND position = ?",
                    [
                        FileOrigin(recordedAddress: source).map { RecordedOrigin($0).text },
                        try row.decode("modelId", as: Int64.self),
                        try row.decode("position", as: Int64.self),
                    ])
            }
        },
        // What is asked of names and contents, SQLite answers; what makes no sense, it refuses.
        Migration(name: "v3 constraints") { database in
            try database.execute(checkedTables)
            // One form for one origin, so that rows and records can be compared.
            for row in try database.rows("SELECT modelId, position, origin FROM files WHERE origin IS NOT NULL") {
                let origin = RecordedOrigin(text: try row.decode("origin")).value
                try database.execute(
                    "UPDATE files SET origin = ? WHERE modelId = ? AND position = ?",
                    [
                        origin.map { RecordedOrigin($0).text }, try row.decode("modelId", as: Int64.self),
                        try row.decode("position", as: Int64.self),
                    ])
            }
        },
    ]

    /// Takes the steps that the index lacks.
    ///
    /// - Throws: `.indexNewer` where a later release has taken steps that this one does not know.
    static func migrate(_ database: SQLiteConnection, _ path: FilePath) throws {
        // The table's name is that of the first releases, which kept it by way of a library.
        let known = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'grdb_migrations'"
        func taken() throws -> Set<String> {
            guard try !database.rows(known).isEmpty else { return [] }
            return Set(try database.rows("SELECT identifier FROM grdb_migrations").map { try $0.first() })
        }
        let before = try database.read { _ in try taken() }
        guard before.isSubset(of: migrations.map(\.name)) else { throw StoreError.indexNewer(path: path) }
        guard before.count < migrations.count else { return }
        try database.write { database in
            try database.execute("CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            // Another process may have taken them meanwhile.
            let taken = try taken()
            for migration in migrations where !taken.contains(migration.name) {
                try migration.run(database)
                try database.execute("INSERT INTO grdb_migrations VALUES (?)", [migration.name])
            }
        }
    }

    private static let checkedTables = """
        CREATE INDEX models_on_ref_nocase ON models (ref COLLATE NOCASE);
        CREATE TABLE checked (
            modelId INTEGER NOT NULL REFERENCES models (id) ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position >= 0),
            name TEXT NOT NULL CHECK (length(name) > 0 AND instr(name, '/') = 0),
            path TEXT NOT NULL,
            size INTEGER NOT NULL CHECK (size >= 0),
            modified INTEGER NOT NULL,
            digest TEXT CHECK (digest IS NULL OR (length(digest) = 64 AND digest NOT GLOB '*[^0-9a-f]*')),
            proof TEXT NOT NULL CHECK (proof IN ('sha256', 'size', 'none')),
            origin TEXT CHECK (origin IS NULL OR json_valid(origin)),
            PRIMARY KEY (modelId, position),
            UNIQUE (modelId, name));
        INSERT INTO checked (modelId, position, name, path, size, modified, digest, proof, origin)
            SELECT modelId, position, name, path, size, modified, digest, proof, origin FROM files;
        DROP TABLE files;
        ALTER TABLE checked RENAME TO files;
        CREATE INDEX files_on_path ON files (path);
        CREATE INDEX files_on_digest ON files (digest);
        CREATE TABLE recordFolder (id INTEGER PRIMARY KEY CHECK (id = 1), modified INTEGER);
        """

    /// Times are seconds since 1970, `modified` is nanoseconds, sizes are bytes. `path` is publisher/repository/name;
    /// several models may share a file.
    private static let firstTables = """
        CREATE TABLE models (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            ref TEXT NOT NULL UNIQUE CHECK (length(ref) > 0),
            publisher TEXT NOT NULL,
            repository TEXT NOT NULL,
            quantization TEXT,
            revision TEXT,
            license TEXT,
            installedAt INTEGER NOT NULL,
            verifiedAt INTEGER,
            state TEXT NOT NULL CHECK (state IN ('ready', 'partial', 'damaged', 'missing')));
        CREATE TABLE files (
            modelId INTEGER NOT NULL REFERENCES models(id) ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position >= 0),
            name TEXT NOT NULL,
            path TEXT NOT NULL,
            size INTEGER NOT NULL CHECK (size >= 0),
            modified INTEGER NOT NULL,
            digest TEXT CHECK (digest IS NULL OR length(digest) = 64),
            proof TEXT NOT NULL CHECK (proof IN ('sha256', 'size', 'none')),
            source TEXT,
            PRIMARY KEY (modelId, position),
            UNIQUE (modelId, name));
        CREATE INDEX files_on_path ON files(path);
        CREATE INDEX files_on_digest ON files(digest);
        CREATE TABLE pins (
            ref TEXT NOT NULL,
            file TEXT NOT NULL,
            digest TEXT NOT NULL CHECK (length(digest) = 64),
            size INTEGER NOT NULL CHECK (size >= 0),
            revision TEXT,
            PRIMARY KEY (ref, file));
        """
}
