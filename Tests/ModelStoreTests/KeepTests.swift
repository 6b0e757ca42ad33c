import Foundation
import ModelDownload
import SystemPackage
import Testing

@testable import ModelStore

@Suite struct KeepTests {
    @Test func `a version of the same size and time is another content`() async throws {
        try await withStore { shelf in
            func verified(_ text: String) throws -> VerifiedFile {
                let file = try shelf.verified(text)
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)], ofItemAtPath: file.path.string)
                return file
            }
            let store = shelf.open()
            let main = try await store.keep([verified("one")], as: identity())
            try await store.keep([verified("two")], as: identity("tiny:1b:q4_0@v2", repository: "tiny-GGUF@v2"))
            func content(of model: StoredModel) throws -> [UInt8] {
                [UInt8](try Data(contentsOf: URL(filePath: model.files[0].path.string)))
            }
            // The content of the update is here already, under another reference.
            let source = try #require(URL(string: "https://hub.example/model.gguf"))
            let new = IncomingFile.stored(shelf.digest("two"), name: "model.gguf", origin: .address(source))
            let updated = try await store.keep([new], as: identity(revision: "r2"), keepingOld: true)
            #expect(updated.files[0].path == main.files[0].path)
            #expect(try content(of: updated) == shelf.gguf("two"))
            #expect(try content(of: try await store.rollBack(identity().ref)) == shelf.gguf("one"))
        }
    }

    @Test func `a kept model lies under its name, and another process lists it with all that is known`() async throws {
        try await withStore { shelf in
            let file = try shelf.verified("tiny.gguf", "one")
            let kept = try await shelf.open().keep([file], as: identity())

            #expect(shelf.read("maker/tiny-GGUF/tiny.gguf") == "GGUFone")
            #expect(shelf.names(".slm/partial").isEmpty)
            let models = try await shelf.open().models()
            #expect(models == [kept])
            let model = try #require(models.first)
            #expect(model.identity == identity())
            #expect(model.path == shelf.root.appending("maker/tiny-GGUF/tiny.gguf"))
            #expect(model.state == .ready)
            #expect(model.installedAt == TemporaryStore.start)
            #expect(model.verifiedAt == TemporaryStore.start)
            #expect(model.size == 7)
            #expect(model.files.first?.digest == shelf.digest("one"))
            #expect(model.files.first?.proof == .sha256)
            #expect(model.files.first?.origin == file.origin)
            #expect(try await shelf.open().blockHashes(of: shelf.digest("one")) == file.blocks)
        }
    }

    @Test func `a model is found by reference, by reference in another case, by path and by digest`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let ref = "hf:Maker/Tiny-GGUF:Q4_0"
            let kept = try await store.keep([shelf.verified("tiny.gguf", "one")], as: identity(ref))
            #expect(try await store.model(named: ref) == kept)
            #expect(try await store.model(named: "hf:maker/tiny-gguf:q4_0") == kept)
            #expect(try await store.model(named: "maker/tiny-GGUF/tiny.gguf") == kept)
            #expect(try await store.model(withDigest: shelf.digest("one")) == kept)
            #expect(try await store.model(named: "other") == nil)
            #expect(try await store.model(withDigest: shelf.digest("two")) == nil)
        }
    }

    @Test func `an update replaces the old files, and those it no longer has go`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([shelf.verified("a.gguf", "one"), shelf.verified("b.gguf", "two")], as: identity())
            let later = TemporaryStore.start.addingTimeInterval(60)
            let updated = try await shelf.open(at: later)
                .keep([shelf.verified("a.gguf", "three")], as: identity(revision: "r2"))

            #expect(shelf.names("maker/tiny-GGUF") == ["a.gguf"])
            #expect(shelf.read("maker/tiny-GGUF/a.gguf") == "GGUFthree")
            #expect(updated.installedAt == TemporaryStore.start)
            #expect(updated.verifiedAt == later)
            #expect(updated.identity.revision == "r2")
            #expect(shelf.names(".slm/blocks") == [shelf.digest("three").hex])
            #expect(try await store.models() == [updated])
        }
    }

    @Test func `a file that somebody else put there is not overwritten`() async throws {
        try await withStore { shelf in
            try shelf.put(shelf.gguf("mine"), at: "maker/tiny-GGUF/model.gguf")
            let target = shelf.root.appending("maker/tiny-GGUF/model.gguf")
            await #expect(throws: StoreError.occupied(path: target)) {
                try await shelf.open().keep([shelf.verified("one!")], as: identity())
            }
            #expect(shelf.read("maker/tiny-GGUF/model.gguf") == "GGUFmine")
            #expect(shelf.unfinished().isEmpty)
            #expect(shelf.names(".slm/partial").count == 1)
        }
    }

    @Test func `a file that somebody else put there with the same content becomes the model's`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([shelf.verified("other.gguf", "two")], as: identity("other"))
            try shelf.put(shelf.gguf("one"), at: "maker/tiny-GGUF/model.gguf")
            let kept = try await store.keep([shelf.verified("one")], as: identity())
            #expect(kept.state == .ready)
            #expect(try await store.models().map(\.ref) == ["other", kept.ref])

            // The same when the store had already come upon the file.
            try shelf.put(shelf.gguf("three"), at: "maker/third/model.gguf")
            #expect(try await store.reconcile().added == ["maker/third/model.gguf"])
            try await store.keep([shelf.verified("three")], as: identity("third", repository: "third"))
            #expect(try await store.models().map(\.ref) == ["other", "third", kept.ref])
            #expect(try await store.reconcile() == ReconcileReport())
        }
    }

    @Test func `a delivered file that is not as the verifier left it is refused`() async throws {
        try await withStore { shelf in
            let file = try shelf.verified("one")
            try Data("GGUFlonger".utf8).write(to: URL(filePath: file.path.string))
            await #expect(throws: StoreError.changed(path: file.path)) {
                try await shelf.open().keep([file], as: identity())
            }
            #expect(!shelf.exists("maker"))
        }
    }

    @Test(arguments: [
        "", ".", "..", "../up.gguf", "/etc/passwd", "a/b.gguf", "a\\b.gguf", ".hidden.gguf", "nul\0.gguf",
        "line\nbreak.gguf", "esc\u{1B}[31m.gguf", "turn\u{202E}fugg.gguf", String(repeating: "x", count: 256),
    ])
    func `a hostile name is refused as file, repository and publisher, and nothing is created`(
        name: String
    ) async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let file = try shelf.verified("good.gguf", "one")
            var hostile = file
            hostile = VerifiedFileMaker.renamed(hostile, name)
            for (files, identity) in [
                ([hostile], identity()), ([file], identity(publisher: name)), ([file], identity(repository: name)),
            ] {
                await #expect(throws: StoreError.unsafeName(name)) { try await store.keep(files, as: identity) }
            }
            #expect(throws: StoreError.unsafeName(name)) {
                try shelf.layout.path(publisher: "p", repository: "r", name: name)
            }
            #expect(shelf.names("") == [".slm"])
            #expect(try await store.models().isEmpty)
        }
    }

    @Test(arguments: ["maker", "maker/tiny-GGUF"])
    func `a folder that is a link leads nowhere, neither for keeping nor for removing`(link: String) async throws {
        try await withStore { shelf in
            let outside = shelf.root.removingLastComponent().appending("outside")
            let store = shelf.open()
            // First a model in the true folder, which somebody then exchanges for a link to a folder like it.
            try await store.keep([shelf.verified("one")], as: identity())
            try FileManager.default.moveItem(
                atPath: shelf.root.appending(link).string, toPath: outside.string)
            try FileManager.default.createSymbolicLink(
                atPath: shelf.root.appending(link).string, withDestinationPath: outside.string)

            await #expect(throws: StoreError.outsideStore(path: shelf.root.appending(link))) {
                try await store.keep([shelf.verified("two")], as: identity())
            }
            #expect(try await store.models().map(\.state) == [.missing])
            #expect(try await store.remove("tiny:1b:q4_0") == 0)
            let left = try #require(FileManager.default.subpaths(atPath: outside.string))
            #expect(left.contains { $0.hasSuffix("model.gguf") })
            _ = try await store.reconcile()
            #expect(try await store.models().isEmpty)
        }
    }

    @Test func `a link in place of the file is not written through`() async throws {
        try await withStore { shelf in
            let victim = shelf.root.removingLastComponent().appending("victim")
            try Data("precious".utf8).write(to: URL(filePath: victim.string))
            let folder = shelf.root.appending("maker/tiny-GGUF")
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending("model.gguf").string, withDestinationPath: victim.string)
            await #expect(throws: StoreError.outsideStore(path: folder.appending("model.gguf"))) {
                try await shelf.open().keep([shelf.verified("one")], as: identity())
            }
            #expect(FileManager.default.contents(atPath: victim.string) == Data("precious".utf8))
        }
    }

    @Test func `a content that is stored already is given a second name instead of being fetched`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let first = try await store.keep([shelf.verified("one.gguf", "one")], as: identity())
            let source = try #require(URL(string: "https://elsewhere.example/one.gguf"))
            let second = try await store.keep(
                [.stored(shelf.digest("one"), name: "uno.gguf", origin: .address(source))],
                as: identity("other", publisher: "other"))

            #expect(shelf.read("other/tiny-GGUF/uno.gguf") == "GGUFone")
            #expect(second.files.first?.origin == .address(source))
            #expect(second.verifiedAt == first.verifiedAt)
            #expect(shelf.names(".slm/partial").isEmpty)
            try await store.remove(first.ref)
            #expect(shelf.read("other/tiny-GGUF/uno.gguf") == "GGUFone")
            #expect(try await shelf.open().models() == [second])
            #expect(try await store.blockHashes(of: shelf.digest("one")) != nil)
        }
    }

    @Test func `a content is not reused once its file has been changed, damaged or removed`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let source = try #require(URL(string: "https://elsewhere.example/one.gguf"))
            let wanted = IncomingFile.stored(shelf.digest("one"), name: "uno.gguf", origin: .address(source))
            let refusal = StoreError.notStored(ref: shelf.digest("one").hex)
            func refuses() async {
                await #expect(throws: refusal) { try await store.keep([wanted], as: identity("b", publisher: "b")) }
                #expect((try? await store.files(with: [shelf.digest("one")]))?.isEmpty == true)
                #expect(!shelf.exists("b"))
            }
            await refuses()
            let kept = try await store.keep([shelf.verified("one.gguf", "one")], as: identity())
            #expect(try await store.files(with: [shelf.digest("one")]).count == 1)
            try await store.recordVerification(kept.ref, VerificationResult(state: .damaged))
            await refuses()
            try await store.recordVerification(kept.ref, VerificationResult(state: .ready))
            try shelf.put(shelf.gguf("uno"), at: "maker/tiny-GGUF/one.gguf")
            await refuses()
            try shelf.remove("maker/tiny-GGUF/one.gguf")
            await refuses()
        }
    }

    @Test func `references that share a file follow its update, and one that names a fixed content keeps it`()
        async throws
    {
        try await withStore { shelf in
            let store = shelf.open()
            let source = try #require(URL(string: "https://hub.example/model.gguf"))
            try await store.keep([shelf.verified("one")], as: identity())
            for ref in ["alias", "hf:maker/tiny-GGUF@r1"] {
                try await store.keep(
                    [.stored(shelf.digest("one"), name: "model.gguf", origin: .address(source))], as: identity(ref))
            }
            try await store.keep([shelf.verified("second")], as: identity(revision: "r2"))

            for store in [store, shelf.open()] {
                let alias = try #require(try await store.model(named: "alias"))
                #expect(alias.files.first?.digest == shelf.digest("second"))
                #expect(alias.identity.revision == "r2")
                #expect(alias.state == .ready)
                let fixed = try #require(try await store.model(named: "hf:maker/tiny-GGUF@r1"))
                #expect(fixed.files.first?.digest == shelf.digest("one"))
                #expect(fixed.state == .ready)
                #expect(shelf.read("maker/tiny-GGUF@r1/model.gguf") == "GGUFone")
            }
            let freed = try await store.remove("hf:maker/tiny-GGUF@r1")
            #expect(freed == 7)
            #expect(shelf.exists("maker/tiny-GGUF/model.gguf"))
        }
    }
}
