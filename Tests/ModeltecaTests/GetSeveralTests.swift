import Foundation
import Modelteca
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct GetSeveralTests {
    private func publish(_ place: Place, _ count: Int, bytes: Int = 64 << 10) {
        var files: [String: [UInt8]] = [:]
        for number in 0..<count { files["m\(number).gguf"] = model(UInt64(number + 1), bytes: bytes) }
        place.hub.add(repo: "o/many-GGUF", files: files)
    }

    private func references(_ shelf: Shelf, _ count: Int) throws -> [ModelReference] {
        try (0..<count).map { try shelf.reference("hf:o/many-GGUF/m\($0).gguf") }
    }

    @Test func `several models come, each proven, in the order asked for`() async throws {
        try await withPlace { place in
            publish(place, 12)
            let shelf = try place.shelf()
            let seen = Mutex<Set<Int>>([])
            let results = await shelf.get(try references(shelf, 12), atOnce: 4) { position, _ in
                seen.withLock { _ = $0.insert(position) }
            }
            let refs = try results.map { try $0.get().model.ref }
            #expect(refs == (0..<12).map { "hf:o/many-GGUF/m\($0).gguf" })
            for number in 0..<12 {
                #expect(try place.bytes("o/many-GGUF/m\(number).gguf") == model(UInt64(number + 1)))
            }
            #expect(seen.withLock { $0 } == Set(0..<12))
            #expect(try await shelf.store.models().count == 12)
        }
    }

    @Test func `what several want to know of a repository at the same moment is asked once`() async throws {
        try await withPlace { place in
            publish(place, 4)
            place.hub.script("/api/models/*", .latency(milliseconds: 300))
            let shelf = try place.shelf()
            _ = await shelf.get(try references(shelf, 4), atOnce: 4)
            #expect(place.hub.requests(for: "/api/models/o/many-GGUF*").count == 1)
        }
    }

    @Test func `one that cannot be had keeps nobody from having the rest`() async throws {
        try await withPlace { place in
            publish(place, 2)
            let shelf = try place.shelf()
            var wanted = try references(shelf, 2)
            wanted.insert(try shelf.reference("hf:o/nothing"), at: 1)
            let results = await shelf.get(wanted, atOnce: 2)
            #expect(try results[0].get().proof == .sha256)
            #expect(throws: HubError.self) { try results[1].get() }
            #expect(try results[2].get().proof == .sha256)
        }
    }

    @Test func `the same model twice comes once`() async throws {
        try await withPlace { place in
            publish(place, 1)
            let shelf = try place.shelf()
            let one = try references(shelf, 1)[0]
            let results = await shelf.get([one, one, one], atOnce: 3)
            #expect(try results.map { try $0.get().wasThere }.filter { !$0 }.count == 1)
            #expect(place.sent("m0.gguf") == model(1).count)
        }
    }

    @Test func `when the time is up nobody else is begun`() async throws {
        try await withPlace { place in
            publish(place, 3, bytes: 8 << 20)
            place.hub.script("*.gguf", .slow(bytesPerSecond: 1_000_000))
            let shelf = try place.shelf { $0.transfer.maxTime = 1 }
            let results = await shelf.get(
                try references(shelf, 3), atOnce: 1, options: GetOptions(started: .now))
            guard case .failure(DownloadError.timeIsUp(_, 1, let kept)) = results[0] else {
                Issue.record("\(results[0])")
                return
            }
            #expect(kept > 0)
            #expect(throws: CancellationError.self) { try results[1].get() }
            #expect(place.sent("m1.gguf") == 0 && place.sent("m2.gguf") == 0)
        }
    }

    @Test func `a cancelled task stops all of them and keeps what came`() async throws {
        try await withPlace { place in
            publish(place, 2, bytes: 8 << 20)
            place.hub.script("*.gguf", .slow(bytesPerSecond: 2_000_000))
            let shelf = try place.shelf()
            let wanted = try references(shelf, 2)
            let task = Task { await shelf.get(wanted, atOnce: 2) }
            try await place.hub.waitUntilSent("*.gguf", 2 << 20)
            task.cancel()
            let results = await task.value
            #expect(results.allSatisfy { (try? $0.get()) == nil })
            place.hub.clear()
            let again = try await shelf.get(wanted, atOnce: 2).map { try $0.get() }
            #expect(again.contains { $0.resumed > 0 })
        }
    }

    @Test func `small models begin as soon as it is known that those before them are small`() async throws {
        try await withPlace { place in
            publish(place, 8)
            // None of them ends, so that nobody begins because another has.
            place.hub.script("*.gguf", .stall(after: 1000))
            let shelf = try place.shelf { $0.transfer.connections = 8 }
            let wanted = try references(shelf, 8)
            let task = Task { await shelf.get(wanted, atOnce: 2) }
            try await place.hub.wait { records in
                Set(records.filter { $0.isFile && $0.sent > 0 }.flatMap(\.names).filter { $0.hasPrefix("o/") }).count
                    == 8
            }
            task.cancel()
            #expect(await task.value.allSatisfy { (try? $0.get()) == nil })
        }
    }

    @Test func `the limit of connections is for all models together`() async throws {
        try await withPlace { place in
            publish(place, 6)
            place.hub.script("*.gguf", .stall(after: 1000))
            let shelf = try place.shelf {
                $0.transfer.connections = 2
                $0.transfer.connectionsAreFixed = true
            }
            let wanted = try references(shelf, 6)
            let task = Task { await shelf.get(wanted, atOnce: 6) }
            try await place.hub.wait { records in records.filter { $0.isFile && $0.sent > 0 }.count >= 2 }
            task.cancel()
            #expect(await task.value.allSatisfy { (try? $0.get()) == nil })
            #expect(place.hub.requests.filter { $0.isFile && $0.method == "GET" }.count == 2)
        }
    }

    @Test func `one after the other means just that, also for small models`() async throws {
        try await withPlace { place in
            publish(place, 3)
            let shelf = try place.shelf()
            let begun = Mutex<[Int]>([])
            let results = await shelf.get(try references(shelf, 3), atOnce: 1) { position, _ in
                begun.withLock { if $0.last != position { $0.append(position) } }
            }
            #expect(results.allSatisfy { (try? $0.get()) != nil })
            #expect(begun.withLock { $0 } == [0, 1, 2])
        }
    }

    @Test func `of forty small models each is on its own in the end`() async throws {
        try await withPlace { place in
            publish(place, 40)
            let shelf = try place.shelf()
            let results = await shelf.get(try references(shelf, 40))
            #expect(try results.map { try $0.get().proof } == Array(repeating: .sha256, count: 40))
            #expect(try await shelf.store.models().map(\.state) == Array(repeating: .ready, count: 40))
            #expect(try await shelf.store.unfinished().isEmpty)
            let bookkeeping = shelf.store.layout.bookkeeping
            for folder in ["locks", "pending", "partial"] {
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(bookkeeping)/\(folder)").isEmpty)
            }
        }
    }

    @Test func `a model comes with its vision projector, or without it`() async throws {
        try await withPlace { place in
            place.hub.add(
                repo: "o/eyes-GGUF", files: ["eyes-Q8_0.gguf": model(1), "mmproj-eyes-F16.gguf": model(2)])
            let shelf = try place.shelf()
            let blind = try await shelf.get("hf:o/eyes-GGUF", options: GetOptions(withProjector: false))
            #expect(blind.model.files.map(\.name) == ["eyes-Q8_0.gguf"])
            let receipt = try await shelf.get("hf:o/eyes-GGUF")
            #expect(receipt.model.files.map(\.name) == ["eyes-Q8_0.gguf", "mmproj-eyes-F16.gguf"])
            #expect(receipt.fetched == Int64(model(2).count))
            #expect(receipt.model.path.lastComponent?.string == "eyes-Q8_0.gguf")
            let statuses = try await shelf.outdated([])
            #expect(statuses.map(\.outcome) == [.current])
            let checks = try await shelf.verify([])
            #expect(checks.map(\.state) == [.ready])
        }
    }
}
