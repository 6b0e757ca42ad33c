import GGUF
import ModelCatalog
import Testing

/// Holds the architecture numbers against the two other things the catalog knows: how many weights a model has, and
/// how long its files are.
@Suite struct CatalogNumbersTests {
    let catalog: Catalog

    init() throws { catalog = try Catalog.builtIn() }

    /// No GGUF architecture is named for it, so there is no header to have the numbers of.
    private static let withoutShape = ["dclm:1b"]

    /// Published counts that hold more than what a GGUF file of the language model does.
    private static let countsMore = [
        "qwen3.5:0.8b": "vision encoder, layers that draft", "qwen3.5:2b": "vision encoder, layers that draft",
        "qwen3.5:4b": "vision encoder, layers that draft", "qwen3.5:9b": "vision encoder, layers that draft",
        "gemma3:4b": "vision encoder", "gemma4:e2b": "vision and audio encoders",
        "gemma4:e4b": "vision and audio encoders", "ministral3:3b": "vision encoder", "ministral3:8b": "vision encoder",
    ]

    /// Files that hold the output matrix although the model's is the embedding table.
    private static let holdsOutputTwice = [
        "qwen2.5-0.5b-instruct-q4_k_m.gguf", "qwen2.5-1.5b-instruct-q4_k_m.gguf", "qwen2.5-1.5b-instruct-q8_0.gguf",
        "qwen2.5-3b-instruct-q4_k_m.gguf", "qwen2.5-3b-instruct-q5_k_m.gguf",
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        "Qwen_Qwen3-1.7B-Q4_K_M.gguf", "gpt2-medium.Q4_K_M.gguf",
    ]

    /// Architectures of which only the count is known: what the quantizer makes of each tensor is left to a margin.
    private static let roughMargin = 0.10

    @Test func `every model but one can be judged without the network`() {
        let bare = catalog.entries.filter { $0.architecture?.shape == nil }
        #expect(bare.map(\.ref) == Self.withoutShape)
        for entry in catalog.entries where !Self.withoutShape.contains(entry.ref) {
            let shape = entry.architecture?.shape
            #expect(shape?.isSensible == true, "\(entry.ref)")
            #expect((shape?.feedForwardLength.largest ?? 0) > 0, "\(entry.ref)")
            #expect((shape?.headCount.largest ?? 0) > 0 && shape?.headCountKV != nil, "\(entry.ref)")
            #expect((shape?.contextLength ?? 0) > 0 && shape?.keyLength != nil, "\(entry.ref)")
            #expect(entry.architecture?.tiedEmbeddings != nil, "\(entry.ref)")
            #expect(entry.parameters != nil && entry.contextLength != nil, "\(entry.ref)")
            #expect(entry.sourceIDs["architecture"]?.isEmpty == false, "\(entry.ref)")
        }
    }

    @Test func `the numbers add up to the count of weights`() throws {
        var differing: [String] = []
        for entry in catalog.entries {
            guard let shape = entry.architecture?.shape, let stated = entry.parameters else { continue }
            let counted = try #require(Self.count(shape), "\(entry.ref)")
            if Self.isWithin(0.01, counted, stated) { continue }
            differing.append(entry.ref)
            // What else is counted comes on top, and is not the larger part.
            #expect(counted < stated && Double(counted) > 0.8 * Double(stated), "\(entry.ref)")
        }
        #expect(Set(differing) == Set(Self.countsMore.keys))
    }

    @Test func `the numbers give the length of the files`() throws {
        var exact = 0
        var rough = 0
        for entry in catalog.entries {
            guard var shape = entry.architecture?.shape else { continue }
            for file in entry.files {
                guard let size = file.size, let quantization = Quantization(parsing: file.quantization) else {
                    continue
                }
                shape.tiedEmbeddings =
                    Self.holdsOutputTwice.contains(file.name) ? false : entry.architecture?.tiedEmbeddings
                if let computed = quantization.fileSize(of: shape) {
                    exact += 1
                    #expect(Self.isWithin(0.02, computed, size), "\(entry.ref) \(file.name): \(computed), not \(size)")
                } else {
                    rough += 1
                    let count = try #require(Self.count(shape), "\(entry.ref)")
                    let computed = quantization.weights(parameters: count) + Int64(shape.vocabularySize) * 30
                    #expect(
                        Self.isWithin(Self.roughMargin, computed, size),
                        "\(entry.ref) \(file.name): \(computed), not \(size)")
                }
            }
        }
        #expect(exact + rough > 70)
        #expect(rough <= 10)
    }

    private static func count(_ shape: ModelShape) -> Int64? {
        shape.parameterCount ?? TensorsByHand(shape).count.map { Int64($0) }
    }

    private static func isWithin(_ part: Double, _ value: Int64, _ other: Int64) -> Bool {
        abs(Double(value) - Double(other)) <= part * Double(other)
    }
}
