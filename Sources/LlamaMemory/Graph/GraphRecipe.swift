import GGUF

/// How llama.cpp builds the layers of an architecture, as far as it matters for the memory of its graph.
///
/// Source: llama.cpp, `src/models/*.cpp` (the `graph` of each architecture).
struct GraphRecipe: Hashable {
    /// Whether the architecture is written down here; otherwise layers like Llama's are taken.
    var isKnown = true
    /// Scales by mean and variance (not in place) instead of by the root of the mean square.
    var normsByMean = false
    /// Scales before attention and before the feed-forward part.
    var normsBefore = true
    /// Scales their results.
    var normsAfter = false
    /// Queries and keys are scaled, by head or as a whole.
    var normsKeys = KeyNorm.none
    /// Positions turn queries and keys.
    var turns = true
    /// Positions are added to the embeddings.
    var hasPositionTable = false
    var feedForward = FeedForward.gated
    var order = Order.sequential
    /// The stream is the first operand of the sum after attention (OpenELM, LFM2).
    var residualFirst = false
    /// That sum is the first operand of the sum after the feed-forward part (Phi-3, LFM2).
    var sumFirst = false
    /// Which layers turn queries and keys.
    var turning = Turning.all
    var narrowing = Narrowing.inLastLayer
    /// Numbers of position for each token: 4 where pictures have places, too.
    var positionsPerToken = 1
    /// The last result is scaled into memory of its own before the logits (MiniCPM 3).
    var scalesFinal = false
    var mixer = Mixer.attention
    /// The embeddings are scaled before the first layer (BLOOM).
    var normsInput = false
    var experts = Experts()

    /// What stands where attention stands in others.
    enum Mixer: Hashable {
        case attention
        /// Queries and keys are unfolded from latents (MiniCPM 3, DeepSeek 2).
        case latent
        /// Recurrent layers are Mamba's, or Mamba 2's.
        case mamba, mamba2
        /// Both side by side in every layer (Falcon-H1).
        case attentionBesideMamba2
        /// Recurrent layers are short convolutions (LFM2).
        case shortConvolution
        /// Recurrent layers are gated delta nets, and attention has a gate (Qwen 3.5, Qwen3-Next).
        case deltaNet
        /// A layer is Mamba 2, attention, or feed-forward, never two of them (Nemotron-H).
        case oneOfThree
    }

    /// Where the rows whose logits are wanted are taken.
    enum Narrowing: Hashable {
        case inLastLayer
        /// After it; its whole result is kept for drafting (gpt-oss).
        case afterLastLayer
        /// After the last norm, whose whole result is kept (Qwen 3.5, Gemma 4, Nemotron-H).
        case afterNorm
    }

    enum Turning: Hashable {
        case all
        /// Window layers only (Cohere 2, EXAONE 4).
        case windows
        /// All but every fourth (SmolLM 3).
        case notFourth
        /// The same; the others are scaled by position instead (Llama 4).
        case notFourthNormed
    }

    enum KeyNorm: Hashable { case none, heads, whole }
    enum FeedForward: Hashable { case gated, plain, fused, none }

    /// What the feed-forward part reads, and when it is added.
    enum Order: Hashable {
        /// The sum of stream and attention.
        case sequential
        /// The stream, with a norm of its own (GPT-NeoX).
        case besideNormed
        /// The same normed stream as attention; then attention is added, then the stream (Phi-2).
        case besideAttentionFirst
        /// The same; then the stream is added, then attention (Command R, Falcon).
        case besideStreamFirst
    }

    /// How experts are chosen and weighed.
    struct Experts: Hashable {
        /// Weights of the chosen ones are brought to a sum of 1.
        var normsWeights = false
        /// Chosen by score, weighed by soft maximum of the chosen (gpt-oss).
        var weighsChosen = false
        /// Scores are moved by a bias for choosing only (DeepSeek V3).
        var hasChoiceBias = false
        /// Weights are multiplied before the experts instead of after (Llama 4).
        var weighsBefore = false
        /// A gate decides how much of the shared expert is taken (Qwen 2).
        var gatesShared = false
    }

    init(_ shape: ModelShape) {
        switch shape.architecture {
        case "llama", "granite", "minicpm", "qwen2", "internlm2", "exaone", "gemma", "mistral3", "xverse",
            "ernie4_5", "seed_oss", "baichuan", "deepseek":
            break
        case "gemma3n": normsKeys = .heads
        case "gemma4": (normsKeys, narrowing) = (.heads, .afterNorm)
        case "exaone4":
            (normsBefore, normsAfter, normsKeys) = (false, true, .heads)
            if shape.blockCount == 64 { turning = .windows }
        case "glm4": (normsAfter, feedForward) = (true, .fused)
        case "hunyuan-dense": normsKeys = .heads
        case "apertus": (normsKeys, feedForward) = (.heads, .plain)
        case "jamba": (mixer, turns, residualFirst, sumFirst) = (.mamba, false, true, true)
        case "nemotron_h": (mixer, turns, feedForward, narrowing) = (.oneOfThree, false, .plain, .afterNorm)
        case "qwen35", "qwen35moe", "qwen3next":
            (mixer, narrowing, normsKeys) = (.deltaNet, .afterNorm, .heads)
            positionsPerToken = shape.architecture == "qwen3next" ? 1 : 4
            (experts.normsWeights, experts.gatesShared) = (true, true)
        case "smollm3": turning = .notFourth
        case "qwen3": normsKeys = .heads
        case "qwen3moe":
            normsKeys = .heads
            experts.normsWeights = true
        case "qwen2moe": experts.gatesShared = true
        case "gemma2": normsAfter = true
        case "gemma3": (normsAfter, normsKeys) = (true, .heads)
        case "olmo": normsByMean = true
        case "olmo2": (normsBefore, normsAfter, normsKeys) = (false, true, .whole)
        case "olmoe": normsKeys = .whole
        case "openelm": (normsKeys, residualFirst) = (.heads, true)
        case "phi3": (feedForward, sumFirst) = (.fused, true)
        case "gpt-oss": (narrowing, experts.weighsChosen) = (.afterLastLayer, true)
        case "minicpm3": (mixer, scalesFinal) = (.latent, true)
        case "deepseek2": (mixer, experts.normsWeights) = (.latent, shape.queryLoraRank > 0)
        case "granitemoe": experts.normsWeights = true
        case "granitehybrid": (mixer, experts.normsWeights) = (.mamba2, true)
        case "falcon-h1": mixer = .attentionBesideMamba2
        case "mamba": (mixer, feedForward) = (.mamba, .none)
        case "mamba2": (mixer, feedForward) = (.mamba2, .none)
        case "lfm2moe":
            (mixer, normsKeys, residualFirst, sumFirst) = (.shortConvolution, .heads, true, true)
            (experts.normsWeights, experts.hasChoiceBias) = (true, true)
        case "lfm2": (mixer, normsKeys, residualFirst, sumFirst) = (.shortConvolution, .heads, true, true)
        case "stablelm": normsByMean = true
        case "gpt2", "starcoder": (normsByMean, turns, hasPositionTable, feedForward) = (true, false, true, .plain)
        case "bloom": (normsByMean, turns, normsInput, feedForward) = (true, false, true, .plain)
        case "mpt": (normsByMean, turns, feedForward) = (true, false, .plain)
        case "orion": normsByMean = true
        case "arcee": feedForward = .plain
        case "qwen2vl": positionsPerToken = 4
        case "phimoe": (sumFirst, experts.normsWeights) = (true, true)
        case "llama4":
            (turning, normsKeys) = (.notFourthNormed, .none)
            experts.weighsBefore = true
        case "gptneox":
            (normsByMean, feedForward) = (true, .plain)
            order = shape.parallelResidual ?? true ? .besideNormed : .sequential
        case "starcoder2", "nemotron": (normsByMean, feedForward) = (true, .plain)
        case "phi2": (normsByMean, feedForward, order) = (true, .plain, .besideAttentionFirst)
        case "falcon": (normsByMean, feedForward, order) = (true, .plain, .besideStreamFirst)
        case "command-r": (normsByMean, order) = (true, .besideStreamFirst)
        case "cohere2": (normsByMean, order, turning) = (true, .besideStreamFirst, .windows)
        default: isKnown = false
        }
        if shape.architecture == "llama" || shape.architecture == "mistral3" { experts.normsWeights = true }
        if shape.gatedFeedForward == false, feedForward == .gated { feedForward = .plain }
    }
}
