import Foundation
import ModelCatalog
import Testing

@Suite struct CatalogReadingTests {
    private func read(replacing old: String, with new: String) throws -> Catalog {
        let text = String(decoding: Catalog.builtInJSON, as: UTF8.self)
        try #require(text.contains(old))
        return try Catalog(json: Data(text.replacing(old, with: new, maxReplacements: 1).utf8))
    }

    @Test(arguments: [
        (
            "\"file\": \"qwen2-0_5b-instruct-q4_k_m.gguf\"", "\"file\": \"../../x.gguf\"",
            "families[0].sizes[0].files[0].file"
        ),
        ("\"repo\": \"Qwen/Qwen2-0.5B-Instruct-GGUF\"", "\"repo\": \"Qwen/..\"", "families[0].sizes[0].files[0].repo"),
        ("\"repo\": \"Qwen/Qwen2-0.5B-Instruct-GGUF\"", "\"repo\": \"a/b/c\"", "families[0].sizes[0].files[0].repo"),
        ("\"parameters\": 494032768", "\"parameters\": -1", "families[0].sizes[0].parameters"),
        ("\"parameters\": 494032768", "\"parameters\": \"many\"", "families[0].sizes[0].parameters"),
        ("\"parameters\": 494032768", "\"parameters\": true", "families[0].sizes[0].parameters"),
        ("\"device_class\": \"phone\"", "\"device_class\": \"fridge\"", "families[0].sizes[0].device_class"),
        ("\"id\": \"qwen2\"", "\"id\": \"Qwen 2\"", "families[0].id"),
        ("\"id\": \"1.5b\"", "\"id\": \"0.5b\"", "families.sizes"),
        ("\"id\": \"mistral-nemo\"", "\"id\": \"qwen2\"", "families"),
        ("\"license\": \"Apache-2.0\"", "\"license\": \"Unheard-Of\"", "families[0].sizes[0].license"),
    ])
    func `a fault is refused with the place it is in`(old: String, new: String, path: String) {
        #expect { try read(replacing: old, with: new) } throws: { error in
            guard case .malformed(let place, _) = error as? CatalogError else { return false }
            return place == path
        }
    }

    @Test(arguments: ["", "{", "[]", "null", "{}", "<!doctype html>", "\u{0}"])
    func `what is no catalog is refused`(text: String) {
        #expect { try Catalog(json: Data(text.utf8)) } throws: { ($0 as? CatalogError)?.code == "catalog-malformed" }
    }

    @Test func `every way of writing a text and a number is read`() throws {
        let json = #"""
            { "schema_version": 1.0, "revision": 2e0, "licenses": { "MIT": { "name": "M\u0049T", "commercial_use": "yes" } },
              "families": [ { "id": "a", "name": "\"\/\\\t\ud83e\udd99 ñ\u00F1", "license": "MIT", "unknown": -0.5e-3,
                "sizes": [ { "id": "1b", "label": "", "upstream": {}, "device_class": "phone", "files": [ ] } ] } ] }
            """#
        for start in [[], [0xef, 0xbb, 0xbf]] as [[UInt8]] {
            let catalog = try Catalog(json: Data(start + json.utf8))
            #expect(catalog.revision == 2)
            #expect(catalog.families.map(\.name) == ["\"/\\\t🦙 ññ"])
            #expect(catalog.entries.map(\.license.name) == ["MIT"])
        }
    }

    @Test func `a later schema is refused for its version`() {
        #expect(throws: CatalogError.unsupportedSchema(version: 9)) {
            try Catalog(json: Data(#"{ "schema_version": 9, "models": [] }"#.utf8))
        }
    }

    @Test func `a document of absurd depth is refused`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect { try Catalog(json: Data(deep.utf8)) } throws: { ($0 as? CatalogError)?.code == "catalog-malformed" }
    }

    @Test func `a document of absurd size is not read`() {
        let big = Data(count: Catalog.longestDocument + 1)
        #expect(throws: CatalogError.tooLarge(size: big.count, limit: Catalog.longestDocument)) {
            try Catalog(json: big)
        }
    }
}
