import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

/// Updates that take what they can from the file they replace, and other files of this disk.
@Suite struct TensorUpdateTests {
    private static let path = "o/m/m-Q8_0.gguf"

    private func tiny(seed: UInt64 = 1, template: String = "short", bytes: Int = 6 << 20) -> GGUFBuilder {
        .tinyLlama(seed: seed, tensorBytes: bytes, chatTemplate: template)
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
            place.hub.add(repo: "o/moved", files: ["n-Q8_0.gguf": tiny(seed: 9, bytes: 12 << 20).build()])
            place.hub.script("o/moved/*", .drop(after: 0), skip: 6)
            await #expect(throws: DownloadError.self) { try await shelf.get("hf:o/moved") }
            place.hub.clear()
            let now = tiny(seed: 9, template: "moved on", bytes: 12 << 20).build()
            place.hub.commit("o/moved", files: ["n-Q8_0.gguf": now])
            let kept = try await shelf.store.unfinished().first?.fetched ?? 0
            #expect(kept > 2 << 20)
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
            let plain = GGUFBuilder.tinyLlama(tensorBytes: 6 << 20, chatTemplate: "hostile")
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

    @Test func `what an update brings is told before, and a model that is held stays`() async throws {
        try await withModel { place, shelf in
            var builder = tiny(template: "mended")
            builder.metadata.append(("general.note", .string("new")))
            let new = builder.build()
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": new])
            let preview = try #require(try await shelf.outdated()[0].preview)
            #expect(Set(preview.keys) == ["tokenizer.chat_template", "general.note"])
            #expect(preview.changedTensors == 0)
            #expect(preview.tensors == builder.tensors.count)
            #expect(preview.fetch < 2 << 20)

            let ref = try await shelf.setHeld(true, "hf:o/m").ref
            let held = try await shelf.update()[0]
            #expect(!held.changed && held.status.isHeld && held.status.outcome == .changed)
            #expect(try place.bytes(Self.path) == tiny().build())
            _ = try await shelf.setHeld(false, ref)
            let update = try await shelf.update(keepingOld: true)[0]
            #expect(abs(update.fetched - preview.fetch) < 256 << 10)

            let (from, to) = try await shelf.rollBack("hf:o/m")
            let (old, present) = (try digest(of: tiny().build()), try digest(of: new))
            #expect(from.files[0].digest == present && to.files[0].digest == old)
            #expect(try place.bytes(Self.path) == tiny().build())
            // The way forward again costs nothing.
            let sent = place.sent()
            #expect(try await shelf.update()[0].fetched == 0)
            #expect(try place.bytes(Self.path) == new)
            #expect(place.sent() == sent)
        }
    }

    @Test func `where all numbers are others that is told before as well`() async throws {
        try await withModel { place, shelf in
            let new = tiny(seed: 2).build()
            place.hub.commit("o/m", files: ["m-Q8_0.gguf": new])
            let preview = try #require(try await shelf.outdated()[0].preview)
            #expect(preview.keys.isEmpty)
            #expect(preview.changedTensors > preview.tensors / 2)
            #expect(preview.fetch > Int64(new.count) * 9 / 10)
        }
    }
}
