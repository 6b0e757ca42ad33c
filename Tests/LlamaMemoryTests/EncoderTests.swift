import GGUF
import LlamaMemory
import Testing

@Suite struct EncoderTests {
    @Test(arguments: ["bert", "nomic-bert", "jina-bert-v2", "modern-bert", "gemma-embedding", "llada", "dream"])
    func `encoders and models that write by diffusion keep nothing`(architecture: String) throws {
        var shape = ModelShape(architecture: architecture, blockCount: 12, embeddingLength: 768, vocabularySize: 30_522)
        (shape.contextLength, shape.feedForwardLength, shape.headCount) = (8192, 3072, 12)
        let short = try MemoryEstimate(shape: shape, weights: 1 << 28, workload: Workload(contextLength: 2048))
        let long = try MemoryEstimate(shape: shape, weights: 1 << 28, workload: Workload(contextLength: 8192))
        #expect(long.kvCache == 0)
        // Only a batch is seen at a time, however long the context.
        #expect(long.total == short.total)
        shape.architecture = "qwen3"
        #expect(try MemoryEstimate(shape: shape, weights: 1 << 28, workload: Workload(contextLength: 8192)).kvCache > 0)
    }
}
