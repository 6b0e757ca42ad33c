internal import CSQLite

/// One row of an answer, kept.
package struct SQLiteRow {
    let columns: [String]
    let cells: [SQLiteCell]

    /// The value of the first column.
    ///
    /// - Throws: as `decode`.
    package func first<Value: SQLiteValue>(_: Value.Type = Value.self) throws(SQLiteError) -> Value {
        try decode(columns.first ?? "")
    }

    /// The value of the first column; nil where it is empty.
    ///
    /// - Throws: as `optional`.
    package func optionalFirst<Value: SQLiteValue>(_: Value.Type = Value.self) throws(SQLiteError) -> Value? {
        try optional(columns.first ?? "")
    }

    /// - Throws: where there is no such column, or it is empty or of another type.
    package func decode<Value: SQLiteValue>(
        _ column: String, as _: Value.Type = Value.self
    ) throws(SQLiteError) -> Value {
        guard let value = try optional(column, as: Value.self) else { throw mismatch(column) }
        return value
    }

    /// - Throws: where there is no such column, or it is of another type.
    package func optional<Value: SQLiteValue>(
        _ column: String, as _: Value.Type = Value.self
    ) throws(SQLiteError) -> Value? {
        guard let index = columns.firstIndex(of: column) else { throw mismatch(column) }
        if cells[index] == .null { return nil }
        guard let value = Value(cell: cells[index]) else { throw mismatch(column) }
        return value
    }

    private func mismatch(_ column: String) -> SQLiteError {
        SQLiteError(SQLITE_MISMATCH, message: "unexpected value in column \(column)")
    }
}
