import Foundation
import SystemPackage
import Testing

@testable import ModelStore

@Suite struct CrashTests {
    @Test(arguments: Store.Step.allCases)
    func `a process that dies while keeping leaves a model that the next one finds whole`(
        step: Store.Step
    ) async throws {
        try await withStore { shelf in
            let files = [try shelf.verified("a.gguf", "one"), try shelf.verified("b.gguf", "two")]
            let dying = shelf.open(dyingAfter: step)
            await #expect(throws: TemporaryStore.Killed.self) { try await dying.keep(files, as: identity()) }

            let model = try #require(try await shelf.open().models().first)
            #expect(model.identity == identity())
            #expect(model.state == .ready)
            #expect(model.verifiedAt == TemporaryStore.start)
            #expect(model.files.map(\.digest) == [shelf.digest("one"), shelf.digest("two")])
            #expect(shelf.names("maker/tiny-GGUF") == ["a.gguf", "b.gguf"])
            #expect(shelf.names(".slm/partial").isEmpty)
            #expect(shelf.unfinished().isEmpty)
            #expect(try await shelf.open().reconcile() == ReconcileReport())
        }
    }

    @Test(arguments: Store.Step.allCases)
    func `a process that dies while keeping loses nothing when the index is lost as well`(
        step: Store.Step
    ) async throws {
        try await withStore { shelf in
            let dying = shelf.open(dyingAfter: step)
            await #expect(throws: TemporaryStore.Killed.self) {
                try await dying.keep([shelf.verified("one")], as: identity())
            }
            try shelf.removeIndex()
            let model = try #require(try await shelf.open().models().first)
            #expect(model.identity == identity())
            #expect(model.files.first?.digest == shelf.digest("one"))
            #expect(model.verifiedAt == TemporaryStore.start)
        }
    }

    @Test(arguments: Store.Step.allCases)
    func `a process that dies while updating leaves the new version, with none of the old files`(
        step: Store.Step
    ) async throws {
        try await withStore { shelf in
            try await shelf.open().keep(
                [shelf.verified("a.gguf", "one"), shelf.verified("old.gguf", "two")], as: identity())
            let dying = shelf.open(dyingAfter: step)
            await #expect(throws: TemporaryStore.Killed.self) {
                try await dying.keep([shelf.verified("a.gguf", "three")], as: identity(revision: "r2"))
            }
            let models = try await shelf.open().models()
            #expect(models.map(\.identity) == [identity(revision: "r2")])
            #expect(models.first?.files.map(\.digest) == [shelf.digest("three")])
            #expect(models.first?.state == .ready)
            #expect(shelf.names("maker/tiny-GGUF") == ["a.gguf"])
            #expect(shelf.unfinished().isEmpty)
        }
    }

    @Test func `an update that died before its files were moved, and whose files are gone, has not happened`()
        async throws
    {
        try await withStore { shelf in
            let old = try await shelf.open().keep([shelf.verified("one")], as: identity())
            let dying = shelf.open(dyingAfter: .announced)
            await #expect(throws: TemporaryStore.Killed.self) {
                try await dying.keep([shelf.verified("second")], as: identity(revision: "r2"))
            }
            try shelf.remove(".slm/partial")
            #expect(try await shelf.open().models() == [old])
            #expect(shelf.read("maker/tiny-GGUF/model.gguf") == "GGUFone")
            #expect(shelf.unfinished().isEmpty)
        }
    }

    @Test(arguments: Store.Step.allCases)
    func `a process that dies while removing leaves nothing, also without the index`(step: Store.Step) async throws {
        for losesIndex in [false, true] {
            try await withStore { shelf in
                let store = shelf.open()
                try await store.keep([shelf.verified("one")], as: identity())
                let other = try await store.keep([shelf.verified("b.gguf", "two")], as: identity("other"))
                for ref in ["tiny:1b:q4_0", "other"] { try await store.setHeld(true, ref) }
                let dying = shelf.open(dyingAfter: step)
                await #expect(throws: TemporaryStore.Killed.self) { try await dying.remove("tiny:1b:q4_0") }
                if losesIndex { try shelf.removeIndex() }
                #expect(try await shelf.open().models() == [other])
                #expect(try await shelf.open().held() == ["other"])
                #expect(shelf.names("maker/tiny-GGUF") == ["b.gguf"])
                #expect(shelf.unfinished().isEmpty)
                #expect(try await shelf.open().reconcile() == ReconcileReport())
            }
        }
    }

    @Test(arguments: Store.Step.allCases, [true, false])
    func `a note among the records, as earlier releases wrote it, is followed too`(
        step: Store.Step, isRemoval: Bool
    ) async throws {
        try await withStore { shelf in
            let other = try await shelf.open().keep([shelf.verified("b.gguf", "two")], as: identity("other"))
            if isRemoval { try await shelf.open().keep([shelf.verified("one")], as: identity()) }
            let dying = shelf.open(dyingAfter: step)
            await #expect(throws: TemporaryStore.Killed.self) {
                if isRemoval {
                    try await dying.remove("tiny:1b:q4_0")
                } else {
                    try await dying.keep([shelf.verified("one")], as: identity())
                }
            }
            for name in shelf.names(".slm/pending") {
                try FileManager.default.moveItem(
                    atPath: shelf.root.appending(".slm/pending/\(name)").string,
                    toPath: shelf.root.appending(".slm/records/\(name)").string)
            }
            try shelf.remove(".slm/pending")
            let refs = try await shelf.open().models().map(\.ref)
            #expect(refs == (isRemoval ? [other.ref] : [other.ref, "tiny:1b:q4_0"]))
            #expect(shelf.unfinished().isEmpty)
            #expect(shelf.exists("maker/tiny-GGUF/model.gguf") != isRemoval)
        }
    }

    @Test func `a half-written record is swept away`() async throws {
        try await withStore { shelf in
            let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
            try shelf.put(Array("{\"ref\":".utf8), at: ".slm/records/tiny%3A1b%3Aq4_0.json.tmp")
            #expect(try await shelf.open().reconcile() == ReconcileReport())
            #expect(try await shelf.open().models() == [kept])
            #expect(shelf.unfinished().isEmpty)
        }
    }

    @Test(arguments: ["records", "pending"])
    func `an announcement that somebody made up moves nothing from elsewhere`(folder: String) async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([shelf.verified("one")], as: identity())
            try shelf.put(Array("GGUFsecret".utf8), at: "secret")
            let forged = """
                {"ref": "x", "publisher": "p", "repository": "r", "installedAt": "2024-01-01T00:00:00Z",
                 "state": "ready", "files": [{"name": "x.gguf", "size": 10, "modified": 0, "proof": "sha256",
                 "partial": "../../secret"}]}
                """
            try shelf.put(Array(forged.utf8), at: ".slm/\(folder)/x.next")
            #expect(try await shelf.open().models().map(\.ref) == ["tiny:1b:q4_0"])
            #expect(shelf.exists("secret"))
            #expect(!shelf.exists("p"))
        }
    }
}
