import Disk
import Foundation
import ModelCatalog
import SystemPackage
import Testing

@testable import ModelDownload
@testable import ModelStore

/// What nobody needs, and what has to stay.
@Suite struct PruneTests {
    private func half(_ shelf: TemporaryStore, _ ref: String, _ text: String, bytes: Int = 9000) async throws
        -> RemoteFile
    {
        let store = shelf.open()
        let file = RemoteFile(
            name: "\(text).gguf", url: try #require(URL(string: "https://hub.example/\(text).gguf")), size: 100_000,
            digest: shelf.digest(text))
        try await store.prepare()
        try await store.noteUnfinished(
            identity(ref, repository: text), [file], partials: [file.name: "\(shelf.digest(text).hex).part"])
        let partial = ".slm/partial/\(shelf.digest(text).hex).part"
        try shelf.put([UInt8](repeating: 1, count: bytes), at: partial)
        try shelf.put(Array("{}".utf8), at: partial + ".journal")
        return file
    }

    @Test func `what nobody needs is told with its bytes, and removed; models stay`() async throws {
        try await withStore { shelf in
            try await shelf.open().keep([shelf.verified("one")], as: identity())
            try await shelf.open().keep(
                [IncomingFile.verified(shelf.verified("two"))], as: identity(revision: "r2"), keepingOld: true)
            _ = try await half(shelf, "half:1b:q4_0", "half")
            try shelf.put([UInt8](repeating: 2, count: 5000), at: ".slm/partial/adopt-dead.part")
            try shelf.put([], at: ".slm/blocks/\(shelf.digest("gone").hex)")
            try shelf.put([], at: ".slm/versions/\(shelf.digest("gone").hex)")
            try shelf.put(Array("{".utf8), at: ".slm/records/x.json.tmp")
            try shelf.put([], at: ".slm/locks/dead.lock")
            let store = shelf.open()
            let found = try await store.prunable()
            let kinds = Dictionary(grouping: found.leftovers, by: \.kind)
            #expect(kinds[.halfDownload]?.map(\.ref) == ["half:1b:q4_0"])
            #expect(kinds[.halfDownload]?.first?.bytes ?? 0 >= 9000)
            #expect(kinds[.keptVersion]?.map(\.ref) == [identity().ref])
            #expect(kinds[.leftover]?.count == 2 && kinds[.orphan]?.count == 2)
            #expect(found.inUse.isEmpty)
            // Looking has removed nothing.
            #expect(try await store.prunable().leftovers == found.leftovers)

            let removed = try await store.prune(found)
            #expect(removed.leftovers == found.leftovers)
            #expect(shelf.names(".slm/partial").isEmpty && shelf.names(".slm/versions").isEmpty)
            #expect(shelf.names(".slm/locks").isEmpty && shelf.unfinished().isEmpty)
            #expect(shelf.names(".slm/blocks") == [shelf.digest("two").hex])
            #expect(try await shelf.open().models().map(\.state) == [.ready])
            #expect(try await shelf.open().prunable().leftovers.isEmpty)
        }
    }

    @Test func `a full disk is pruned, and one that can only be read is looked at`() async throws {
        try await withStore { shelf in
            guard let mount = Mount.tiny(shelf.root, size: 768 << 10) else { return }
            defer { mount.end() }
            try await shelf.open().keep([shelf.verified("one")], as: identity())
            _ = try await half(shelf, "half:1b:q4_0", "half", bytes: 128 << 10)
            try shelf.fill()
            let found = try await shelf.open().prunable()
            #expect(found.leftovers.map(\.ref) == ["half:1b:q4_0"])
            #expect(try await shelf.open().prune(found).bytes >= 128 << 10)
            #expect(shelf.names(".slm/partial").isEmpty)
            #expect(try await shelf.open().models().map(\.state) == [.ready])
        }
        try await withStore { shelf in
            try await shelf.open().keep([shelf.verified("one")], as: identity())
            _ = try await half(shelf, "half:1b:q4_0", "half")
            guard let mount = Mount.readOnly(shelf.root) else { return }
            defer { mount.end() }
            let found = try await shelf.open().prunable()
            #expect(found.leftovers.map(\.ref) == ["half:1b:q4_0"])
            await #expect(throws: StoreError.self) { try await shelf.open().prune(found) }
        }
    }

    @Test func `what a process is fetching or taking in stays`() async throws {
        try await withStore { shelf in
            let file = try await half(shelf, "half:1b:q4_0", "half")
            _ = try await half(shelf, "other:1b:q4_0", "other")
            let store = shelf.open()
            let lock = try await store.lock(Store.contentKey(file.digest, file.origin, "half:1b:q4_0"))
            let intake = try store.intake()
            let name = intake.name()
            try shelf.put([1, 2, 3], at: ".slm/partial/\(name)")
            let found = try await shelf.open().prunable()
            #expect(found.leftovers.map(\.ref) == ["other:1b:q4_0"])
            #expect(found.inUse == ["half:1b:q4_0"])
            _ = try await shelf.open().prune(found)
            #expect(shelf.names(".slm/partial").count == 3)
            #expect(try await store.unfinished().map(\.ref) == ["half:1b:q4_0"])
            await #expect(throws: StoreError.beingFetched(ref: "half:1b:q4_0")) {
                try await shelf.open().remove("half:1b:q4_0")
            }
            lock.release()
            intake.end()
            _ = try await shelf.open().prune(shelf.open().prunable())
            #expect(shelf.names(".slm/partial").isEmpty)
        }
    }

    @Test func `only what was shown is removed`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([shelf.verified("one")], as: identity())
            try shelf.put([1], at: ".slm/partial/adopt-1.part")
            let shown = try await store.prunable()
            try shelf.put([1], at: ".slm/partial/adopt-2.part")
            _ = try await store.prune(shown)
            #expect(shelf.names(".slm/partial") == ["adopt-2.part"])
        }
    }

    @Test func `a store that is not there has nothing, and is not made`() async throws {
        try await withStore { shelf in
            let found = try await shelf.open().prunable()
            #expect(found.leftovers.isEmpty)
            #expect(FileStatus(of: shelf.root) == nil)
        }
    }

    @Test func `what is freed counts a file once, and nothing that has another name elsewhere`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let one = try await store.keep([shelf.verified("one")], as: identity("a"))
            let two = try await store.keep([shelf.verified("two")], as: identity("b", repository: "b"))
            #expect(try await store.bytesFreed(byRemoving: ["a", "b"]) == one.size + two.size)
            let elsewhere = shelf.root.removingLastComponent().appending("elsewhere.gguf")
            try FileManager.default.linkItem(atPath: one.path.string, toPath: elsewhere.string)
            #expect(try await store.bytesFreed(byRemoving: ["a", "b"]) == two.size)
            #expect(try await store.remove("a") == 0)
            // The same content under two references.
            try await store.keep(
                [.stored(shelf.digest("two"), name: "again.gguf", origin: .local("/x"))],
                as: identity("c", repository: "c"))
            #expect(try await store.bytesFreed(byRemoving: ["c"]) + store.bytesFreed(byRemoving: ["b"]) <= two.size * 2)
            #expect(try await store.bytesFreed(byRemoving: ["b", "c"]) >= two.size)
        }
    }
}
