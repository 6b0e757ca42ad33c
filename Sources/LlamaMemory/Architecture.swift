import GGUF

/// What llama.cpp does with an architecture: the tensors that it loads, the graph that it builds, what it caches, and
/// how its quantizer treats it.
///
/// Every property has the value of a model like Llama; a row of the table in `ArchitectureTable.swift` says what is
/// different. The words are llama.cpp's.
/// Source: llama.cpp, `src/models/*.cpp`, one file an architecture: `load_arch_hparams`, `load_arch_tensors`, `graph`.
struct Architecture: Sendable {
    /// How much of it is written down here. Of the rest, layers like Llama's are taken.
    var known = Known.everything

    // MARK: Embeddings and norms

    /// The output matrix is usually the table of embeddings.
    var tiedEmbeddings = false
    /// A table of positions is added to the embeddings (`position_embd`).
    var positionEmbeddings = false
    /// The embeddings are normed before the first layer (`token_embd_norm` of BLOOM).
    var embeddingNorm = false
    /// Where the embeddings are scaled, if at all.
    var scaledEmbeddings = ScaledEmbeddings.none
    /// Each layer has embeddings of its own (`per_layer_token_embd` of Gemma 3n and 4).
    var perLayerEmbeddings = false
    var norm = Norm.rms
    var normWeights = true
    var normBias = false
    /// Norms before attention and feed-forward (`attn_norm`, `ffn_norm`).
    var preNorm = true
    /// Norms of their results (`post_attention_norm`, `post_ffw_norm`).
    var postNorm = false
    /// The one after feed-forward is named as its layer's, and so held where that is (`il` of `build_norm`).
    var postNormHasLayer = false
    /// Norms of queries and keys (`attn_q_norm`, `attn_k_norm`).
    var qkNorm = QKNorm.none

    // MARK: Attention, and what stands in its place

    var mixer = Mixer.attention
    var recurrentLayers = RecurrentLayers.none
    /// Queries, keys and values usually are one matrix (`attn_qkv`).
    var fusedQKV = false
    var qkvBias = false
    var attentionOutputBias = false
    /// A number for each head that takes part in the soft maximum (`attn_sinks` of gpt-oss).
    var attentionSinks = false
    /// Norms of what Mamba's scan depends on (`ssm_dt_norm`, `ssm_b_norm`, `ssm_c_norm` of Jamba).
    var ssmParameterNorms = false
    var rope = Rope.everyLayer
    /// The factors for turning (`rope_freqs`) are for layers without a window only (Gemma 4).
    var plainRopeInWindows = false
    /// Numbers of position for each token (`n_pos_per_embd`): 4 where pictures have places, too.
    var positionsPerToken = 1
    var slidingWindow: SlidingWindow?
    var sharedCache = SharedCache.none
    /// Something is kept between batches. Encoders and models that write by diffusion see their whole text at once
    /// (`create_memory` makes nothing for them).
    var keepsCache = true

    // MARK: Feed-forward

    var feedForward = FeedForward.gated
    var feedForwardBias = false
    var experts = Experts()

    // MARK: Sums and output

    var residual = Residual.sequential
    /// The stream is the first operand of the sum after attention.
    var residualFirst = false
    /// That sum is the first operand of the sum after the feed-forward part.
    var attentionSumFirst = false
    var outputRows = OutputRows.lastLayer
    /// The last norm's result is scaled into memory of its own before the logits (`scale_lmhead` of MiniCPM 3).
    var scaledOutput = false
    var outputBias = false

    var quantizer = Quantizer.usual
}

extension Architecture {
    /// Without all of the tensors there are no weights; without the graph the compute buffer is a guess.
    enum Known {
        case everything
        /// The tensors are not: no header was at hand to hold them against.
        case graphAndCache
        case cache
        case nothing
    }

    enum ScaledEmbeddings {
        case none
        /// When they are looked up (`f_embedding_scale` of `build_inp_embd`).
        case atOnce
        /// By the model, after them (`inp_scaled`).
        case afterwards
    }

    enum Norm {
        /// By the root of the mean square, in place (`LLM_NORM_RMS`).
        case rms
        /// By mean and variance, in memory of its own (`LLM_NORM`).
        case layer
    }

    enum QKNorm {
        case none, perHead, whole
        /// Of each head, after turning by position (Hunyuan).
        case perHeadTurned
    }

    /// What mixes the tokens of a layer.
    enum Mixer {
        case attention
        /// Queries and keys are unfolded from latents (multi-head latent attention).
        case latentAttention
        /// Recurrent layers are Mamba's, or Mamba 2's.
        case mamba, mamba2
        /// Both side by side in every layer (Falcon-H1).
        case attentionBesideMamba2
        /// A layer is Mamba 2, attention or feed-forward, never two of them (Nemotron-H).
        case oneOfThree
        /// Recurrent layers are short convolutions (LFM2).
        case shortConvolution
        /// Recurrent layers are gated delta nets, and attention has a gate (Qwen 3.5, Qwen3-Next).
        case deltaNet
        /// Attention between streams side by side, with a small detour round each layer (`altup`, `laurel` of Gemma 3n).
        case alternatingUpdates
    }

    /// Which layers keep a state of fixed size (`recurrent_layer_arr`).
    enum RecurrentLayers {
        case none
        case every
        /// Every layer, and each attends as well.
        case everyBesideAttention
        /// Those without heads of keys.
        case withoutKVHeads
        /// Those without heads of keys that have no feed-forward part either.
        case withoutKVHeadsOrFeedForward
        /// All but every n-th (`full_attention_interval`).
        case betweenFullAttention
    }

    /// Which layers turn queries and keys by their position.
    enum Rope {
        case everyLayer
        /// None: positions are in the embeddings, in the scores (ALiBi), or nowhere.
        case none
        /// Those with a window, where there are such.
        case slidingWindowLayers
        /// All but every fourth (`n_no_rope_layer_step`).
        case allButEveryFourth
        /// The same; queries of the others are scaled by position instead (Llama 4).
        case allButEveryFourthScaled
    }

    /// Which layers see a window only, and how wide it is. llama.cpp ignores the header's key in most architectures.
    struct SlidingWindow: Sendable {
        var width = Width.stated
        var layers: Layers

        enum Width {
            /// As the header says; without it there is no window.
            case stated
            /// As the header says, else this.
            case statedOr(Int)
            /// This, where the header states any.
            case fixed(Int)
            /// This, unless the header states 0.
            case fixedUnlessZero(Int)
        }

        /// `set_swa_pattern`. Periods and lists that a header has replace these.
        enum Layers {
            /// All but the last of so many.
            case allButLast(of: Int)
            /// All but the first of so many.
            case allButFirst(of: Int)
            /// Those with heads of keys.
            case attending
            /// Those that the header lists, and no others.
            case listed
        }
    }

    /// Whether later layers use the cache of an earlier one (`n_layer_kv_from_start`).
    enum SharedCache: Equatable {
        case none
        /// The first so many have caches.
        case after(Int)
        /// As many at the end as the header says have none.
        case stated
    }

    enum FeedForward {
        /// A gate beside the way up.
        case gated
        /// Gate and way up are one matrix.
        case fusedGate
        case plain
        case none
    }

    /// How experts are chosen and weighed (`build_moe_ffn`).
    struct Experts: Sendable {
        /// It cannot be loaded without any.
        var required = false
        /// Weights of the chosen ones are brought to a sum of 1 (`norm_w`).
        var normalizedWeights = false
        /// Weighed by soft maximum of the chosen (`SOFTMAX_WEIGHT` of gpt-oss).
        var softmaxOfChosen = false
        /// Scores are moved by a bias for choosing only (`exp_probs_b`).
        var selectionBias = false
        /// Weights are multiplied before the experts instead of after (`weight_before_ffn` of Llama 4).
        var weightsBefore = false
        /// A gate decides how much of the shared expert is taken (`ffn_gate_inp_shexp`).
        var sharedGate = false
        /// Shared experts where headers do not count them.
        var sharedCount = 0
        /// Every expert's matrices have biases, and so has the choice (gpt-oss).
        var biases = false
    }

    /// What the feed-forward part reads, and when it is added.
    enum Residual {
        /// The sum of stream and attention.
        case sequential
        /// The stream, with a norm of its own (`use_parallel_residual` of GPT-NeoX).
        case parallelOwnNorm
        /// The same normed stream as attention; then attention is added, then the stream (Phi-2).
        case parallelAttentionFirst
        /// The same; attention is added to its result, then the stream (Falcon).
        case parallelFeedForwardFirst
        /// The same; then the stream is added, then attention (Command R).
        case parallelStreamFirst

        /// One norm serves both parts.
        var sharesNorm: Bool {
            switch self {
            case .sequential, .parallelOwnNorm: false
            case .parallelAttentionFirst, .parallelFeedForwardFirst, .parallelStreamFirst: true
            }
        }
    }

    /// Where the rows whose logits are wanted are taken (`inp_out_ids`).
    enum OutputRows {
        /// In the last layer, after attention.
        case lastLayer
        /// After it; its whole result is kept for drafting (gpt-oss).
        case afterLastLayer
        /// After the last norm, whose whole result is kept (Qwen 3.5, Gemma 4, Nemotron-H).
        case afterFinalNorm
    }

    /// Whose rules the quantizer has besides the usual ones.
    enum Quantizer {
        case usual
        case falcon
        /// Llama 2 or 3 with 70 billion weights: finer values.
        case llama70B
    }
}

// MARK: Of one model

extension Architecture {
    var knowsWeights: Bool { known == .everything }

    var knowsGraph: Bool { known == .everything || known == .graphAndCache }

    /// Whether a layer attends, and whether it keeps a state.
    func kind(of layer: Int, _ shape: ModelShape) -> (attends: Bool, isRecurrent: Bool) {
        let attends = (shape.headCountKV?[layer] ?? shape.headCount[layer]) > 0
        switch recurrentLayers {
        case .none: return (attends, false)
        case .every: return (false, true)
        case .everyBesideAttention: return (true, true)
        case .withoutKVHeads: return (attends, !attends)
        case .withoutKVHeadsOrFeedForward:
            let feedsForward = shape.feedForwardLength[layer] > 0
            return (attends && !feedsForward, !attends && !feedsForward)
        case .betweenFullAttention:
            let attends = (layer + 1) % max(1, shape.fullAttentionInterval ?? 4) == 0
            return (attends, !attends)
        }
    }

    /// Whether a layer has experts.
    func hasExperts(_ layer: Int, _ shape: ModelShape) -> Bool {
        shape.expertCount > 0 && layer >= shape.leadingDenseBlockCount && (layer + 1) % shape.expertInterval == 0
    }

    /// The width of one expert of a layer, and that of the shared ones together.
    func expertWidths(_ layer: Int, _ shape: ModelShape) -> (each: Int, shared: Int) {
        let each = shape.expertFeedForwardLength?[layer] ?? shape.feedForwardLength[layer]
        return (each, shape.expertSharedFeedForwardLength ?? max(shape.expertSharedCount, experts.sharedCount) * each)
    }

    /// With what a header says of this one model.
    func adapted(to shape: ModelShape) -> Architecture {
        var own = self
        own.tiedEmbeddings = shape.tiedEmbeddings ?? tiedEmbeddings
        own.fusedQKV = shape.fusedQKV ?? fusedQKV
        switch (shape.gatedFeedForward, feedForward) {
        case (false, .gated): own.feedForward = .plain
        case (true, .plain): own.feedForward = .gated
        default: break
        }
        if residual == .parallelOwnNorm, shape.parallelResidual == false { own.residual = .sequential }
        return own
    }
}
