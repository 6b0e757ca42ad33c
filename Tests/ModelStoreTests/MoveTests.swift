import Disk
import Foundation
import ModelCatalog
import SystemPackage
import TestSupport
import Testing

@testable import ModelDownload
@testable import ModelStore

/// A store that is moved, to the same disk and to another.
@Suite struct MoveTests {
    /// A file whose digest is that of its bytes: a move reads them.
    private func file(_ shelf: TemporaryStore, _ name: String, _ text: String) throws -> VerifiedFile {
        let file = try shelf.verified(name, text)
        let digest = try #require(Digest(hex: sha256(of: shelf.gguf(text))))
        return VerifiedFile(
            path: file.path, name: name, size: file.size, digest: digest, proof: .sha256, blocks: file.blocks,
            origin: file.origin, source: file.source, fetched: 0, resumed: 0)
    }

    private func withModels(_ body: (TemporaryStore, TemporaryStore) async throws -> Void) async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([file(shelf, "a.gguf", "one")], as: identity("a"))
            try await store.keep(
                [IncomingFile.verified(file(shelf, "a.gguf", "two"))], as: identity("a"), keepingOld: true)
            try await store.keep([file(shelf, "b.gguf", "three")], as: identity("b", repository: "b"))
            try await store.keep(
                [
                    .stored(
                        try #require(Digest(hex: sha256(of: shelf.gguf("three")))), name: "c.gguf", origin: .local("/c")
                    )
                ],
                as: identity("c", repository: "c"))
            try await store.setHeld(true, "b")
            try shelf.put(Array("mine".utf8), at: "notes/todo.txt")
            try await body(shelf, TemporaryStore(root: shelf.root.removingLastComponent().pushing("disk/new")))
        }
    }

    private func check(_ shelf: TemporaryStore, _ new: TemporaryStore) async throws {
        let store = new.open()
        let models = try await store.models()
        #expect(
            models.map(\.ref) == ["a", "b", "c"] && models.allSatisfy { $0.state == .ready && $0.verifiedAt != nil })
        #expect(new.read("maker/tiny-GGUF/a.gguf") == "GGUFtwo" && new.read("maker/c/c.gguf") == "GGUFthree")
        #expect(new.read("notes/todo.txt") == "mine")
        #expect(try await store.held() == ["b"])
        #expect(try await store.rollBack("a").state == .ready)
        #expect(new.read("maker/tiny-GGUF/a.gguf") == "GGUFone")
        #expect(new.names(".slm/partial").isEmpty && !new.exists(".slm/moving") && !new.exists(".slm/moving.json"))
        #expect(FileStatus(of: shelf.root) == nil)
    }

    @Test(arguments: [true, false])
    func `a store is moved with all that it has, and the old folder goes`(mayRename: Bool) async throws {
        try await withModels { shelf, new in
            let moved = try await shelf.open().move(to: new.root, mayRename: mayRename)
            #expect(moved.models == 3 && moved.left.isEmpty && moved.root == new.root)
            try await check(shelf, new)
        }
    }

    @Test func `folders that a run left empty when it died go with the next one`() async throws {
        try await withModels { shelf, new in
            _ = try await shelf.open().move(to: new.root, mayRename: false)
            for inside in ["maker/b", "notes"] {
                try FileManager.default.createDirectory(
                    atPath: shelf.root.pushing(FilePath(inside)).string, withIntermediateDirectories: true)
            }
            #expect(try await shelf.open().move(to: new.root, mayRename: false).wasThere)
            #expect(!FileManager.default.fileExists(atPath: shelf.root.string))
        }
    }

    @Test func `a move that was broken off leaves the old store, and goes on`() async throws {
        try await withModels { shelf, new in
            let (gone, arrived) = AsyncStream<Void>.makeStream()
            let task = Task {
                try await shelf.open().move(to: new.root, mayRename: false) { _, done, size in
                    if done > size / 3 { arrived.finish() }
                }
            }
            for await _ in gone {}
            task.cancel()
            if case .failure = await task.result {
                #expect(try await shelf.open().models().allSatisfy { $0.state == .ready })
                let other = TemporaryStore(root: new.root.removingLastComponent().appending("third"))
                try other.put([1], at: "x")
                await #expect(throws: StoreError.notEmpty(path: other.root)) {
                    try await shelf.open().move(to: other.root, mayRename: false)
                }
                // What was half written is not believed.
                try new.put([1, 2, 3], at: ".slm/moving/maker%2Fb%2Fb.gguf.part")
                _ = try await shelf.open().move(to: new.root)
            }
            try await check(shelf, new)
        }
    }

    @Test func `what was put into the old folder after the move is not removed`() async throws {
        try await withModels { shelf, new in
            _ = try await shelf.open().move(to: new.root, mayRename: false)
            // As a process leaves it that dies while it removes the old files.
            try shelf.put(shelf.gguf("three"), at: "maker/b/b.gguf")
            try shelf.put(shelf.gguf("later"), at: "maker/later/later.gguf")
            try StoreMove.write(StoreMove.movedName, new.layout, in: shelf.layout)
            let moved = try await shelf.open().move(to: new.root)
            #expect(moved.left == [shelf.root.pushing("maker/later/later.gguf")])
            #expect(shelf.read("maker/later/later.gguf") == "GGUFlater" && !shelf.exists("maker/b/b.gguf"))
            #expect(try await new.open().models().count == 3)
            // And one that dies before it removes the empty folders.
            try shelf.remove("")
            try shelf.put([], at: ".slm/locks/store.lock")
            #expect(try await shelf.open().move(to: new.root).models == 3)
            #expect(FileStatus(of: shelf.root) == nil)
        }
    }

    @Test func `a damaged file goes along and is known as damaged`() async throws {
        try await withModels { shelf, new in
            let path = shelf.root.pushing("maker/b/b.gguf")
            let time = try #require(FileStatus(of: path)?.modified)
            let open = try FileDescriptor.open(path, .readWrite)
            try open.writeAll(toAbsoluteOffset: 5, [0])
            try open.setModified(time)
            try open.close()
            _ = try await shelf.open().move(to: new.root, mayRename: false)
            let states = Dictionary(
                uniqueKeysWithValues: try await new.open().models().map { ($0.ref, $0.state) })
            #expect(states["b"] == .damaged && states["a"] == .ready)
            #expect(new.read("maker/b/b.gguf") == "GGUF\0hree" || new.read("maker/b/b.gguf")?.count == 9)
        }
    }

    @Test func `a store does not move into itself, into another one's place, or while somebody fetches`() async throws {
        try await withModels { shelf, new in
            await #expect(throws: StoreError.nested(path: shelf.root.appending("x"))) {
                try await shelf.open().move(to: shelf.root.appending("x"))
            }
            await #expect(throws: StoreError.nested(path: shelf.root.removingLastComponent())) {
                try await shelf.open().move(to: shelf.root.removingLastComponent())
            }
            let announcement = try StoreMove(from: shelf.open().layout, to: new.open().layout).announce()
            await #expect(throws: StoreError.moving(to: new.root)) { try await shelf.open().setHeld(false, "b") }
            #expect(try await shelf.open().models().count == 3)
            announcement.release()
            try new.put([1], at: "something")
            await #expect(throws: StoreError.notEmpty(path: new.root)) { try await shelf.open().move(to: new.root) }
            let intake = try shelf.open().intake()
            try shelf.put([1], at: ".slm/partial/\(intake.name())")
            await #expect(throws: StoreError.locked(key: "store")) {
                try await shelf.open().move(to: new.root.removingLastComponent().appending("third"))
            }
            #expect(try await shelf.open().models().count == 3)
        }
    }
}
