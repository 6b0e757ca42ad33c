/// How llama.cpp's architectures differ in what their layers are made of, where the numbers in a file do not say it.
///
/// Source: llama.cpp, `src/models/*.cpp` (`load_arch_tensors`), one file an architecture.
struct Architecture: Hashable, Sendable {
    /// Whether llama.cpp's tensors for it are written down here; otherwise layers like Llama's are taken.
    var isKnown = true
    /// Feed-forward with a gate beside the way up.
    var isGated = true
    /// Gate and way up are one matrix of twice the width.
    var hasFusedGate = false
    var hasFusedQKV = false
    /// Vectors of the stream's width that scale it, in each layer.
    var norms = 2
    var hasNormBias = false
    /// Queries and keys are scaled by a vector of one head's size, or by one of their whole width.
    var scalesHeads = false
    var scalesWholeKeys = false
    var hasQKVBias = false
    var hasAttentionOutputBias = false
    var hasFeedForwardBias = false
    var hasOutputBias = false
    var hasFinalNorm = true
    var hasPositionTable = false
    var isTied = false
    /// Queries and keys are unfolded from latents (MiniCPM 3, DeepSeek 2).
    var isLatent = false
    /// Layers without heads are short convolutions (LFM2).
    var hasShortConvolutions = false
    /// What mixes tokens in a layer.
    var mixer = Mixer.attention
    /// Layers have embeddings of their own (Gemma 3n and 4).
    var hasLayerEmbeddings = false
    /// Several streams run side by side, and a small detour goes round each layer (Gemma 3n).
    var hasParallelStreams = false
    /// Experts have biases, and attention has a sink for each head (gpt-oss).
    var hasExpertBiases = false

    enum Mixer {
        case attention
        /// Mamba's state space, in each layer.
        case stateSpace
        /// Mamba 2's, in each layer.
        case stateSpace2
        /// Mamba 2's in layers without heads of keys, attention in the others.
        case stateSpace2OrAttention
        /// Both in each layer.
        case stateSpace2AndAttention
        /// A gated delta rule, with gated attention every few layers (Qwen 3.5).
        case deltaOrAttention
    }

    init(_ name: String) {
        switch name {
        case "llama", "granite", "internlm2", "exaone", "mistral3", "xverse": break
        case "smollm3", "minicpm", "gemma", "ernie4_5": isTied = true
        case "minicpm3": (isTied, isLatent) = (true, true)
        case "lfm2": (isTied, scalesHeads, hasShortConvolutions) = (true, true, true)
        case "hunyuan-dense": (isTied, scalesHeads) = (true, true)
        case "mamba": (norms, isTied, mixer) = (1, true, .stateSpace)
        case "mamba2": (norms, isTied, mixer) = (1, true, .stateSpace2)
        case "granitehybrid": (isTied, mixer) = (true, .stateSpace2OrAttention)
        case "falcon-h1": mixer = .stateSpace2AndAttention
        case "qwen35": (isTied, scalesHeads, mixer) = (true, true, .deltaOrAttention)
        case "gemma4": (norms, isTied, scalesHeads, hasLayerEmbeddings) = (5, true, true, true)
        case "gemma3n":
            (norms, isTied, scalesHeads) = (8, true, true)
            (hasLayerEmbeddings, hasParallelStreams) = (true, true)
        case "gpt-oss": (hasQKVBias, hasAttentionOutputBias, hasExpertBiases) = (true, true, true)
        case "deepseek2": isLatent = true
        case "command-r", "cohere2": (norms, isTied) = (1, true)
        case "exaone4": (isTied, scalesHeads) = (true, true)
        case "seed_oss": hasQKVBias = true
        case "glm4": (norms, hasQKVBias, hasFusedGate, isGated) = (4, true, true, false)
        case "nemotron": (hasNormBias, isGated) = (true, false)
        case "qwen2": hasQKVBias = true
        case "qwen3", "qwen3moe": scalesHeads = true
        case "olmoe": scalesWholeKeys = true
        case "qwen2moe": hasQKVBias = true
        case "gemma2": (norms, isTied) = (4, true)
        case "gemma3": (norms, isTied, scalesHeads) = (4, true, true)
        case "olmo": (norms, hasFinalNorm) = (0, false)
        case "olmo2": scalesWholeKeys = true
        case "openelm": (hasFusedQKV, scalesHeads, isTied) = (true, true, true)
        case "phi3": (hasFusedQKV, hasFusedGate, isGated) = (true, true, false)
        case "stablelm": hasNormBias = true
        case "granitemoe": isTied = true
        case "gpt2":
            (isTied, hasPositionTable) = (true, true)
            setPlain()
        case "gptneox": setPlain()
        case "phi2":
            (norms, hasOutputBias) = (1, true)
            setPlain()
        case "starcoder2":
            setPlain()
            (hasFusedQKV, isTied) = (false, true)
        case "falcon": (norms, hasNormBias, hasFusedQKV, isGated) = (1, true, true, false)
        default: isKnown = false
        }
    }

    /// The manner of GPT: biases everywhere, no gate, one matrix for queries, keys and values.
    private mutating func setPlain() {
        (isGated, hasFusedQKV, hasNormBias) = (false, true, true)
        (hasQKVBias, hasAttentionOutputBias, hasFeedForwardBias) = (true, true, true)
    }
}
