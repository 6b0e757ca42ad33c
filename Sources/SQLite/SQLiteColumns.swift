internal import CSQLite

/// The row where a statement is, by the position of its columns; gone with the next one.
package struct SQLiteColumns {
    let statement: OpaquePointer

    /// - Throws: where the column is empty or of another type.
    package func text(_ column: Int32) throws(SQLiteError) -> String {
        guard let text = try optionalText(column) else { throw mismatch(column) }
        return text
    }

    /// - Throws: where the column is of another type.
    package func optionalText(_ column: Int32) throws(SQLiteError) -> String? {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return nil
        case SQLITE_TEXT: return string(column)
        default: throw mismatch(column)
        }
    }

    /// The text where SQLite has it, with a zero behind it; gone with the next row, and with the next question about it.
    ///
    /// - Throws: where the column is empty or of another type.
    package func bytes(_ column: Int32) throws(SQLiteError) -> UnsafeBufferPointer<UInt8> {
        guard sqlite3_column_type(statement, column) == SQLITE_TEXT,
            let text = sqlite3_column_text(statement, column)
        else { throw mismatch(column) }
        return UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column)))
    }

    /// - Throws: where the column is empty or of another type.
    package func integer(_ column: Int32) throws(SQLiteError) -> Int64 {
        guard let number = try optionalInteger(column) else { throw mismatch(column) }
        return number
    }

    /// - Throws: where the column is of another type.
    package func optionalInteger(_ column: Int32) throws(SQLiteError) -> Int64? {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return nil
        case SQLITE_INTEGER: return sqlite3_column_int64(statement, column)
        default: throw mismatch(column)
        }
    }

    func cell(_ column: Int32) -> SQLiteCell {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(statement, column) else { return .blob([]) }
            let count = Int(sqlite3_column_bytes(statement, column))
            return .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
        default: return .text(string(column))
        }
    }

    private func string(_ column: Int32) -> String {
        guard let text = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    private func mismatch(_ column: Int32) -> SQLiteError {
        SQLiteError(SQLITE_MISMATCH, message: "unexpected value in column \(column)")
    }
}
