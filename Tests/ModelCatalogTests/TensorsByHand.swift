import GGUF

/// The weights of architectures that are more than attention, added up a second time from the tensors that llama.cpp's
/// `src/models/*.cpp` loads for them.
struct TensorsByHand {
    private let shape: ModelShape
    private let width: Int
    private let layers: Range<Int>

    init(_ shape: ModelShape) {
        self.shape = shape
        width = shape.embeddingLength
        layers = 0..<shape.blockCount
    }

    /// How many weights; nil for architectures that are not written down here either.
    var count: Int? {
        guard let layer = layerCounter else { return nil }
        let tables = shape.vocabularySize * width * (shape.tiedEmbeddings == true ? 1 : 2)
        return tables + width + outer + layers.reduce(0) { $0 + layer($1) }
    }

    private var layerCounter: ((Int) -> Int)? {
        switch shape.architecture {
        case "qwen35": { $0 % (shape.fullAttentionInterval ?? 1) == 3 ? gatedAttention : deltaNet }
        case "lfm2": { shortConvolutionOrAttention($0) }
        case "granitehybrid": { graniteHybrid($0) }
        case "falcon-h1": { mamba2() + attention($0) + gated(shape.feedForwardLength[$0]) + 2 * width }
        case "gemma3n": { gemma3n($0) }
        case "gemma4": { gemma4($0) }
        case "gpt-oss": { gptOSS($0) }
        case "minicpm3": { minicpm3($0) }
        default: nil
        }
    }

    /// Beside the vocabulary and the last norm.
    private var outer: Int {
        let perLayer = shape.embeddingLengthPerLayer
        guard perLayer > 0 else { return 0 }
        let tables = shape.vocabularySize * perLayer * shape.blockCount + width * perLayer * shape.blockCount + perLayer
        // Into and out of the parallel streams beside the first.
        return tables + 2 * max(0, shape.alternatingUpdates - 1) * width * width
    }

    private func gated(_ inner: Int) -> Int { 3 * width * inner }

    private func attention(_ layer: Int, key: Int? = nil) -> Int {
        let length = key ?? shape.keyLength ?? 0
        let heads = shape.headCount[layer]
        return 2 * width * heads * length + 2 * width * (shape.headCountKV?[layer] ?? heads) * length
    }

    // MARK: - Layers

    private var gatedAttention: Int {
        // Queries come with a gate of their size.
        let length = shape.keyLength ?? 0
        return attention(0) + width * shape.headCount[0] * length + 2 * length + gated(shape.feedForwardLength[0])
            + 2 * width
    }

    private var deltaNet: Int {
        let mixed = shape.innerSize + 2 * shape.groupCount * shape.stateSize
        return width * mixed + 2 * width * shape.innerSize + 2 * width * shape.timeStepRank
            + shape.convolutionKernel * mixed + 2 * shape.timeStepRank + shape.stateSize
            + gated(shape.feedForwardLength[0]) + 2 * width
    }

    private func shortConvolutionOrAttention(_ layer: Int) -> Int {
        let isAttending = (shape.headCountKV?[layer] ?? 0) > 0
        let mixer =
            isAttending
            ? attention(layer) + 2 * (shape.keyLength ?? 0)
            : 4 * width * width + shape.shortConvolutionCache * width
        return mixer + gated(shape.feedForwardLength[layer]) + 2 * width
    }

    private func mamba2(hasNorm: Bool = false) -> Int {
        let (inner, heads) = (shape.innerSize, shape.timeStepRank)
        let mixed = inner + 2 * shape.groupCount * shape.stateSize
        return width * (inner + mixed + heads) + mixed * (shape.convolutionKernel + 1) + 3 * heads + inner * width
            + (hasNorm ? inner : 0)
    }

    private func graniteHybrid(_ layer: Int) -> Int {
        let mixer = (shape.headCountKV?[layer] ?? 0) > 0 ? attention(layer) : mamba2(hasNorm: true)
        let experts = shape.expertCount * (width + gated(shape.feedForwardLength[layer]))
        return mixer + experts + gated(shape.expertSharedFeedForwardLength ?? 0) + 2 * width
    }

    private func perLayerInput() -> Int { 2 * width * shape.embeddingLengthPerLayer + width }

    private func gemma3n(_ layer: Int) -> Int {
        let streams = shape.alternatingUpdates
        let laurel = 2 * width * 64 + width
        let streaming = streams * streams + width + streams * streams * streams + width * streams + width
        return attention(layer) + 2 * (shape.keyLength ?? 0) + 4 * width + gated(shape.feedForwardLength[layer])
            + perLayerInput() + laurel + streaming
    }

    private func gemma4(_ layer: Int) -> Int {
        let isWindow = shape.slidingWindowPattern?[layer] == 1
        let key = (isWindow ? shape.keyLengthSWA : shape.keyLength) ?? 0
        // Layers that use the cache of an earlier one have queries only.
        let hasKeys = layer < shape.blockCount - (shape.sharedKVLayers ?? 0)
        let mixer =
            hasKeys ? attention(layer, key: key) + 2 * key : 2 * width * shape.headCount[layer] * key + key
        return mixer + 4 * width + gated(shape.feedForwardLength[layer]) + perLayerInput() + 1
    }

    private func gptOSS(_ layer: Int) -> Int {
        let heads = shape.headCount[layer]
        let length = shape.keyLength ?? 0
        let biases = (heads + 2 * (shape.headCountKV?[layer] ?? heads)) * length + width + heads
        let inner = shape.expertFeedForwardLength?[layer] ?? 0
        return attention(layer) + biases + shape.expertCount * (width + 1 + gated(inner) + 2 * inner + width)
            + 2 * width
    }

    private func minicpm3(_ layer: Int) -> Int {
        let heads = shape.headCount[layer]
        let (key, value) = (shape.keyLength ?? 0, shape.valueLength ?? 0)
        let turned = shape.ropeDimensionCount ?? 0
        let queries = width * shape.queryLoraRank + shape.queryLoraRank * (1 + heads * key)
        let latent = width * (shape.keyValueLoraRank + turned)
        let unfolded = shape.keyValueLoraRank * (1 + heads * (key - turned + value))
        return queries + latent + unfolded + heads * value * width + gated(shape.feedForwardLength[layer]) + 2 * width
    }
}
