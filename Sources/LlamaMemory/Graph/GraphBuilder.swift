import GGUF

/// Builds the graph that llama.cpp reserves memory for: a full micro-batch at the end of a full cache.
///
/// Source: llama.cpp, `llama-context.cpp` (`sched_reserve`), `llama-graph.cpp` and `src/models/*.cpp`.
struct GraphBuilder {
    typealias Tensor = ComputeGraph.Tensor
    typealias Extent = ComputeGraph.Extent

    let shape: ModelShape
    let layout: CacheLayout
    let sizes: ContextSizes
    let workload: Workload
    let recipe: GraphRecipe
    let cells: (full: Int, window: Int)
    var graph = ComputeGraph()

    // Made when they are first needed, so that they are planned in llama.cpp's order.
    var positions: Tensor?
    var masks: [Bool: Tensor] = [:]
    var keyIndices: [Bool: Tensor] = [:]
    var valueIndices: [Bool: Tensor] = [:]
    var keyTurns: [Bool: Tensor] = [:]
    var valueTurns: [Bool: Tensor] = [:]
    var stateIndices: Tensor?
    /// Embeddings that each layer has for itself.
    var ownEmbeddings: Tensor?
    /// Factors for queries of layers without turning (Llama 4).
    var queryFactors: Tensor?

    init(_ shape: ModelShape, _ layout: CacheLayout, _ sizes: ContextSizes, _ workload: Workload, _ cache: CacheSize) {
        self.shape = shape
        self.layout = layout
        self.sizes = sizes
        self.workload = workload
        recipe = GraphRecipe(shape)
        cells = cache.cells
    }

    var width: Int { shape.embeddingLength }
    var tokens: Int { sizes.tokens }

    /// Bytes of the compute buffer; and what of them stays in memory when all layers are on a card: what comes in, and
    /// the embeddings looked up.
    static func bytes(
        _ shape: ModelShape, _ layout: CacheLayout, _ sizes: ContextSizes, _ workload: Workload, _ cache: CacheSize
    ) -> (all: Int64, input: Int64) {
        var builder = GraphBuilder(shape, layout, sizes, workload, cache)
        builder.build()
        let all = Int64(builder.graph.reserve())
        let lookedUp = Int64(builder.width) * Int64(builder.tokens) * 4
        return (all, min(all, Int64(builder.graph.inputBytes) + lookedUp))
    }

    private mutating func build() {
        var stream = embeddings()
        let chosen = graph.input(Extent(sizes.outputs, 1, 1, 1), elementSize: 4)
        if shape.architecture == "gemma3n" {
            stream = rows(gemma3nLayers(stream), chosen)
        } else {
            if shape.architecture == "gemma4", shape.embeddingLengthPerLayer > 0 { ownEmbeddings = perLayer(stream) }
            for index in layout.layers.indices {
                let isLast = index == layout.layers.count - 1 && recipe.narrowing == .inLastLayer
                stream = layer(index, stream, chosen: isLast ? chosen : nil)
            }
        }
        if recipe.narrowing == .afterLastLayer {
            graph.keep(stream)
            stream = rows(stream, chosen)
        }
        var final = norm(stream)
        graph.keep(final)
        if recipe.narrowing == .afterNorm {
            final = rows(final, chosen)
            graph.keep(final)
        }
        if recipe.scalesFinal { final = graph.change(final) }
        let logits = product(shape.vocabularySize, final)
        graph.keep(logits)
        graph.plan(logits)
    }

    /// `build_inp_embd`: token numbers or vectors come in, and room is kept for both.
    private mutating func embeddings() -> Tensor {
        let numbers = graph.input(Extent(tokens, 1, 1, 1), elementSize: 4)
        let vectors = graph.input(Extent(width, tokens, 1, 1), elementSize: 4)
        var stream = graph.result(Extent(width, tokens, 1, 1), from: [numbers])
        graph.plan(stream)
        graph.plan(vectors)
        if recipe.hasPositionTable {
            let rows = graph.result(Extent(width, tokens, 1, 1), from: [position()])
            stream = graph.change(stream, with: [rows])
        }
        return recipe.normsInput ? norm(stream) : stream
    }

    /// One layer. `chosen` narrows the last one to the rows whose logits are wanted.
    private mutating func layer(_ index: Int, _ input: Tensor, chosen: Tensor?) -> Tensor {
        let before = recipe.normsBefore ? norm(input) : input
        if recipe.mixer == .attentionBesideMamba2 { return besideMamba(index, input, before, chosen: chosen) }
        var attended = mix(index, before)
        var stream = input
        var normed = before
        if let chosen {
            attended = rows(attended, chosen)
            stream = rows(stream, chosen)
            if recipe.order == .besideAttentionFirst || recipe.order == .besideStreamFirst {
                normed = rows(normed, chosen)
            }
        }
        if recipe.feedForward == .none || recipe.mixer == .oneOfThree {
            return graph.change(attended, with: [stream])
        }
        switch recipe.order {
        case .sequential:
            if recipe.normsAfter { attended = norm(attended) }
            let sum =
                recipe.residualFirst
                ? graph.change(stream, with: [attended]) : graph.change(attended, with: [stream])
            var fed = feedForward(index, recipe.normsBefore ? norm(sum) : sum)
            if recipe.normsAfter { fed = norm(fed) }
            let all = recipe.sumFirst ? graph.change(sum, with: [fed]) : graph.change(fed, with: [sum])
            return ownEmbeddings.map { withOwn(all, $0) } ?? all
        case .besideNormed:
            let fed = feedForward(index, norm(stream))
            return graph.change(graph.change(fed, with: [stream]), with: [attended])
        case .besideAttentionFirst:
            let fed = feedForward(index, normed)
            return graph.change(graph.change(attended, with: [fed]), with: [stream])
        case .besideStreamFirst:
            let fed = feedForward(index, normed)
            return graph.change(graph.change(fed, with: [stream]), with: [attended])
        }
    }

    // MARK: Pieces

    /// Weights and biases follow in place.
    mutating func norm(_ tensor: Tensor) -> Tensor {
        let scaled = graph.result(graph.extent(of: tensor), from: [tensor], inPlace: !recipe.normsByMean)
        return graph.change(scaled)
    }

    /// A matrix of weights with this many rows, times the tensor.
    mutating func product(_ rows: Int, _ tensor: Tensor) -> Tensor {
        var extent = graph.extent(of: tensor)
        extent.x = rows
        return graph.result(extent, from: [tensor])
    }

    mutating func rows(_ tensor: Tensor, _ chosen: Tensor) -> Tensor {
        graph.result(Extent(graph.extent(of: tensor).x, sizes.outputs, 1, 1), from: [tensor, chosen])
    }

    mutating func position() -> Tensor {
        if let positions { return positions }
        let made = graph.input(Extent(tokens * recipe.positionsPerToken, 1, 1, 1), elementSize: 4)
        positions = made
        return made
    }

    private mutating func feedForward(_ index: Int, _ input: Tensor) -> Tensor {
        guard shape.expertCount > 0, index >= shape.leadingDenseBlockCount, (index + 1) % shape.expertInterval == 0
        else {
            return dense(shape.feedForwardLength[index], input)
        }
        let chosen = experts(index, input)
        let inner = shape.expertFeedForwardLength?[index] ?? shape.feedForwardLength[index]
        // Llama 4 always has one, and its files do not say so.
        let count = shape.architecture == "llama4" ? 1 : shape.expertSharedCount
        let shared = shape.expertSharedFeedForwardLength ?? count * inner
        guard shared > 0 else { return chosen }
        var all = dense(shared, input)
        if recipe.experts.gatesShared {
            let score = product(1, input)
            all = graph.change(all, with: [graph.change(graph.change(score), with: [score])])
        }
        return graph.change(chosen, with: [all])
    }

    /// What stands where attention stands.
    private mutating func mix(_ index: Int, _ input: Tensor) -> Tensor {
        let layer = layout.layers[index]
        if recipe.mixer == .oneOfThree, !layer.isRecurrent, !layer.attends { return feedForward(index, input) }
        if recipe.mixer == .deltaNet {
            graph.plan(input)
            return layer.isRecurrent ? deltaNet(input) : gatedAttention(index, input)
        }
        guard layer.isRecurrent else {
            return recipe.mixer == .latent ? latentAttention(index, input) : attention(index, input)
        }
        switch recipe.mixer {
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
        let both = graph.change(attended, with: [mamba2(norm(input))])
        var sum = graph.change(both, with: [input])
        if let chosen { sum = rows(sum, chosen) }
        return graph.change(dense(shape.feedForwardLength[index], norm(sum)), with: [sum])
    }

    /// `build_ffn`.
    mutating func dense(_ inner: Int, _ input: Tensor) -> Tensor {
        switch recipe.feedForward {
        case .none: return input
        case .plain: return product(width, graph.change(product(inner, input)))
        case .fused:
            let both = product(2 * inner, input)
            var extent = graph.extent(of: both)
            extent.x = inner
            return product(width, graph.result(extent, from: [both]))
        case .gated:
            let up = product(inner, input)
            let gate = product(inner, input)
            return product(width, graph.result(graph.extent(of: gate), from: [gate, up]))
        }
    }
}
