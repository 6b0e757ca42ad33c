import GGUF
import Modelteca
import TestSupport
import Testing

@Suite struct RemoteFitTests {
    /// Vocabularies of real models have up to 16 MB; the pieces of these take some 26 bytes each.
    @Test(arguments: [1000, 60_000, 150_000, 300_000, 600_000])
    func `a remote model costs its header and at most a mebibyte more, in at most 3 pieces`(pieces: Int)
        async throws
    {
        try await withPlace { place in
            var builder = GGUFBuilder.tinyLlama(tensorBytes: 24 << 20)
            builder.metadata.append(
                ("tokenizer.ggml.merges", .strings((0..<pieces).map { "piece number \($0)" })))
            let bytes = builder.build()
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": bytes])
            let header = try GGUFFile(bytes: bytes).headerLength
            let shelf = try place.shelf()
            let answer = try await shelf.fit(
                try shelf.reference("hf:o/m"), device: shelf.device, workload: Workload(contextLength: 512))
            #expect(answer.fetched <= header + (1 << 20), "\(answer.fetched) for a header of \(header)")
            #expect(Set(place.hub.requests.compactMap(\.range)).count <= 3)
        }
    }
}
