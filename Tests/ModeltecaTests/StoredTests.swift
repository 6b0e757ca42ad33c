import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct StoredTests {
    /// Two families, one of them in two sizes and one file in two quantizations, and one plain model of the hub.
    private func withModels(_ body: (Place, Shelf) async throws -> Void) async throws {
        try await withPlace { place in
            let files = ["a-Q8_0.gguf": model(1), "a-Q4_0.gguf": model(2), "b-Q8_0.gguf": model(3)]
            place.hub.add(repo: "o/m-GGUF", files: files)
            place.hub.add(repo: "p/plain", files: ["plain-Q8_0.gguf": model(4)])
            func file(_ name: String, _ quantization: String) -> SmallCatalog.File {
                .init(repo: "o/m-GGUF", file: name, quant: quantization)
            }
            let catalog = try SmallCatalog(families: [
                (
                    "m",
                    [
                        .init(id: "1b", files: [file("a-Q8_0.gguf", "Q8_0"), file("a-Q4_0.gguf", "Q4_0")]),
                        .init(id: "2b", parameters: 2_000_000_000, files: [file("b-Q8_0.gguf", "Q8_0")]),
                    ]
                )
            ]).read()
            let shelf = try place.shelf(catalog)
            try await shelf.get("m:1b:q8_0")
            try await shelf.get("hf:p/plain")
            try await body(place, shelf)
        }
    }

    @Test(
        arguments: [
            ("m", "m:1b:q8_0"), ("M:1B", "m:1b:q8_0"), ("m:1b:Q8_0", "m:1b:q8_0"), ("m:q8_0", "m:1b:q8_0"),
            ("hf:o/m-GGUF", "m:1b:q8_0"), ("hf:O/M-gguf:q8_0", "m:1b:q8_0"), ("hf:o/m-GGUF/a-Q8_0.gguf", "m:1b:q8_0"),
            ("o/m-GGUF/a-Q8_0.gguf", "m:1b:q8_0"), ("hf:p/plain", "hf:p/plain:Q8_0"),
            ("https://huggingface.co/p/plain", "hf:p/plain:Q8_0"),
            ("m:1b:q4_0", nil), ("m:2b", nil), ("hf:o/m-GGUF:Q4_0", nil), ("hf:o/m-GGUF/b-Q8_0.gguf", nil),
            ("hf:p/plain@other", nil), ("hf:p/none", nil), ("none", nil), ("", nil), ("a:b:c:d", nil),
        ] as [(String, String?)])
    func `a stored model is found by every shorter name`(text: String, ref: String?) async throws {
        try await withModels { _, shelf in
            let found = try await shelf.stored(text)
            #expect(found?.ref == ref)
        }
    }

    @Test func `of several sizes none is guessed, of several quantizations the newest`() async throws {
        try await withModels { _, shelf in
            try await shelf.get("m:1b:q4_0")
            try await shelf.get("m:2b")
            let found = try await shelf.stored("m")
            #expect(found == nil)
            let error = await #expect(throws: CatalogError.self) { try await shelf.requireStored("m") }
            guard case .ambiguous("m", let candidates)? = error else { return #expect(error == nil) }
            #expect(candidates.count == 2)
            #expect(candidates.last == "m:2b:q8_0")
            let two = try await shelf.requireStored("m:2b")
            #expect(two.ref == "m:2b:q8_0")
        }
    }

    @Test func `a path in the store names its model, whatever way it is written`() async throws {
        try await withModels { place, shelf in
            let path = place.store.appending("p/plain/plain-Q8_0.gguf")
            for text in [path.string, "\(place.store.string)/p/../p/plain/plain-Q8_0.gguf", "file://\(path.string)"] {
                let model = try await shelf.stored(text)
                #expect(model?.path == path)
            }
        }
    }

    @Test func `removing gives the bytes back and leaves the others`() async throws {
        try await withModels { place, shelf in
            let freed = try await shelf.remove("hf:p/plain")
            #expect(freed == Int64(model(4).count))
            #expect(place.stored == ["o/m-GGUF/a-Q8_0.gguf"])
            await #expect(throws: StoreError.notStored(ref: "hf:p/plain")) { try await shelf.remove("hf:p/plain") }
            let again = try await shelf.get("hf:p/plain")
            #expect(again.fetched == Int64(model(4).count))
        }
    }
}
