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

    /// On the disks of many people's machines both would be one file.
    @Test func `addresses that differ in case alone are models of their own, wherever they lie`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf { $0.credentials = Credentials(environment: [:], home: place.folder.string) }
            let names = ["x/m.gguf", "x/M.gguf", "X/m.gguf"]
            for (seed, name) in zip(1..., names) { place.hub.addFile(name, model(UInt64(seed))) }
            var paths: Set<String> = []
            for name in names {
                let got = try await shelf.get("\(place.hub.address)/files/\(name)")
                #expect(got.fetched > 0)
                paths.insert(got.model.path.string.lowercased())
            }
            #expect(paths.count == 3)
            for (seed, name) in zip(1..., names) {
                let stored = try await shelf.requireStored("\(place.hub.address)/files/\(name)")
                #expect(try stored.path.readBytes() == model(UInt64(seed)))
            }
            await #expect(throws: StoreError.self) { try await shelf.remove("\(place.hub.address)/files/X/M.gguf") }
        }
    }

    @Test func `what would change or remove never picks one of several`() async throws {
        try await withTwoRevisions { place, shelf in
            try await shelf.get("hf:o/m")
            try await shelf.get("hf:o/m@v2")
            await #expect(throws: CatalogError.self) { try await shelf.remove("hf:o/m") }
            await #expect(throws: CatalogError.self) { try await shelf.update(["hf:o/m"]) }
            await #expect(throws: CatalogError.self) { try await shelf.verify(["hf:o/m"], repair: true) }
            await #expect(throws: CatalogError.self) {
                try await shelf.push("hf:o/m", to: ModelReference(parsing: "oci://127.0.0.1:1/m:1")) { _, _, _ in }
            }
            await #expect(throws: CatalogError.self) {
                try await shelf.export(["hf:o/m"], to: place.folder.appending("stick"))
            }
            #expect(place.stored.count == 2)
            // Who only looks means all of them.
            let both = ["hf:o/m:Q8_0", "hf:o/m:Q8_0@v2"]
            #expect(try await shelf.verify(["hf:o/m"]).map(\.ref).sorted() == both)
            #expect(try await shelf.outdated(["hf:o/m"]).map(\.ref).sorted() == both)
            #expect(try await shelf.storedModels(["hf:o/m", "hf:o/m"]).map(\.ref).sorted() == both)
            await #expect(throws: StoreError.self) { try await shelf.storedModels(["hf:o/m", "hf:o/none"]) }
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

    @Test(arguments: ["folder", "link", "stranger", "stranger of the same size"])
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
            case "stranger": try path.write(Array("mine".utf8))
            default: try path.write(model(3))
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
                // As the message says: there is something in it then.
                try files.createDirectory(atPath: root.appending(".slm").string, withIntermediateDirectories: true)
                try await shelf.get("hf:o/m")
                try files.removeItem(atPath: disk.string)
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
