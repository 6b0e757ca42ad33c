import Disk
import Synchronization
import SystemPackage

/// The right to work on one thing of a store, for one holder among all processes of this machine.
///
/// It is a lock on an open file, so the system itself ends it when the holder dies, however that happens.
package final class StoreLock: Sendable {
    /// What is locked: a model's reference, a digest.
    package let key: String
    private let held: Mutex<Held?>

    private struct Held {
        var folder: Folder
        var name: String
        var file: FileDescriptor
        /// Where others of this process wait for it; nil when it was taken without waiting in line.
        var line: String?
    }

    private init(_ key: String, _ held: Held) {
        self.key = key
        self.held = Mutex(held)
    }

    deinit { release() }

    /// Takes the lock if nobody has it.
    ///
    /// - Returns: Nil when somebody else, in this process or another, holds it.
    package static func tryAcquire(_ key: String, in layout: StoreLayout) throws(StoreError) -> StoreLock? {
        do throws(DiskError) {
            return try take(key, in: layout.creatingBookkeeping().creatingFolder(StoreLayout.locksName))
        } catch {
            throw StoreError(error)
        }
    }

    private static func take(_ key: String, in folder: Folder) throws(DiskError) -> StoreLock? {
        let name = StoreLayout.fileName(for: key) + ".lock"
        while true {
            let file = try folder.openLock(name)
            do {
                guard try file.tryLock() else {
                    try? file.close()
                    return nil
                }
            } catch {
                try? file.close()
                throw DiskError(error, at: folder.path.appending(name))
            }
            // Whoever releases a lock removes its file first. If that happened between our opening and our locking,
            // we hold a file that nobody else will ever see: look for the new one.
            if let mine = FileStatus(of: file), let there = try? folder.status(name), there.inode == mine.inode {
                return StoreLock(key, Held(folder: folder, name: name, file: file))
            }
            try? file.close()
        }
    }

    /// Takes the lock, and waits for it where somebody else has it. Waiting takes no thread.
    ///
    /// - Parameters:
    ///   - limit: How long to wait at most; nil waits until the lock is free.
    ///   - onWait: Called once, when there is something to wait for.
    /// - Throws: `StoreError`, `.locked` when the limit has passed; `CancellationError`.
    package static func acquire(
        _ key: String, in layout: StoreLayout, limit: Duration? = nil, onWait: @Sendable () -> Void = {}
    ) async throws -> StoreLock {
        let start = ContinuousClock.now
        let line = layout.root.appending(key).string
        let hasWaited: Bool
        switch await LockQueue.enter(line, limit: limit, onWait: onWait) {
        case .mine(let waited): hasWaited = waited
        case .tooLate: throw StoreError.locked(key: key)
        case .cancelled: throw CancellationError()
        }
        do {
            return try await take(key, in: layout, since: start, limit: limit, line: line) {
                if !hasWaited { onWait() }
            }
        } catch {
            LockQueue.leave(line)
            throw error
        }
    }

    /// Waits for other processes.
    private static func take(
        _ key: String, in layout: StoreLayout, since start: ContinuousClock.Instant, limit: Duration?, line: String,
        onWait: @Sendable () -> Void
    ) async throws -> StoreLock {
        var pause = Duration.milliseconds(2)
        var hasWaited = false
        while true {
            try Task.checkCancellation()
            if let lock = try tryAcquire(key, in: layout) {
                lock.held.withLock { $0?.line = line }
                return lock
            }
            if !hasWaited { onWait() }
            hasWaited = true
            if let limit, ContinuousClock.now - start >= limit { throw StoreError.locked(key: key) }
            // Asking again instead of a thread that sleeps in `flock`: such a thread cannot be cancelled.
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(100))
        }
    }

    /// Makes sure that the index can be locked: SQLite does it in a way of its own, and takes a disk that refuses for a
    /// process that never lets go.
    ///
    /// - Throws: `.noLocks`, and what the system says.
    static func checkRecordLocks(in layout: StoreLayout) throws(StoreError) {
        do throws(DiskError) {
            let folder = try layout.creatingBookkeeping().creatingFolder(StoreLayout.locksName)
            let name = "index-trial.lock"
            let file = try folder.openLock(name)
            defer { try? file.close() }
            try folder.remove(name)
            do throws(Errno) { try file.checkRecordLocks() } catch { throw DiskError(error, at: layout.index) }
        } catch {
            throw StoreError(error)
        }
    }

    /// Whether somebody, in this process or another, has the lock.
    static func isHeld(_ key: String, in layout: StoreLayout) throws(StoreError) -> Bool {
        try tryAcquire(key, in: layout) == nil
    }

    /// Removes the files of locks whose holders died.
    static func sweep(in layout: StoreLayout) throws(DiskError) {
        guard let folder = try layout.openBookkeeping()?.folder(StoreLayout.locksName) else { return }
        for name in try folder.names() where name.hasSuffix(".lock") {
            guard let file = try folder.openLockIfThere(name) else { continue }
            defer { try? file.close() }
            // Removed while it is ours, or not at all: see `take`.
            guard (try? file.tryLock()) == true, let mine = FileStatus(of: file),
                let there = try folder.status(name), there.inode == mine.inode
            else { continue }
            try folder.remove(name)
        }
    }

    /// Gives the lock back. More than once does no harm.
    ///
    /// - Parameter isWantedSoon: Whether its file may as well stay for the next time, which is close. Making one and
    ///   removing it takes longer than most of what is done meanwhile.
    package func release(isWantedSoon: Bool = false) {
        held.withLock { held in
            guard let lock = held else { return }
            held = nil
            // Removed while still locked, see `tryAcquire`.
            if !isWantedSoon { _ = try? lock.folder.remove(lock.name) }
            try? lock.file.close()
            if let line = lock.line { LockQueue.leave(line) }
        }
    }
}
