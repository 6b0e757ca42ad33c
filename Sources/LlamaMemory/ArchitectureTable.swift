import GGUF

extension Architecture {
    /// What llama.cpp does with a model of this shape.
    init(_ shape: ModelShape) {
        self = (Self.row(shape) ?? Architecture(known: .nothing)).adapted(to: shape)
    }

    /// Whether llama.cpp asks a model for the numbers that it asks all others for (`llama-model.cpp`, `load_hparams`).
    static func statesSizes(_ architecture: String) -> Bool { architecture != "wavtokenizer-dec" }

    /// One row for each architecture. A row that is to be known whole is held in the tests by a header whose tensors
    /// its numbers give, or by a count by hand; one that is not says so.
    private static func row(_ shape: ModelShape) -> Architecture? {
        switch shape.architecture {

        // Llama, and what differs from it in a few tensors.
        case "llama":
            Architecture(
                experts: Experts(normalizedWeights: true), quantizer: shape.isLlama70B ? .llama70B : .usual)
        case "mistral3": Architecture(experts: Experts(normalizedWeights: true))
        case "granite": Architecture(scaledEmbeddings: .atOnce)
        case "internlm2", "exaone", "xverse", "baichuan", "deepseek": Architecture()
        case "minicpm": Architecture(tiedEmbeddings: true, scaledEmbeddings: .atOnce)
        case "ernie4_5": Architecture(tiedEmbeddings: true)
        case "ernie4_5-moe":
            Architecture(tiedEmbeddings: true, experts: Experts(normalizedWeights: true, selectionBias: true))
        case "smollm3": Architecture(tiedEmbeddings: true, rope: .allButEveryFourth)
        case "seed_oss": Architecture(qkvBias: true)
        case "hunyuan-dense": Architecture(tiedEmbeddings: true, qkNorm: .perHeadTurned)
        case "arcee": Architecture(feedForward: .plain)
        case "apertus": Architecture(known: .graphAndCache, qkNorm: .perHead, feedForward: .plain)
        case "glm4": Architecture(postNorm: true, postNormHasLayer: true, qkvBias: true, feedForward: .fusedGate)
        case "exaone4":
            Architecture(
                tiedEmbeddings: true, preNorm: false, postNorm: true, qkNorm: .perHead, rope: .slidingWindowLayers,
                // The larger of the two.
                slidingWindow: shape.blockCount - shape.nextNLayers == 64
                    ? SlidingWindow(width: .statedOr(4096), layers: .allButLast(of: 4)) : nil)
        case "granitemoe":
            Architecture(
                tiedEmbeddings: true, scaledEmbeddings: .atOnce, experts: Experts(normalizedWeights: true))
        case "llama4":
            Architecture(
                rope: .allButEveryFourthScaled,
                slidingWindow: SlidingWindow(width: .fixedUnlessZero(8192), layers: .allButLast(of: 4)),
                experts: Experts(required: true, weightsBefore: true, sharedCount: 1))
        case "gpt-oss":
            Architecture(
                qkvBias: true, attentionOutputBias: true, attentionSinks: true,
                slidingWindow: SlidingWindow(layers: .allButLast(of: 2)),
                experts: Experts(softmaxOfChosen: true, biases: true), outputRows: .afterLastLayer)

        // Qwen.
        case "qwen2": Architecture(qkvBias: true)
        case "qwen2vl": Architecture(qkvBias: true, positionsPerToken: 4)
        case "qwen2moe": Architecture(qkvBias: true, experts: Experts(required: true, sharedGate: true))
        case "qwen3": Architecture(qkNorm: .perHead)
        case "qwen3moe":
            Architecture(qkNorm: .perHead, experts: Experts(required: true, normalizedWeights: true))
        case "qwen35": deltaNet
        case "qwen35moe": deltaNet.with { $0.known = .graphAndCache }
        case "qwen3next": deltaNet.with { ($0.known, $0.positionsPerToken) = (.graphAndCache, 1) }

        // Gemma.
        case "gemma": Architecture(tiedEmbeddings: true, scaledEmbeddings: .afterwards)
        case "gemma2":
            Architecture(
                tiedEmbeddings: true, scaledEmbeddings: .afterwards, postNorm: true,
                slidingWindow: SlidingWindow(width: .statedOr(4096), layers: .allButLast(of: 2)))
        case "gemma3":
            Architecture(
                tiedEmbeddings: true, scaledEmbeddings: .afterwards, postNorm: true, qkNorm: .perHead,
                slidingWindow: SlidingWindow(layers: .allButLast(of: 6)))
        case "gemma3n":
            Architecture(
                tiedEmbeddings: true, scaledEmbeddings: .afterwards, perLayerEmbeddings: true, postNorm: true,
                qkNorm: .perHead,
                mixer: .alternatingUpdates, slidingWindow: SlidingWindow(layers: .allButLast(of: 5)),
                sharedCache: .after(20))
        case "gemma4":
            Architecture(
                tiedEmbeddings: true, scaledEmbeddings: .afterwards, perLayerEmbeddings: true, postNorm: true,
                qkNorm: .perHead,
                plainRopeInWindows: true, slidingWindow: SlidingWindow(layers: .listed), sharedCache: .stated,
                outputRows: .afterFinalNorm)

        // OLMo and OpenELM.
        case "olmo": Architecture(norm: .layer, normWeights: false)
        case "olmo2":
            Architecture(
                preNorm: false, postNorm: true, qkNorm: .whole,
                slidingWindow: SlidingWindow(layers: .allButLast(of: 4)))
        case "olmoe": Architecture(qkNorm: .whole)
        case "openelm": Architecture(tiedEmbeddings: true, qkNorm: .perHead, fusedQKV: true, residualFirst: true)

        // Phi.
        case "phi2":
            plain.with {
                ($0.tiedEmbeddings, $0.residual, $0.outputBias) = (false, .parallelAttentionFirst, true)
            }
        case "phi3": Architecture(fusedQKV: true, feedForward: .fusedGate, attentionSumFirst: true)
        case "phimoe":
            Architecture(
                normBias: true, qkvBias: true, attentionOutputBias: true,
                experts: Experts(normalizedWeights: true), attentionSumFirst: true, outputBias: true)

        // Latent attention.
        case "minicpm3":
            Architecture(
                tiedEmbeddings: true, scaledEmbeddings: .afterwards, mixer: .latentAttention, scaledOutput: true)
        case "deepseek2":
            Architecture(
                mixer: .latentAttention, experts: Experts(normalizedWeights: shape.queryLoraRank > 0))

        // The manner of GPT: norms by mean, biases everywhere, no gate, one matrix for queries, keys and values.
        case "gpt2", "starcoder": plain.with { ($0.positionEmbeddings, $0.rope) = (true, .none) }
        case "bloom": plain.with { ($0.embeddingNorm, $0.rope) = (true, .none) }
        case "gptneox": plain.with { ($0.tiedEmbeddings, $0.residual) = (false, .parallelOwnNorm) }
        case "starcoder2": plain.with { $0.fusedQKV = false }
        case "mpt":
            Architecture(tiedEmbeddings: true, norm: .layer, fusedQKV: true, rope: .none, feedForward: .plain)
        case "falcon":
            Architecture(
                norm: .layer, normBias: true, fusedQKV: true, feedForward: .plain, residual: .parallelFeedForwardFirst,
                quantizer: .falcon)
        case "nemotron": Architecture(norm: .layer, normBias: true, feedForward: .plain)
        case "stablelm", "orion": Architecture(norm: .layer, normBias: true)
        case "command-r": Architecture(tiedEmbeddings: true, norm: .layer, residual: .parallelStreamFirst)
        case "cohere2":
            Architecture(
                tiedEmbeddings: true, norm: .layer, rope: .slidingWindowLayers,
                slidingWindow: SlidingWindow(layers: .allButLast(of: 4)), residual: .parallelStreamFirst)

        // State-space models, alone and beside attention.
        case "mamba": Architecture(tiedEmbeddings: true, mixer: .mamba, recurrentLayers: .every, feedForward: .none)
        case "mamba2": Architecture(tiedEmbeddings: true, mixer: .mamba2, recurrentLayers: .every, feedForward: .none)
        case "granitehybrid":
            Architecture(
                tiedEmbeddings: true, scaledEmbeddings: .atOnce, mixer: .mamba2, recurrentLayers: .withoutKVHeads,
                experts: Experts(normalizedWeights: true))
        case "falcon-h1": Architecture(mixer: .attentionBesideMamba2, recurrentLayers: .everyBesideAttention)
        case "jamba":
            Architecture(
                // Where it has experts, only its tensors say in which layers.
                known: shape.expertCount > 0 ? .graphAndCache : .everything, mixer: .mamba,
                recurrentLayers: .withoutKVHeads, ssmParameterNorms: true, rope: .none, residualFirst: true,
                attentionSumFirst: true)
        case "nemotron_h":
            Architecture(
                mixer: .oneOfThree, recurrentLayers: .withoutKVHeadsOrFeedForward, rope: .none, feedForward: .plain,
                outputRows: .afterFinalNorm)
        case "lfm2": shortConvolution
        case "lfm2moe":
            shortConvolution.with { $0.experts = Experts(normalizedWeights: true, selectionBias: true) }

        // Of these only the cache is written down.
        case "bert", "jina-bert-v2", "jina-bert-v3", "nomic-bert", "nomic-bert-moe", "neo-bert", "eurobert",
            "modern-bert", "gemma-embedding", "wavtokenizer-dec", "dream", "llada", "llada-moe", "rnd1":
            Architecture(known: .cache, keepsCache: false)
        case "rwkv6", "rwkv7", "rwkv6qwen2", "arwkv7": Architecture(known: .cache, recurrentLayers: .every)
        case "plamo2", "kimi-linear": Architecture(known: .cache, recurrentLayers: .withoutKVHeads)
        case "nemotron_h_moe": Architecture(known: .cache, recurrentLayers: .withoutKVHeadsOrFeedForward)
        case "exaone-moe", "afmoe", "mellum", "muse-glimmer": windowed(.stated, .allButLast(of: 4))
        case "plamo3": windowed(.stated, .allButLast(of: 8))
        case "cohere2moe", "laguna": windowed(.stated, .allButFirst(of: 4))
        case "smallthinker": windowed(.fixed(4096), .allButFirst(of: 4))
        case "granite-swa", "mimo2", "step35", "spark2-5", "maple", "dots3note": windowed(.stated, .listed)

        default: nil
        }
    }

    // MARK: Families

    private static let plain = Architecture(
        tiedEmbeddings: true, norm: .layer, normBias: true, fusedQKV: true, qkvBias: true, attentionOutputBias: true,
        feedForward: .plain, feedForwardBias: true)

    private static let deltaNet = Architecture(
        tiedEmbeddings: true, qkNorm: .perHead, mixer: .deltaNet, recurrentLayers: .betweenFullAttention,
        positionsPerToken: 4, experts: Experts(normalizedWeights: true, sharedGate: true),
        outputRows: .afterFinalNorm)

    private static let shortConvolution = Architecture(
        tiedEmbeddings: true, qkNorm: .perHead, mixer: .shortConvolution, recurrentLayers: .withoutKVHeads,
        slidingWindow: SlidingWindow(layers: .attending), residualFirst: true, attentionSumFirst: true)

    private static func windowed(_ width: SlidingWindow.Width, _ layers: SlidingWindow.Layers) -> Architecture {
        Architecture(known: .cache, slidingWindow: SlidingWindow(width: width, layers: layers))
    }

    private func with(_ change: (inout Architecture) -> Void) -> Architecture {
        var other = self
        change(&other)
        return other
    }
}

extension ModelShape {
    /// Llama 2 or 3 with 80 layers (`LLM_TYPE_70B`).
    fileprivate var isLlama70B: Bool { blockCount == 80 && headCount[0] != headCountKV?[0] ?? headCount[0] }
}
