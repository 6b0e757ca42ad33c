/// The numbers of a model that decide what it needs, from a file's header or written down in a catalog.
///
/// Names follow the keys of the format (ggml, `docs/gguf.md`), whose defaults apply where a number is absent.
public struct ModelShape: Hashable, Sendable {
    /// As the file names it: `llama`, `gemma3`.
    package var architecture: String
    /// Layers, those that only draft the next tokens included.
    package var blockCount: Int
    /// Longest context the model was trained for, in tokens; 0 when unknown.
    package var contextLength = 0
    /// Width of the stream between layers.
    package var embeddingLength: Int
    /// Width of the feed-forward part.
    package var feedForwardLength: PerLayer = 0
    /// Attention heads; 0 in models without attention.
    package var headCount: PerLayer = 0
    /// Heads of keys and values; nil means as many as `headCount`, 0 a layer without a cache.
    package var headCountKV: PerLayer?
    /// Size of one key; nil means embedding by heads.
    package var keyLength: Int?
    /// Size of one value; nil means embedding by heads.
    package var valueLength: Int?
    /// Size of one key in sliding-window layers, where it differs.
    package var keyLengthSWA: Int?
    /// Size of one value in sliding-window layers, where it differs.
    package var valueLengthSWA: Int?
    /// How many numbers of a key are rotated by position; nil means all.
    package var ropeDimensionCount: Int?
    /// Pieces of the vocabulary.
    package var vocabularySize: Int
    /// Width of the attention window, in tokens.
    package var slidingWindow: Int?
    /// One number: every such layer sees everything, the others the window. A list: 1 for window layers.
    package var slidingWindowPattern: PerLayer?
    /// Layers at the end that use the cache of an earlier one (Gemma 3n and 4).
    package var sharedKVLayers: Int?
    /// Layers at the end that only draft the next tokens.
    package var nextNLayers = 0
    /// Layers at the front without experts, in models that have them.
    package var leadingDenseBlockCount = 0
    /// Experts a layer; 0 in dense models.
    package var expertCount = 0
    /// Experts that one token goes through.
    package var expertUsedCount = 0
    /// Width of one expert; nil means `feedForwardLength`.
    package var expertFeedForwardLength: PerLayer?
    /// Experts that every token goes through.
    package var expertSharedCount = 0
    /// Width of what every token goes through; nil means as many experts as shared.
    package var expertSharedFeedForwardLength: Int?
    /// Every how many layers have experts (Llama 4).
    package var expertInterval = 1
    /// State-space layers: length of the convolution.
    package var convolutionKernel = 0
    /// State-space layers: inner width.
    package var innerSize = 0
    /// State-space layers: numbers of state for each inner one.
    package var stateSize = 0
    /// State-space layers: rank of the time step, or heads in Mamba 2.
    package var timeStepRank = 0
    /// State-space layers: groups.
    package var groupCount = 0
    /// LFM2: length of the short convolution.
    package var shortConvolutionCache = 0
    /// Every how many layers attend in models that mix (Qwen3-Next, Qwen3.5).
    package var fullAttentionInterval: Int?
    /// RWKV: size of a head.
    package var wkvHeadSize = 0
    /// RWKV: shifted tokens that are kept.
    package var tokenShiftCount = 0
    /// Latent attention: rank of queries.
    package var queryLoraRank = 0
    /// Latent attention: rank of keys and values.
    package var keyValueLoraRank = 0
    /// Latent attention: size of an unfolded key; with `valueLengthMLA` it says that the latent is cached.
    package var keyLengthMLA: Int?
    /// Latent attention: size of an unfolded value.
    package var valueLengthMLA: Int?
    /// Width of the embeddings that each layer has for itself (Gemma 3n and 4).
    package var embeddingLengthPerLayer = 0
    /// Parallel streams (Gemma 3n).
    package var alternatingUpdates = 0
    /// Whether the output reuses the token embeddings; nil means what its architecture usually does.
    package var tiedEmbeddings: Bool?
    /// Whether queries, keys and values are one matrix; nil means what its architecture usually does.
    package var fusedQKV: Bool?
    /// Whether the feed-forward part has a gate; nil means what its architecture usually does.
    package var gatedFeedForward: Bool?
    /// Whether attention and feed-forward read the same input; nil means what its architecture usually does.
    package var parallelResidual: Bool?

    /// The numbers that every model has; what else is known can be set.
    package init(architecture: String, blockCount: Int, embeddingLength: Int, vocabularySize: Int) {
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
