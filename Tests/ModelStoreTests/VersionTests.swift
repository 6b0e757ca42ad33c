import Foundation
import SystemPackage
import Testing

@testable import ModelStore

/// Versions that an update keeps, and the way back to them.
@Suite struct VersionTests {
    private func withTwoVersions(_ body: (TemporaryStore) async throws -> Void) async throws {
        try await withStore { shelf in
            try await shelf.open().keep([shelf.verified("one")], as: identity())
            let next = [IncomingFile.verified(try shelf.verified("two"))]
            try await shelf.open().keep(next, as: identity(revision: "r2"), keepingOld: true)
            try await body(shelf)
        }
    }

    @Test func `a kept version comes back, and what it replaces is kept for the way forward`() async throws {
        try await withTwoVersions { shelf in
            let store = shelf.open()
            #expect(shelf.read("maker/tiny-GGUF/model.gguf") == "GGUFtwo")
            let kept = try #require(try await store.keptVersion(of: identity().ref))
            #expect(kept.identity == identity())
            #expect(try await store.models().count == 1)

            let back = try await store.rollBack(identity().ref)
            #expect(back.identity == identity())
            #expect(back.state == .ready)
            #expect(shelf.read("maker/tiny-GGUF/model.gguf") == "GGUFone")
            #expect(shelf.names(".slm/partial").isEmpty)
            // Its block hashes came back with it.
            #expect(try await store.blockHashes(of: shelf.digest("one")) != nil)
            // An update again need not fetch what is kept.
            #expect(try await store.files(with: [shelf.digest("two")])[shelf.digest("two")] != nil)

            let forward = try await shelf.open().rollBack(identity().ref)
            #expect(forward.identity == identity(revision: "r2"))
            #expect(shelf.read("maker/tiny-GGUF/model.gguf") == "GGUFtwo")
            #expect(shelf.names(".slm/versions").count == 2)
        }
    }

    @Test func `where nothing was kept there is no way back`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([shelf.verified("one")], as: identity())
            try await store.keep([shelf.verified("two")], as: identity(revision: "r2"))
            await #expect(throws: StoreError.nothingKept(ref: identity().ref)) {
                try await store.rollBack(identity().ref)
            }
            await #expect(throws: StoreError.notStored(ref: "other")) { try await store.rollBack("other") }
            #expect(shelf.names(".slm/versions").isEmpty)
        }
    }

    @Test(arguments: Store.Step.allCases)
    func `a process that dies on the way back leaves one version whole, and the other kept`(
        step: Store.Step
    ) async throws {
        try await withTwoVersions { shelf in
            await #expect(throws: TemporaryStore.Killed.self) {
                try await shelf.open(dyingAfter: step).rollBack(identity().ref)
            }
            let model = try #require(try await shelf.open().models().first)
            #expect(model.state == .ready)
            #expect(model.identity == identity())
            #expect(shelf.read("maker/tiny-GGUF/model.gguf") == "GGUFone")
            #expect(shelf.names(".slm/partial").isEmpty)
            #expect(shelf.unfinished().isEmpty)
            let forward = try await shelf.open().rollBack(identity().ref)
            #expect(forward.files.first?.digest == shelf.digest("two"))
        }
    }

    @Test func `a process that dies before the way back is announced leaves both versions`() async throws {
        try await withTwoVersions { shelf in
            // What it has written until then: the record of the version that is to be kept, and its file.
            let record = try #require(shelf.read(".slm/records/\(RecordFolder.name(identity().ref))"))
            let note = RecordFolder.name(identity().ref, .next)
            try shelf.put(Array(record.utf8), at: ".slm/versions/\(note)")
            try shelf.put(shelf.gguf("two"), at: ".slm/versions/\(shelf.digest("two").hex)")

            #expect(try await shelf.open().reconcile() == ReconcileReport())
            #expect(!shelf.names(".slm/versions").contains(note))
            let back = try await shelf.open().rollBack(identity().ref)
            #expect(back.files.first?.digest == shelf.digest("one"))
            let forward = try await shelf.open().rollBack(identity().ref)
            #expect(forward.files.first?.digest == shelf.digest("two"))
        }
    }

    @Test func `a kept version that somebody has written to is none`() async throws {
        try await withTwoVersions { shelf in
            try shelf.put(shelf.gguf("bad"), at: ".slm/versions/\(shelf.digest("one").hex)")
            #expect(try await shelf.open().keptVersion(of: identity().ref) == nil)
            await #expect(throws: StoreError.nothingKept(ref: identity().ref)) {
                try await shelf.open().rollBack(identity().ref)
            }
            #expect(shelf.read("maker/tiny-GGUF/model.gguf") == "GGUFtwo")
        }
    }

    @Test func `what goes takes its kept version with it, and that it was held`() async throws {
        try await withTwoVersions { shelf in
            let store = shelf.open()
            try await store.setHeld(true, identity().ref)
            #expect(try await shelf.open().held() == [identity().ref])
            #expect(try await store.remove(identity().ref) == 14)
            #expect(shelf.names(".slm/versions").isEmpty)
            #expect(try await store.held().isEmpty)
        }
    }

    @Test func `what a crash left of a version is swept away`() async throws {
        try await withTwoVersions { shelf in
            try shelf.put(shelf.gguf("half"), at: ".slm/versions/\(shelf.digest("half").hex)")
            _ = try await shelf.open().reconcile()
            #expect(shelf.names(".slm/versions").count == 2)
            #expect(try await shelf.open().keptVersion(of: identity().ref) != nil)
        }
    }
}
