import Foundation
import ModelCatalog
import ModelHub
import SystemPackage
import TestSupport
import Testing

/// Headers that were read before.
@Suite struct HeaderCacheTests {
    @Test func `a header of a known digest is read once`() async throws {
        try await withLoopbackHub { hub in
            try await withTemporaryFolder { folder in
                hub.add(repo: "o/m-GGUF", files: ["m-Q8_0.gguf": model(1)])
                let cache = HeaderCache(at: folder.appending("headers"))
                let file = try await client(of: hub).resolve("o/m-GGUF:Q8_0").variants[0].files[0]
                let first = try await client(of: hub, headers: cache).header(of: file)
                let asked = hub.requests.count
                let again = try await client(of: hub, headers: cache).header(of: file)
                #expect(first.fetched > 0 && again.fetched == 0)
                #expect(again.file.tensors == first.file.tensors)
                #expect(hub.requests.count == asked)
                // Another content has another header, whatever its name.
                hub.add(repo: "o/m-GGUF", files: ["m-Q8_0.gguf": model(2)])
                let other = try await client(of: hub).resolve("o/m-GGUF:Q8_0").variants[0].files[0]
                #expect(try await client(of: hub, headers: cache).header(of: other).fetched > 0)
            }
        }
    }

    @Test func `an address without a digest is asked whether it is still the same`() async throws {
        try await withLoopbackHub { hub in
            try await withTemporaryFolder { folder in
                let cache = HeaderCache(at: folder.appending("headers"))
                let file = RemoteFile(name: "m.gguf", url: hub.addFile("m.gguf", model(1)))
                let first = try await client(of: hub, headers: cache).header(of: file)
                let again = try await client(of: hub, headers: cache).header(of: file)
                #expect(first.fetched > 0)
                #expect(again.fetched == 0 && again.file.tensors == first.file.tensors && again.asOf == nil)
                let offline = try await client(of: hub, headers: cache, isOffline: true).header(of: file)
                #expect(offline.asOf != nil && offline.file.tensors == first.file.tensors)
                _ = hub.addFile("m.gguf", GGUFBuilder.tinyLlama(seed: 2, tensorBytes: 1 << 20).build())
                let changed = try await client(of: hub, headers: cache).header(of: file)
                #expect(changed.fetched > 0 && changed.file.dataSpan != first.file.dataSpan)
            }
        }
    }

    @Test(arguments: ["", "{}", "\n", "{\"key\":1}\nGGUF"])
    func `what was written over is as good as absent`(text: String) async throws {
        try await withLoopbackHub { hub in
            try await withTemporaryFolder { folder in
                let place = folder.appending("headers")
                let cache = HeaderCache(at: place)
                hub.add(repo: "o/m-GGUF", files: ["m-Q8_0.gguf": model(1)])
                let file = try await client(of: hub).resolve("o/m-GGUF:Q8_0").variants[0].files[0]
                _ = try await client(of: hub, headers: cache).header(of: file)
                for name in try FileManager.default.contentsOfDirectory(atPath: place.string) {
                    try place.appending(name).write(Array(text.utf8))
                }
                #expect(try await client(of: hub, headers: cache).header(of: file).fetched > 0)
                #expect(cache.remembered("hf:o/m-GGUF:Q8_0") == nil)
            }
        }
    }
}
