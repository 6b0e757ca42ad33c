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
    /// The stream is the first operand of the sum after attention (OpenELM).
    var residualFirst = false
    var experts = Experts()

    enum KeyNorm: Hashable { case none, heads, whole }
    enum FeedForward: Hashable { case gated, plain, fused }

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
        case "llama", "granite", "minicpm", "smollm3", "qwen2", "internlm2", "exaone", "gemma", "mistral3", "xverse",
            "arcee", "ernie4_5", "seed_oss":
            break
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
        case "phi3": feedForward = .fused
        case "stablelm": normsByMean = true
        case "gpt2": (normsByMean, turns, hasPositionTable, feedForward) = (true, false, true, .plain)
        case "gptneox":
            (normsByMean, feedForward) = (true, .plain)
            order = shape.parallelResidual ?? true ? .besideNormed : .sequential
        case "starcoder2", "nemotron": (normsByMean, feedForward) = (true, .plain)
        case "phi2": (normsByMean, feedForward, order) = (true, .plain, .besideAttentionFirst)
        case "falcon": (normsByMean, feedForward, order) = (true, .plain, .besideStreamFirst)
        case "command-r", "cohere2": (normsByMean, order) = (true, .besideStreamFirst)
        default: isKnown = false
        }
        if shape.architecture == "llama" || shape.architecture == "mistral3" { experts.normsWeights = true }
        if shape.gatedFeedForward == false, feedForward == .gated { feedForward = .plain }
    }
}
