import ModelCatalog
import ModelHub
import TestSupport
import Testing

@Suite struct HubResolveTests {
    private static let files: [String: [UInt8]] = [
        "README.md": Array("# m".utf8),
        "m-Q8_0.gguf": model(1),
        "m-Q4_K_M.gguf": model(2),
        "m-IQ2_XXS.gguf": model(3),
        "mmproj-m-F16.gguf": model(4),
        "imatrix.dat": [1, 2, 3],
    ]

    @Test func `the best known quantization comes first, each with the vision projector beside it`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m-GGUF", files: Self.files)
            let offer = try await client(of: hub).resolve("o/m-GGUF")
            #expect(offer.quantizations == ["Q4_K_M", "Q8_0", "IQ2_XXS"])
            #expect(
                offer.variants.map(\.ref) == [
                    "hf:o/m-GGUF:Q4_K_M", "hf:o/m-GGUF:Q8_0", "hf:o/m-GGUF:IQ2_XXS",
                ])
            #expect(offer.names.allSatisfy { $0.count == 2 && $0[1] == "mmproj-m-F16.gguf" })
            #expect(offer.variants.allSatisfy { $0.publisher == "o" && $0.repository == "m-GGUF" })
            #expect(offer.variants[0].license?.id == "apache-2.0")
            #expect(offer.variants[0].license?.commercialUse == .yes)
        }
    }

    @Test func `size, digest and a pinned commit come with every file`() async throws {
        try await withLoopbackHub { hub in
            let commit = hub.add(repo: "o/m-GGUF", files: Self.files)
            let variant = try await client(of: hub).resolve("o/m-GGUF:Q8_0").variants[0]
            let file = try #require(variant.files.first)
            #expect(file.size == Int64(hub.size(of: "o/m-GGUF/m-Q8_0.gguf")))
            #expect(file.digest?.hex == hub.digest(of: "o/m-GGUF/m-Q8_0.gguf"))
            #expect(file.url.absoluteString == "\(hub.address)/o/m-GGUF/resolve/\(commit)/m-Q8_0.gguf")
            #expect(variant.revision == commit)
        }
    }

    @Test(arguments: ["o/m-GGUF:Q8_0", "o/m-GGUF:q8_0", "o/m-GGUF/m-Q8_0.gguf", "o/m-GGUF@main:Q8_0"])
    func `one model is meant by quantization in any case, or by path`(text: String) async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m-GGUF", files: Self.files)
            let names = try await client(of: hub).resolve(text).names
            // Who names a file means that file alone.
            #expect(names == [text.hasSuffix(".gguf") ? ["m-Q8_0.gguf"] : ["m-Q8_0.gguf", "mmproj-m-F16.gguf"]])
        }
    }

    @Test(arguments: [
        ("o/m:Q4_K_M", "mmproj-Q8_0.gguf"), ("o/m:F16", "mmproj-BF16.gguf"), ("o/m:Q8_0", "mmproj-deep-F16.gguf"),
        ("o/m:Q2_K", "mmproj-Q8_0.gguf"),
    ])
    func `of several projectors the nearest one comes, by folder, then by bits`(
        text: String, projector: String
    ) async throws {
        try await withLoopbackHub { hub in
            hub.add(
                repo: "o/m",
                files: [
                    "m-Q4_K_M.gguf": model(1), "m-F16.gguf": model(2), "deep/m-Q8_0.gguf": model(3),
                    "other/m-Q2_K.gguf": model(4), "mmproj-F32.gguf": model(5), "mmproj-Q8_0.gguf": model(6),
                    "mmproj-BF16.gguf": model(7), "deep/mmproj-deep-F16.gguf": model(8),
                ])
            let variants = try await client(of: hub).resolve(text).variants
            #expect(variants[0].files.count == 2)
            #expect(variants[0].files.last?.name == projector)
            #expect(variants[0].withoutProjector.files.count == 1)
        }
    }

    @Test func `a projector alone can be named by its path`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m-GGUF", files: Self.files)
            let offer = try await client(of: hub).resolve("o/m-GGUF/mmproj-m-F16.gguf")
            #expect(offer.names == [["mmproj-m-F16.gguf"]])
            #expect(offer.variants[0].ref == "hf:o/m-GGUF/mmproj-m-F16.gguf")
        }
    }

    @Test func `a revision is what it was, whatever main has now`() async throws {
        try await withLoopbackHub { hub in
            let old = hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let new = hub.commit("o/m", files: ["m-Q8_0.gguf": model(2)])
            hub.tag("o/m", "refs/pr/1", commit: old)
            let hubClient = client(of: hub)
            #expect(try await hubClient.resolve("o/m").variants[0].revision == new)
            for revision in [old, "refs/pr/1"] {
                let variant = try await hubClient.resolve("o/m@\(revision)").variants[0]
                #expect(variant.revision == old)
                #expect(variant.files[0].digest?.hex == sha256(of: model(1)))
                #expect(variant.ref == "hf:o/m:Q8_0@\(revision)")
            }
        }
    }

    @Test func `parts of a split model come together in order, and incomplete ones not at all`() async throws {
        try await withLoopbackHub { hub in
            hub.add(
                repo: "o/m",
                files: [
                    "Q4_K_M/m-00002-of-00003.gguf": model(2), "Q4_K_M/m-00001-of-00003.gguf": model(1),
                    "Q4_K_M/m-00003-of-00003.gguf": model(3), "Q8_0/m-00001-of-00002.gguf": model(4),
                ])
            let offer = try await client(of: hub).resolve("o/m")
            #expect(offer.quantizations == ["Q4_K_M"])
            #expect(
                offer.names == [
                    [
                        "m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf",
                    ]
                ])
            let byPart = try await client(of: hub).resolve("o/m/Q4_K_M/m-00002-of-00003.gguf")
            #expect(byPart.names == offer.names)
        }
    }

    @Test func `files of one name in two folders do not meet on this disk`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["a/model.gguf": model(1), "b/model.gguf": model(2), "c.gguf": model(3)])
            let offer = try await client(of: hub).resolve("o/m")
            #expect(offer.names == [["a-model.gguf"], ["b-model.gguf"], ["c.gguf"]])
            #expect(offer.variants.map(\.ref) == ["hf:o/m/a/model.gguf", "hf:o/m/b/model.gguf", "hf:o/m/c.gguf"])
        }
    }

    @Test func `two files of one quantization are named by their paths`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["base-Q8_0.gguf": model(1), "chat-Q8_0.gguf": model(2)])
            let offer = try await client(of: hub).resolve("o/m:Q8_0")
            #expect(offer.variants.map(\.ref) == ["hf:o/m/base-Q8_0.gguf", "hf:o/m/chat-Q8_0.gguf"])
        }
    }

    @Test func `a renamed repository is found under its old name`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/old", files: ["m-Q8_0.gguf": model(1)])
            hub.rename("o/old", to: "o/new")
            let variant = try await client(of: hub).resolve("o/old:Q8_0").variants[0]
            #expect(variant.ref == "hf:o/old:Q8_0")
            #expect(variant.files[0].url.path().hasPrefix("/o/new/resolve/"))
        }
    }

    @Test func `several files of one repository are answered from one commit with one request`() async throws {
        try await withLoopbackHub { hub in
            let commit = hub.add(repo: "o/m", files: Self.files)
            let references = try ["o/m/m-Q8_0.gguf", "o/m/m-Q4_K_M.gguf"].map { try HubReference(parsing: $0) }
            let asked = references.compactMap { HubFile($0, at: hub.url) }
            let files = try await client(of: hub).currentFiles(asked, at: nil)
            #expect(files.map(\.digest?.hex) == [sha256(of: model(1)), sha256(of: model(2))])
            #expect(files.map(\.origin.hubFile?.revision) == [commit, commit])
            #expect(hub.requests.count == 1)
        }
    }
}
