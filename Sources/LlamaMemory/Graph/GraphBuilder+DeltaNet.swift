/// What Qwen 3.5 and Qwen3-Next have: `qwen35.cpp`, `qwen3next.cpp`, `delta-net-base.cpp`.
extension GraphBuilder {
    /// Attention with a gate that comes out of the same matrix as the queries (`build_layer_attn`).
    mutating func gatedAttention(_ index: Int, _ input: Tensor) -> Tensor {
        let layer = layout.layers[index]
        let headed = Extent(layer.keyLength, layer.headCount, tokens, 1)
        let both = product(2 * layer.keyLength * layer.headCount, input)
        let plainKey = product(layer.keyWidth, input)
        let plainValue = product(layer.valueWidth, input)
        let query = graph.change(norm(graph.view(both, headed)), with: [position()])
        let key = graph.change(
            norm(graph.view(plainKey, Extent(layer.keyLength, layer.headCountKV, tokens, 1))), with: [position()])
        let value = graph.view(plainValue, Extent(layer.valueLength, layer.headCountKV, tokens, 1))
        let heads = attendedHeads(layer, query, key, value, keysAreWhole: true, valuesAreWhole: true)
        let gate = graph.result(
            Extent(layer.keyLength * layer.headCount, tokens, 1, 1), from: [graph.view(both, headed)])
        return product(width, graph.change(heads, with: [graph.change(gate)]))
    }

    /// `build_layer_attn_linear`.
    mutating func deltaNet(_ input: Tensor) -> Tensor {
        let heads = max(1, shape.timeStepRank)
        let size = shape.innerSize / heads
        let perSequence = tokens / sizes.sequences
        let sequences = sizes.sequences
        let channels = shape.innerSize + 2 * shape.groupCount * shape.stateSize
        let channelExtent = Extent(channels, perSequence, sequences, 1)
        let headed = Extent(size, heads, perSequence, sequences)
        let keyed = Extent(shape.stateSize, shape.groupCount, perSequence, sequences)
        let single = Extent(1, heads, perSequence, sequences)

        let mixed = graph.view(product(channels, input), channelExtent)
        let outGate = product(shape.innerSize, input)
        let beta = graph.change(graph.view(product(heads, input), single))
        let alpha = graph.view(product(heads, input), Extent(heads, perSequence, sequences, 1))
        let decay = graph.view(graph.change(graph.change(graph.change(alpha))), single)

        let joined = convolutionInput(convolutionState(), mixed, max(1, shape.convolutionKernel), channels)
        let state = readState()
        let convolved = graph.change(graph.result(channelExtent, from: [joined]))
        let query = graph.change(graph.change(graph.view(convolved, keyed)))
        let key = graph.change(graph.change(graph.view(convolved, keyed)))
        let value = graph.view(convolved, headed)

        let count = shape.innerSize * tokens + size * shape.innerSize * sequences
        let scanned = graph.result(Extent(count, 1, 1, 1), from: [query, key, value, decay, beta, state])
        graph.plan(graph.store([graph.view(scanned, Extent(size * shape.innerSize * sequences, 1, 1, 1))]))

        let normed = norm(graph.view(scanned, headed))
        let gate = graph.change(graph.view(outGate, headed))
        let gated = graph.view(
            graph.change(normed, with: [gate]), Extent(shape.innerSize, perSequence, sequences, 1))
        return graph.view(product(width, gated), Extent(width, tokens, 1, 1))
    }
}
