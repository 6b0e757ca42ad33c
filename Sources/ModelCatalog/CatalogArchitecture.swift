/// The header numbers of a model's GGUF file that decide what it needs, as the catalog knows them without the file.
///
/// In the document the keys are those of the GGUF header without their prefix (`block_count`, `head_count_kv`);
/// nil means that no source was found.
public struct CatalogArchitecture: Hashable, Sendable, Codable {
    /// `general.architecture`: `llama`, `qwen2`; nil where no GGUF architecture exists for the model.
    public var architecture: String?
    /// How many layers.
    public var blockCount: Int?
    /// The header's context window, in tokens; it can differ from what the model is advertised with.
    public var contextLength: Int?
    /// Width of the residual stream.
    public var embeddingLength: Int?
    /// Width of the feed-forward part, for all layers or layer by layer.
    public var feedForwardLength: PerLayer?
    /// Query heads.
    public var headCount: PerLayer?
    /// Key and value heads.
    public var headCountKV: PerLayer?
    /// Size of one key head, in values.
    public var keyLength: Int?
    /// Size of one value head, in values.
    public var valueLength: Int?
    /// How many values of a head the rotary positions turn.
    public var ropeDimensionCount: Int?
    /// Base of the rotary positions.
    public var ropeFrequencyBase: Double?
    /// Tokens in the vocabulary.
    public var vocabularySize: Int?
    /// Window of the layers that look back only so far, in tokens; nil for full attention everywhere.
    public var slidingWindow: Int?
    /// Cap on attention scores (Gemma 2).
    public var attentionSoftcap: Double?
    /// Cap on the output scores (Gemma 2).
    public var outputSoftcap: Double?
    /// Rank of the compressed queries (multi-head latent attention).
    public var queryRank: Int?
    /// Rank of the compressed keys and values (multi-head latent attention).
    public var keyValueRank: Int?
    /// Whether the output uses the embedding table itself.
    public var tiedEmbeddings: Bool?

    /// Knows nothing yet; set what is known.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case architecture = "general.architecture"
        case blockCount = "block_count"
        case contextLength = "context_length"
        case embeddingLength = "embedding_length"
        case feedForwardLength = "feed_forward_length"
        case headCount = "head_count"
        case headCountKV = "head_count_kv"
        case keyLength = "key_length"
        case valueLength = "value_length"
        case ropeDimensionCount = "rope_dimension_count"
        case ropeFrequencyBase = "rope_freq_base"
        case vocabularySize = "vocab_size"
        case slidingWindow = "sliding_window"
        case attentionSoftcap = "attn_logit_softcapping"
        case outputSoftcap = "final_logit_softcapping"
        case queryRank = "q_lora_rank"
        case keyValueRank = "kv_lora_rank"
        case tiedEmbeddings = "tie_embeddings"
    }

    /// One number for every layer, or one for each (OpenELM).
    public enum PerLayer: Hashable, Sendable, Codable {
        case same(Int)
        case each([Int])

        /// Takes a number or an array of numbers.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                self = .same(number)
            } else {
                self = .each(try container.decode([Int].self))
            }
        }

        /// Writes what it took.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .same(let number): try container.encode(number)
            case .each(let numbers): try container.encode(numbers)
            }
        }
    }
}
