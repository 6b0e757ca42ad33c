import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import ModelStore

@Suite struct LockTests {
    @Test func `one holder at a time, and the file goes with the lock`() async throws {
        try await withStore { shelf in
            let first = try #require(try StoreLock.tryAcquire("tiny:1b", in: shelf.layout))
            #expect(try StoreLock.tryAcquire("tiny:1b", in: shelf.layout) == nil)
            let other = try #require(try StoreLock.tryAcquire("tiny:2b", in: shelf.layout))
            #expect(shelf.names(".slm/locks").count == 2)
            first.release()
            first.release()
            let second = try #require(try StoreLock.tryAcquire("tiny:1b", in: shelf.layout))
            second.release()
            other.release()
            #expect(shelf.names(".slm/locks").isEmpty)
        }
    }

    @Test func `a link in place of a lock is not followed`() async throws {
        try await withStore { shelf in
            try await shelf.open().prepare()
            let victim = shelf.root.removingLastComponent().appending("victim")
            let trap = shelf.layout.locks.appending("key.lock")
            try FileManager.default.createSymbolicLink(atPath: trap.string, withDestinationPath: victim.string)
            #expect(throws: StoreError.outsideStore(path: trap)) { try StoreLock.tryAcquire("key", in: shelf.layout) }
            #expect(!FileManager.default.fileExists(atPath: victim.string))
        }
    }

    @Test func `whether the index can be locked is tried on a file of its own that does not stay`() async throws {
        try await withStore { shelf in
            try await shelf.open().prepare()
            try StoreLock.checkRecordLocks(in: shelf.layout)
            #expect(shelf.names(".slm/locks").isEmpty)
        }
    }

    @Test func `a lock that is let go of is free`() async throws {
        try await withStore { shelf in
            do { _ = try #require(try StoreLock.tryAcquire("key", in: shelf.layout)) }
            #expect(try StoreLock.tryAcquire("key", in: shelf.layout) != nil)
        }
    }

    @Test func `who has to wait is told so once, and gets the lock when it is free`() async throws {
        try await withStore { shelf in
            let held = Mutex<StoreLock?>(try StoreLock.tryAcquire("key", in: shelf.layout))
            let calls = Mutex(0)
            let lock = try await StoreLock.acquire("key", in: shelf.layout) {
                calls.withLock { $0 += 1 }
                held.withLock { $0 = nil }
            }
            #expect(lock.key == "key")
            #expect(calls.withLock(\.self) == 1)
            lock.release()
            let again = try await StoreLock.acquire("key", in: shelf.layout) { calls.withLock { $0 += 1 } }
            #expect(calls.withLock(\.self) == 1)
            again.release()
        }
    }

    /// What tasks of a test note.
    private final class Seen: Sendable {
        let order = Mutex<[Int]>([])
        let waiting = Mutex(0)
    }

    @Test func `those of one process get a lock in the order they came, without asking the disk again`() async throws {
        try await withStore { shelf in
            let layout = shelf.layout
            let first = try await StoreLock.acquire("key", in: layout)
            let seen = Seen()
            var tasks: [Task<Void, any Error>] = []
            for number in 0..<8 {
                tasks.append(
                    Task {
                        let lock = try await StoreLock.acquire("key", in: layout) { seen.waiting.withLock { $0 += 1 } }
                        seen.order.withLock { $0.append(number) }
                        lock.release()
                    })
                while seen.waiting.withLock({ $0 }) <= number { await Task.yield() }
            }
            first.release()
            for task in tasks { try await task.value }
            #expect(seen.order.withLock { $0 } == Array(0..<8))
        }
    }

    @Test func `who is cancelled in line lets the others pass`() async throws {
        try await withStore { shelf in
            let layout = shelf.layout
            let first = try await StoreLock.acquire("key", in: layout)
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            let gone = Task { try await StoreLock.acquire("key", in: layout) { continuation.yield() } }
            for await _ in stream { break }
            gone.cancel()
            await #expect(throws: CancellationError.self) { try await gone.value }
            let next = Task { try await StoreLock.acquire("key", in: layout).release() }
            first.release()
            try await next.value
        }
    }

    @Test func `a limit ends the waiting in line too`() async throws {
        try await withStore { shelf in
            let layout = shelf.layout
            let first = try await StoreLock.acquire("key", in: layout)
            defer { first.release() }
            await #expect(throws: StoreError.locked(key: "key")) {
                try await StoreLock.acquire("key", in: layout, limit: .milliseconds(20))
            }
        }
    }

    @Test func `waiting ends with its task, and with its limit`() async throws {
        try await withStore { shelf in
            let layout = shelf.layout
            let held = try #require(try StoreLock.tryAcquire("key", in: layout))
            let (waits, continuation) = AsyncStream.makeStream(of: Void.self)
            let waiting = Task { try await StoreLock.acquire("key", in: layout) { continuation.yield() } }
            for await _ in waits { break }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            await #expect(throws: StoreError.locked(key: "key")) {
                try await StoreLock.acquire("key", in: layout, limit: .zero)
            }
            held.release()
        }
    }

    @Test func `of many that want the same lock each has it alone`() async throws {
        try await withStore { shelf in
            let layout = shelf.layout
            let room = Room()
            try await withThrowingTaskGroup { group in
                for _ in 0..<24 {
                    group.addTask {
                        let lock = try await StoreLock.acquire("key", in: layout)
                        room.enter()
                        await Task.yield()
                        room.leave()
                        lock.release()
                    }
                }
                try await group.waitForAll()
            }
            #expect(room.count.withLock { $0.most } == 1)
            #expect(room.count.withLock { $0.total } == 24)
            #expect(shelf.names(".slm/locks").isEmpty)
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/flock")))
    func `a lock held by another process is respected, and free when that process is killed`() async throws {
        try await withStore { shelf in
            try await shelf.open().prepare()
            let path = shelf.layout.locks.appending(StoreLayout.fileName(for: "key") + ".lock")
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/flock")
            // `-o`: the command does not inherit the lock, so killing `flock` is killing the holder.
            process.arguments = ["-o", path.string, "sh", "-c", "echo held; cat"]
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            #expect(try output.fileHandleForReading.read(upToCount: 5) == Data("held\n".utf8))
            #expect(try StoreLock.tryAcquire("key", in: shelf.layout) == nil)
            kill(process.processIdentifier, SIGKILL)
            // Foundation takes a process for running as long as the command that it started is.
            try input.fileHandleForWriting.close()
            process.waitUntilExit()
            let lock = try #require(try StoreLock.tryAcquire("key", in: shelf.layout))
            lock.release()
        }
    }

    @Test func `two stores in one folder keep, change and remove at the same time without losing anything`()
        async throws
    {
        try await withStore { shelf in
            let count = 8
            try await withThrowingTaskGroup { group in
                for number in 0..<count {
                    group.addTask {
                        let store = shelf.open()
                        let file = try shelf.verified("m\(number).gguf", "content \(number)")
                        try await store.keep([file], as: identity("ref\(number)", repository: "r\(number % 3)"))
                        if number % 2 == 0 { try await store.remove("ref\(number)") }
                        _ = try await store.models()
                    }
                }
                try await group.waitForAll()
            }
            let left = try await shelf.open().models()
            #expect(left.map(\.ref) == (0..<count).filter { $0 % 2 == 1 }.map { "ref\($0)" })
            #expect(left.allSatisfy { $0.state == .ready })
            #expect(try await shelf.open().reconcile() == ReconcileReport())
        }
    }
}

/// Counts who is inside.
private final class Room: Sendable {
    let count = Mutex(Count())

    struct Count {
        var now = 0
        var most = 0
        var total = 0
    }

    func enter() {
        count.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
            $0.total += 1
        }
    }

    func leave() { count.withLock { $0.now -= 1 } }
}
