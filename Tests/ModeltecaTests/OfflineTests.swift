import CurlHTTP
import Modelteca
import TestSupport
import Testing

@Suite struct OfflineTests {
    @Test func `what is stored is the answer without a network`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            try await place.shelf(SmallCatalog.tiny()).get("tiny")
            let asked = place.hub.requests.count
            let shelf = try place.shelf(SmallCatalog.tiny()) { $0.isOffline = true }
            for text in ["tiny", "tiny:1b:q8_0", "hf:o/tiny-GGUF", "hf:o/tiny-GGUF:Q8_0"] {
                let receipt = try await shelf.get(text)
                #expect(receipt.wasThere)
                #expect(receipt.model.ref == "tiny:1b:q8_0")
            }
            #expect(place.hub.requests.count == asked)
        }
    }

    @Test func `a damaged model is no answer`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            try await place.shelf().get("hf:o/tiny-GGUF")
            let shelf = try place.shelf { $0.isOffline = true }
            try place.store.appending("o/tiny-GGUF/tiny-Q8_0.gguf").write([1, 2, 3])
            await #expect(throws: HTTPError.self) { try await shelf.get("hf:o/tiny-GGUF") }
            await #expect(throws: HTTPError.self) { try await shelf.outdated() }
            await #expect(throws: HTTPError.self) { try await shelf.searchHub("x") }
            let checked = try await shelf.verify([], repair: true)
            #expect(checked[0].state == .damaged && checked[0].failure is HTTPError)
        }
    }
}
