import Dispatch
import Foundation
import Modelteca
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What one process intends while another is at work: the later intention holds, and both are told the truth.
@Suite struct RaceTests {
    private static let path = "o/m/m-Q8_0.gguf"
    /// A check tells its progress every 32 MiB.
    private static let size = 33 << 20

    /// A stored model with one wrong byte.
    private func withDamagedModel(_ body: (Place, Shelf) async throws -> Void) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1, bytes: Self.size)])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m")
            var bytes = try place.bytes(Self.path)
            bytes[bytes.count - 1] ^= 1
            try place.store.pushing(FilePath(Self.path)).write(bytes)
            try await body(place, shelf)
        }
    }

    /// Repairs, and lets something else happen to its end while the model is being read.
    private func repair(
        _ shelf: Shelf, while work: @escaping @Sendable () async throws -> Void
    ) async throws -> [Verification] {
        let hasHappened = Mutex(false)
        return try await shelf.verify(
            [], repair: true,
            onProgress: { _, _ in
                let isFirst = hasHappened.withLock { happened in
                    defer { happened = true }
                    return !happened
                }
                guard isFirst else { return }
                // This is the reader's own thread, which may wait.
                let end = DispatchSemaphore(value: 0)
                Task {
                    do { try await work() } catch { Issue.record(error) }
                    end.signal()
                }
                end.wait()
            })
    }

    @Test func `a repair does not undo an update that came while it was reading`() async throws {
        try await withDamagedModel { place, shelf in
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)])
            let other = try place.shelf()
            let found = try await repair(shelf) { _ = try await other.update() }
            #expect(found.map(\.state) == [.ready])
            #expect(try place.bytes(Self.path) == model(2))
            #expect(try await shelf.store.models().map(\.state) == [.ready])
        }
    }

    @Test func `a repair does not bring back what was removed while it was reading`() async throws {
        try await withDamagedModel { place, shelf in
            let other = try place.shelf()
            let found = try await repair(shelf) { _ = try await other.remove("hf:o/m") }
            #expect(found.isEmpty)
            #expect(place.stored.isEmpty)
        }
    }

    @Test func `a check does not call damaged what was repaired while it was reading`() async throws {
        try await withDamagedModel { place, shelf in
            let other = try place.shelf()
            let found = try await repair(shelf) { _ = try await other.verify([], repair: true) }
            #expect(found.map(\.state) == [.ready])
            #expect(found.map(\.repaired) == [0])
        }
    }
}
