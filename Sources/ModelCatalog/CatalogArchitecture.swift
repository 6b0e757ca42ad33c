public import GGUF

/// The header numbers of a model's GGUF file that decide what it needs, as the catalog knows them without the file.
///
/// In the document the keys are those of the GGUF header (ggml, `docs/gguf.md`) without the architecture and
/// `attention.` before them (`block_count`, `head_count_kv`, `ssm.conv_kernel`); nil means that no source was found, or
/// that the model has no such part.
public struct CatalogArchitecture: Hashable, Sendable, Codable {
    /// `general.architecture`: `llama`, `qwen2`; nil where no GGUF architecture exists for the model.
    public var architecture: String?
    /// How many layers, those that only draft the next tokens included.
    public var blockCount: Int?
    /// The header's context window, in tokens; it can differ from what the model is advertised with.
    public var contextLength: Int?
    /// Width of the residual stream.
    public var embeddingLength: Int?
    /// Width of the feed-forward part, for all layers or layer by layer.
    public var feedForwardLength: PerLayer?
    /// Query heads.
    public var headCount: PerLayer?
    /// Key and value heads; 0 in layers that do not attend.
    public var headCountKV: PerLayer?
    /// Size of one key head, in values.
    public var keyLength: Int?
    /// Size of one value head, in values.
    public var valueLength: Int?
    /// Size of one key head in sliding-window layers, where it differs.
    public var keyLengthSWA: Int?
    /// Size of one value head in sliding-window layers, where it differs.
    public var valueLengthSWA: Int?
    /// How many values of a head the rotary positions turn.
    public var ropeDimensionCount: Int?
    /// Base of the rotary positions.
    public var ropeFrequencyBase: Double?
    /// Tokens in the vocabulary, with the rows that only pad the embedding.
    public var vocabularySize: Int?
    /// Window of the layers that look back only so far, in tokens; nil for full attention everywhere.
    public var slidingWindow: Int?
    /// One number: every such layer sees everything, the others the window. A list: 1 for window layers.
    public var slidingWindowPattern: PerLayer?
    /// Layers at the end that use the cache of an earlier one (Gemma 3n and 4).
    public var sharedKVLayers: Int?
    /// Every how many layers attend, in models that mix (Qwen3.5).
    public var fullAttentionInterval: Int?
    /// Cap on attention scores (Gemma 2).
    public var attentionSoftcap: Double?
    /// Cap on the output scores (Gemma 2).
    public var outputSoftcap: Double?
    /// Rank of the compressed queries (multi-head latent attention).
    public var queryRank: Int?
    /// Rank of the compressed keys and values (multi-head latent attention).
    public var keyValueRank: Int?
    /// Experts a layer; nil in dense models.
    public var expertCount: Int?
    /// Experts that one token goes through.
    public var expertUsedCount: Int?
    /// Width of one expert; nil means ``feedForwardLength``.
    public var expertFeedForwardLength: PerLayer?
    /// Experts that every token goes through.
    public var expertSharedCount: Int?
    /// Width of what every token goes through; nil means as many experts as are shared.
    public var expertSharedFeedForwardLength: Int?
    /// Layers at the front without experts.
    public var leadingDenseBlockCount: Int?
    /// Layers at the end that only draft the next tokens.
    public var nextNLayers: Int?
    /// Width of the embeddings that each layer has for itself (Gemma 3n and 4).
    public var embeddingLengthPerLayer: Int?
    /// Parallel streams (Gemma 3n).
    public var alternatingUpdates: Int?
    /// Length of the short convolution (LFM2).
    public var shortConvolutionCache: Int?
    /// State-space layers: length of the convolution.
    public var convolutionKernel: Int?
    /// State-space layers: inner width.
    public var innerSize: Int?
    /// State-space layers: values of state for each inner one.
    public var stateSize: Int?
    /// State-space layers: rank of the time step, or heads.
    public var timeStepRank: Int?
    /// State-space layers: groups.
    public var groupCount: Int?
    /// Whether attention and feed-forward read the same input.
    public var parallelResidual: Bool?
    /// Whether the output uses the embedding table itself; not a key of the header, which shows it by its tensors.
    public var tiedEmbeddings: Bool?

    /// Knows nothing yet; set what is known.
    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture = "general.architecture"
        case blockCount = "block_count"
        case contextLength = "context_length"
        case embeddingLength = "embedding_length"
        case feedForwardLength = "feed_forward_length"
        case headCount = "head_count"
        case headCountKV = "head_count_kv"
        case keyLength = "key_length"
        case valueLength = "value_length"
        case keyLengthSWA = "key_length_swa"
        case valueLengthSWA = "value_length_swa"
        case ropeDimensionCount = "rope_dimension_count"
        case ropeFrequencyBase = "rope_freq_base"
        case vocabularySize = "vocab_size"
        case slidingWindow = "sliding_window"
        case slidingWindowPattern = "sliding_window_pattern"
        case sharedKVLayers = "shared_kv_layers"
        case fullAttentionInterval = "full_attention_interval"
        case attentionSoftcap = "attn_logit_softcapping"
        case outputSoftcap = "final_logit_softcapping"
        case queryRank = "q_lora_rank"
        case keyValueRank = "kv_lora_rank"
        case expertCount = "expert_count"
        case expertUsedCount = "expert_used_count"
        case expertFeedForwardLength = "expert_feed_forward_length"
        case expertSharedCount = "expert_shared_count"
        case expertSharedFeedForwardLength = "expert_shared_feed_forward_length"
        case leadingDenseBlockCount = "leading_dense_block_count"
        case nextNLayers = "nextn_predict_layers"
        case embeddingLengthPerLayer = "embedding_length_per_layer_input"
        case alternatingUpdates = "altup.num_inputs"
        case shortConvolutionCache = "shortconv.l_cache"
        case convolutionKernel = "ssm.conv_kernel"
        case innerSize = "ssm.inner_size"
        case stateSize = "ssm.state_size"
        case timeStepRank = "ssm.time_step_rank"
        case groupCount = "ssm.group_count"
        case parallelResidual = "use_parallel_residual"
        case tiedEmbeddings = "tie_embeddings"
    }
}
