internal import CSQLite

/// A connection to an SQLite database. Whoever holds it is the only one to use it.
///
/// Everything throws `SQLiteError`.
package final class SQLiteConnection {
    private let connection: OpaquePointer
    /// Statements that are not in use, by their text: a program asks the same few questions again and again.
    private var idle: [String: SQLiteStatement] = [:]
    private static let mostIdle = 32

    package enum Access {
        case readOnly
        /// Makes the file where there is none.
        case readWrite
    }

    /// Opens the file; `:memory:` is one that no other connection sees, and so is an empty path, which SQLite keeps on
    /// the disk when it grows.
    ///
    /// - Parameter busyLimit: How long to wait for another connection, in milliseconds.
    package init(path: String, _ access: Access = .readWrite, busyLimit: Int32 = 0) throws(SQLiteError) {
        var opened: OpaquePointer?
        let flags =
            switch access {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard let opened else { throw SQLiteError(code, message: "") }
        connection = opened
        guard code == SQLITE_OK else { throw SQLiteError(code, of: opened) }
        sqlite3_busy_timeout(opened, busyLimit)
        sqlite3_extended_result_codes(opened, 0)
    }

    /// A statement that is still held keeps the file open until it is let go.
    deinit {
        idle = [:]
        sqlite3_close_v2(connection)
    }

    /// The row that the last `INSERT` made.
    package var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(connection) }

    /// Questions that see one state of the database, whatever others write meanwhile.
    package func read<Value>(_ work: (SQLiteConnection) throws -> Value) throws -> Value {
        try transaction("DEFERRED", work)
    }

    /// Changes that are made all or not at all.
    package func write<Value>(_ work: (SQLiteConnection) throws -> Value) throws -> Value {
        try transaction("IMMEDIATE", work)
    }

    private func transaction<Value>(_ kind: String, _ work: (SQLiteConnection) throws -> Value) throws -> Value {
        try execute("BEGIN \(kind)")
        do {
            let value = try work(self)
            try execute("COMMIT")
            return value
        } catch {
            // SQLite has rolled back by itself after some failures.
            if sqlite3_get_autocommit(connection) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// One statement, to be run more than once.
    package func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        var text = Array(sql.utf8CString)[...]
        guard let statement = try nextStatement(in: &text) else {
            throw SQLiteError(SQLITE_MISUSE, message: "no statement")
        }
        return statement
    }

    /// Runs one statement, or several without arguments.
    package func execute(_ sql: String, _ arguments: [(any SQLiteValue)?] = []) throws(SQLiteError) {
        _ = try rows(sql, arguments)
    }

    /// The rows that a statement gives; of several statements those of the last.
    package func rows(_ sql: String, _ arguments: [(any SQLiteValue)?] = []) throws(SQLiteError) -> [SQLiteRow] {
        if let statement = idle.removeValue(forKey: sql) {
            defer { keep(statement, for: sql) }
            try statement.bind(arguments)
            return try statement.rows()
        }
        var rows: [SQLiteRow] = []
        var rest = Array(sql.utf8CString)[...]
        while rest.count > 1 {
            // Blanks after the last statement are none.
            let isFirst = rest.startIndex == 0
            guard let statement = try nextStatement(in: &rest) else { continue }
            try statement.bind(arguments)
            rows = try statement.rows()
            if isFirst, rest.count <= 1 { keep(statement, for: sql) }
        }
        return rows
    }

    /// Goes through the rows that one statement gives, and keeps none of them: for many rows.
    package func scan(
        _ sql: String, _ arguments: [(any SQLiteValue)?] = [], _ take: (SQLiteColumns) throws -> Void
    ) throws {
        let statement = try idle.removeValue(forKey: sql) ?? prepare(sql)
        defer { keep(statement, for: sql) }
        try statement.bind(arguments)
        while let columns = try statement.next() { try take(columns) }
    }

    /// Puts a statement aside until somebody asks the same again.
    private func keep(_ statement: SQLiteStatement, for sql: String) {
        statement.reset()
        if idle.count < Self.mostIdle { idle[sql] = statement }
    }

    /// Takes the first statement from a text that ends in zero; nil where only blanks or remarks are left.
    private func nextStatement(in text: inout ArraySlice<CChar>) throws(SQLiteError) -> SQLiteStatement? {
        var statement: OpaquePointer?
        var used = 0
        let code = text.withUnsafeBufferPointer { text in
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v2(connection, text.baseAddress, Int32(text.count), &statement, &tail)
            if let start = text.baseAddress, let tail { used = tail - start }
            return code
        }
        guard code == SQLITE_OK else { throw SQLiteError(code, of: connection) }
        text = text.dropFirst(max(used, 1))
        return statement.map { SQLiteStatement($0) }
    }
}
