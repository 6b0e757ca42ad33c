internal import CSQLite

/// A connection to an SQLite database. Whoever holds it is the only one to use it.
///
/// Everything throws `SQLiteError`.
final class SQLiteConnection {
    private let connection: OpaquePointer

    /// Opens the file, or makes it; `:memory:` is one that no other connection sees.
    ///
    /// - Parameter busyLimit: How long to wait for another connection, in milliseconds.
    init(path: String, busyLimit: Int32) throws(SQLiteError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened else { throw SQLiteError(code: code, message: "") }
        connection = opened
        guard code == SQLITE_OK else { throw failure(code) }
        sqlite3_busy_timeout(opened, busyLimit)
        sqlite3_extended_result_codes(opened, 0)
    }

    deinit { sqlite3_close_v2(connection) }

    /// The row that the last `INSERT` made.
    var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(connection) }

    /// Questions that see one state of the database, whatever others write meanwhile.
    func read<Value>(_ work: (SQLiteConnection) throws -> Value) throws -> Value { try transaction("DEFERRED", work) }

    /// Changes that are made all or not at all.
    func write<Value>(_ work: (SQLiteConnection) throws -> Value) throws -> Value { try transaction("IMMEDIATE", work) }

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

    /// Runs one statement, or several without arguments.
    func execute(_ sql: String, _ arguments: [(any SQLiteValue)?] = []) throws(SQLiteError) {
        _ = try rows(sql, arguments)
    }

    /// The rows that a statement gives; of several statements those of the last.
    func rows(_ sql: String, _ arguments: [(any SQLiteValue)?] = []) throws(SQLiteError) -> [Row] {
        var rows: [Row] = []
        var rest = Array(sql.utf8CString)[...]
        while rest.count > 1 {
            var statement: OpaquePointer?
            var used = 0
            let code = rest.withUnsafeBufferPointer { text in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v2(connection, text.baseAddress, Int32(text.count), &statement, &tail)
                if let start = text.baseAddress, let tail { used = tail - start }
                return code
            }
            guard code == SQLITE_OK else { throw failure(code) }
            rest = rest.dropFirst(max(used, 1))
            // Blanks after the last statement are none.
            guard let statement else { continue }
            defer { sqlite3_finalize(statement) }
            try bind(arguments, to: statement)
            rows = try step(statement)
        }
        return rows
    }

    /// Goes through the rows that one statement gives, and keeps none of them: for many rows.
    func scan(
        _ sql: String, _ arguments: [(any SQLiteValue)?] = [], _ take: (Columns) throws -> Void
    ) throws {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code) }
        defer { sqlite3_finalize(statement) }
        try bind(arguments, to: statement)
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: try take(Columns(statement: statement))
            case SQLITE_DONE: return
            case let code: throw failure(code)
            }
        }
    }

    /// The row where a scan is, by the position of its columns; gone with the next one.
    struct Columns {
        fileprivate let statement: OpaquePointer

        /// - Throws: where the column is empty or of another type.
        func text(_ column: Int32) throws(SQLiteError) -> String {
            guard let text = try optionalText(column) else { throw mismatch(column) }
            return text
        }

        /// - Throws: where the column is of another type.
        func optionalText(_ column: Int32) throws(SQLiteError) -> String? {
            switch sqlite3_column_type(statement, column) {
            case SQLITE_NULL: return nil
            case SQLITE_TEXT: break
            default: throw mismatch(column)
            }
            guard let text = sqlite3_column_text(statement, column) else { return nil }
            let count = Int(sqlite3_column_bytes(statement, column))
            return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
        }

        /// - Throws: where the column is empty or of another type.
        func integer(_ column: Int32) throws(SQLiteError) -> Int64 {
            guard let number = try optionalInteger(column) else { throw mismatch(column) }
            return number
        }

        /// - Throws: where the column is of another type.
        func optionalInteger(_ column: Int32) throws(SQLiteError) -> Int64? {
            switch sqlite3_column_type(statement, column) {
            case SQLITE_NULL: return nil
            case SQLITE_INTEGER: return sqlite3_column_int64(statement, column)
            default: throw mismatch(column)
            }
        }

        private func mismatch(_ column: Int32) -> SQLiteError {
            SQLiteError(code: SQLITE_MISMATCH, message: "unexpected value in column \(column)")
        }
    }

    private func bind(_ arguments: [(any SQLiteValue)?], to statement: OpaquePointer) throws(SQLiteError) {
        for (index, argument) in arguments.enumerated() {
            let place = Int32(index + 1)
            let code: Int32
            switch argument?.cell ?? .null {
            case .null: code = sqlite3_bind_null(statement, place)
            case .integer(let number): code = sqlite3_bind_int64(statement, place, number)
            case .text(let text):
                var text = text
                code = text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) {
                        slm_bind_text(statement, place, $0.baseAddress, Int32($0.count))
                    }
                }
            }
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    private func step(_ statement: OpaquePointer) throws(SQLiteError) -> [Row] {
        let columns = (0..<sqlite3_column_count(statement)).map { column in
            sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
        }
        var rows: [Row] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                rows.append(Row(columns: columns, cells: columns.indices.map { cell(statement, Int32($0)) }))
            case SQLITE_DONE: return rows
            case let code: throw failure(code)
            }
        }
    }

    private func cell(_ statement: OpaquePointer, _ column: Int32) -> Cell {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        default:
            guard let text = sqlite3_column_text(statement, column) else { return .null }
            let count = Int(sqlite3_column_bytes(statement, column))
            return .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        }
    }

    private func failure(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code & 0xff, message: sqlite3_errmsg(connection).map { String(cString: $0) } ?? "")
    }

    /// What stands in a column of a row, as far as the index has such values.
    enum Cell: Hashable {
        case null
        case integer(Int64)
        case text(String)
    }

    /// One row of an answer.
    struct Row {
        fileprivate let columns: [String]
        fileprivate let cells: [Cell]

        /// The value of the first column.
        ///
        /// - Throws: as `decode`.
        func first<Value: SQLiteValue>(_: Value.Type = Value.self) throws(SQLiteError) -> Value {
            try decode(columns.first ?? "")
        }

        /// The value of the first column; nil where it is empty.
        ///
        /// - Throws: as `optional`.
        func optionalFirst<Value: SQLiteValue>(_: Value.Type = Value.self) throws(SQLiteError) -> Value? {
            try optional(columns.first ?? "")
        }

        /// - Throws: where there is no such column, or it is empty or of another type.
        func decode<Value: SQLiteValue>(_ column: String, as _: Value.Type = Value.self) throws(SQLiteError) -> Value {
            guard let value = try optional(column, as: Value.self) else { throw mismatch(column) }
            return value
        }

        /// - Throws: where there is no such column, or it is of another type.
        func optional<Value: SQLiteValue>(_ column: String, as _: Value.Type = Value.self) throws(SQLiteError) -> Value?
        {
            guard let index = columns.firstIndex(of: column) else { throw mismatch(column) }
            if cells[index] == .null { return nil }
            guard let value = Value(cell: cells[index]) else { throw mismatch(column) }
            return value
        }

        private func mismatch(_ column: String) -> SQLiteError {
            SQLiteError(code: SQLITE_MISMATCH, message: "unexpected value in column \(column)")
        }
    }
}

/// What SQLite said.
struct SQLiteError: Error {
    /// A primary result code: `SQLITE_BUSY`, …
    var code: Int32
    var message: String
}

/// A type that a column has.
protocol SQLiteValue {
    init?(cell: SQLiteConnection.Cell)
    var cell: SQLiteConnection.Cell { get }
}

extension String: SQLiteValue {
    init?(cell: SQLiteConnection.Cell) {
        guard case .text(let text) = cell else { return nil }
        self = text
    }

    var cell: SQLiteConnection.Cell { .text(self) }
}

extension Int64: SQLiteValue {
    init?(cell: SQLiteConnection.Cell) {
        guard case .integer(let number) = cell else { return nil }
        self = number
    }

    var cell: SQLiteConnection.Cell { .integer(self) }
}
