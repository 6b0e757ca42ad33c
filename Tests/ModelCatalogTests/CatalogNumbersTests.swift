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

    /// Files that are not as long as llama.cpp's quantizer of today would make them. Why is not known: no header of theirs
    /// was at hand.
    private static let otherwise = [
        "OpenELM-450M-Instruct.Q4_K_M.gguf": "not known; of 2024, perhaps by rules of then",
        "OpenELM-450M.Q4_K_M.gguf": "not known; of 2024, perhaps by rules of then",
        "gemma-3n-E4B-it-Q4_K_M.gguf": "not known; larger embeddings for each layer would explain it",
    ]

    /// Families whose files are larger than the numbers give: they hold layers that draft, which no number tells, or
    /// finer embeddings for each layer than llama.cpp's quantizer makes.
    private static let holdsMore: Set<String> = ["qwen3.5", "qwen3.6", "qwen3.8", "gemma3n", "gemma4"]

    @Test func `most models can be judged by their numbers, all of the guide's but one`() throws {
        let bare = catalog.entries.filter { $0.shape == nil }
        let guide = Set(catalog.families.filter { $0.guide != nil }.map(\.id))
        #expect(bare.filter { guide.contains($0.familyID) }.map(\.ref) == Self.withoutShape)
        #expect(bare.count * 5 < catalog.entries.count)
        for entry in catalog.entries {
            guard let shape = entry.shape else { continue }
            #expect(shape.isSensible, "\(entry.ref)")
            #expect(shape.feedForwardLength.largest > 0 || shape.expertCount > 0, "\(entry.ref)")
            #expect(shape.headCount.largest > 0 && shape.headCountKV != nil, "\(entry.ref)")
            #expect(shape.keyLength != nil, "\(entry.ref)")
            #expect(entry.sourceIDs["architecture"]?.isEmpty == false, "\(entry.ref)")
        }
        let whole = catalog.entries.filter {
            $0.shape?.tiedEmbeddings != nil && $0.shape?.contextLength ?? 0 > 0 && $0.parameters != nil
        }
        #expect(whole.count >= 125)
    }

    @Test func `the numbers add up to the count of weights`() throws {
        var differing: [String] = []
        var agreeing = 0
        for entry in catalog.entries {
            // Of an architecture that is not in our table nobody here can count the weights.
            guard let shape = entry.shape, let stated = entry.parameters, let counted = shape.parameterCount else {
                continue
            }
            // The second way of counting does not know the experts of Gemma 4.
            if let byHand = TensorsByHand(shape).count, !(shape.architecture == "gemma4" && shape.expertCount > 0) {
                #expect(Self.isWithin(0.0001, counted, Int64(byHand)), "\(entry.ref): \(counted), not \(byHand)")
            }
            if Self.isWithin(0.01, counted, stated) {
                agreeing += 1
                continue
            }
            differing.append("\(entry.ref): \(counted), not \(stated)")
        }
        #expect(agreeing >= 90)
        #expect(differing.count <= Self.countsMore.count, "\(differing)")
    }

    @Test func `the numbers give the weights of the files`() throws {
        var agreeing = 0
        var differing: Set<String> = []
        for entry in catalog.entries {
            for file in entry.files {
                guard let shape = entry.shape(of: file), let size = file.size,
                    let quantization = Quantization(parsing: file.quantization)
                else { continue }
                guard let computed = quantization.weights(of: shape) else { continue }
                if Self.isWithin(0.01, computed, size - Self.header(shape)) {
                    agreeing += 1
                    continue
                }
                differing.insert(file.name)
                if Self.holdsMore.contains(entry.familyID), computed < size { continue }
                // One bit a weight in blocks of its publisher's own.
                if file.quantization == "Q1_0" { continue }
                #expect(Self.isWithin(0.08, computed, size), "\(entry.ref) \(file.name): \(computed), not \(size)")
            }
        }
        #expect(agreeing >= 80)
        #expect(differing.isSuperset(of: Self.otherwise.keys))
        #expect(differing.count * 5 < agreeing, "\(differing.sorted())")
    }

    @Test func `a file that holds the output matrix says so`() throws {
        for entry in catalog.entries where entry.shape?.tiedEmbeddings == true {
            for file in entry.files where Self.otherwise[file.name] == nil {
                guard var shape = entry.shape(of: file), let size = file.size,
                    let quantization = Quantization(parsing: file.quantization)
                else { continue }
                let said = shape.tiedEmbeddings == true
                shape.tiedEmbeddings = !said
                guard !Self.holdsMore.contains(entry.familyID), let other = quantization.weights(of: shape) else {
                    continue
                }
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
