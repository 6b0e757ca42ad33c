/// Layers that are more than attention over queries, keys and values.
///
/// Source: llama.cpp, `src/models/*.cpp` (`load_arch_tensors`), and of what is never quantized `llama-quant.cpp`.
extension WeightCounter {
    /// What mixes the tokens of a layer.
    mutating func addMixer(_ layer: Int) {
        let (attends, isRecurrent) = (layout.layers[layer].attends, layout.layers[layer].isRecurrent)
        switch architecture.mixer {
        case .attention where architecture.perLayerEmbeddings: addGemmaAttention(layer)
        case .attention: addAttention(layer)
        case .latentAttention: addLatentAttention(layer)
        case .alternatingUpdates: addAlternatingUpdates(layer)
        case .attentionBesideMamba2:
            addAttention(layer)
            addMamba2(layer, hasNorm: false)
        case .oneOfThree where !attends && !isRecurrent: return
        case .deltaNet where !isRecurrent: addAttention(layer, hasGate: true)
        case _ where !isRecurrent: addAttention(layer)
        case .mamba: addMamba(layer)
        case .mamba2, .oneOfThree: addMamba2(layer, hasNorm: true)
        case .shortConvolution: addShortConvolution(layer)
        case .deltaNet: addDeltaNet(layer)
        }
    }

    private mutating func addShortConvolution(_ layer: Int) {
        addPlain(width * shape.shortConvolutionCache)
        add(.other, width, 3 * width, index: layer)
        add(.other, width, width, index: layer)
    }

    private mutating func addMamba(_ layer: Int) {
        let inner = shape.innerSize
        add(.other, width, 2 * inner, index: layer)
        addPlain(shape.convolutionKernel * inner)
        add(.other, inner, shape.timeStepRank + 2 * shape.stateSize, index: layer)
        // The time step's matrix stays as it is; then the biases of both, the state's matrix and the way past it.
        addPlain(shape.timeStepRank * inner)
        addPlain(inner, times: 3)
        addPlain(shape.stateSize * inner)
        if architecture.ssmParameterNorms {
            for count in [shape.timeStepRank, shape.stateSize, shape.stateSize] { addPlain(count) }
        }
        add(.other, inner, width, index: layer)
    }

    private mutating func addMamba2(_ layer: Int, hasNorm: Bool) {
        let (inner, heads) = (shape.innerSize, shape.timeStepRank)
        let mixed = inner + 2 * shape.groupCount * shape.stateSize
        add(.other, width, inner + mixed + heads, index: layer)
        addPlain(shape.convolutionKernel * mixed)
        addPlain(mixed)
        addPlain(heads, times: 3)
        if hasNorm { addPlain(inner) }
        add(.other, inner, width, index: layer)
    }

    private mutating func addDeltaNet(_ layer: Int) {
        let (inner, heads) = (shape.innerSize, shape.timeStepRank)
        let mixed = inner + 2 * shape.groupCount * shape.stateSize
        add(.value, width, mixed, index: attended)
        attended += 1
        add(.other, width, inner, index: layer)
        addPlain(shape.convolutionKernel * mixed)
        addPlain(heads, times: 2)
        add(.other, width, heads, index: layer)
        addPlain(width * heads)
        addPlain(shape.stateSize)
        add(.other, inner, width, index: layer)
    }

    private mutating func addLatentAttention(_ layer: Int) {
        let own = layout.layers[layer]
        let (heads, key, value) = (own.headCount, own.unfoldedKeyLength, own.unfoldedValueLength)
        let (latent, rope) = (shape.keyValueLoraRank, shape.ropeDimensionCount ?? 0)
        let nope = max(0, key - rope)
        if shape.queryLoraRank > 0 {
            add(.other, width, shape.queryLoraRank, index: layer)
            addPlain(shape.queryLoraRank)
            add(.other, shape.queryLoraRank, heads * key, index: layer)
        } else {
            add(.query, width, heads * key, index: layer)
        }
        add(.other, width, latent + rope, index: layer)
        addPlain(latent)
        if layout.isLatent {
            // Unfolded apart, a matrix for each head.
            add(.other, nope, latent * heads, index: layer)
            add(.other, latent, value * heads, index: layer)
        } else {
            add(.value, latent, heads * (nope + value), index: layer)
        }
        add(.attentionOutput, heads * value, width, index: layer)
    }

    /// Gemma 4: heads of two sizes, layers that use the cache of an earlier one, embeddings for each layer.
    private mutating func addGemmaAttention(_ layer: Int) {
        let own = layout.layers[layer]
        add(.query, width, own.headCount * own.keyLength, index: layer)
        addPlain(own.keyLength)
        if own.hasCache {
            add(.key, width, own.keyWidth, index: layer)
            add(.value, width, own.valueWidth, index: attended)
            addPlain(own.keyLength)
            attended += 1
        }
        add(.attentionOutput, own.headCount * own.valueLength, width, index: layer)
        add(.other, width, shape.embeddingLengthPerLayer, index: layer)
        add(.other, shape.embeddingLengthPerLayer, width, index: layer)
        // The norm of what they add (`post_norm`), and the scale of the layer's result.
        addPlain(width)
        addPlain(1)
    }

    /// Gemma 3n: attention between streams that are mixed anew in each layer, and a detour of low rank round it.
    private mutating func addAlternatingUpdates(_ layer: Int) {
        let streams = shape.alternatingUpdates
        addAttention(layer)
        add(.other, width, shape.embeddingLengthPerLayer, index: layer)
        add(.other, shape.embeddingLengthPerLayer, width, index: layer)
        // Norms of the layer's own embeddings, of the detour and of the router, and a scale of the correction.
        addPlain(width, times: 4)
        // Rank 64 in both sizes there are (`altup.laurel_rank`).
        addPlain(width * 64, times: 2)
        addPlain(width * streams)
        addPlain(streams * streams)
        addPlain(streams * streams * streams)
    }

    mutating func addLayerEmbeddings() {
        let all = shape.embeddingLengthPerLayer * shape.blockCount
        add(.layerEmbedding, all, shape.vocabularySize, index: 0)
        add(.other, width, all, index: 0)
        addPlain(shape.embeddingLengthPerLayer)
        if architecture.mixer == .alternatingUpdates {
            // Into and out of the streams beside the first.
            for _ in 0..<2 { addHalf(width * width * max(0, shape.alternatingUpdates - 1)) }
        } else {
            addPlain((shape.ropeDimensionCount ?? 0) / 2)
        }
    }
}
