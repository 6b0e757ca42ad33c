import Modelteca
import TestSupport
import Testing

/// Models as a program watches them come.
@Suite struct DownloadsTests {
    @Test func `the progress of all files together goes up to one, and ends with the receipt`() async throws {
        try await withPlace { place in
            let (weights, projector) = (model(1, bytes: 1 << 20), model(2, bytes: 64 << 10))
            place.hub.add(repo: "o/eyes-GGUF", files: ["eyes-Q8_0.gguf": weights, "mmproj-eyes-f16.gguf": projector])
            let shelf = try place.shelf()
            var last = -1.0
            var final: GetProgress?
            for try await progress in shelf.downloads("hf:o/eyes-GGUF") {
                let fraction = progress.fractionCompleted ?? 0
                #expect((0...1).contains(fraction) && fraction >= last)
                last = fraction
                final = progress
            }
            #expect(final?.receipt?.model.files.count == 2)
            #expect(final?.fractionCompleted == 1)
            #expect(final?.total == Int64(weights.count + projector.count))
            // What is stored is there at once.
            for try await progress in shelf.downloads("hf:o/eyes-GGUF") { final = progress }
            #expect(final?.receipt?.wasThere == true)
        }
    }

    @Test func `what cannot be had is thrown to whoever reads`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            await #expect(throws: HubError.self) {
                for try await _ in shelf.downloads("hf:o/nothing") {}
            }
            await #expect(throws: ReferenceError.self) {
                for try await _ in shelf.downloads("hf:") {}
            }
        }
    }

    @Test func `who stops reading stops the download, and the next goes on there`() async throws {
        try await withPlace { place in
            let bytes = model(1, bytes: 2 << 20)
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": bytes])
            place.hub.script("*.gguf", .slow(bytesPerSecond: 200_000))
            let shelf = try place.shelf()
            for try await progress in shelf.downloads("hf:o/tiny-GGUF") where progress.received > 0 { break }
            place.hub.clear()
            let receipt = try await shelf.get("hf:o/tiny-GGUF")
            #expect(receipt.resumed > 0)
            #expect(place.sent() < 2 * bytes.count)
        }
    }
}
