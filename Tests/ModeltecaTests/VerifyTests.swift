import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct VerifyTests {
    private static let block = 4 << 20
    private static let large = model(7, bytes: 14 << 20)
    private static let path = "o/m/m-Q8_0.gguf"

    /// One model of four blocks, the last one shorter, in a store.
    private func withLargeModel(_ body: (Place, Shelf) async throws -> Void) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": Self.large])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m")
            try await body(place, shelf)
        }
    }

    private func flip(_ offsets: Int..., in place: Place) throws {
        var bytes = try place.bytes(Self.path)
        for offset in offsets { bytes[offset] ^= 1 }
        try place.store.pushing(FilePath(Self.path)).write(bytes)
    }

    @Test func `sound files are sound, and nothing is asked over the network`() async throws {
        try await withLargeModel { place, shelf in
            let asked = place.hub.requests.count
            let found = try await shelf.verify(["hf:o/m"])
            #expect(found.map(\.state) == [.ready])
            #expect(found[0].damaged.isEmpty)
            #expect(found[0].size == Int64(Self.large.count))
            #expect(place.hub.requests.count == asked)
        }
    }

    @Test func `a flipped byte is found within its block, and only that block is fetched again`() async throws {
        try await withLargeModel { place, shelf in
            try flip(Self.block + 12345, in: place)
            let range = DamagedRange(file: "m-Q8_0.gguf", offset: Int64(Self.block), length: Int64(Self.block))
            let found = try await shelf.verify([])
            #expect(found.map(\.state) == [.damaged])
            #expect(found[0].damaged == [range])
            #expect(found[0].repaired == 0)
            let stored = try await shelf.stored("hf:o/m")
            #expect(stored?.state == .damaged)

            let sent = place.sent()
            let mended = try await shelf.verify([], repair: true)
            #expect(mended[0].state == .ready)
            #expect(mended[0].damaged == [range])
            #expect(mended[0].repaired == Int64(Self.block))
            #expect(place.sent() - sent == Self.block)
            #expect(try place.bytes(Self.path) == Self.large)
            let after = try await shelf.verify([], repair: true)
            #expect(after.map(\.state) == [.ready])
            #expect(after[0].repaired == 0)
        }
    }

    @Test func `damage in several places is mended in one go`() async throws {
        try await withLargeModel { place, shelf in
            try flip(0, 3 * Self.block, Self.large.count - 1, in: place)
            let found = try await shelf.verify([], repair: true)
            #expect(found[0].damaged.map(\.offset) == [0, Int64(3 * Self.block)])
            #expect(found[0].repaired == found[0].damaged.reduce(0) { $0 + $1.length })
            #expect(try place.bytes(Self.path) == Self.large)
        }
    }

    @Test func `a file that was cut is continued`() async throws {
        try await withLargeModel { place, shelf in
            let kept = 2 * Self.block + 100
            try place.store.pushing(FilePath(Self.path)).write(Array(Self.large.prefix(kept)))
            let found = try await shelf.verify([], repair: true)
            #expect(found[0].damaged.map(\.offset) == [Int64(2 * Self.block)])
            #expect(found[0].repaired == Int64(Self.large.count - 2 * Self.block))
            #expect(try place.bytes(Self.path) == Self.large)
        }
    }

    @Test func `a file that has grown is brought back`() async throws {
        try await withLargeModel { place, shelf in
            try place.store.pushing(FilePath(Self.path)).write(Self.large + [1, 2, 3])
            let found = try await shelf.verify([])
            #expect(found[0].state == .damaged)
            #expect(!found[0].damaged.isEmpty)
            let mended = try await shelf.verify([], repair: true)
            #expect(mended[0].state == .ready)
            #expect(try place.bytes(Self.path) == Self.large)
        }
    }

    @Test func `a file that is gone is fetched again`() async throws {
        try await withLargeModel { place, shelf in
            try FileManager.default.removeItem(atPath: place.store.pushing(FilePath(Self.path)).string)
            let found = try await shelf.verify([])
            #expect(found.map(\.state) == [.missing])
            let mended = try await shelf.verify([], repair: true)
            #expect(mended[0].state == .ready)
            #expect(mended[0].repaired == Int64(Self.large.count))
            #expect(try place.bytes(Self.path) == Self.large)
        }
    }

    @Test func `where the block hashes are lost too, all of it comes`() async throws {
        try await withLargeModel { place, shelf in
            try FileManager.default.removeItem(atPath: shelf.store.layout.blocks.string)
            try flip(5, in: place)
            let found = try await shelf.verify([], repair: true)
            #expect(found[0].damaged == [DamagedRange(file: "m-Q8_0.gguf", offset: 0, length: Int64(Self.large.count))])
            #expect(found[0].repaired == Int64(Self.large.count))
            #expect(try place.bytes(Self.path) == Self.large)
        }
    }

    @Test func `an origin without ranges mends it all the same`() async throws {
        try await withLargeModel { place, shelf in
            try flip(Self.block, in: place)
            place.hub.script("*m-Q8_0.gguf", .ignoreRange)
            let found = try await shelf.verify([], repair: true)
            #expect(found[0].state == .ready)
            #expect(try place.bytes(Self.path) == Self.large)
        }
    }

    @Test func `a damaged file stays until the new one is proven`() async throws {
        try await withLargeModel { place, shelf in
            try flip(Self.block, in: place)
            let damaged = try place.bytes(Self.path)
            place.hub.script("*m-Q8_0.gguf", .corrupt(offset: Self.block + 7))
            let found = try await shelf.verify([], repair: true)
            // The origin answers, and no longer has these bytes.
            #expect((found[0].failure as? ModeltecaError)?.code == "beyond-repair")
            #expect(found[0].state == .damaged && !found[0].damaged.isEmpty)
            #expect(try await shelf.stored("hf:o/m")?.state == .damaged)
            #expect(try place.bytes(Self.path) == damaged)
            place.hub.clear()
            let mended = try await shelf.verify([], repair: true)
            #expect(mended[0].state == .ready)
        }
    }

    @Test func `of a split model only the damaged part is fetched`() async throws {
        try await withPlace { place in
            place.hub.add(
                repo: "o/m", files: ["m-00001-of-00002.gguf": model(1), "m-00002-of-00002.gguf": model(2)])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m")
            let sent = place.sent()
            try place.store.appending("o/m/m-00002-of-00002.gguf").write(model(3))
            let found = try await shelf.verify([], repair: true)
            #expect(found[0].damaged.map(\.file) == ["m-00002-of-00002.gguf"])
            #expect(found[0].repaired == Int64(model(2).count))
            #expect(place.sent() - sent == model(2).count)
            #expect(place.sent("m-00001-of-00002.gguf") == model(1).count)
            #expect(try place.bytes("o/m/m-00002-of-00002.gguf") == model(2))
        }
    }

    @Test func `what another model has is not fetched to mend this one`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()])
            place.hub.add(repo: "p/copy", files: ["copy-Q8_0.gguf": model()])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m")
            try await shelf.get("hf:p/copy")
            try FileManager.default.removeItem(atPath: place.store.appending("p/copy/copy-Q8_0.gguf").string)
            let found = try await shelf.verify([], repair: true)
            #expect(found.map(\.state) == [.ready, .ready])
            #expect(found.map(\.repaired) == [0, 0])
            #expect(try place.bytes("p/copy/copy-Q8_0.gguf") == model())
        }
    }

    @Test func `two names of one file are mended once`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            let shelf = try place.shelf(SmallCatalog.tiny())
            try await shelf.get("tiny")
            try await shelf.get("hf:o/tiny-GGUF")
            try place.store.appending("o/tiny-GGUF/tiny-Q8_0.gguf").write(model(2))
            let found = try await shelf.verify([], repair: true)
            #expect(found.map(\.state) == [.ready, .ready])
            #expect(found.map(\.repaired).sorted() == [0, Int64(model().count)])
        }
    }

    @Test func `a file that somebody put there is learned, and then held to that`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let file = place.store.appending("o/mine/mine-Q8_0.gguf")
            try file.write(model(1))
            _ = try await shelf.store.reconcile()
            let found = try await shelf.verify([])
            #expect(found.map(\.state) == [.ready])
            let stored = try await shelf.store.models()
            #expect(stored[0].files[0].digest == (try digest(of: model(1))))
            try file.write(model(2))
            let damaged = try await shelf.verify([])
            #expect(damaged.map(\.state) == [.damaged])
            let mended = try await shelf.verify([], repair: true)
            #expect((mended[0].failure as? ModeltecaError)?.code == "no-origin")
            #expect(mended[0].state == .damaged)
        }
    }

    @Test func `a fast check finds the damage by its block, and proves nothing`() async throws {
        try await withLargeModel { place, shelf in
            let before = try await shelf.store.models()
            let sound = try await shelf.verify([], fast: true)
            #expect(sound.map(\.state) == [.ready] && !sound[0].isProof)
            #expect(try await shelf.store.models() == before)
            try flip(2 * Self.block + 1, in: place)
            // It was written to since it was proven: nothing less than a proof will do.
            let found = try await shelf.verify([], fast: true)
            #expect(found[0].damaged.map(\.offset) == [Int64(2 * Self.block)])
            #expect(try await shelf.stored("hf:o/m")?.state == .damaged)
        }
    }

    @Test func `a fast check finds what did not change the time of the file`() async throws {
        try await withLargeModel { place, shelf in
            let path = place.store.pushing(FilePath(Self.path)).string
            let times = try FileManager.default.attributesOfItem(atPath: path)
            let record = try #require(try await shelf.store.models().first)
            try flip(3 * Self.block + 9, 40, in: place)
            try FileManager.default.setAttributes(
                [.modificationDate: times[.modificationDate] as Any], ofItemAtPath: path)
            let found = try await shelf.verify([], fast: true)
            #expect(found[0].state == .damaged)
            #expect(found[0].damaged.map(\.offset) == [0, Int64(3 * Self.block)])
            #expect(try await shelf.stored("hf:o/m")?.verifiedAt != record.verifiedAt || found[0].isProof == false)
        }
    }

    @Test func `what was proven lately is left out where that is wanted`() async throws {
        try await withLargeModel { _, shelf in
            #expect(try await shelf.verify([], notProvenSince: .distantPast).isEmpty)
            let old = try await shelf.verify([], notProvenSince: .distantFuture)
            #expect(old.map(\.state) == [.ready])
        }
    }

    @Test func `block hashes that were lost are learned by the next good check`() async throws {
        try await withLargeModel { place, shelf in
            try FileManager.default.removeItem(atPath: shelf.store.layout.blocks.string)
            // Without them a fast check proves the file, once.
            #expect(try await shelf.verify([], fast: true).map(\.isProof) == [true])
            #expect(try await shelf.verify([], fast: true).map(\.isProof) == [false])
            try flip(Self.block, in: place)
            let found = try await shelf.verify([], repair: true)
            #expect(found[0].repaired == Int64(Self.block))
        }
    }

    @Test func `what its origin has no more is mended from where the catalog knows the same bytes`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "p/copy", files: ["copy-Q8_0.gguf": model()])
            try await place.shelf().get("hf:p/copy")
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            place.hub.script("p/copy/*", .status(404))
            try place.store.appending("p/copy/copy-Q8_0.gguf").write(model(2))
            let beyond = try await place.shelf().verify([], repair: true)
            #expect((beyond[0].failure as? ModeltecaError)?.code == "beyond-repair")
            #expect(try place.bytes("p/copy/copy-Q8_0.gguf") == model(2))
            // Nothing came: what is sound of it is not on the disk twice.
            #expect(try await place.shelf().store.prunable().leftovers.isEmpty)
            let mended = try await place.shelf(SmallCatalog.tiny(digest: sha256(of: model()))).verify([], repair: true)
            #expect(mended.map(\.state) == [.ready])
            #expect(try place.bytes("p/copy/copy-Q8_0.gguf") == model())
        }
    }

    @Test func `who reads the damaged file goes on undisturbed while it is mended`() async throws {
        try await withLargeModel { place, shelf in
            try flip(77, in: place)
            let damaged = try place.bytes(Self.path)
            let reader = try #require(FileHandle(forReadingAtPath: place.store.pushing(FilePath(Self.path)).string))
            _ = try reader.read(upToCount: 100)
            #expect(try await shelf.verify([], repair: true).map(\.state) == [.ready])
            let rest = try #require(try reader.readToEnd())
            #expect(Array(rest) == Array(damaged[100...]))
        }
    }

    /// A small form of Scripts/damage.py.
    @Test(arguments: ["hole", "cut", "two places"])
    func `damage of every kind is named by its blocks, and no more than those is fetched`(kind: String) async throws {
        try await withLargeModel { place, shelf in
            var bytes = Self.large
            let hurt: [Int]
            switch kind {
            case "hole":
                for place in Self.block - 10..<Self.block + 5000 { bytes[place] = 0 }
                hurt = [0, 1]
            case "cut":
                bytes = Array(bytes.prefix(3 * Self.block + 1))
                hurt = [3]
            default:
                for place in [5, 2 * Self.block + 5] { bytes[place] ^= 0x80 }
                hurt = [0, 2]
            }
            try place.store.pushing(FilePath(Self.path)).write(bytes)
            let sent = place.sent()
            let found = try await shelf.verify([], repair: true)
            #expect(found.map(\.state) == [.ready])
            let blocks = hurt.reduce(0) { $0 + min(Self.block, Self.large.count - $1 * Self.block) }
            #expect(found[0].damaged.reduce(0) { $0 + $1.length } == Int64(blocks))
            #expect(place.sent() - sent == blocks)
            #expect(try place.bytes(Self.path) == Self.large)
        }
    }

    @Test func `a name that is not stored is said`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            await #expect(throws: StoreError.notStored(ref: "tinyllama")) { try await shelf.verify(["tinyllama"]) }
        }
    }
}
