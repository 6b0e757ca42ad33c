internal import Disk
internal import Foundation
internal import SQLite
internal import SystemPackage

/// How a document becomes a database, and when one that was made before still holds.
extension CatalogDatabase {
    /// Counted up when tables, or what is kept in them, change.
    private static let version = 1

    private static let tables = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE family (id INTEGER PRIMARY KEY, name TEXT NOT NULL, isOfGuide INTEGER NOT NULL, json BLOB NOT NULL);
        CREATE TABLE size (
            id INTEGER PRIMARY KEY, family INTEGER NOT NULL, place INTEGER NOT NULL, type TEXT NOT NULL,
            class TEXT NOT NULL, license TEXT NOT NULL, languages TEXT NOT NULL, context INTEGER, released TEXT NOT NULL,
            parameters INTEGER NOT NULL, isOfGuide INTEGER NOT NULL, sees INTEGER NOT NULL, fills INTEGER NOT NULL,
            files INTEGER NOT NULL, digests INTEGER NOT NULL,
            memory INTEGER NOT NULL, read INTEGER NOT NULL, tested INTEGER NOT NULL);
        CREATE TABLE standing (
            use TEXT, byMakers INTEGER, place INTEGER, size INTEGER, PRIMARY KEY (use, byMakers, place, size)
        ) WITHOUT ROWID;
        CREATE TABLE name (key TEXT, family INTEGER, PRIMARY KEY (key, family)) WITHOUT ROWID;
        CREATE TABLE file (size INTEGER NOT NULL, repository TEXT NOT NULL, digest TEXT);
        CREATE VIRTUAL TABLE word USING fts5(
            name, other, content='', detail=column, columnsize=0,
            tokenize="unicode61 remove_diacritics 2 tokenchars '.'");
        CREATE VIRTUAL TABLE vocabulary USING fts5vocab(word, 'row');
        """
    /// Made when all rows are there. The first three are read through in order, and hold what filters ask for.
    private static let indexes = """
        CREATE INDEX newest ON size (
            released DESC, parameters DESC, id, type, memory, read, tested, files, sees, languages, isOfGuide, class,
            license, context, family, place);
        CREATE INDEX largest ON size (parameters DESC, id, type, memory, read, family, place);
        CREATE INDEX lightest ON size (memory, id, type, family, place);
        CREATE INDEX ofGuide ON size (family) WHERE isOfGuide = 1;
        CREATE INDEX byFamily ON size (family);
        CREATE INDEX repositories ON file (repository);
        CREATE INDEX digests ON file (digest) WHERE digest IS NOT NULL;
        ANALYZE;
        """

    /// The database of a document, made before or now.
    ///
    /// - Parameters:
    ///   - start: Where in the file the document begins.
    ///   - caches: Where it is kept; where that cannot be written it is made for this run only.
    ///   - willMake: Told before a document is read through, which takes a minute for a hundred thousand models.
    /// - Throws: As ``Catalog/init(json:)``, `DiskError`, `CancellationError`.
    static func open(
        _ file: FileDescriptor, from start: Int64, path: FilePath, status: FileStatus, caches: FilePath?,
        willMake: () -> Void
    ) throws -> (CatalogDatabase, CatalogDocument) {
        let identity = "\(version) \(status.device) \(status.inode) \(status.size) \(status.modified) \(start) \(path)"
        let name = "catalog-\(String(fnv1a(path.string.utf8), radix: 16)).sqlite"
        let place = caches.map { $0.appending(name) }
        if let place, FileStatus(of: place)?.kind == .file {
            if let found = try? kept(place, identity) { return found }
            try? FileManager.default.removeItem(atPath: place.string)
        }
        willMake()
        if let caches, let place, let folder = try? Folder.creatingRoot(caches) {
            for old in (try? folder.names()) ?? [] where old.hasPrefix(name + ".") {
                // Of a run that was killed; nobody takes an hour.
                let age = folder.path.appending(old)
                if let status = FileStatus(of: age), status.modified < Self.now - 3_600_000_000_000 {
                    try? FileManager.default.removeItem(atPath: age.string)
                }
            }
            let partial = FilePath(place.string + ".\(ProcessInfo.processInfo.processIdentifier)")
            defer { try? FileManager.default.removeItem(atPath: partial.string) }
            if FileManager.default.createFile(atPath: partial.string, contents: nil) {
                _ = try make(at: partial.string, from: file, at: start, identity)
                // Written in place meanwhile: what was read may be neither the old one nor the new.
                guard FileStatus(of: file)?.isUnchanged(since: status) == true else {
                    throw CatalogError.malformed(path: "", reason: .notJSON)
                }
                let whole = try FileDescriptor.open(partial, .readWrite, options: [.closeOnExec])
                try whole.closeAfter { try whole.sync() }
                try folder.rename(partial.lastComponent?.string ?? "", to: name)
                return try kept(place, identity)
            }
        }
        return try opened(make(at: "", from: file, at: start, identity), path: nil, identity)
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) * 1_000_000_000 }

    private static func kept(_ place: FilePath, _ identity: String) throws -> (CatalogDatabase, CatalogDocument) {
        try opened(SQLiteConnection(path: place.string, .readOnly), path: place, identity)
    }

    private static func opened(
        _ connection: sending SQLiteConnection, path: FilePath?, _ identity: String
    ) throws -> (CatalogDatabase, CatalogDocument) {
        let frame = try connection.read { database in
            func meta<Value: SQLiteValue>(_ key: String) throws -> Value? {
                try database.rows("SELECT value FROM meta WHERE key = ?", [key]).first?.first()
            }
            guard try meta("identity") == identity, let frame: [UInt8] = try meta("frame") else {
                throw CatalogError.cacheDamaged(path: path?.string ?? "")
            }
            return try Catalog.decode(Data(frame))
        }
        return (CatalogDatabase(connection, path: path, frame: frame), frame)
    }

    // MARK: Rows

    private static func make(
        at path: String, from file: FileDescriptor, at start: Int64, _ identity: String
    ) throws -> sending SQLiteConnection {
        let connection = try SQLiteConnection(path: path)
        // Nobody else sees the file before it is whole, so that nothing has to survive a crash.
        try connection.execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192")
        try fill(connection, from: file, at: start, identity)
        return connection
    }

    private static func fill(
        _ connection: SQLiteConnection, from file: FileDescriptor, at start: Int64, _ identity: String
    ) throws {
        // Licences may stand behind the families that name them: the frame is read first.
        var slices = CatalogSlices()
        try pieces(of: file, from: start) { try slices.take($0) { _, _ in } }
        let document = try Catalog.decode(Data(slices.frame))
        let reader = CatalogReader(licenses: document.licenses, knownBad: document.knownBad)
        try connection.write { database in
            try database.execute(tables)
            let rows = try CatalogRows(database)
            var again = CatalogSlices()
            var names: Set<String> = []
            try pieces(of: file, from: start) { bytes in
                try again.take(bytes) { text, index in
                    try Task.checkCancellation()
                    let family: CatalogFamily
                    do {
                        let row = try JSONTape.decode(CatalogDocument.Family.self, from: Data(text))
                        family = try reader.family(row, path: "families[\(index)]")
                    } catch let error as DecodingError {
                        throw Catalog.malformed(error, below: "families[\(index)]")
                    }
                    try Catalog.requireUnique(family.entries.map(\.ref), "families.sizes")
                    guard names.insert(family.id).inserted else {
                        throw CatalogError.malformed(path: "families", reason: .duplicateID(family.id))
                    }
                    try rows.add(family, at: index, text)
                }
            }
            try database.execute(
                "INSERT INTO meta VALUES ('identity', ?), ('frame', ?)", [identity, slices.frame])
            try database.execute(indexes)
        }
    }

    /// The bytes of a file, a mebibyte at a time.
    private static func pieces(
        of file: FileDescriptor, from start: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset = start
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: offset, into: $0) }
            guard count > 0 else { return }
            offset += Int64(count)
            try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}

extension FileDescriptor {
    fileprivate func closeAfter(_ work: () throws -> Void) throws {
        defer { try? close() }
        try work()
    }
}
