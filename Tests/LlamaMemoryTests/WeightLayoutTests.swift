import GGUF
import LlamaMemory
import MeasuredModels
import Testing

/// Holds the weights that follow from a model's numbers against the tensors of real headers.
@Suite struct WeightLayoutTests {
    private let q80 = Quantization(.q80)

    @Test(
        arguments: [
            "lfm2-1.2b", "minicpm3-4b", "qwen35-4b", "granite-h-1b", "falcon-h1-0.5b", "mamba-130m", "mamba-2.8b",
            "mamba2-1.3b", "gemma-4-e2b", "deepseek-lite-mla", "deepseek-lite-old",
        ])
    func `the numbers of a model give the bytes of its tensors`(name: String) throws {
        let file = try Fixtures.header("\(name).Q8_0")
        let shape = try #require(ModelShape(file))
        let computed = try #require(q80.weights(of: shape))
        let real = Int64(file.dataSpan.count)
        #expect(abs(Double(computed) / Double(real) - 1) <= 0.005, "\(computed), not \(real)")
        let count = try #require(shape.parameterCount)
        #expect(abs(Double(count) / Double(file.parameterCount) - 1) <= 0.001)
    }

    /// The fixture has them quantized; they are not, in files that the converter wrote.
    @Test(arguments: ["gpt-oss-20b"])
    func `biases of experts stay in 32 bits`(name: String) throws {
        let file = try Fixtures.header("\(name).Q8_0")
        let shape = try #require(ModelShape(file))
        let computed = try #require(q80.weights(of: shape))
        #expect(abs(Double(computed) / Double(file.dataSpan.count) - 1) <= 0.002)
        let count = try #require(shape.parameterCount)
        #expect(abs(Double(count) / Double(file.parameterCount) - 1) <= 0.001)
    }

    @Test func `work of a file and of its numbers agree`() throws {
        for name in ["qwen35-4b", "falcon-h1-0.5b", "deepseek-lite-mla", "gpt-oss-20b", "llama-3.1-8b"] {
            let file = try Fixtures.header("\(name).Q8_0")
            let shape = try #require(ModelShape(file))
            let computed = try #require(TokenWork(shape, q80))
            let ratio = Double(computed.bytes) / Double(TokenWork(file).bytes)
            #expect(abs(ratio - 1) <= 0.02, "\(name): \(ratio)")
        }
    }
}
