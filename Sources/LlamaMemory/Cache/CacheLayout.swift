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
        /// As queries meet them: where a latent is cached, that is unfolded to this.
        var unfoldedKeyLength = 0
        var unfoldedValueLength = 0

        var keyWidth: Int { keyLength * headCountKV }
        var valueWidth: Int { valueLength * headCountKV }
    }

    let layers: [Layer]
    /// The widest values of all layers.
    let largestValueWidth: Int
    /// Width of the window, in tokens; nil where all layers see everything.
    let window: Int?
    /// Only the latent is cached: keys without values.
    let isLatent: Bool
    /// Numbers of state that a recurrent layer keeps for each conversation.
    let stateCount: Int
    /// Those of them that belong to its convolution.
    let convolutionCount: Int

    init(_ shape: ModelShape, _ architecture: Architecture) {
        let count = max(0, shape.blockCount - shape.nextNLayers)
        let windows = architecture.slidingWindow?.layers(of: shape, count: count)
        window = windows?.width
        let unfolded = (key: shape.keyLengthMLA ?? 0, value: shape.valueLengthMLA ?? 0)
        let isLatent = unfolded.key > 0 && unfolded.value > 0
        self.isLatent = isLatent
        let cached = architecture.sharedCache.cachedLayers(of: shape, count: count)
        (convolutionCount, stateCount) = Self.states(shape)
        layers = (0..<count).map { index in
            var layer = Layer()
            layer.isWindowed = windows?.isWindowed[index] ?? false
            let heads = shape.heads(of: index)
            (layer.headCount, layer.headCountKV) = (heads.count, heads.countKV)
            layer.keyLength = layer.isWindowed ? shape.keyLengthSWA ?? heads.keyLength : heads.keyLength
            layer.valueLength = layer.isWindowed ? shape.valueLengthSWA ?? heads.valueLength : heads.valueLength
            layer.unfoldedKeyLength = isLatent ? unfolded.key : layer.keyLength
            layer.unfoldedValueLength = isLatent ? unfolded.value : layer.valueLength
            (layer.attends, layer.isRecurrent) = architecture.kind(of: index, shape)
            layer.hasCache = architecture.keepsCache && layer.attends && index < cached && layer.headCountKV > 0
            return layer
        }
        largestValueWidth = layers.map(\.valueWidth).max() ?? 0
    }

    /// Whether nothing is kept between batches.
    var keepsNothing: Bool { !layers.contains { $0.hasCache || $0.isRecurrent } }

    /// Whether any layer keeps keys and values.
    var hasCache: Bool { layers.contains(where: \.hasCache) }

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
}

extension ModelShape {
    /// The heads of a layer that sees everything: how many, and how many numbers each has. Where that is not stated, the
    /// first layer's heads share the embedding (`load_hparams`).
    package func heads(of layer: Int) -> (count: Int, countKV: Int, keyLength: Int, valueLength: Int) {
        let (first, own) = (headCount[0], headCount[layer])
        let usual = first > 0 ? embeddingLength / first : 0
        return (own, headCountKV?[layer] ?? own, keyLength ?? usual, valueLength ?? usual)
    }
}

extension Architecture.SharedCache {
    /// How many layers from the front may have a cache.
    fileprivate func cachedLayers(of shape: ModelShape, count: Int) -> Int {
        switch self {
        case .none: count
        case .after(let first): min(first, count)
        case .stated: max(0, shape.blockCount - (shape.sharedKVLayers ?? 0))
        }
    }
}

extension Architecture.SlidingWindow {
    /// How wide the window is, and which layers have it; nil where all see everything.
    fileprivate func layers(of shape: ModelShape, count: Int) -> (width: Int, isWindowed: [Bool])? {
        let stated = shape.slidingWindow ?? 0
        let width: Int? =
            switch width {
            case .stated: stated > 0 ? stated : nil
            case .statedOr(let other): stated > 0 ? stated : other
            case .fixed(let width): stated > 0 ? width : nil
            case .fixedUnlessZero(let width): shape.slidingWindow == 0 ? nil : width
            }
        guard let width, let flags = windowed(shape, count: count) else { return nil }
        return (width, flags)
    }

    private func windowed(_ shape: ModelShape, count: Int) -> [Bool]? {
        if case .attending = layers { return (0..<count).map { (shape.headCountKV?[$0] ?? 1) > 0 } }
        var stated: Int?
        switch shape.slidingWindowPattern {
        case .each(let flags): return (0..<count).map { $0 < flags.count && flags[$0] != 0 }
        case .same(let period): stated = period
        case nil: break
        }
        // `llama-hparams.cpp`, `set_swa_pattern`.
        func every(_ usual: Int, full: (_ place: Int, _ period: Int) -> Bool) -> [Bool] {
            let period = stated ?? usual
            return (0..<count).map { period <= 0 || !full($0 % period, period) }
        }
        return switch layers {
        case .allButLast(let period): every(period) { $0 == $1 - 1 }
        case .allButFirst(let period): every(period) { place, _ in place == 0 }
        case .attending, .listed: nil
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
        // Without a cache the tokens of a batch see each other, and nothing else.
        cells = layout.keepsNothing ? (sizes.tokens, sizes.tokens) : (all, window)

        // Without flash attention values are stored across, and all layers get the widest row.
        let widest = sizes.storesValuesAcross ? Optional(layout.largestValueWidth) : nil
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
