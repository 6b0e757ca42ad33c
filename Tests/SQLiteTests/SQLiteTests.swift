import SQLite
import TestSupport
import Testing

@Suite struct SQLiteTests {
    @Test func `a statement is bound and run again, and every type comes back as it was`() throws {
        let database = try SQLiteConnection(path: ":memory:")
        try database.execute("CREATE TABLE t (a INTEGER, b TEXT, c BLOB); CREATE INDEX i ON t (a); -- the end")
        let insert = try database.prepare("INSERT INTO t VALUES (?, ?, ?)")
        try database.write { database in
            try insert.run([7, "ñ\u{0}x", [0, 255] as [UInt8]])
            try insert.run([true, "", [] as [UInt8]])
            // What is left out is empty, and not what the run before had.
            try insert.run([nil])
            #expect(database.lastInsertedRowID == 3)
        }
        let rows = try database.rows("SELECT a, b, c FROM t ORDER BY rowid")
        #expect(try rows.map { try $0.optional("a", as: Int.self) } == [7, 1, nil])
        #expect(try rows.map { try $0.optional("b", as: String.self) } == ["ñ\u{0}x", "", nil])
        #expect(try rows.map { try $0.optional("c", as: [UInt8].self) } == [[0, 255], [], nil])
        #expect(throws: SQLiteError.self) { try rows[0].decode("b", as: Int.self) }
        #expect(throws: SQLiteError.self) { try rows[0].decode("d", as: Int.self) }
        #expect(throws: SQLiteError.self) { try rows[2].first(Int.self) }
    }

    @Test func `rows are gone through one at a time, as far as somebody wants`() throws {
        let database = try SQLiteConnection(path: ":memory:")
        let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i, 'x' FROM n"
        var sum: Int64 = 0
        try database.scan(sql, [100_000]) { sum += try $0.integer(0) }
        #expect(sum == 5_000_050_000)
        let numbers = try database.prepare(sql)
        try numbers.bind([3])
        #expect(try numbers.next()?.integer(0) == 1)
        #expect(try numbers.next()?.text(1) == "x")
        #expect(throws: SQLiteError.self) { try numbers.next()?.text(0) }
        while try numbers.next() != nil {}
        try numbers.bind([1])
        #expect(try numbers.next()?.integer(0) == 1)
    }

    @Test func `a question that is asked again sees what has changed, also within itself`() throws {
        let database = try SQLiteConnection(path: ":memory:")
        try database.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)")
        let sql = "SELECT * FROM t WHERE a >= ? ORDER BY a"
        var pairs: [[Int64]] = []
        try database.scan(sql, [1]) { outer in
            let first = try outer.integer(0)
            try database.scan(sql, [first]) { pairs.append([first, try $0.integer(0)]) }
        }
        #expect(pairs == [[1, 1], [1, 2], [2, 2]])
        // With another number of columns, too, and after the table was made anew.
        try database.execute("ALTER TABLE t ADD COLUMN b TEXT")
        #expect(try database.rows(sql, [2]).map { try $0.optional("b", as: String.self) } == [nil])
        try database.execute("DROP TABLE t; CREATE TABLE t (a INTEGER)")
        #expect(try database.rows(sql, [1]).isEmpty)
        // What was bound before counts no more.
        #expect(try database.rows("SELECT ? IS NULL", [7]).first?.first(Int64.self) == 0)
        #expect(try database.rows("SELECT ? IS NULL").first?.first(Int64.self) == 1)
    }

    @Test func `who has had enough in the middle of the rows holds up nobody`() throws {
        struct Enough: Error {}
        try withTemporaryFolder { folder in
            let file = folder.appending("t.sqlite").string
            let (one, other) = (try SQLiteConnection(path: file), try SQLiteConnection(path: file))
            try one.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)")
            #expect(throws: Enough.self) { try one.scan("SELECT a FROM t") { _ in throw Enough() } }
            try other.write { try $0.execute("INSERT INTO t VALUES (3)") }
            #expect(try one.rows("SELECT a FROM t").count == 3)
        }
    }

    @Test func `what fails within a transaction leaves nothing behind`() throws {
        let database = try SQLiteConnection(path: ":memory:")
        try database.execute("CREATE TABLE t (a INTEGER UNIQUE)")
        let error = #expect(throws: SQLiteError.self) {
            try database.write { database in
                let insert = try database.prepare("INSERT INTO t VALUES (?)")
                try insert.run([1])
                try insert.run([1])
            }
        }
        #expect(error?.code == .constraint)
        #expect(try database.rows("SELECT * FROM t").isEmpty)
        try database.write { try $0.execute("INSERT INTO t VALUES (1)") }
        #expect(try database.read { try $0.rows("SELECT a FROM t").first?.first() } == 1)
    }

    @Test func `what cannot be opened or understood is said`() throws {
        let missing = #expect(throws: SQLiteError.self) { try SQLiteConnection(path: "/nowhere/a", .readOnly) }
        #expect(missing?.code == .cannotOpen)
        let database = try SQLiteConnection(path: ":memory:")
        let nonsense = #expect(throws: SQLiteError.self) { try database.execute("SELEKT 1") }
        #expect(nonsense?.message.contains("SELEKT") == true)
        #expect(throws: SQLiteError.self) { try database.prepare(" -- nothing") }
    }
}
