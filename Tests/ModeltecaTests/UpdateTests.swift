import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct UpdateTests {
    private static let path = "o/m/m-Q8_0.gguf"

    private func withModel(_ body: (Place, Shelf) async throws -> Void) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m")
            try await body(place, shelf)
        }
    }

    @Test func `what has not changed is current, and an update fetches nothing`() async throws {
        try await withModel { place, shelf in
            place.hub.commit("o/m", files: ["README.md": Array("more words".utf8)])
            let statuses = try await shelf.outdated()
            #expect(statuses.map(\.outcome) == [.current])
            let sent = place.sent()
            let updates = try await shelf.update()
            #expect(updates.map(\.changed) == [false])
            #expect(place.sent() == sent)
        }
    }

    @Test func `a repository is asked once, however many models came from it`() async throws {
        try await withPlace { place in
            place.hub.add(
                repo: "o/m", files: ["m-Q8_0.gguf": model(1), "m-Q4_0.gguf": model(2), "other-Q8_0.gguf": model(3)])
            let shelf = try place.shelf()
            for ref in ["hf:o/m:Q4_0", "hf:o/m/m-Q8_0.gguf", "hf:o/m/other-Q8_0.gguf"] { try await shelf.get(ref) }
            place.hub.commit("o/m", files: ["m-Q4_0.gguf": model(4)])
            let before = place.hub.requests(for: "*/api/models/*").count
            let statuses = try await shelf.outdated()
            #expect(statuses.map(\.outcome) == [.current, .current, .changed])
            #expect(place.hub.requests(for: "*/api/models/*").count == before + 1)
        }
    }

    @Test func `when main moves the new file is fetched in place of the old`() async throws {
        try await withModel { place, shelf in
            let commit = place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)])
            let (old, new) = (try digest(of: model(1)), try digest(of: model(2)))
            let status = try await shelf.outdated(["hf:o/m"])[0]
            #expect(status.outcome == .changed)
            #expect(status.have == old)
            #expect(status.now == new)
            #expect(status.size == Int64(model(2).count))

            let update = try await shelf.update(["hf:o/m"])[0]
            #expect(update.changed)
            #expect(update.from == old)
            #expect(update.to == new)
            #expect(update.fetched == Int64(model(2).count))
            #expect(try place.bytes(Self.path) == model(2))
            let stored = try await shelf.requireStored("hf:o/m")
            #expect(stored.identity.revision == commit)
            #expect(place.stored == [Self.path])
            let statuses = try await shelf.outdated()
            #expect(statuses.map(\.outcome) == [.current])
        }
    }

    @Test func `the old file stays when the new one cannot be proven`() async throws {
        try await withModel { place, shelf in
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)])
            place.hub.script("*m-Q8_0.gguf", .corrupt(offset: 4000))
            await #expect(throws: DownloadError.self) { try await shelf.update() }
            #expect(try place.bytes(Self.path) == model(1))
            let verified = try await shelf.verify([])
            #expect(verified.map(\.state) == [.ready])
        }
    }

    @Test func `what is gone upstream is said, and stays here`() async throws {
        try await withModel { place, shelf in
            place.hub.commit("o/m", files: [:], removing: ["m-Q8_0.gguf"])
            let statuses = try await shelf.outdated()
            #expect(statuses.map(\.outcome) == [.removed])
            let updates = try await shelf.update()
            #expect(updates.map(\.changed) == [false])
            #expect(place.stored == [Self.path])
        }
    }

    @Test func `a renamed repository is followed`() async throws {
        try await withModel { place, shelf in
            place.hub.rename("o/m", to: "o/renamed")
            place.hub.commit("o/renamed", files: ["m-Q8_0.gguf": model(3)])
            let updates = try await shelf.update()
            #expect(updates.map(\.changed) == [true])
            #expect(try place.bytes(Self.path) == model(3))
        }
    }

    @Test func `a model at a fixed commit has nothing to follow`() async throws {
        try await withPlace { place in
            let commit = place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m@\(commit)")
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)])
            let statuses = try await shelf.outdated()
            #expect(statuses.map(\.outcome) == [.unknown])
        }
    }

    @Test func `a model of another branch follows that branch`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)], branch: "next")
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m@next")
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(3)], branch: "next")
            let statuses = try await shelf.outdated()
            #expect(statuses.map(\.now) == [try digest(of: model(3))])
        }
    }

    @Test func `after an update the catalog's older digest is no obstacle`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model(1)])
            let shelf = try place.shelf(SmallCatalog.tiny(digest: sha256(of: model(1))))
            try await shelf.get("tiny")
            place.hub.commit("o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model(2)])
            await #expect(throws: ModeltecaError.self) { try await shelf.get("tiny") }
            let updates = try await shelf.update(["tiny"])
            #expect(updates.map(\.changed) == [true])
            let receipt = try await shelf.get("tiny")
            #expect(receipt.wasThere)
        }
    }

    @Test func `only the parts that changed are fetched, all from one commit`() async throws {
        try await withPlace { place in
            place.hub.add(
                repo: "o/m", files: ["m-00001-of-00002.gguf": model(1), "m-00002-of-00002.gguf": model(2)])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m")
            place.hub.commit("o/m", files: ["m-00002-of-00002.gguf": model(3)])
            let asked = place.hub.requests(for: "/api/*").count
            let update = try await shelf.update()[0]
            #expect(place.hub.requests(for: "/api/*").count == asked + 1)
            #expect(update.fetched == Int64(model(3).count))
            #expect(update.reused == Int64(model(1).count))
            #expect(try place.bytes("o/m/m-00001-of-00002.gguf") == model(1))
            #expect(try place.bytes("o/m/m-00002-of-00002.gguf") == model(3))
        }
    }

    @Test func `two names of one file are updated together, and it is fetched once`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model(1)])
            let shelf = try place.shelf(SmallCatalog.tiny())
            try await shelf.get("tiny")
            try await shelf.get("hf:o/tiny-GGUF")
            place.hub.commit("o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model(2)])
            let updates = try await shelf.update()
            let new = try digest(of: model(2))
            #expect(updates.map(\.to) == [new, new])
            #expect(updates.reduce(0) { $0 + $1.fetched } == Int64(model(2).count))
            let found = try await shelf.verify([])
            #expect(found.map(\.state) == [.ready, .ready])
            let statuses = try await shelf.outdated()
            #expect(statuses.map(\.outcome) == [.current, .current])
        }
    }

    @Test func `a gate that was put up since does not harm what is here`() async throws {
        try await withModel { place, shelf in
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)])
            place.hub.change("o/m") { $0.gate = .manual }
            await #expect { try await shelf.update() } throws: { ($0 as? DownloadError)?.code == "refused" }
            let verified = try await shelf.verify([])
            #expect(verified.map(\.state) == [.ready])
            #expect(try place.bytes(Self.path) == model(1))
        }
    }

    @Test func `a file from a plain address has no origin that says more`() async throws {
        try await withLoopbackHub { origin in
            try await withPlace { place in
                let url = origin.addFile("m.gguf", model(1))
                let shelf = try place.shelf()
                try await shelf.get(url.absoluteString)
                let statuses = try await shelf.outdated()
                #expect(statuses.map(\.outcome) == [.unknown])
            }
        }
    }
}
