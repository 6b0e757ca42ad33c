import Disk
import Foundation
import ModelDownload
import SystemPackage
import Testing

@testable import ModelStore

@Suite struct StoreTests {
    @Test func `checks of many models are written down at once`() async throws {
        try await withStore { shelf in
            let first = try await shelf.open().keep([shelf.verified("a.gguf", "one")], as: identity("a"))
            let second = try await shelf.open().keep([shelf.verified("b.gguf", "two")], as: identity("b"))
            try shelf.put(shelf.gguf("found"), at: "maker/found/c.gguf")
            _ = try await shelf.open().reconcile()
            let found = try #require(try await shelf.open().model(named: "maker/found/c.gguf"))
            let later = shelf.open(at: TemporaryStore.start.addingTimeInterval(1000))
            var learned = VerificationResult(state: .ready)
            learned.learned = [
                LearnedContent(
                    file: "c.gguf", digest: shelf.digest("found"), proof: .none, blocks: BlockHashes(hashes: [1]))
            ]
            var gone = second
            gone.files[0].digest = shelf.digest("another")
            let superseded = try await later.recordVerifications([
                (first, VerificationResult(state: .ready)), (gone, VerificationResult(state: .ready)), (found, learned),
            ])
            #expect(superseded == ["b"])
            let after = try await later.models()
            #expect(after.map { $0.verifiedAt != second.verifiedAt } == [true, false, true])
            #expect(after.last?.files[0].digest == shelf.digest("found"))
            #expect(try await shelf.open().blockHashes(of: shelf.digest("found")) == BlockHashes(hashes: [1]))
            // Another process makes the index anew and keeps what it can read of the old one.
            _ = try await shelf.open().reconcile()
            #expect(try await shelf.open().models() == after)
            // And then the records have it, too.
            try shelf.removeIndex()
            #expect(try await shelf.open().models() == after)
        }
    }

    @Test func `asking a store that does not exist creates nothing`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let models = try await store.models()
            #expect(models.isEmpty)
            #expect(try await store.model(named: "tiny") == nil)
            #expect(try await store.files(with: [shelf.digest("one")]).isEmpty)
            #expect(try await store.pins(for: "tiny").isEmpty)
            #expect(try await store.blockHashes(of: shelf.digest("one")) == nil)
            #expect(FileStatus(of: shelf.root) == nil)
        }
    }

    @Test func `asking a folder of models that is no store yet lists them and creates nothing`() async throws {
        try await withStore { shelf in
            try shelf.put(shelf.gguf("one"), at: "maker/tiny-GGUF/tiny.gguf")
            #expect(try await shelf.open().models().map(\.ref) == ["maker/tiny-GGUF/tiny.gguf"])
            #expect(shelf.names("") == ["maker"])
        }
    }

    @Test func `preparing makes a place for partial files`() async throws {
        try await withStore { shelf in
            try await shelf.open().prepare()
            #expect(shelf.names(".slm") == ["blocks", "locks", "partial", "pending", "records"])
        }
    }

    @Test func `removing the last model of a folder removes the folders, never the root or what others put there`()
        async throws
    {
        try await withStore { shelf in
            let store = shelf.open()
            let one = try await store.keep([shelf.verified("a.gguf", "one")], as: identity("a", repository: "a"))
            try await store.keep([shelf.verified("b.gguf", "two")], as: identity("b", repository: "b"))
            try shelf.put(Array("notes".utf8), at: "maker/b/notes.txt")

            #expect(try await store.remove("a") == one.size)
            #expect(shelf.names("maker") == ["b"])
            #expect(try await store.remove("b") == one.size)
            #expect(shelf.names("maker/b") == ["notes.txt"])
            try shelf.remove("maker/b/notes.txt")
            #expect(try await store.models().isEmpty)
            #expect(shelf.names(".slm/blocks").isEmpty)
            #expect(shelf.names(".slm/records").isEmpty)
            await #expect(throws: StoreError.notStored(ref: "a")) { try await store.remove("a") }
        }
    }

    @Test func `what a check finds is remembered, for every reference of the same files`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let source = try #require(URL(string: "https://hub.example/model.gguf"))
            try await store.keep([shelf.verified("one")], as: identity("a"))
            try await store.keep(
                [.stored(shelf.digest("one"), name: "model.gguf", origin: .address(source))], as: identity("b"))

            let damage = VerificationResult(
                state: .damaged, damagedRanges: [DamagedRange(file: "model.gguf", offset: 0, length: 7)])
            #expect(try await store.recordVerification("a", damage).state == .damaged)
            #expect(try await shelf.open().models().map(\.state) == [.damaged, .damaged])

            let later = TemporaryStore.start.addingTimeInterval(3600)
            try await shelf.open(at: later).recordVerification("b", VerificationResult(state: .ready))
            let models = try await shelf.open().models()
            #expect(models.map(\.state) == [.ready, .ready])
            #expect(models.map(\.verifiedAt) == [later, later])
            let soon = later.addingTimeInterval(0.7)
            try await shelf.open(at: soon).recordVerification("a", VerificationResult(state: .ready))
            #expect(try await store.model(named: "a")?.verifiedAt == later)
            await #expect(throws: StoreError.notStored(ref: "c")) {
                try await store.recordVerification("c", VerificationResult(state: .ready))
            }
        }
    }

    @Test func `the index gives a model and those that share files with it, and reads no other`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            for number in 0..<20 {
                try await store.keep(
                    [shelf.verified("m.gguf", "c\(number)")], as: identity("r\(number)", repository: "r\(number)"))
            }
            // r0 shares a file with both, which share none with each other.
            try await store.keep(
                [shelf.verified("a.gguf", "a"), shelf.verified("b.gguf", "b")], as: identity("r0", repository: "r0"))
            for (ref, name) in [("a", "a.gguf"), ("b", "b.gguf")] {
                let source = try #require(URL(string: "https://hub.example/\(name)"))
                let file = IncomingFile.stored(shelf.digest(ref), name: name, origin: .address(source))
                try await store.keep([file], as: identity(ref, repository: "r0"))
            }
            let index = try StoreIndex.open(shelf.layout.index)
            #expect(try index.records(relatedTo: "r7").map(\.ref) == ["r7"])
            for ref in ["a", "b", "r0"] { #expect(try index.records(relatedTo: ref).map(\.ref) == ["a", "b", "r0"]) }
            #expect(try index.records(relatedTo: "absent").isEmpty)
            #expect(
                try index.records(relatedTo: "absent", keys: ["maker/r3/m.gguf"], digests: [shelf.digest("c4")])
                    .map(\.ref) == ["r3", "r4"])
        }
    }

    @Test func `what concerns one model is asked and changed without a look at the others`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([shelf.verified("a.gguf", "one")], as: identity("a"))
            try await store.keep([shelf.verified("b.gguf", "two")], as: identity("b"))
            try await store.keep([shelf.verified("c.gguf", "three")], as: identity("c"))
            // Whoever reads this row says that the index is damaged, and makes it anew.
            try shelf.unchecked("UPDATE files SET name = '../x' WHERE name = 'c.gguf'")
            let index = FileStatus(of: shelf.layout.index)?.inode

            #expect(try await store.model(named: "a")?.state == .ready)
            try await store.recordVerification("a", VerificationResult(state: .ready))
            try await store.keep([shelf.verified("a.gguf", "four")], as: identity("a"))
            try await store.remove("b")
            let (same, names) = (FileStatus(of: shelf.layout.index)?.inode, shelf.names(".slm"))
            #expect(same == index && !names.contains("index.sqlite.damaged-1"))
            #expect(try await store.models().map(\.ref) == ["a", "c"])
            #expect(shelf.names(".slm").contains("index.sqlite.damaged-1"))
        }
    }

    @Test(arguments: [
        ("qwen2", ["qwen2:0.5b:q4_0", "qwen2:1.5b:q8_0"]), ("Qwen2:0.5B", ["qwen2:0.5b:q4_0"]),
        ("qwen2:1.5b:q8_0", ["qwen2:1.5b:q8_0"]), ("qwen", []), ("", []),
    ])
    func `a shorter reference means every model that continues it`(ref: String, expected: [String]) async throws {
        try await withStore { shelf in
            let store = shelf.open()
            for (number, full) in ["qwen2:0.5b:q4_0", "qwen2:1.5b:q8_0", "qwen25:3b:q4_0"].enumerated() {
                let file = try shelf.verified("m\(number).gguf", "c\(number)")
                try await store.keep([file], as: identity(full))
            }
            #expect(try await store.models(under: ref).map(\.ref) == expected)
        }
    }

    @Test func `the first pin stays until it is replaced on purpose`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let first = Pin(ref: "r", file: "f.gguf", digest: shelf.digest("one"), size: 7, revision: "r1")
            let second = Pin(ref: "r", file: "f.gguf", digest: shelf.digest("two"), size: 8)
            let inForce = try await store.pin(first)
            #expect(inForce == first)
            #expect(try await store.pin(second) == first)
            #expect(try await shelf.open().pins(for: "r") == [first])
            #expect(try await store.pin(second, replacing: true) == second)
            #expect(try await shelf.open().pins(for: "r") == [second])
            #expect(try await shelf.open().pins(for: "R").isEmpty)
        }
    }

    @Test func `a folder mounted for reading only can be listed, and says so when it is to change`() async throws {
        try await withStore { shelf in
            let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
            let pin = Pin(ref: kept.ref, file: "model.gguf", digest: shelf.digest("one"), size: 7)
            try await shelf.open().pin(pin)
            guard let mount = Mount.readOnly(shelf.root) else { return }
            defer { mount.end() }

            let store = shelf.open()
            #expect(try await store.models() == [kept])
            #expect(try await store.model(named: kept.ref) == kept)
            #expect(try await store.pins(for: kept.ref) == [pin])
            let damage = VerificationResult(state: .damaged)
            #expect(try await store.recordVerification(kept.ref, damage).state == .damaged)
            #expect(try await store.recordVerification(kept.ref, VerificationResult(state: .ready)) == kept)
            await #expect(throws: StoreError.notStored(ref: "other")) {
                try await store.recordVerification("other", damage)
            }
            for change in [
                { @Sendable in try await store.prepare() }, { @Sendable in _ = try await store.reconcile() },
                { @Sendable in try await store.remove(kept.ref) },
            ] {
                let error = await #expect(throws: StoreError.self) { try await change() }
                guard case .readOnly = error else {
                    Issue.record("not said to be read-only: \(String(describing: error))")
                    continue
                }
            }
        }
    }

    @Test(.enabled(if: geteuid() != 0, "permission bits do not hold for root"))
    func `a folder that only others may write can be listed, and says so when it is to change`() async throws {
        try await withStore { shelf in
            let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
            let folder = shelf.layout.bookkeeping.string
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder)
            defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder) }
            #expect(try await shelf.open().models() == [kept])
            await #expect(throws: StoreError.permission(path: shelf.layout.bookkeeping)) {
                try await shelf.open().prepare()
            }
        }
    }

    @Test func `a full disk is said to be full, and the store is as it was`() async throws {
        try await withStore { shelf in
            try FileManager.default.createDirectory(atPath: shelf.root.string, withIntermediateDirectories: true)
            guard let mount = Mount.tiny(shelf.root, size: 512 << 10) else { return }
            defer { mount.end() }
            let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
            let update = try shelf.verified("second")
            try shelf.fill()

            let store = shelf.open()
            let error = await #expect(throws: StoreError.self) {
                try await store.keep([update], as: identity(revision: "r2"))
            }
            #expect(error?.code == "no-space")
            // What a check found is told all the same.
            let damage = VerificationResult(state: .damaged)
            #expect(try await store.recordVerification(kept.ref, damage).state == .damaged)
            let models = try await shelf.open().models()
            #expect(models == [kept])
            #expect(shelf.read("maker/tiny-GGUF/model.gguf") == "GGUFone")

            try shelf.remove("filler")
            let updated = try await shelf.open().keep([update], as: identity(revision: "r2"))
            #expect(try await shelf.open().models() == [updated])
        }
    }

    @Test func `a model can be removed from a full disk`() async throws {
        try await withStore { shelf in
            try FileManager.default.createDirectory(atPath: shelf.root.string, withIntermediateDirectories: true)
            guard let mount = Mount.tiny(shelf.root, size: 512 << 10) else { return }
            defer { mount.end() }
            let big = String(repeating: "x", count: 128 << 10)
            let first = try await shelf.open().keep([shelf.verified("a.gguf", big)], as: identity("a"))
            let second = try await shelf.open().keep([shelf.verified("b.gguf", "two")], as: identity("b"))
            try shelf.fill()
            await #expect(throws: StoreError.notStored(ref: "c")) { try await shelf.open().remove("c") }
            #expect(try await shelf.open().remove("A") == first.size)
            #expect(try await shelf.open().models() == [second])
            #expect(shelf.names("maker/tiny-GGUF") == ["b.gguf"] && shelf.unfinished().isEmpty)
            #expect(try await shelf.open().reconcile() == ReconcileReport())
        }
    }

    @Test func `a root that is a file, or below one, is refused`() async throws {
        try await withStore { shelf in
            try Data().write(to: URL(filePath: shelf.root.string))
            await #expect(throws: StoreError.occupied(path: shelf.root)) { try await shelf.open().prepare() }
            await #expect(throws: StoreError.self) { try await Store(at: shelf.root.appending("below")).prepare() }
        }
    }
}
