import GGUF

/// What each layer keeps between tokens.
///
/// Sources: llama.cpp, `llama-model.cpp` (`create_memory`), `llama-hparams.cpp`, and the `load_arch_hparams` of each
/// architecture in `src/models/`.
struct CacheLayout: Hashable {
    /// What one layer keeps.
    struct Layer: Hashable {
        /// Keys and values are kept in a cache of its own.
        var hasCache = false
        /// It attends, with its own cache or that of an earlier layer.
        var attends = false
        /// It sees a window only.
        var isWindowed = false
        /// It keeps a state of fixed size.
        var isRecurrent = false
        var headCount = 0
        var headCountKV = 0
        var keyLength = 0
        var valueLength = 0

        var keyWidth: Int { keyLength * headCountKV }
        var valueWidth: Int { valueLength * headCountKV }
    }

    let layers: [Layer]
    /// Width of the window, in tokens; nil where all layers see everything.
    let window: Int?
    /// Only the latent is cached: keys without values.
    let isLatent: Bool
    /// Numbers of state that a recurrent layer keeps for each conversation.
    let stateCount: Int
    /// Those of them that belong to its convolution.
    let convolutionCount: Int

    init(_ shape: ModelShape) {
        let count = max(0, shape.blockCount - shape.nextNLayers)
        let windows = Self.windows(shape, count: count)
        window = windows?.width
        hasShared = shape.architecture == "gemma3n" || shape.architecture == "gemma4"
        isLatent = shape.keyLengthMLA ?? 0 > 0 && shape.valueLengthMLA ?? 0 > 0
        let cached = Self.cachedLayers(shape, count: count)
        (convolutionCount, stateCount) = Self.states(shape)
        layers = (0..<count).map { index in
            var layer = Layer()
            let heads = shape.headCount[index]
            let first = shape.headCount[0]
            let fallback = first > 0 ? shape.embeddingLength / first : 0
            layer.isWindowed = windows?.layers[index] ?? false
            layer.headCount = heads
            layer.headCountKV = shape.headCountKV?[index] ?? heads
            let full = (shape.keyLength ?? fallback, shape.valueLength ?? fallback)
            layer.keyLength = layer.isWindowed ? shape.keyLengthSWA ?? full.0 : full.0
            layer.valueLength = layer.isWindowed ? shape.valueLengthSWA ?? full.1 : full.1
            (layer.attends, layer.isRecurrent) = Self.kind(shape, index, headsKV: layer.headCountKV)
            layer.hasCache = layer.attends && index < cached && layer.headCountKV > 0
            return layer
        }
    }

    /// Whether later layers may use the cache of earlier ones (Gemma 3n and 4), which also scale their values.
    let hasShared: Bool

    /// The widest values of all layers.
    var largestValueWidth: Int { layers.map(\.valueWidth).max() ?? 0 }

    /// Whether any layer keeps keys and values.
    var hasCache: Bool { layers.contains(where: \.hasCache) }

    // MARK: Rules

    /// Later layers use the cache of an earlier one (`gemma3n.cpp`, `gemma4.cpp`: `n_layer_kv_from_start`).
    private static func cachedLayers(_ shape: ModelShape, count: Int) -> Int {
        switch shape.architecture {
        case "gemma3n": min(20, count)
        case "gemma4": max(0, shape.blockCount - (shape.sharedKVLayers ?? 0))
        default: count
        }
    }

    /// Whether a layer attends, and whether it keeps a state.
    private static func kind(_ shape: ModelShape, _ index: Int, headsKV: Int) -> (attends: Bool, recurs: Bool) {
        switch shape.architecture {
        case "mamba", "mamba2", "rwkv6", "rwkv7", "rwkv6qwen2", "arwkv7": return (false, true)
        case "falcon-h1": return (true, true)
        case "jamba", "granitehybrid", "lfm2", "lfm2moe", "plamo2", "kimi-linear": return (headsKV > 0, headsKV == 0)
        case "nemotron_h", "nemotron_h_moe":
            let isPlain = shape.feedForwardLength[index] == 0
            return (headsKV > 0 && isPlain, headsKV == 0 && isPlain)
        case "qwen3next", "qwen35", "qwen35moe":
            let recurs = (index + 1) % max(1, shape.fullAttentionInterval ?? 4) != 0
            return (!recurs, recurs)
        default: return (headsKV > 0, false)
        }
    }

    /// `llama-hparams.cpp`, `n_embd_r` and `n_embd_s`.
    private static func states(_ shape: ModelShape) -> (convolution: Int, all: Int) {
        if shape.wkvHeadSize > 0 {
            let shifts = max(shape.tokenShiftCount, 1) * shape.embeddingLength
            return (shifts, shifts + shape.embeddingLength * shape.wkvHeadSize)
        }
        if shape.shortConvolutionCache > 0 {
            let width = shape.embeddingLength * (shape.shortConvolutionCache - 1)
            return (width, width)
        }
        let kernel = max(0, shape.convolutionKernel - 1)
        let convolution = kernel * (shape.innerSize + 2 * shape.groupCount * shape.stateSize)
        return (convolution, convolution + shape.stateSize * shape.innerSize)
    }

    /// Which layers see a window only, by architecture: llama.cpp ignores the key in most.
    private static func windows(_ shape: ModelShape, count: Int) -> (width: Int, layers: [Bool])? {
        let stated = shape.slidingWindow ?? 0
        let rule: (width: Int, period: Int, fullFirst: Bool)
        switch shape.architecture {
        case "gemma2": rule = (stated > 0 ? stated : 4096, 2, false)
        case "gemma3" where stated > 0: rule = (stated, 6, false)
        case "gemma3n" where stated > 0: rule = (stated, 5, false)
        case "gpt-oss" where stated > 0: rule = (stated, 2, false)
        case "cohere2", "exaone-moe", "olmo2", "afmoe", "mellum", "muse-glimmer":
            guard stated > 0 else { return nil }
            rule = (stated, 4, false)
        case "cohere2moe", "laguna":
            guard stated > 0 else { return nil }
            rule = (stated, 4, true)
        case "llama4" where shape.slidingWindow != 0: rule = (8192, 4, false)
        case "exaone4" where count == 64: rule = (stated > 0 ? stated : 4096, 4, false)
        case "smallthinker" where stated > 0: rule = (4096, 4, true)
        case "plamo3" where stated > 0: rule = (stated, 8, false)
        case "lfm2", "lfm2moe":
            guard stated > 0 else { return nil }
            return (stated, (0..<count).map { (shape.headCountKV?[$0] ?? 1) > 0 })
        case "gemma4", "granite-swa", "mimo2", "step35", "spark2-5", "maple", "dots3note":
            guard stated > 0, case .each(let flags)? = shape.slidingWindowPattern else { return nil }
            return (stated, (0..<count).map { $0 < flags.count && flags[$0] != 0 })
        default: return nil
        }
        switch shape.slidingWindowPattern {
        case .each(let flags): return (rule.width, (0..<count).map { $0 < flags.count && flags[$0] != 0 })
        case .same(let period): return (rule.width, pattern(period, rule.fullFirst, count))
        case nil: return (rule.width, pattern(rule.period, rule.fullFirst, count))
        }
    }

    /// `llama-hparams.cpp`, `set_swa_pattern`.
    private static func pattern(_ period: Int, _ fullFirst: Bool, _ count: Int) -> [Bool] {
        (0..<count).map { index in
            period <= 0 || (fullFirst ? index % period != 0 : index % period < period - 1)
        }
    }
}

/// Bytes that the cache takes.
///
/// Sources: llama.cpp, `llama-kv-cache.cpp` (constructor), `llama-kv-cache-iswa.cpp`, `llama-memory-recurrent.cpp`.
struct CacheSize {
    /// Cells of layers that see everything, and of those that see a window, each for one stream.
    let cells: (full: Int, window: Int)
    let full: Int64
    let windowed: Int64
    let state: Int64
    /// The same by layer.
    let layers: [Int64]

    init(_ layout: CacheLayout, _ sizes: ContextSizes, _ workload: Workload) {
        let all = sizes.contextPerSequence
        var window = all
        if let width = layout.window, !workload.fullWindowCache {
            // One cache for all conversations keeps a window for each.
            let conversations = sizes.streams == 1 ? sizes.sequences : 1
            window = ContextSizes.padded(min(all, width * conversations + sizes.microBatch))
        }
        cells = (all, window)

        // Without flash attention values are stored across, and all layers get the widest row.
        let widest = sizes.usesFlashAttention ? nil : Optional(layout.largestValueWidth)
        var (full, windowed, state): (Int64, Int64, Int64) = (0, 0, 0)
        layers = layout.layers.map { layer in
            let before = full + windowed + state
            if layer.hasCache {
                let count = (layer.isWindowed ? window : all) * sizes.streams
                let keys = Self.bytes(workload.cacheTypeK, layer.keyWidth)
                let values = layout.isLatent ? 0 : Self.bytes(workload.cacheTypeV, widest ?? layer.valueWidth)
                let bytes = (keys + values) * Int64(count)
                if layer.isWindowed { windowed += bytes } else { full += bytes }
            }
            if layer.isRecurrent { state += Int64(layout.stateCount) * 4 * Int64(sizes.sequences) }
            return full + windowed + state - before
        }
        (self.full, self.windowed, self.state) = (full, windowed, state)
    }

    private static func bytes(_ type: TensorType, _ width: Int) -> Int64 {
        Int64(width / type.blockSize * type.bytesPerBlock)
    }
}
