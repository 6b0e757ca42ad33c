import GGUF
import LlamaMemory
import Testing

/// Models of which there is no header among the fixtures, by the weights that llama.cpp's `load_arch_tensors` asks for,
/// counted by hand. Publishers round them: 30.5B, 21B.
@Suite struct ArchitectureTests {
    struct Model: Sendable, CustomTestStringConvertible {
        let name: String
        let weights: Int64
        let architecture: String
        let numbers: [String: PerLayer]

        var testDescription: String { name }
    }

    static let models = [
        Model(
            name: "Qwen3-30B-A3B", weights: 30_532_122_624, architecture: "qwen3moe",
            numbers: [
                "block_count": 48, "embedding_length": 2048, "vocab_size": 151_936, "feed_forward_length": 6144,
                "attention.head_count": 32, "attention.head_count_kv": 4, "attention.key_length": 128,
                "attention.value_length": 128, "expert_count": 128, "expert_used_count": 8,
                "expert_feed_forward_length": 768,
            ]),
        Model(
            name: "ERNIE-4.5-21B-A3B", weights: 21_825_437_888, architecture: "ernie4_5-moe",
            numbers: [
                "block_count": 28, "embedding_length": 2560, "vocab_size": 103_424, "feed_forward_length": 12_288,
                "attention.head_count": 20, "attention.head_count_kv": 4, "attention.key_length": 128,
                "attention.value_length": 128, "leading_dense_block_count": 1, "expert_count": 64,
                "expert_used_count": 6, "expert_feed_forward_length": 1536, "expert_shared_count": 2,
                "expert_shared_feed_forward_length": 3072, "interleave_moe_layer_step": 1,
            ]),
    ]

    @Test(arguments: models)
    func `the numbers of a header give the weights that llama.cpp loads`(model: Model) throws {
        let shape = try #require(ModelShape(architecture: model.architecture) { model.numbers[$0] })
        let counted = try #require(shape.parameterCount)
        // Vectors of a few hundred numbers may be counted or not.
        #expect(abs(counted - model.weights) <= 8192)
        let memory = try MemoryEstimate(shape: shape, weights: counted, workload: Workload(contextLength: 4096))
        #expect(!memory.isGeneric)
    }

    @Test(arguments: ["apertus", "qwen35moe", "qwen3next"])
    func `tensors that nothing holds give no weights`(architecture: String) throws {
        var shape = try #require(ModelShape(architecture: architecture) { Self.models[0].numbers[$0] })
        (shape.convolutionKernel, shape.innerSize, shape.stateSize) = (4, 4096, 128)
        (shape.timeStepRank, shape.groupCount) = (32, 16)
        #expect(Quantization(.q80).weights(of: shape) == nil)
        #expect(try !MemoryEstimate(shape: shape, weights: 1, workload: Workload(contextLength: 512)).isGeneric)
    }
}
