internal import CSQLite

/// A prepared statement, which can be bound and run again and again.
package final class SQLiteStatement {
    private let statement: OpaquePointer

    /// Takes over a statement, and ends it.
    init(_ statement: OpaquePointer) { self.statement = statement }

    deinit { sqlite3_finalize(statement) }

    /// Starts anew, with values for the question marks; those that are left out are empty.
    package func bind(_ arguments: [(any SQLiteValue)?]) throws(SQLiteError) {
        reset()
        for (index, argument) in arguments.enumerated() {
            let code = bind(argument?.cell ?? .null, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    /// Lets go of the row where it is, with the lock that reading takes, and of its values.
    func reset() {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    /// Runs a statement whose rows nobody wants.
    package func run(_ arguments: [(any SQLiteValue)?]) throws(SQLiteError) {
        try bind(arguments)
        while try next() != nil {}
    }

    /// The next row, which is gone with the one after it; nil after the last, and then it can be run again.
    package func next() throws(SQLiteError) -> SQLiteColumns? {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return SQLiteColumns(statement: statement)
        case SQLITE_DONE:
            sqlite3_reset(statement)
            return nil
        case let code:
            let failure = failure(code)
            sqlite3_reset(statement)
            throw failure
        }
    }

    /// All rows that are left.
    func rows() throws(SQLiteError) -> [SQLiteRow] {
        var names: [String] = []
        var rows: [SQLiteRow] = []
        while let columns = try next() {
            // Not before: where tables have changed, it is the first step that learns of it.
            if rows.isEmpty {
                names = (0..<sqlite3_column_count(statement)).map { column in
                    sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
                }
            }
            rows.append(SQLiteRow(columns: names, cells: names.indices.map { columns.cell(Int32($0)) }))
        }
        return rows
    }

    private func bind(_ cell: SQLiteCell, at place: Int32) -> Int32 {
        switch cell {
        case .null: return sqlite3_bind_null(statement, place)
        case .integer(let number): return sqlite3_bind_int64(statement, place, number)
        case .real(let number): return sqlite3_bind_double(statement, place, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    slm_bind_text(statement, place, $0.baseAddress, Int32($0.count))
                }
            }
        case .blob(let bytes):
            // No address would mean NULL.
            if bytes.isEmpty { return sqlite3_bind_zeroblob(statement, place, 0) }
            return bytes.withUnsafeBytes { slm_bind_blob(statement, place, $0.baseAddress, Int32($0.count)) }
        }
    }

    private func failure(_ code: Int32) -> SQLiteError { SQLiteError(code, of: sqlite3_db_handle(statement)) }
}
