import Foundation
import GGUF
import ModelCatalog
import Testing

@Suite struct CatalogShapeTests {
    private func read(_ text: String) throws -> CatalogArchitecture {
        try JSONDecoder().decode(CatalogArchitecture.self, from: Data(text.utf8))
    }

    @Test func `every header key the catalog has reaches the shape`() throws {
        let shape = try #require(
            try read(
                """
                {
                  "general.architecture": "x", "block_count": 4, "context_length": 1, "embedding_length": 2,
                  "feed_forward_length": [3, 4, 5, 6], "head_count": 7, "head_count_kv": [0, 1, 0, 1],
                  "key_length": 9, "value_length": 10, "key_length_swa": 11, "value_length_swa": 12,
                  "rope_dimension_count": 13, "vocab_size": 14, "sliding_window": 15,
                  "sliding_window_pattern": [1, 1, 1, 0], "shared_kv_layers": 2, "full_attention_interval": 3,
                  "q_lora_rank": 16, "kv_lora_rank": 17, "expert_count": 18, "expert_used_count": 19,
                  "expert_feed_forward_length": 20, "expert_shared_count": 21,
                  "expert_shared_feed_forward_length": 22, "leading_dense_block_count": 1,
                  "nextn_predict_layers": 1, "embedding_length_per_layer_input": 23, "altup.num_inputs": 24,
                  "shortconv.l_cache": 25, "ssm.conv_kernel": 26, "ssm.inner_size": 27, "ssm.state_size": 28,
                  "ssm.time_step_rank": 29, "ssm.group_count": 30, "attn_logit_softcapping": 50,
                  "use_parallel_residual": true, "tie_embeddings": true
                }
                """
            ).shape)
        var expected = ModelShape(architecture: "x", blockCount: 4, embeddingLength: 2, vocabularySize: 14)
        expected.contextLength = 1
        expected.feedForwardLength = [3, 4, 5, 6]
        (expected.headCount, expected.headCountKV) = (7, [0, 1, 0, 1])
        (expected.keyLength, expected.valueLength) = (9, 10)
        (expected.keyLengthSWA, expected.valueLengthSWA, expected.ropeDimensionCount) = (11, 12, 13)
        (expected.slidingWindow, expected.slidingWindowPattern) = (15, [1, 1, 1, 0])
        (expected.sharedKVLayers, expected.nextNLayers, expected.leadingDenseBlockCount) = (2, 1, 1)
        (expected.expertCount, expected.expertUsedCount, expected.expertFeedForwardLength) = (18, 19, 20)
        (expected.expertSharedCount, expected.expertSharedFeedForwardLength) = (21, 22)
        (expected.convolutionKernel, expected.innerSize, expected.stateSize) = (26, 27, 28)
        (expected.timeStepRank, expected.groupCount, expected.shortConvolutionCache) = (29, 30, 25)
        (expected.fullAttentionInterval, expected.queryLoraRank, expected.keyValueLoraRank) = (3, 16, 17)
        (expected.embeddingLengthPerLayer, expected.alternatingUpdates) = (23, 24)
        (expected.tiedEmbeddings, expected.parallelResidual) = (true, true)
        #expect(shape == expected)
    }

    @Test(arguments: ["general.architecture", "block_count", "embedding_length", "vocab_size"])
    func `without a number that all others rest on there is no shape`(key: String) throws {
        let numbers = """
            { "general.architecture": "x", "block_count": 4, "embedding_length": 2, "vocab_size": 14 }
            """
        #expect(try read(numbers).shape != nil)
        #expect(try read(numbers.replacing("\"\(key)\"", with: "\"-\"")).shape == nil)
    }

    @Test func `every listed file is judged with the output matrix that it has`() throws {
        var differing = 0
        let catalog = try Catalog.builtIn()
        for entry in catalog.entries where !entry.files.isEmpty {
            let variants = try catalog.offer(for: entry).variants
            for file in entry.files {
                let variant = try #require(
                    variants.first { $0.files[0].name == file.name && $0.publisher == file.publisher }
                        ?? variants.first { file.digest != nil && $0.files[0].digest == file.digest })
                #expect(variant.shape == entry.shape(of: file), "\(variant.ref)")
                if let isTied = file.tiedEmbeddings {
                    #expect(variant.shape?.tiedEmbeddings == isTied, "\(variant.ref)")
                    differing += 1
                }
            }
        }
        #expect(differing >= 9)
    }
}
