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

    @Test func `what is stored is the answer where its origin has it no more, or is silent`() async throws {
        try await withPlace { place in
            let origin = try LoopbackHub()
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            place.hub.add(repo: "o/held", files: ["held-Q8_0.gguf": model(3)])
            let plain = origin.addFile("plain.gguf", model(2)).absoluteString
            let shelf = try place.shelf()
            for name in ["hf:o/m", "hf:o/held@main", plain] { try await shelf.get(name) }
            // One file gone, a repository that strangers are told nothing of, an address without a file, a failing Hub.
            place.hub.commit("o/m", files: [:], removing: ["m-Q8_0.gguf"])
            for (name, fault) in [
                ("hf:o/m:Q8_0", nil), ("hf:o/m", .status(401)), (plain, .status(404)),
                ("hf:o/m/m-Q8_0.gguf", .status(503)),
            ] as [(String, Fault?)] {
                if let fault {
                    place.hub.script("*", fault)
                    origin.script("*", fault)
                }
                let receipt = try await shelf.get(name)
                #expect(receipt.wasThere && receipt.originFailure != nil, "\(name)")
                let preview = try await shelf.preview(of: shelf.reference(name))
                #expect(preview.isStored && preview.originFailure != nil, "\(name)")
            }
            // Another content, another revision and what is not here are not had.
            let other = GetOptions(digest: try digest(of: model(9)))
            await #expect(throws: (any Error).self) { try await shelf.get("hf:o/m", options: other) }
            await #expect(throws: (any Error).self) { try await shelf.get("hf:o/held") }
            await #expect(throws: (any Error).self) { try await shelf.get("hf:o/m:Q4_0") }
            try place.store.appending("o/m/m-Q8_0.gguf").write([1, 2, 3])
            await #expect(throws: (any Error).self) { try await shelf.get("hf:o/m") }
            origin.stop()
            let receipt = try await shelf.get(plain)
            #expect(receipt.wasThere && receipt.originFailure is HTTPError)
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
