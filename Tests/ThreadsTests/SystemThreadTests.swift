import Synchronization
import Testing
import Threads

@Suite struct SystemThreadTests {
    @Test func `work runs on a thread of its own`() async throws {
        let answer = try await withCheckedThrowingContinuation { continuation in
            do {
                try SystemThread.start("test") { continuation.resume(returning: 42) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        #expect(answer == 42)
    }

    @Test func `a thread that cannot start is an error, and its work never runs`() {
        let ran = Mutex(false)
        // No address space has room for such a stack.
        #expect(throws: ThreadError.self) {
            try SystemThread.start("test", stackSize: 1 << 55) { ran.withLock { $0 = true } }
        }
        #expect(ran.withLock { !$0 })
    }

    @Test func `many can be asked for at once`() throws { try SystemThread.check(64) }
}
