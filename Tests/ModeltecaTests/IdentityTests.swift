import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct IdentityTests {
    /// One file of `o/m` at two tags.
    private func withTwoRevisions(_ body: (Place, Shelf) async throws -> Void) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)], branch: "v2")
            try await body(place, try place.shelf())
        }
    }

    @Test(arguments: [["hf:o/m@v2", "hf:o/m"], ["hf:o/m", "hf:o/m@v2"]])
    func `two revisions of one file are two models`(refs: [String]) async throws {
        try await withTwoRevisions { place, shelf in
            for ref in refs { try await shelf.get(ref) }
            #expect(place.stored == ["o/m/m-Q8_0.gguf", "o/m@v2/m-Q8_0.gguf"])
            #expect(try place.bytes("o/m/m-Q8_0.gguf") == model(1))
            #expect(try place.bytes("o/m@v2/m-Q8_0.gguf") == model(2))
            let found = try await shelf.verify([])
            #expect(found.map(\.state) == [.ready, .ready])
        }
    }

    @Test func `an update of the branch leaves a pinned revision with the same bytes alone`() async throws {
        try await withPlace { place in
            let commit = place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m")
            let pinned = try await shelf.get("hf:o/m@\(commit)")
            #expect(pinned.fetched == 0)
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)])
            #expect(try await shelf.update().map(\.changed) == [true, false])
            #expect(try pinned.model.path.readBytes() == model(1))
            #expect(try place.bytes("o/m/m-Q8_0.gguf") == model(2))
        }
    }

    @Test func `addresses with one host, folder and name are models of their own`() async throws {
        try await withPlace { place in
            place.hub.addFile("alice/x/m.gguf", model(1))
            place.hub.addFile("bob/x/m.gguf", model(2))
            // Below the Hub's own address every path would be a repository.
            let shelf = try place.shelf { $0.credentials = Credentials(environment: [:], home: place.folder.string) }
            let addresses = ["alice/x/m.gguf", "bob/x/m.gguf", "alice/x/m.gguf?version=2"].map {
                "\(place.hub.address)/files/\($0)"
            }
            var paths: Set<FilePath> = []
            for address in addresses { paths.insert(try await shelf.get(address).model.path) }
            #expect(paths.count == 3)
            let first = try await shelf.requireStored(addresses[0])
            #expect(try first.path.readBytes() == model(1))
            let second = try await shelf.requireStored(addresses[1])
            #expect(try second.path.readBytes() == model(2))
        }
    }

    @Test func `what would change or remove never picks one of several`() async throws {
        try await withTwoRevisions { place, shelf in
            try await shelf.get("hf:o/m")
            try await shelf.get("hf:o/m@v2")
            await #expect(throws: CatalogError.self) { try await shelf.remove("hf:o/m") }
            await #expect(throws: CatalogError.self) { try await shelf.update(["hf:o/m"]) }
            await #expect(throws: CatalogError.self) { try await shelf.verify(["hf:o/m"], repair: true) }
            #expect(place.stored.count == 2)
            _ = try await shelf.remove("hf:o/m:Q8_0")
            #expect(place.stored == ["o/m@v2/m-Q8_0.gguf"])
        }
    }

    @Test func `the same bytes without a record are proven and taken in`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let path = place.store.pushing("o/m/m-Q8_0.gguf")
            try FileManager.default.createDirectory(
                atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
            try path.write(model(1))
            let receipt = try await place.shelf().get("hf:o/m")
            #expect(receipt.fetched == 0)
            #expect(receipt.model.path == path)
            #expect(receipt.proof == .sha256)
            #expect(place.sent() == 0)
        }
    }

    @Test(arguments: ["folder", "link", "stranger"])
    func `what lies in the way is said before a byte is fetched, and stops no other model`(kind: String) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            place.hub.add(repo: "o/other", files: ["other-Q8_0.gguf": model(2)])
            let path = place.store.pushing("o/m/m-Q8_0.gguf")
            let files = FileManager.default
            try files.createDirectory(atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
            let elsewhere = place.folder.appending("mine.gguf")
            try elsewhere.write(model(3))
            switch kind {
            case "folder": try files.createDirectory(atPath: path.string, withIntermediateDirectories: false)
            case "link": try files.createSymbolicLink(atPath: path.string, withDestinationPath: elsewhere.string)
            default: try path.write(Array("mine".utf8))
            }
            let shelf = try place.shelf()
            await #expect(throws: StoreError.self) { try await shelf.get("hf:o/m") }
            #expect(place.sent() == 0)
            try await shelf.get("hf:o/other")
            #expect(try elsewhere.readBytes() == model(3))
        }
    }

    @Test func `a model that is half here is listed with what has come, and removed`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1, bytes: 4 << 20)])
            place.hub.script("*.gguf", .drop(after: 1 << 20), side: .cdn, times: 1)
            place.hub.script("*.gguf", .status(503), side: .cdn, skip: 1)
            let shelf = try place.shelf { $0.transfer.connections = 1 }
            await #expect(throws: DownloadError.self) { try await shelf.get("hf:o/m") }
            let half = try await shelf.store.unfinished()
            #expect(half.map(\.ref) == ["hf:o/m:Q8_0"])
            #expect(half.map(\.state) == [.partial])
            #expect((half.first?.fetched ?? 0) > 0)
            #expect(try await shelf.store.models().isEmpty)
            _ = try await shelf.remove("hf:o/m")
            #expect(try await shelf.store.unfinished().isEmpty)
            let left = try FileManager.default.contentsOfDirectory(
                atPath: place.store.pushing(".slm/partial").string)
            #expect(left.isEmpty)
        }
    }

    @Test func `a named folder that is not there is an error, and none above it is made`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let absent = place.folder.appending("disk").appending("store")
            let shelf = try place.shelf { $0.store = absent }
            await #expect(throws: StoreError.absent(path: absent)) { try await shelf.verify([]) }
            await #expect(throws: StoreError.absent(path: absent)) { try await shelf.get("hf:o/m") }
            #expect(!FileManager.default.fileExists(atPath: place.folder.appending("disk").string))
        }
    }

    @Test func `the empty folder that a store's disk was mounted on is no new store`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let disk = place.folder.appending("disk")
            let files = FileManager.default
            for root in [disk, disk.appending("slm")] {
                try files.createDirectory(atPath: disk.string, withIntermediateDirectories: true)
                let shelf = try place.shelf { $0.store = root }
                try await shelf.get("hf:o/m")
                try files.removeItem(atPath: disk.string)
                try files.createDirectory(atPath: disk.string, withIntermediateDirectories: false)
                await #expect(throws: StoreError.absent(path: root)) { try await shelf.verify([]) }
                await #expect(throws: StoreError.absent(path: root)) { try await shelf.get("hf:o/m") }
                #expect(try files.contentsOfDirectory(atPath: disk.string).isEmpty)
            }
        }
    }

    @Test func `what was written to since it was proven is changed until it is proven again`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let shelf = try place.shelf()
            let path = try await shelf.get("hf:o/m").model.path
            try path.write(model(1))
            #expect(try await shelf.store.models().map(\.state) == [.changed])
            #expect(try await shelf.verify([]).map(\.state) == [.ready])
            #expect(try await shelf.store.models().map(\.state) == [.ready])
        }
    }
}
