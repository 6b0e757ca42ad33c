import Disk
import SQLite
import SystemPackage

/// The SQLite file that answers what is stored, shared by all processes that use the store.
///
/// It holds nothing that the records do not: when it is lost or damaged it is made anew from them.
struct StoreIndex {
    let database: SQLiteConnection
    let path: FilePath
    /// Which file was opened, to notice when it is no longer the one that has the name. Nil for one in memory.
    let identity: FileStatus?

    /// Opens the index file, creates it if there is none, and brings it up to date.
    ///
    /// - Throws: `.indexDamaged`, `.indexNewer`, or what the system said.
    static func open(_ path: FilePath) throws(StoreError) -> StoreIndex {
        try guarded(path) {
            try preparePlace(path)
            var database = try connect(path.string)
            do {
                try keepLog(database)
                try migrate(database, path)
            } catch let error as SQLiteError where error.code == .ioError && !sharesMemory(path) {
                database = try connect(path.string)
                try keepJournal(database)
                try migrate(database, path)
            }
            return StoreIndex(database: database, path: path, identity: FileStatus(of: path))
        }
    }

    /// With a log beside the file, what a crash may undo is the last change, never the file's order.
    private static func keepLog(_ database: SQLiteConnection) throws {
        let mode: String? = try database.rows("PRAGMA journal_mode").first?.optionalFirst()
        let pages: Int64? = try database.rows("PRAGMA page_count").first?.optionalFirst()
        // One that is kept with a journal has a reason for it.
        if mode != "wal", pages != 0 { return }
        try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    }

    /// For a disk that lets no two processes share a file's memory, which the log needs: 9p, some of FUSE and some network
    /// disks. While the lock is exclusive SQLite needs it neither, to end a log.
    ///
    /// Source: https://www.sqlite.org/wal.html#use_of_wal_without_shared_memory
    private static func keepJournal(_ database: SQLiteConnection) throws {
        try database.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE")
        try database.execute("PRAGMA locking_mode = NORMAL; PRAGMA user_version")
    }

    /// Whether the disk of the index gives memory that several processes see.
    private static func sharesMemory(_ path: FilePath) -> Bool {
        let name = "\(StoreLayout.indexName).trial"
        guard let folder = try? Folder.root(path.removingLastComponent()), let file = try? folder.create(name) else {
            return true
        }
        defer {
            try? file.close()
            _ = try? folder.remove(name)
        }
        return file.canShareMemory
    }

    /// SQLite would follow a link, wait for a pipe, and make a file that only its owner can write.
    private static func preparePlace(_ path: FilePath) throws {
        for suffix in companions + [""] {
            if let status = FileStatus(of: FilePath(path.string + suffix)), status.kind != .file {
                throw StoreError.indexDamaged(path: path, detail: "not a plain file: \(path.string)\(suffix)")
            }
        }
        // Never one that is there: closing it would end the locks that SQLite has on it in this process.
        guard FileStatus(of: path) == nil else { return }
        try? FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
            permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite]
        ).close()
    }

    /// The files that SQLite keeps beside the index, by what follows its name.
    static let companions = ["-wal", "-shm", "-journal"]

    /// An index for a store that cannot be written.
    static func inMemory() throws(StoreError) -> StoreIndex {
        try guarded(":memory:") {
            let database = try connect(":memory:")
            try migrate(database, ":memory:")
            return StoreIndex(database: database, path: ":memory:", identity: nil)
        }
    }

    /// Whether the opened file is still the one under its name.
    var isCurrent: Bool {
        guard let identity, let now = FileStatus(of: path) else { return false }
        return now.inode == identity.inode && now.device == identity.device
    }

    /// Moves an index that cannot be used out of the way, or what it has left: `index.sqlite.damaged-1`, with its
    /// companions.
    static func setAside(_ layout: StoreLayout) throws -> FilePath? {
        guard let folder = try layout.openBookkeeping() else { return nil }
        let taken = Set(try folder.names())
        // The companions first: a fresh index must never meet the log of another one.
        let left = (companions + [""]).filter { taken.contains(StoreLayout.indexName + $0) }
        guard !left.isEmpty else { return nil }
        var number = 1
        while taken.contains("\(StoreLayout.indexName).damaged-\(number)") { number += 1 }
        let name = "\(StoreLayout.indexName).damaged-\(number)"
        for suffix in left { try folder.rename(StoreLayout.indexName + suffix, to: name + suffix) }
        return folder.path.appending(name)
    }

    private static func connect(_ path: String) throws(SQLiteError) -> SQLiteConnection {
        let database = try SQLiteConnection(path: path, busyLimit: 5000)
        try database.execute("PRAGMA foreign_keys = ON")
        return database
    }

    /// Runs work on the database and says what went wrong in the store's own terms.
    static func guarded<Value>(_ path: FilePath, _ work: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try work()
        } catch let error as StoreError {
            throw error
        } catch let error as SQLiteError {
            switch error.code {
            case .full: throw StoreError(DiskError(.noSpace, at: path))
            case .readOnly: throw .readOnly(path: path)
            case .notAllowed: throw .permission(path: path)
            case .busy: throw .locked(key: path.lastComponent?.string ?? path.string)
            case .ioError, .cannotOpen:
                // SQLite does not say so when there is no room for its shared memory, which takes 32 KiB.
                // Source: https://www.sqlite.org/walformat.html#the_wal_index_file_format
                if let free = DiskSpace.free(at: path), free < 64 << 10 {
                    throw StoreError(DiskError(.noSpace, at: path))
                }
                throw .io(path: path, errno: .ioError)
            case .noMemory: throw .io(path: path, errno: .noMemory)
            case .constraint, .mismatch, .other: throw .indexDamaged(path: path, detail: error.message)
            }
        } catch {
            throw .indexDamaged(path: path, detail: "\(type(of: error))")
        }
    }
}
