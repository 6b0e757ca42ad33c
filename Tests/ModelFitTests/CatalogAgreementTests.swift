import GGUF
import LlamaMemory
import MeasuredModels
import ModelCatalog
import ModelFit
import Testing

/// What the catalog's numbers say without a network, against what the headers of those models say.
@Suite struct CatalogAgreementTests {
    /// Models of the catalog whose headers are among the fixtures. Gemma 3n is not: the fixture has 50 MB of matrices in
    /// 32 bits that published files have in 16.
    private static let headers = [
        "qwen2:0.5b": ["qwen2-0.5b.F16", "qwen2-0.5b.Q4_K_M", "qwen2-0.5b.Q8_0"],
        "qwen2:1.5b": ["qwen2-1.5b.Q4_K_M", "qwen2-1.5b.Q8_0"], "mistral-nemo:12b": ["mistral-nemo.Q8_0"],
        "llama3.1:8b": ["llama-3.1-8b.Q4_K_M", "llama-3.1-8b.Q8_0"],
        "pythia:160m": ["pythia-160m.F16", "pythia-160m.Q4_K_M"], "pythia:2.8b": ["pythia-2.8b.Q4_K_M"],
        "cerebras-gpt:111m": ["cerebras-gpt-111m.F16", "cerebras-gpt-111m.Q4_K_M"], "phi3.5:3.8b": ["phi-3.5.Q8_0"],
        "stablelm-zephyr:3b": ["stablelm-3b.Q8_0"],
        "tinyllama:1.1b": ["tinyllama-1.1b.F16", "tinyllama-1.1b.Q4_K_M", "tinyllama-1.1b.Q8_0"],
        "lamini-gpt:774m": ["lamini-774m.Q8_0"], "gemma2:2b": ["gemma-2-2b.Q4_K_M", "gemma-2-2b.Q8_0"],
        "gemma2:9b": ["gemma-2-9b.Q8_0"], "minicpm:1b": ["minicpm-1b.Q4_K_M", "minicpm-1b.Q8_0"],
        "minicpm:4b": ["minicpm3-4b.Q8_0"], "openelm:270m": ["openelm-270m.Q8_0"], "smollm3:3b": ["smollm3.Q8_0"],
        "qwen3:4b": ["qwen3-4b.Q4_K_M"], "qwen3.5:4b": ["qwen35-4b.Q8_0"],
        "llama3.2:1b": ["llama-3.2-1b.IQ4_XS", "llama-3.2-1b.Q4_0", "llama-3.2-1b.Q4_K_M", "llama-3.2-1b.Q6_K"],
        "gemma3:270m": ["gemma-3-270m-Q4_K_M"], "gemma3:4b": ["gemma-3-4b.Q8_0"], "gemma3:12b": ["gemma-3-12b.Q8_0"],
        "gemma4:e2b": ["gemma-4-e2b.Q8_0"], "phi4-mini:3.8b": ["phi-4-mini.Q8_0"],
        "phi2:2.7b": ["phi-2.Q8_0"], "lfm2:1.2b": ["lfm2-1.2b.Q8_0"], "falcon-h1:0.5b": ["falcon-h1-0.5b.Q8_0"],
        "granite3.3:2b": ["granite-2b.Q8_0"], "gpt-oss:20b": ["gpt-oss-20b.Q8_0"],
    ]

    @Test(arguments: headers.keys.sorted(), [4096, nil] as [Int?])
    func `a model of the catalog needs what its header says`(ref: String, context: Int?) throws {
        let entry = try #require(try Catalog.builtIn().entry(ref: ref))
        let shape = try #require(entry.shape)
        let workload = Workload(contextLength: context.map { min($0, shape.contextLength) })
        for name in Self.headers[ref] ?? [] {
            let file = try Fixtures.header(name)
            let label = name.split(separator: ".").last.map(String.init) ?? name
            let quantization = try #require(Quantization(parsing: label) ?? file.quantization)
            let weights = try #require(quantization.weights(of: shape))
            let listed = try MemoryEstimate(shape: shape, weights: weights, workload: workload)
            let read = try MemoryEstimate(file, workload: workload)
            #expect(abs(Double(listed.total) / Double(read.total) - 1) <= 0.01, "\(name): \(listed) \(read)")
        }
    }

    /// Where the size of the file is known, it corrects what the numbers say: with no exception.
    @Test func `the weights of every listed file agree with its size`() throws {
        var count = 0
        let catalog = try Catalog.builtIn()
        let budget = Budget(now: 1 << 40, afterClosing: 1 << 40, reserve: 0, gpu: nil)
        for entry in catalog.entries where !entry.files.isEmpty {
            for variant in try catalog.offer(for: entry).with(projectors: false).variants {
                guard let size = variant.size, let shape = variant.shape else { continue }
                let report = FitReport(variant, budget: budget, workload: Workload(contextLength: 1024))
                let weights = try #require(report.memory).weights
                // Headers take 20 to 65 bytes for a piece of the vocabulary, see CatalogNumbersTests.
                let pieces = Int64(shape.vocabularySize)
                let most = Double(size - 20 * pieces) * 1.01
                let least = Double(size - 65 * pieces) * 0.99
                #expect((least...most).contains(Double(weights)), "\(variant.ref): \(weights) of \(size)")
                count += 1
            }
        }
        #expect(count >= 70)
    }
}
