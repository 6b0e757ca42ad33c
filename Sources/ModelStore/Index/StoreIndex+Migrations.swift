internal import GRDB
import ModelCatalog

extension StoreIndex {
    /// Only ever appended to: an index written by any release is brought up to date by running what it lacks.
    static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { database in
            try database.create(table: "models") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("ref", .text).notNull().unique().check { length($0) > 0 }
                table.column("publisher", .text).notNull()
                table.column("repository", .text).notNull()
                table.column("quantization", .text)
                table.column("revision", .text)
                table.column("license", .text)
                // Seconds since 1970.
                table.column("installedAt", .integer).notNull()
                table.column("verifiedAt", .integer)
                table.column("state", .text).notNull()
                    .check { ["ready", "partial", "damaged", "missing"].contains($0) }
            }
            try database.create(table: "files") { table in
                table.column("modelId", .integer).notNull().references("models", onDelete: .cascade)
                table.column("position", .integer).notNull().check { $0 >= 0 }
                table.column("name", .text).notNull()
                // publisher/repository/name; several models may share a file.
                table.column("path", .text).notNull().indexed()
                // Bytes, and nanoseconds since 1970.
                table.column("size", .integer).notNull().check { $0 >= 0 }
                table.column("modified", .integer).notNull()
                table.column("digest", .text).indexed().check { $0 == nil || length($0) == 64 }
                table.column("proof", .text).notNull().check { ["sha256", "size", "none"].contains($0) }
                table.column("source", .text)
                table.primaryKey(["modelId", "position"])
                table.uniqueKey(["modelId", "name"])
            }
            try database.create(table: "pins") { table in
                table.column("ref", .text).notNull()
                table.column("file", .text).notNull()
                table.column("digest", .text).notNull().check { length($0) == 64 }
                table.column("size", .integer).notNull().check { $0 >= 0 }
                table.column("revision", .text)
                table.primaryKey(["ref", "file"])
            }
        }
        // Where a file came from, as a value and no longer as an address to be read again.
        migrator.registerMigration("v2 origin") { database in
            try database.alter(table: "files") { $0.add(column: "origin", .text) }
            let old = try Row.fetchAll(
                database, sql: "SELECT modelId, position, source FROM files WHERE source IS NOT NULL")
            for row in old {
                let source = try row.decode(String.self, forColumn: "source")
                try database.execute(
                    sql: "UPDATE files SET origin = ? WHERE modelId = ? AND position = ?",
                    arguments: [
                        FileOrigin(recordedAddress: source).map(Self.text),
                        try row.decode(Int64.self, forColumn: "modelId"),
                        try row.decode(Int64.self, forColumn: "position"),
                    ])
            }
            try database.alter(table: "files") { $0.drop(column: "source") }
        }
        return migrator
    }
}
