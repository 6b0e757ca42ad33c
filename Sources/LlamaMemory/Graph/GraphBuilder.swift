import GGUF

/// Builds the graph that llama.cpp reserves memory for: a full micro-batch at the end of a full cache.
///
/// Source: llama.cpp, `llama-context.cpp` (`sched_reserve`), `llama-graph.cpp` and `src/models/*.cpp`.
struct GraphBuilder {
    typealias Tensor = ComputeGraph.Tensor
    typealias Extent = ComputeGraph.Extent

    let shape: ModelShape
    let architecture: Architecture
    let layout: CacheLayout
    let sizes: ContextSizes
    let workload: Workload
    let cells: (full: Int, window: Int)
    let weights: WeightSizes
    var graph = ComputeGraph()
    /// What the weights of the next steps belong to.
    var site = ComputeGraph.Site.input
    /// The layer that is being built.
    var current = 0

    // Made when they are first needed, so that they are planned in llama.cpp's order.
    var positions: Tensor?
    var masks: [Bool: Tensor] = [:]
    var keyIndices: [Bool: Tensor] = [:]
    var valueIndices: [Bool: Tensor] = [:]
    var keyRotations: [Bool: Tensor] = [:]
    var valueRotations: [Bool: Tensor] = [:]
    var stateIndices: (going: Tensor, resting: Tensor)?
    /// Factors for turning by position, the same in all layers.
    var turningFactors: Tensor?
    /// Embeddings that each layer has for itself.
    var ownEmbeddings: Tensor?
    /// Factors for queries of layers without rope (Llama 4).
    var queryFactors: Tensor?
    /// Weights of this layer that are used twice.
    var shared: [String: Tensor] = [:]

    var width: Int { shape.embeddingLength }
    var tokens: Int { sizes.tokens }

    /// The graph of a full micro-batch. Without sizes of weights they count as nothing.
    static func graph(
        _ shape: ModelShape, _ architecture: Architecture, _ layout: CacheLayout, _ sizes: ContextSizes,
        _ workload: Workload, _ cache: CacheSize, weights: WeightSizes = WeightSizes()
    ) -> ComputeGraph {
        var builder = GraphBuilder(
            shape: shape, architecture: architecture, layout: layout, sizes: sizes, workload: workload,
            cells: cache.cells, weights: weights)
        builder.graph.expect(layers: layout.layers.count)
        builder.build()
        return builder.graph
    }

    private mutating func build() {
        var stream = embeddings()
        let chosen = graph.input(Extent(sizes.outputs, 1, 1, 1), elementSize: 4)
        if architecture.mixer == .alternatingUpdates {
            stream = rows(alternatingLayers(stream), chosen)
        } else {
            if architecture.perLayerEmbeddings, shape.embeddingLengthPerLayer > 0 { ownEmbeddings = perLayer(stream) }
            for index in layout.layers.indices {
                enter(index)
                let isLast = index == layout.layers.count - 1 && architecture.outputRows == .lastLayer
                stream = layer(index, stream, chosen: isLast ? chosen : nil)
            }
        }
        site = .output
        if architecture.outputRows == .afterLastLayer {
            graph.keep(stream)
            stream = rows(stream, chosen)
        }
        var final = norm(stream)
        graph.keep(final)
        if architecture.outputRows == .afterFinalNorm {
            final = rows(final, chosen)
            graph.keep(final)
        }
        if architecture.scaledOutput { final = graph.change(final) }
        let logits = product("output", shape.vocabularySize, final)
        graph.keep(logits)
        graph.plan(logits)
    }

    mutating func enter(_ index: Int) { (current, site, shared) = (index, .layer(index), [:]) }

    /// `build_inp_embd`: token numbers or vectors come in, and room is kept for both.
    private mutating func embeddings() -> Tensor {
        let numbers = graph.input(Extent(tokens, 1, 1, 1), elementSize: 4)
        let vectors = graph.input(Extent(width, tokens, 1, 1), elementSize: 4)
        var stream = lookup("token_embd", width, shape.vocabularySize, numbers)
        if architecture.scaledEmbeddings == .atOnce { stream = graph.change(stream) }
        graph.plan(stream)
        graph.plan(vectors)
        if architecture.positionEmbeddings {
            let rows = lookup("position_embd", width, shape.contextLength, position())
            stream = graph.change(stream, with: [rows])
        }
        if architecture.scaledEmbeddings == .afterwards { stream = graph.change(stream) }
        guard architecture.embeddingNorm else { return stream }
        // That norm lies where the first layer does (`LLM_TENSOR_TOKEN_EMBD_NORM`).
        site = .layer(0)
        return norm(stream, ofLayer: false)
    }

    /// One layer. `chosen` narrows the last one to the rows whose logits are wanted.
    private mutating func layer(_ index: Int, _ input: Tensor, chosen: Tensor?) -> Tensor {
        let isBeside = architecture.mixer == .attentionBesideMamba2
        let before = architecture.preNorm ? norm(input, name: isBeside ? "attn_norm" : nil) : input
        if isBeside { return besideMamba(index, input, before, chosen: chosen) }
        var attended = mix(index, before)
        var stream = input
        var normed = before
        if let chosen {
            attended = rows(attended, chosen)
            stream = rows(stream, chosen)
            if [.parallelAttentionFirst, .parallelFeedForwardFirst, .parallelStreamFirst].contains(
                architecture.residual)
            {
                normed = rows(normed, chosen)
            }
        }
        if architecture.feedForward == .none || architecture.mixer == .oneOfThree {
            return graph.change(attended, with: [stream])
        }
        switch architecture.residual {
        case .sequential:
            if architecture.postNorm { attended = norm(attended) }
            let sum =
                architecture.residualFirst
                ? graph.change(stream, with: [attended]) : graph.change(attended, with: [stream])
            var fed = feedForward(index, architecture.preNorm ? norm(sum) : sum)
            if architecture.postNorm { fed = norm(fed, ofLayer: architecture.postNormHasLayer) }
            let all = architecture.attentionSumFirst ? graph.change(sum, with: [fed]) : graph.change(fed, with: [sum])
            return ownEmbeddings.map { withOwn(all, $0) } ?? all
        case .parallelOwnNorm:
            let fed = feedForward(index, norm(stream))
            return graph.change(graph.change(fed, with: [stream]), with: [attended])
        case .parallelAttentionFirst:
            let fed = feedForward(index, normed)
            return graph.change(graph.change(attended, with: [fed]), with: [stream])
        case .parallelFeedForwardFirst:
            let fed = feedForward(index, normed)
            return graph.change(graph.change(fed, with: [attended]), with: [stream])
        case .parallelStreamFirst:
            let fed = feedForward(index, normed)
            return graph.change(graph.change(fed, with: [stream]), with: [attended])
        }
    }

    // MARK: Pieces

    /// Weights and biases follow in place.
    ///
    /// - Parameters:
    ///   - ofLayer: It is held where its layer lies.
    ///   - name: Of weights that are used twice in a layer.
    mutating func norm(_ tensor: Tensor, ofLayer: Bool = true, name: String? = nil) -> Tensor {
        let scaled = graph.result(graph.extent(of: tensor), from: [tensor], inPlace: !(architecture.norm == .layer))
        let count = graph.extent(of: tensor).x
        guard architecture.normWeights else { return graph.change(scaled) }
        if ofLayer, case .layer(let layer) = site { graph.keepNorm(scaled, with: layer) }
        if architecture.norm == .rms { graph.join(others: 1) }
        let own = name.flatMap { shared[$0] } ?? vector(count)
        if let name { shared[name] = own }
        let weighed = graph.change(scaled, with: [own])
        return architecture.normBias ? graph.change(weighed, with: [vector(count)]) : weighed
    }

    /// A matrix of weights with this many rows, times the tensor.
    mutating func product(_ name: String, _ rows: Int, _ tensor: Tensor) -> Tensor {
        var extent = graph.extent(of: tensor)
        let matrix = matrix(name, extent.x, rows)
        extent.x = rows
        let product = graph.result(extent, from: [matrix, tensor], operation: .product)
        return weights.has(name + ".bias", in: site) ? graph.change(product, with: [vector(rows)]) : product
    }

    /// Rows of a table.
    mutating func lookup(_ name: String, _ row: Int, _ rows: Int, _ numbers: Tensor) -> Tensor {
        graph.result(Extent(row, tokens, 1, 1), from: [matrix(name, row, rows), numbers], operation: .lookup)
    }

    /// A matrix of weights, or a stack of them, under its name in a file.
    mutating func matrix(_ name: String, _ row: Int, _ rows: Int, stack: Int = 1) -> Tensor {
        let size = weights.size(of: name, in: site, row: row, rows: rows, stack: stack)
        return graph.stored(size.bytes, at: stack > 1 ? .experts(current) : site, cardExtra: size.padding)
    }

    /// What turning by position needs: the positions, and factors where a model has them.
    mutating func turning() -> [Tensor] {
        if architecture.plainRopeInWindows, layout.layers[current].isWindowed { return [position()] }
        for name in ["rope_freqs", "rope_factors_long"] where weights.has(name, in: .input) {
            let made = graph.stored(layout.layers[current].keyLength * 2, at: site, twin: turningFactors)
            turningFactors = turningFactors ?? made
            return [position(), made]
        }
        return [position()]
    }

    /// A vector of weights.
    mutating func vector(_ count: Int) -> Tensor { graph.stored(count * 4, at: site) }

    mutating func rows(_ tensor: Tensor, _ chosen: Tensor) -> Tensor {
        graph.result(Extent(graph.extent(of: tensor).x, sizes.outputs, 1, 1), from: [tensor, chosen])
    }

    mutating func position() -> Tensor {
        if let positions { return positions }
        let made = graph.input(Extent(tokens * architecture.positionsPerToken, 1, 1, 1), elementSize: 4)
        positions = made
        return made
    }

    /// What stands where attention stands.
    private mutating func mix(_ index: Int, _ input: Tensor) -> Tensor {
        let layer = layout.layers[index]
        if architecture.mixer == .oneOfThree, !layer.isRecurrent, !layer.attends { return feedForward(index, input) }
        if architecture.mixer == .deltaNet {
            graph.plan(input)
            return layer.isRecurrent ? deltaNet(input) : gatedAttention(index, input)
        }
        guard layer.isRecurrent else {
            return architecture.mixer == .latentAttention ? latentAttention(index, input) : attention(index, input)
        }
        switch architecture.mixer {
        case .mamba: return mamba(input)
        case .shortConvolution: return shortConvolution(input)
        default: return mamba2(input)
        }
    }

    /// Falcon-H1: both mixers read the stream, each with a norm of its own.
    private mutating func besideMamba(
        _ index: Int, _ input: Tensor, _ before: Tensor, chosen: Tensor?
    ) -> Tensor {
        let attended = attention(index, before)
        let both = graph.change(attended, with: [mamba2(norm(input, name: "attn_norm"))])
        var sum = graph.change(both, with: [input])
        if let chosen { sum = rows(sum, chosen) }
        return graph.change(dense(shape.feedForwardLength[index], norm(sum)), with: [sum])
    }
}
