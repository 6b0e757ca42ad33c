/// The numbers of a model that decide what it needs, from a file's header or written down in a catalog.
///
/// Names follow the keys of the format (ggml, `docs/gguf.md`), whose defaults apply where a number is absent.
public struct ModelShape: Hashable, Sendable {
    /// As the file names it: `llama`, `gemma3`.
    public var architecture: String
    /// Layers, those that only draft the next tokens included.
    public var blockCount: Int
    /// Longest context the model was trained for, in tokens; 0 when unknown.
    public var contextLength = 0
    /// Width of the stream between layers.
    public var embeddingLength: Int
    /// Width of the feed-forward part.
    public var feedForwardLength: PerLayer = 0
    /// Attention heads; 0 in models without attention.
    public var headCount: PerLayer = 0
    /// Heads of keys and values; nil means as many as `headCount`, 0 a layer without a cache.
    public var headCountKV: PerLayer?
    /// Size of one key; nil means embedding by heads.
    public var keyLength: Int?
    /// Size of one value; nil means embedding by heads.
    public var valueLength: Int?
    /// Size of one key in sliding-window layers, where it differs.
    public var keyLengthSWA: Int?
    /// Size of one value in sliding-window layers, where it differs.
    public var valueLengthSWA: Int?
    /// How many numbers of a key are rotated by position; nil means all.
    public var ropeDimensionCount: Int?
    /// Pieces of the vocabulary.
    public var vocabularySize: Int
    /// Width of the attention window, in tokens.
    public var slidingWindow: Int?
    /// One number: every such layer sees everything, the others the window. A list: 1 for window layers.
    public var slidingWindowPattern: PerLayer?
    /// Layers at the end that use the cache of an earlier one (Gemma 3n and 4).
    public var sharedKVLayers: Int?
    /// Layers at the end that only draft the next tokens.
    public var nextNLayers = 0
    /// Layers at the front without experts, in models that have them.
    public var leadingDenseBlockCount = 0
    /// Experts a layer; 0 in dense models.
    public var expertCount = 0
    /// Experts that one token goes through.
    public var expertUsedCount = 0
    /// Width of one expert; nil means `feedForwardLength`.
    public var expertFeedForwardLength: PerLayer?
    /// Experts that every token goes through.
    public var expertSharedCount = 0
    /// Width of what every token goes through; nil means as many experts as shared.
    public var expertSharedFeedForwardLength: Int?
    /// Every how many layers have experts (Llama 4).
    public var expertInterval = 1
    /// State-space layers: length of the convolution.
    public var convolutionKernel = 0
    /// State-space layers: inner width.
    public var innerSize = 0
    /// State-space layers: numbers of state for each inner one.
    public var stateSize = 0
    /// State-space layers: rank of the time step, or heads in Mamba 2.
    public var timeStepRank = 0
    /// State-space layers: groups.
    public var groupCount = 0
    /// LFM2: length of the short convolution.
    public var shortConvolutionCache = 0
    /// Every how many layers attend in models that mix (Qwen3-Next, Qwen3.5).
    public var fullAttentionInterval: Int?
    /// RWKV: size of a head.
    public var wkvHeadSize = 0
    /// RWKV: shifted tokens that are kept.
    public var tokenShiftCount = 0
    /// Latent attention: rank of queries.
    public var queryLoraRank = 0
    /// Latent attention: rank of keys and values.
    public var keyValueLoraRank = 0
    /// Latent attention: size of an unfolded key; with `valueLengthMLA` it says that the latent is cached.
    public var keyLengthMLA: Int?
    /// Latent attention: size of an unfolded value.
    public var valueLengthMLA: Int?
    /// Width of the embeddings that each layer has for itself (Gemma 3n and 4).
    public var embeddingLengthPerLayer = 0
    /// Parallel streams (Gemma 3n).
    public var alternatingUpdates = 0
    /// Whether the output reuses the token embeddings; nil means what its architecture usually does.
    public var tiedEmbeddings: Bool?
    /// Whether queries, keys and values are one matrix; nil means what its architecture usually does.
    public var fusedQKV: Bool?
    /// Whether the feed-forward part has a gate; nil means what its architecture usually does.
    public var gatedFeedForward: Bool?
    /// Whether attention and feed-forward read the same input; nil means what its architecture usually does.
    public var parallelResidual: Bool?

    /// The numbers that every model has; what else is known can be set.
    public init(architecture: String, blockCount: Int, embeddingLength: Int, vocabularySize: Int) {
        self.architecture = architecture
        self.blockCount = blockCount
        self.embeddingLength = embeddingLength
        self.vocabularySize = vocabularySize
    }
}

extension ModelShape {
    /// Whether its numbers are so small that no product of them which stands for bytes can overflow, and no graph of
    /// them is longer than those of real models. llama.cpp itself takes at most 512 layers and 1024 experts.
    public var isSensible: Bool {
        let small = [
            headCount.largest, headCountKV?.largest ?? 0, keyLength ?? 0, valueLength ?? 0, keyLengthSWA ?? 0,
            valueLengthSWA ?? 0, convolutionKernel, stateSize, groupCount, timeStepRank, shortConvolutionCache,
            wkvHeadSize, tokenShiftCount, queryLoraRank, keyValueLoraRank, keyLengthMLA ?? 0, valueLengthMLA ?? 0,
            ropeDimensionCount ?? 0, embeddingLengthPerLayer, leadingDenseBlockCount, nextNLayers, sharedKVLayers ?? 0,
        ]
        let inner = max(feedForwardLength.largest, expertFeedForwardLength?.largest ?? 0)
        let key = max(keyLength ?? 0, valueLength ?? 0, keyLengthSWA ?? 0, valueLengthSWA ?? 0)
        let heads = max(headCount.largest, headCountKV?.largest ?? 0)
        return (1...1024).contains(blockCount) && (1...1024).contains(expertInterval)
            && small.allSatisfy { (0...1 << 14).contains($0) } && (0...1 << 17).contains(embeddingLength)
            && (0...1 << 20).contains(inner) && (0...1 << 20).contains(innerSize)
            && (0...1 << 20).contains(expertSharedFeedForwardLength ?? 0)
            && (0...4096).contains(expertCount) && (0...64).contains(expertSharedCount)
            && (0...512).contains(expertUsedCount) && (0...64).contains(alternatingUpdates)
            && expertCount * inner <= 1 << 24 && expertUsedCount * blockCount <= 1 << 14 && key * heads <= 1 << 20
            && (0...1 << 22).contains(vocabularySize) && (0...1 << 28).contains(contextLength)
            && (0...1 << 28).contains(slidingWindow ?? 0)
    }
}
