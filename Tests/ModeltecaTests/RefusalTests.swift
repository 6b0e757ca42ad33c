import CurlHTTP
import Foundation
import Modelteca
import TestSupport
import Testing

/// Whatever goes wrong, the store is as it was.
@Suite struct RefusalTests {
    /// A store with one model, and another model at the hub that cannot be had.
    private func refused(
        _ text: String = "hf:o/other", catalog: Catalog? = nil,
        settings change: (inout Shelf.Settings) -> Void = { _ in },
        prepare: (LoopbackHub) -> Void, with code: String
    ) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model(1)])
            place.hub.add(repo: "o/other", files: ["other-Q8_0.gguf": model(2)])
            let before = try await place.shelf().get("hf:o/tiny-GGUF").model
            prepare(place.hub)
            let shelf = try place.shelf(catalog, change)
            await #expect { try await shelf.get(text) } throws: { error in
                let coded = error as? any CodedError
                #expect(coded?.code == code)
                return coded != nil
            }
            #expect(place.stored == ["o/tiny-GGUF/tiny-Q8_0.gguf"])
            let after = try await shelf.store.models()
            #expect(after == [before])
            let verified = try await shelf.verify([])
            #expect(verified.map(\.state) == [.ready])
        }
    }

    @Test func `wrong bytes are not stored`() async throws {
        try await refused(
            prepare: { $0.script("o/other/other-Q8_0.gguf", .corrupt(offset: 5000)) }, with: "digest-mismatch")
    }

    @Test func `a web page is not stored`() async throws {
        try await refused(prepare: { $0.script("o/other/other-Q8_0.gguf", .html(status: 200)) }, with: "not-a-model")
    }

    @Test func `a body that ends early is not stored`() async throws {
        try await refused(
            prepare: { $0.script("o/other/other-Q8_0.gguf", .drop(after: 0)) }, with: "given-up")
    }

    @Test func `a gated repository is not had without a token`() async throws {
        try await refused(prepare: { $0.change("o/other") { $0.gate = .manual } }, with: "refused")
    }

    @Test func `an unknown repository, name or file is said`() async throws {
        try await refused("hf:o/none", prepare: { _ in }, with: "no-repository")
        try await refused("hf:o/other/none.gguf", prepare: { _ in }, with: "no-file")
        try await refused("hf:o/other:Q2_K", prepare: { _ in }, with: "no-quantization")
        try await refused("tinylama", prepare: { _ in }, with: "model-unknown")
        try await refused("tinyllama:1.1b:q1_0", prepare: { _ in }, with: "quantization-unknown")
        try await refused("./none.gguf", prepare: { _ in }, with: "no-local-file")
        try await refused("ollama:qwen2:0.5b", prepare: { _ in }, with: "no-repository")
        try await refused(
            "oci://example.org/m:1", settings: { $0.isOffline = true }, prepare: { _ in }, with: "offline")
    }

    @Test func `offline nothing is asked`() async throws {
        try await refused(settings: { $0.isOffline = true }, prepare: { _ in }, with: "offline")
    }

    @Test func `offline a catalog model is not fetched, even when its digest is known`() async throws {
        let file = SmallCatalog.File(repo: "o/other", file: "other-Q8_0.gguf", digest: sha256(of: model(2)))
        let catalog = try SmallCatalog(families: [("other", [.init(id: "1b", files: [file])])]).read()
        try await refused(
            "other", catalog: catalog, settings: { $0.isOffline = true }, prepare: { _ in }, with: "offline")
    }

    @Test func `a hub that nobody answers at is said`() async throws {
        let nobody = try #require(URL(string: "http://127.0.0.1:1"))
        try await refused(
            settings: { $0.credentials = Credentials(endpoint: nobody, token: nil) }, prepare: { _ in },
            with: "unreachable")
    }

    @Test func `room is checked before a byte comes`() async throws {
        try await refused(
            "hf:o/huge",
            prepare: { hub in
                hub.handle("/api/models/o/huge") { _ in
                    .json(
                        """
                        {"id": "o/huge", "sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [
                          {"rfilename": "huge-Q8_0.gguf", "size": \(1 << 45),
                           "lfs": {"sha256": "\(sha256(of: model(2)))", "size": \(1 << 45)}}]}
                        """)
                }
            }, with: "no-space")
    }

    @Test func `a digest that belongs to an error page is never fetched`() async throws {
        let catalog = try SmallCatalog(families: [("m", [.init(id: "1b")])], knownBad: [sha256(of: model(2))]).read()
        try await refused(catalog: catalog, prepare: { _ in }, with: "known-bad-digest")
    }

    @Test func `what an interrupted run has left is not fetched again`() async throws {
        try await withPlace { place in
            let bytes = model(1, bytes: 6 << 20)
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": bytes])
            place.hub.script("o/m/m-Q8_0.gguf", .drop(after: 1 << 20), times: 1)
            place.hub.script("o/m/m-Q8_0.gguf", .status(503), side: .cdn, skip: 1)
            let shelf = try place.shelf()
            await #expect(throws: DownloadError.self) { try await shelf.get("hf:o/m") }
            #expect(place.stored.isEmpty)
            place.hub.clear()
            let receipt = try await shelf.get("hf:o/m")
            #expect(receipt.resumed > 0)
            #expect(receipt.resumed + receipt.fetched == Int64(bytes.count))
            #expect(try place.bytes("o/m/m-Q8_0.gguf") == bytes)
        }
    }
}
