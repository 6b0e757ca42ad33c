internal import CSQLite

/// What SQLite said.
package struct SQLiteError: Error {
    /// The result codes that somebody does something about.
    package enum Code: Equatable, Sendable {
        case full, readOnly, notAllowed, busy, ioError, cannotOpen, noMemory, constraint, mismatch
        case other(Int32)
    }

    package var code: Code
    package var message: String

    /// What a connection says about its last call.
    init(_ code: Int32, of connection: OpaquePointer?) {
        self.init(code, message: sqlite3_errmsg(connection).map { String(cString: $0) } ?? "")
    }

    init(_ code: Int32, message: String) {
        self.message = message
        // The primary code, whether extended ones are on or not.
        self.code =
            switch code & 0xff {
            case SQLITE_FULL: .full
            case SQLITE_READONLY: .readOnly
            case SQLITE_PERM, SQLITE_AUTH: .notAllowed
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_IOERR: .ioError
            case SQLITE_CANTOPEN: .cannotOpen
            case SQLITE_NOMEM: .noMemory
            case SQLITE_CONSTRAINT: .constraint
            case SQLITE_MISMATCH: .mismatch
            case let primary: .other(primary)
            }
    }
}
