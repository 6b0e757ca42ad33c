/// What stands in a column of a row.
package enum SQLiteCell: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// A type that a column has.
package protocol SQLiteValue: Sendable {
    init?(cell: SQLiteCell)
    var cell: SQLiteCell { get }
}

extension String: SQLiteValue {
    package init?(cell: SQLiteCell) {
        guard case .text(let text) = cell else { return nil }
        self = text
    }

    package var cell: SQLiteCell { .text(self) }
}

extension Int64: SQLiteValue {
    package init?(cell: SQLiteCell) {
        guard case .integer(let number) = cell else { return nil }
        self = number
    }

    package var cell: SQLiteCell { .integer(self) }
}

extension Int: SQLiteValue {
    package init?(cell: SQLiteCell) {
        guard case .integer(let number) = cell else { return nil }
        self.init(exactly: number)
    }

    package var cell: SQLiteCell { .integer(Int64(self)) }
}

extension Bool: SQLiteValue {
    package init?(cell: SQLiteCell) {
        guard case .integer(let number) = cell else { return nil }
        self = number != 0
    }

    package var cell: SQLiteCell { .integer(self ? 1 : 0) }
}

extension [UInt8]: SQLiteValue {
    package init?(cell: SQLiteCell) {
        guard case .blob(let bytes) = cell else { return nil }
        self = bytes
    }

    package var cell: SQLiteCell { .blob(self) }
}
