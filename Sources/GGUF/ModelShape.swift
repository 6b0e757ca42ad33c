/// The numbers of a model that decide what it needs: see `MemoryEstimate` and `Quantization.weights(of:)`.
///
/// Taken from a file's header, or written down in a catalog. Names follow the keys of the format (ggml,
/// `docs/gguf.md`), whose defaults apply where a number is absent.
public struct ModelShape: Hashable, Sendable, Codable {
    /// As the file names it: `llama`, `gemma3`.
    public var architecture: String
    /// Layers, those that only draft the next tokens included.
    public var blockCount: Int
    /// Longest context the model was trained for, in tokens; 0 when unknown.
    public var contextLength: Int
    /// Width of the stream between layers.
    public var embeddingLength: Int
    /// Width of the feed-forward part.
    public var feedForwardLength: PerLayer
    /// Attention heads; 0 in models without attention.
    public var headCount: PerLayer
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
    /// How many numbers of a key are turned by position; nil means all.
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
    public var nextNLayers: Int
    /// Layers at the front without experts, in models that have them.
    public var leadingDenseBlockCount: Int
    /// Experts a layer; 0 in dense models.
    public var expertCount: Int
    /// Experts that one token goes through.
    public var expertUsedCount: Int
    /// Width of one expert; nil means `feedForwardLength`.
    public var expertFeedForwardLength: PerLayer?
    /// Experts that every token goes through.
    public var expertSharedCount: Int
    /// Width of what every token goes through; nil means as many experts as shared.
    public var expertSharedFeedForwardLength: Int?
    /// Every how many layers have experts (Llama 4).
    public var expertInterval: Int
    /// State-space layers: length of the convolution.
    public var convolutionKernel: Int
    /// State-space layers: inner width.
    public var innerSize: Int
    /// State-space layers: numbers of state for each inner one.
    public var stateSize: Int
    /// State-space layers: rank of the time step, or heads in Mamba 2.
    public var timeStepRank: Int
    /// State-space layers: groups.
    public var groupCount: Int
    /// LFM2: length of the short convolution.
    public var shortConvolutionCache: Int
    /// Every how many layers attend in models that mix (Qwen3-Next, Qwen3.5).
    public var fullAttentionInterval: Int?
    /// RWKV: size of a head.
    public var wkvHeadSize: Int
    /// RWKV: shifted tokens that are kept.
    public var tokenShiftCount: Int
    /// Latent attention: rank of queries.
    public var queryLoraRank: Int
    /// Latent attention: rank of keys and values.
    public var keyValueLoraRank: Int
    /// Latent attention: size of an unfolded key; with `valueLengthMLA` it says that the latent is cached.
    public var keyLengthMLA: Int?
    /// Latent attention: size of an unfolded value.
    public var valueLengthMLA: Int?
    /// Width of the embeddings that each layer has for itself (Gemma 3n and 4).
    public var embeddingLengthPerLayer: Int
    /// Parallel streams (Gemma 3n).
    public var alternatingUpdates: Int
    /// Whether the output reuses the token embeddings; nil means what its architecture usually does.
    public var tiedEmbeddings: Bool?
    /// Whether queries, keys and values are one matrix; nil means what its architecture usually does.
    public var fusedQKV: Bool?
    /// Whether the feed-forward part has a gate; nil means what its architecture usually does.
    public var gatedFeedForward: Bool?
    /// Whether attention scores are capped; nil means what its architecture usually does.
    public var softcapsAttention: Bool?
    /// Whether attention and feed-forward read the same input; nil means what its architecture usually does.
    public var parallelResidual: Bool?

    /// Everything but the first numbers has the value that most models have.
    public init(
        architecture: String, blockCount: Int, contextLength: Int = 0, embeddingLength: Int,
        feedForwardLength: PerLayer = 0, headCount: PerLayer = 0, headCountKV: PerLayer? = nil, keyLength: Int? = nil,
        valueLength: Int? = nil, keyLengthSWA: Int? = nil, valueLengthSWA: Int? = nil, ropeDimensionCount: Int? = nil,
        vocabularySize: Int, slidingWindow: Int? = nil, slidingWindowPattern: PerLayer? = nil,
        sharedKVLayers: Int? = nil, nextNLayers: Int = 0, leadingDenseBlockCount: Int = 0, expertCount: Int = 0,
        expertUsedCount: Int = 0, expertFeedForwardLength: PerLayer? = nil, expertSharedCount: Int = 0,
        expertSharedFeedForwardLength: Int? = nil, expertInterval: Int = 1, convolutionKernel: Int = 0,
        innerSize: Int = 0, stateSize: Int = 0, timeStepRank: Int = 0, groupCount: Int = 0,
        shortConvolutionCache: Int = 0, fullAttentionInterval: Int? = nil, wkvHeadSize: Int = 0,
        tokenShiftCount: Int = 0, queryLoraRank: Int = 0, keyValueLoraRank: Int = 0, keyLengthMLA: Int? = nil,
        valueLengthMLA: Int? = nil, embeddingLengthPerLayer: Int = 0, alternatingUpdates: Int = 0,
        tiedEmbeddings: Bool? = nil, fusedQKV: Bool? = nil, gatedFeedForward: Bool? = nil,
        softcapsAttention: Bool? = nil, parallelResidual: Bool? = nil
    ) {
        self.architecture = architecture
        self.blockCount = blockCount
        self.contextLength = contextLength
        self.embeddingLength = embeddingLength
        self.feedForwardLength = feedForwardLength
        self.headCount = headCount
        self.headCountKV = headCountKV
        self.keyLength = keyLength
        self.valueLength = valueLength
        self.keyLengthSWA = keyLengthSWA
        self.valueLengthSWA = valueLengthSWA
        self.ropeDimensionCount = ropeDimensionCount
        self.vocabularySize = vocabularySize
        self.slidingWindow = slidingWindow
        self.slidingWindowPattern = slidingWindowPattern
        self.sharedKVLayers = sharedKVLayers
        self.nextNLayers = nextNLayers
        self.leadingDenseBlockCount = leadingDenseBlockCount
        self.expertCount = expertCount
        self.expertUsedCount = expertUsedCount
        self.expertFeedForwardLength = expertFeedForwardLength
        self.expertSharedCount = expertSharedCount
        self.expertSharedFeedForwardLength = expertSharedFeedForwardLength
        self.expertInterval = expertInterval
        self.convolutionKernel = convolutionKernel
        self.innerSize = innerSize
        self.stateSize = stateSize
        self.timeStepRank = timeStepRank
        self.groupCount = groupCount
        self.shortConvolutionCache = shortConvolutionCache
        self.fullAttentionInterval = fullAttentionInterval
        self.wkvHeadSize = wkvHeadSize
        self.tokenShiftCount = tokenShiftCount
        self.queryLoraRank = queryLoraRank
        self.keyValueLoraRank = keyValueLoraRank
        self.keyLengthMLA = keyLengthMLA
        self.valueLengthMLA = valueLengthMLA
        self.embeddingLengthPerLayer = embeddingLengthPerLayer
        self.alternatingUpdates = alternatingUpdates
        self.tiedEmbeddings = tiedEmbeddings
        self.fusedQKV = fusedQKV
        self.gatedFeedForward = gatedFeedForward
        self.softcapsAttention = softcapsAttention
        self.parallelResidual = parallelResidual
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
