import GGUF
import ModelCatalog
import ModelHub
import TestSupport
import Testing

/// What the headers of real vocabularies cost, and of ones that are made to mislead.
@Suite struct RemoteHeaderSizeTests {
    /// Vocabularies as llama.cpp's `models/ggml-vocab-*.gguf` have them: how many pieces and merges, and the mean bytes
    /// of each eighth of the list, length included.
    enum Vocabulary: CaseIterable {
        case llamaSPM, qwen2, llama3, commandR, gemma4, xlmRoberta, aquila

        var model: String {
            switch self {
            case .llamaSPM: "llama"
            case .gemma4: "gemma4"
            case .xlmRoberta: "t5"
            default: "gpt2"
            }
        }

        var hasScores: Bool { model != "gpt2" || self == .aquila }

        var pieces: (count: Int, means: [Double]) {
            switch self {
            case .llamaSPM: (32_000, [13.1, 14.2, 14.7, 15.0, 15.3, 15.6, 15.8, 13.0])
            case .qwen2: (151_936, [14.0, 15.0, 15.4, 15.6, 15.8, 19.3, 19.9, 21.2])
            case .llama3: (128_256, [13.8, 14.7, 15.3, 15.4, 15.6, 15.8, 18.3, 21.9])
            case .commandR: (256_000, [15.2, 17.5, 18.5, 19.1, 19.6, 19.9, 20.2, 20.4])
            case .gemma4: (262_144, [15.3, 16.6, 17.1, 17.6, 17.7, 17.9, 18.1, 14.3])
            case .xlmRoberta: (250_048, [14.9, 16.4, 17.3, 18.1, 18.9, 19.8, 21.1, 20.2])
            case .aquila: (100_008, [15.6, 18.0, 19.0, 19.8, 20.4, 21.0, 21.5, 21.8])
            }
        }

        var merges: (count: Int, means: [Double])? {
            switch self {
            case .llamaSPM, .xlmRoberta: nil
            case .qwen2: (151_387, [15.1, 16.0, 16.4, 16.6, 16.8, 20.3, 20.9, 22.3])
            case .llama3: (280_147, [17.2, 18.0, 18.4, 18.4, 18.0, 17.4, 18.9, 22.3])
            case .commandR: (253_333, [16.5, 18.5, 19.5, 20.1, 20.6, 20.9, 21.2, 21.5])
            case .gemma4: (514_906, [17.2, 17.4, 17.7, 18.0, 18.2, 18.3, 18.4, 18.6])
            case .aquila: (99_743, [16.7, 19.0, 20.0, 20.8, 21.4, 22.0, 22.5, 22.8])
            }
        }
    }

    /// A file whose texts have these lengths, with as many tensors and as long a template as asked for.
    private static func file(
        model: String, pieces: [Int], merges: [Int]?, hasScores: Bool, template: Int = 9000, layers: Int = 32
    ) -> [UInt8] {
        var builder = GGUFBuilder()
        func texts(_ lengths: [Int]) -> GGUFBuilder.Value {
            .strings(lengths.map { String(repeating: "x", count: $0) })
        }
        builder.metadata = [
            ("general.architecture", .string("llama")), ("llama.block_count", .uint32(UInt32(layers))),
            ("tokenizer.ggml.model", .string(model)), ("tokenizer.ggml.tokens", texts(pieces)),
        ]
        if hasScores {
            builder.metadata.append(("tokenizer.ggml.scores", .floats([Float](repeating: 0, count: pieces.count))))
        }
        builder.metadata.append(("tokenizer.ggml.token_type", .integers([Int32](repeating: 1, count: pieces.count))))
        if let merges { builder.metadata.append(("tokenizer.ggml.merges", texts(merges))) }
        builder.metadata.append(("tokenizer.chat_template", .string(String(repeating: "t", count: template))))
        for layer in 0..<layers {
            for part in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"] {
                builder.tensors.append(.init("blk.\(layer).\(part).weight", [256, 2], .q80))
            }
            for part in ["attn_norm", "ffn_norm"] {
                builder.tensors.append(.init("blk.\(layer).\(part).weight", [32], .f32))
            }
        }
        // What is read beyond the header has to be there.
        builder.tensors.append(.init("token_embd.weight", [256, 12_288], .q80))
        return builder.build()
    }

    /// Lengths whose mean over each eighth of the list is the one given, spread to both sides.
    private static func lengths(_ list: (count: Int, means: [Double]), seed: UInt64) -> [Int] {
        var random = PseudoRandom(seed: seed)
        return (0..<list.count).map { index in
            let mean = list.means[index * list.means.count / list.count] - 8
            return max(1, Int(Double.random(in: 0..<1, using: &random) * 2 * mean + 0.5))
        }
    }

    private struct Cost {
        var header: Int64
        var fetched: Int64
        var requests: Int
    }

    private func cost(of bytes: [UInt8]) async throws -> Cost {
        try await withLoopbackHub { hub in
            let url = hub.addFile("m.gguf", bytes)
            let header = try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url))
            return Cost(
                header: header.file.headerLength, fetched: header.fetched, requests: hub.requests.count)
        }
    }

    @Test(arguments: Vocabulary.allCases, [1])
    func `a real vocabulary costs the header and less than a mebibyte in five requests`(
        vocabulary: Vocabulary, seed: UInt64
    ) async throws {
        let bytes = Self.file(
            model: vocabulary.model, pieces: Self.lengths(vocabulary.pieces, seed: seed),
            merges: vocabulary.merges.map { Self.lengths($0, seed: seed + 1) }, hasScores: vocabulary.hasScores,
            template: 500 << (seed % 6), layers: 16 << (seed % 4))
        let cost = try await cost(of: bytes)
        #expect(cost.requests <= 5)
        #expect(cost.fetched <= cost.header + 1 << 20)
        #expect(cost.fetched < bytes.count)
    }

    /// All that is long comes last, where nothing hints at it: more of it than one guess makes up for.
    @Test func `a header that hides its length still takes six requests`() async throws {
        let short = [Int](repeating: 1, count: 150_000)
        let bytes = Self.file(
            model: "llama", pieces: short + [Int](repeating: 20_000, count: 500), merges: nil, hasScores: false,
            template: 1 << 20)
        let cost = try await cost(of: bytes)
        #expect(cost.header > 10 << 20)
        #expect(cost.requests == 6)
        #expect(cost.fetched <= cost.header + cost.header / 4 + 1 << 20)
    }

    /// The first texts are huge and the many others small: the guess is far too long.
    @Test func `a header that exaggerates costs no more than six times its length`() async throws {
        let bytes = Self.file(
            model: "llama", pieces: [Int](repeating: 20_000, count: 60) + [Int](repeating: 1, count: 60_000),
            merges: nil, hasScores: false, layers: 200)
        let cost = try await cost(of: bytes)
        #expect(cost.requests <= 6)
        #expect(cost.fetched <= 6 * cost.header)
    }
}
