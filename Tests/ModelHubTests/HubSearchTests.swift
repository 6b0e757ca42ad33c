import ModelHub
import TestSupport
import Testing

@Suite struct HubSearchTests {
    private func fill(_ hub: LoopbackHub) {
        let files = ["m-Q8_0.gguf": model()]
        hub.add(repo: "a/Tiny-GGUF", files: files, info: RepositoryInfo(baseModel: "up/Tiny", downloads: 10))
        hub.add(repo: "b/Tiny-GGUF", files: files, info: RepositoryInfo(baseModel: "up/Tiny", downloads: 90))
        hub.add(repo: "c/Tiny-i1-GGUF", files: files, info: RepositoryInfo(downloads: 500))
        hub.add(repo: "up/Tiny", files: ["config.json": Array("{}".utf8)], info: RepositoryInfo(downloads: 999))
    }

    @Test func `who names the original as base comes before who only has its name`() async throws {
        try await withLoopbackHub { hub in
            fill(hub)
            let found = try await client(of: hub).quantizations(of: ["up/Tiny"])
            #expect(found.map(\.id) == ["b/Tiny-GGUF", "a/Tiny-GGUF", "c/Tiny-i1-GGUF"])
            #expect(found.map(\.downloads) == [90, 10, 500])
            #expect(found[0].basis == .namesItAsBase("up/Tiny"))
            #expect(found[2].basis == .hasItsName("Tiny"))
        }
    }

    @Test func `nobody who has any is an error with what was asked for`() async throws {
        try await withLoopbackHub { hub in
            fill(hub)
            await #expect(throws: HubError.noQuantizationsOf(upstream: ["up/Other"])) {
                try await client(of: hub).quantizations(of: ["up/Other"])
            }
        }
    }

    @Test func `a search finds repositories with model files, most downloaded first`() async throws {
        try await withLoopbackHub { hub in
            fill(hub)
            let found = try await client(of: hub).search("tiny")
            #expect(found.map(\.id) == ["c/Tiny-i1-GGUF", "b/Tiny-GGUF", "a/Tiny-GGUF"])
            let first = try await client(of: hub).search("tiny gguf", limit: 1)
            #expect(first.count == 1)
            let none = try await client(of: hub).search("a&filter=x é")
            #expect(none.isEmpty)
        }
    }

    @Test func `a row whose id is no name is left out`() async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models") { _ in
                .json("[{\"id\":\"../../x\"},{\"id\":\"o/m\",\"downloads\":1},{\"id\":\"\"}]")
            }
            let found = try await client(of: hub).search("x")
            #expect(found.map(\.id) == ["o/m"])
        }
    }
}
