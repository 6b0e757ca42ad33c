import GGUF
import LlamaMemory
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

    /// Files of whose tensors llama.cpp's rules of today do not tell all.
    private static let otherwise = [
        "OpenELM-450M-Instruct.Q4_K_M.gguf":
            "of 2024, when the matrix of queries, keys and values had one type in all layers",
        "OpenELM-450M.Q4_K_M.gguf": "of 2024, when the matrix of queries, keys and values had one type in all layers",
        "gemma-3n-E4B-it-Q4_K_M.gguf": "the publisher's own mixture: finer embeddings for each layer",
    ]

    @Test func `every model but one can be judged without the network`() {
        let bare = catalog.entries.filter { $0.shape == nil }
        #expect(bare.map(\.ref) == Self.withoutShape)
        for entry in catalog.entries where !Self.withoutShape.contains(entry.ref) {
            let shape = entry.shape
            #expect(shape?.isSensible == true, "\(entry.ref)")
            #expect((shape?.feedForwardLength.largest ?? 0) > 0, "\(entry.ref)")
            #expect((shape?.headCount.largest ?? 0) > 0 && shape?.headCountKV != nil, "\(entry.ref)")
            #expect((shape?.contextLength ?? 0) > 0 && shape?.keyLength != nil, "\(entry.ref)")
            #expect(entry.shape?.tiedEmbeddings != nil, "\(entry.ref)")
            #expect(entry.parameters != nil && entry.contextLength != nil, "\(entry.ref)")
            #expect(entry.sourceIDs["architecture"]?.isEmpty == false, "\(entry.ref)")
        }
    }

    @Test func `the numbers add up to the count of weights`() throws {
        var differing: [String] = []
        for entry in catalog.entries {
            guard let shape = entry.shape, let stated = entry.parameters else { continue }
            let counted = try #require(shape.parameterCount, "\(entry.ref)")
            if let byHand = TensorsByHand(shape).count {
                #expect(Self.isWithin(0.0001, counted, Int64(byHand)), "\(entry.ref): \(counted), not \(byHand)")
            }
            if Self.isWithin(0.01, counted, stated) { continue }
            differing.append(entry.ref)
            // What else is counted comes on top, and is not the larger part.
            #expect(counted < stated && Double(counted) > 0.8 * Double(stated), "\(entry.ref)")
        }
        #expect(Set(differing) == Set(Self.countsMore.keys))
    }

    @Test func `the numbers give the weights of the files`() throws {
        var agreeing = 0
        var differing: Set<String> = []
        for entry in catalog.entries {
            for file in entry.files {
                guard let shape = entry.shape(of: file), let size = file.size,
                    let quantization = Quantization(parsing: file.quantization)
                else { continue }
                let computed = try #require(quantization.weights(of: shape), "\(entry.ref)")
                if Self.isWithin(0.01, computed, size - Self.header(shape)) {
                    agreeing += 1
                    continue
                }
                differing.insert(file.name)
                #expect(Self.isWithin(0.08, computed, size), "\(entry.ref) \(file.name): \(computed), not \(size)")
            }
        }
        #expect(agreeing >= 80)
        #expect(differing == Set(Self.otherwise.keys))
    }

    @Test func `a file that holds the output matrix says so`() throws {
        for entry in catalog.entries where entry.shape?.tiedEmbeddings == true {
            for file in entry.files where Self.otherwise[file.name] == nil {
                guard var shape = entry.shape(of: file), let size = file.size,
                    let quantization = Quantization(parsing: file.quantization)
                else { continue }
                let said = shape.tiedEmbeddings == true
                shape.tiedEmbeddings = !said
                let other = try #require(quantization.weights(of: shape))
                #expect(!Self.isWithin(0.01, other, size - Self.header(shape)), "\(entry.ref) \(file.name)")
            }
        }
    }

    /// What a header takes, in bytes, as llama.cpp's `models/ggml-vocab-*.gguf` have it: for each piece 25 with scores
    /// and no merges, 39 with as many merges as pieces, 61 with twice as many.
    private static func header(_ shape: ModelShape) -> Int64 {
        let perPiece: Int64 =
            switch (shape.architecture, shape.vocabularySize) {
            case ("gemma4", _), (_, 128_256), (_, 131_072), (_, 201_088): 61
            case ("gemma2", _), ("gemma3", _), ("gemma3n", _), (_, 32_000), (_, 32_064), (_, 122_753), (_, 73_448): 25
            default: 39
            }
        return Int64(shape.vocabularySize) * perPiece
    }

    private static func isWithin(_ part: Double, _ value: Int64, _ other: Int64) -> Bool {
        abs(Double(value) - Double(other)) <= part * Double(other)
    }
}
