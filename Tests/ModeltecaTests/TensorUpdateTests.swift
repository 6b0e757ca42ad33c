import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

/// Updates that take what they can from the file they replace, and other files of this disk.
@Suite struct TensorUpdateTests {
    private static let path = "o/m/m-Q8_0.gguf"

    private func tiny(seed: UInt64 = 1, template: String = "short") -> GGUFBuilder {
        .tinyLlama(seed: seed, tensorBytes: 12 << 20, chatTemplate: template)
    }

    private func withModel(_ body: (Place, Shelf) async throws -> Void) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": tiny().build()])
            let shelf = try place.shelf()
            try await shelf.get("hf:o/m")
            try await body(place, shelf)
        }
    }

    @Test func `a new chat template costs the header and samples, not the tensors`() async throws {
        try await withModel { place, shelf in
            let new = tiny(template: String(repeating: "a longer one ", count: 300)).build()
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": new])
            let sent = place.sent()
            let update = try await shelf.update()[0]
            let published = try digest(of: new)
            #expect(update.to == published)
            #expect(try place.bytes(Self.path) == new)
            // The first piece of the header, 1 MiB, and a sample of each tensor.
            #expect(update.fetched < 2 << 20)
            #expect(Int64(place.sent() - sent) <= update.fetched)
            #expect(update.reused == Int64(new.count) - update.fetched)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.partials.string).isEmpty)
        }
    }

    @Test func `of tensors that are others those alone are fetched`() async throws {
        try await withModel { place, shelf in
            var builder = tiny(template: "another")
            for index in stride(from: 5, to: builder.tensors.count, by: 20) { builder.tensors[index].seed ^= 77 }
            let changed = stride(from: 5, to: builder.tensors.count, by: 20).reduce(0) { $0 + builder.tensors[$1].size }
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": builder.build()])
            let update = try await shelf.update()[0]
            #expect(try place.bytes(Self.path) == builder.build())
            #expect(update.fetched < Int64(changed) + (2 << 20))
        }
    }

    @Test func `where every tensor is another no more is fetched than the file has`() async throws {
        try await withModel { place, shelf in
            let new = tiny(seed: 2).build()
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": new])
            let sent = place.sent()
            let update = try await shelf.update()[0]
            #expect(try place.bytes(Self.path) == new)
            #expect(update.fetched == Int64(new.count))
            #expect(place.sent() - sent <= new.count)
        }
    }

    @Test func `a sibling, and what an earlier download of another version left, are used as well`() async throws {
        try await withModel { place, shelf in
            // Beside it in the repository, and the same weights.
            let sibling = tiny(template: "sibling").build()
            place.hub.commit("o/m", files: ["m-other-Q8_0.gguf": sibling])
            let receipt = try await shelf.get("hf:o/m/m-other-Q8_0.gguf")
            #expect(receipt.fetched < 2 << 20)
            #expect(try place.bytes("o/m/m-other-Q8_0.gguf") == sibling)
            // Half of a version that has never arrived.
            place.hub.add(repo: "o/moved", files: ["n-Q8_0.gguf": tiny(seed: 9).build()])
            place.hub.script("o/moved/*", .drop(after: 6 << 20), skip: 1)
            await #expect(throws: DownloadError.self) { try await shelf.get("hf:o/moved") }
            place.hub.clear()
            let now = tiny(seed: 9, template: "moved on").build()
            place.hub.commit("o/moved", files: ["n-Q8_0.gguf": now])
            let kept = try await shelf.store.unfinished().first?.fetched ?? 0
            #expect(kept > 4 << 20)
            let arrived = try await shelf.get("hf:o/moved")
            #expect(try place.bytes("o/moved/n-Q8_0.gguf") == now)
            #expect(arrived.fetched < Int64(now.count) - kept / 2)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.partials.string).isEmpty)
        }
    }

    @Test func `a version that another program has is taken from there`() async throws {
        try await withPlace { place in
            let theirs = place.folder.appending(".lmstudio/models/o/m/m-Q8_0.gguf")
            try FileManager.default.createDirectory(
                atPath: theirs.removingLastComponent().string, withIntermediateDirectories: true)
            try theirs.write(tiny().build())
            let now = tiny(template: "mended").build()
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": now])
            let receipt = try await place.shelf().get("hf:o/m")
            #expect(receipt.fetched < 2 << 20)
            #expect(try place.bytes(Self.path) == now)
            #expect(try theirs.readBytes() == tiny().build())
        }
    }

    @Test func `a header that claims what cannot be costs no file`() async throws {
        try await withModel { place, shelf in
            var bytes = tiny(template: "hostile").build()
            // Every tensor claims the first one's place: what comes is not a model, but it is what was published.
            let plain = GGUFBuilder.tinyLlama(tensorBytes: 12 << 20, chatTemplate: "hostile")
            let header = plain.header()
            let name = Array("blk.0.attn_q.weight".utf8)
            let at = try #require(header.indices.first { header[$0...].starts(with: name) })
            let offset = at + name.count + 4 + 16 + 4
            bytes.replaceSubrange(offset..<offset + 8, with: [0, 0, 0, 0, 0, 0, 0, 0])
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": bytes])
            let update = try await shelf.update()[0]
            #expect(try place.bytes(Self.path) == bytes)
            #expect(update.fetched <= Int64(bytes.count))
            // And one that lies beyond the end.
            bytes.replaceSubrange(offset..<offset + 8, with: [0, 0, 0, 0, 0, 0, 0, 0x10])
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": bytes])
            _ = try await shelf.update()
            #expect(try place.bytes(Self.path) == bytes)
        }
    }
}
