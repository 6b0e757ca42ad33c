extension GraphBuilder {
    private var sequences: Int { sizes.sequences }
    private var perSequence: Int { tokens / sizes.sequences }

    /// Where the states of the conversations lie that go on, and of those that rest: none, while memory is reserved.
    private mutating func stateIndex(resting: Bool = false) -> Tensor {
        let made: (going: Tensor, resting: Tensor)
        if let stateIndices {
            made = stateIndices
        } else {
            let all = graph.input(Extent(sequences, 1, 1, 1), elementSize: 4)
            made = (graph.view(all, Extent(sequences, 1, 1, 1)), graph.view(all, Extent(0, 1, 1, 1)))
        }
        stateIndices = made
        return resting ? made.resting : made.going
    }

    /// What a layer keeps for every conversation.
    private mutating func states(_ count: Int) -> Tensor {
        graph.stored(count * sequences * 4, at: .cache(current), isWeight: false)
    }

    /// `build_rs`: the convolution's state of each conversation, read from where it is kept.
    mutating func convolutionState() -> Tensor { readState(layout.convolutionCount) }

    /// The state itself of each conversation.
    mutating func readState() -> Tensor { readState(layout.stateCount - layout.convolutionCount) }

    /// `build_rs`: one state is cleared first, and those of conversations that rest are moved, where they are kept.
    private mutating func readState(_ count: Int) -> Tensor {
        let kept = states(count)
        graph.plan(graph.store([kept], at: .cache(current)))
        let state = graph.result(Extent(count, sequences, 1, 1), from: [kept, stateIndex()], operation: .lookup)
        graph.plan(state)
        rest(kept, count)
        return state
    }

    private mutating func rest(_ kept: Tensor, _ count: Int) {
        let resting = graph.result(
            Extent(count, 0, 1, 1), from: [kept, stateIndex(resting: true)], operation: .lookup)
        graph.plan(graph.store([resting], at: .cache(current)))
    }

    /// The state that a scan reads is cleared before anything else of it.
    private mutating func clearState() {
        graph.plan(graph.store([states(layout.stateCount - layout.convolutionCount)], at: .cache(current)))
    }

    /// State and new tokens side by side; the end is kept for the next time.
    mutating func convolutionInput(_ state: Tensor, _ tokens: Tensor, _ kernel: Int, _ channels: Int) -> Tensor {
        let across = graph.view(tokens, Extent(perSequence, channels, sequences, 1))
        let joined = graph.result(
            Extent(kernel - 1 + perSequence, channels, sequences, 1),
            from: [graph.view(state, Extent(kernel - 1, channels, sequences, 1)), across])
        let row = kernel - 1 + perSequence
        let end = graph.view(
            joined, Extent(kernel - 1, channels, sequences, 1), spanned: (channels * sequences - 1) * row + kernel - 1)
        graph.plan(graph.store([end], at: .cache(current)))
        return joined
    }

    /// Some numbers of each token's row.
    private mutating func columns(of all: Tensor, _ extent: Extent) -> Tensor {
        graph.view(all, extent, spanned: (tokens - 1) * graph.extent(of: all).x + extent.x)
    }

    /// `ssm_conv`.
    mutating func convolution(_ joined: Tensor, _ extent: Extent) -> Tensor {
        let kernel = graph.extent(of: joined).x - extent.y + 1
        return graph.result(extent, from: [joined, vector(max(1, kernel) * extent.x)])
    }

    /// Reads the state, writes the new one behind the results.
    private mutating func scan(_ values: Tensor, _ steps: Tensor, decay: Tensor, _ entry: Tensor, _ exit: Tensor)
        -> Tensor
    {
        let count = shape.innerSize * tokens + shape.stateSize * shape.innerSize * sequences
        let kept = states(layout.stateCount - layout.convolutionCount)
        let scanned = graph.result(
            Extent(count, 1, 1, 1),
            from: [graph.view(kept, graph.extent(of: kept)), values, steps, decay, entry, exit, stateIndex()])
        graph.plan(scanned)
        rest(kept, layout.stateCount - layout.convolutionCount)
        let state = graph.view(scanned, Extent(shape.stateSize * shape.innerSize * sequences, 1, 1, 1))
        graph.plan(graph.store([state], at: .cache(current)))
        return scanned
    }

    /// `build_mamba_layer`.
    mutating func mamba(_ input: Tensor) -> Tensor {
        let inner = shape.innerSize
        let extent = Extent(inner, perSequence, sequences, 1)
        let state = convolutionState()
        let rows = graph.view(input, Extent(width, perSequence, sequences, 1))
        let both = product("ssm_in", 2 * inner, rows)
        let joined = convolutionInput(state, columns(of: both, extent), max(1, shape.convolutionKernel), inner)
        clearState()
        let convolved = graph.change(graph.change(convolution(joined, extent), with: [vector(inner)]))

        let parts = product("ssm_x", shape.timeStepRank + 2 * shape.stateSize, convolved)
        let step = Extent(shape.timeStepRank, perSequence, sequences, 1)
        let stateExtent = Extent(shape.stateSize, 1, perSequence, sequences)
        var narrow = columns(of: parts, step)
        var (entry, exit) = (part(of: parts, stateExtent), part(of: parts, stateExtent))
        if architecture.ssmParameterNorms {
            (narrow, entry, exit) = (norm(narrow), norm(entry), norm(exit))
        } else {
            narrow = graph.result(step, from: [narrow])
        }
        let wide = graph.result(
            extent, from: [matrix("ssm_dt", shape.timeStepRank, inner), narrow], operation: .product)
        let scanned = scan(
            graph.view(convolved, Extent(1, inner, perSequence, sequences)),
            graph.change(wide, with: [vector(inner)]), decay: vector(shape.stateSize * inner), entry, exit)
        let passed = graph.change(convolved, with: [vector(inner)])
        let sum = graph.result(extent, from: [graph.view(scanned, extent), passed], inPlace: true)
        let gate = graph.result(extent, from: [columns(of: both, extent)])
        let out = product("ssm_out", width, graph.result(extent, from: [gate, sum]))
        return graph.view(out, Extent(width, tokens, 1, 1))
    }

    /// `build_mamba2_layer`.
    mutating func mamba2(_ input: Tensor) -> Tensor {
        let heads = max(1, shape.timeStepRank)
        let inner = shape.innerSize
        let groups = max(1, shape.groupCount)
        let channels = inner + 2 * shape.groupCount * shape.stateSize
        let headed = Extent(inner / heads, heads, perSequence, sequences)
        let state = convolutionState()
        let all = graph.view(
            product("ssm_in", inner + channels + heads, input),
            Extent(inner + channels + heads, perSequence, sequences, 1))
        let channelExtent = Extent(channels, perSequence, sequences, 1)
        let joined = convolutionInput(
            state, columns(of: all, channelExtent), max(1, shape.convolutionKernel), channels)
        clearState()
        let convolved = graph.change(graph.change(convolution(joined, channelExtent), with: [vector(channels)]))
        let stepExtent = Extent(heads, perSequence, sequences, 1)
        let steps = graph.change(
            graph.result(stepExtent, from: [columns(of: all, stepExtent)]), with: [vector(heads)])
        let stateExtent = Extent(shape.stateSize, shape.groupCount, perSequence, sequences)
        let values = part(of: convolved, headed)
        let scanned = scan(
            values, steps, decay: vector(heads), part(of: convolved, stateExtent), part(of: convolved, stateExtent))

        let passed = graph.change(values, with: [vector(heads)])
        let sum = graph.result(headed, from: [graph.view(scanned, headed), passed], inPlace: true)
        let gate = graph.result(headed, from: [part(of: all, headed)])
        var gated = graph.result(headed, from: [gate, sum])
        // Falcon-H1 has no such norm in its smaller models; in place where there is one.
        if architecture.mixer == .mamba2 || architecture.mixer == .oneOfThree {
            gated = norm(graph.view(gated, Extent(inner / groups, groups, perSequence, sequences)))
        }
        return product("ssm_out", width, graph.view(gated, Extent(inner, tokens, 1, 1)))
    }

    /// LFM2's convolution over a few tokens (`build_shortconv_block`).
    mutating func shortConvolution(_ input: Tensor) -> Tensor {
        let extent = Extent(width, perSequence, sequences, 1)
        let all = product("shortconv.in_proj", 3 * width, graph.view(input, extent))
        let gated = graph.result(extent, from: [columns(of: all, extent), columns(of: all, extent)], inPlace: true)
        let joined = convolutionInput(convolutionState(), gated, max(1, shape.shortConvolutionCache), width)
        let convolved = convolution(joined, extent)
        let mixed = graph.result(extent, from: [columns(of: all, extent), convolved], inPlace: true)
        return graph.view(product("shortconv.out_proj", width, mixed), Extent(width, tokens, 1, 1))
    }
}

// MARK: Delta nets

/// What Qwen 3.5 and Qwen3-Next have: `qwen35.cpp`, `qwen3next.cpp`, `delta-net-base.cpp`.
extension GraphBuilder {
    /// Attention with a gate that comes out of the same matrix as the queries (`build_layer_attn`).
    mutating func gatedAttention(_ index: Int, _ input: Tensor) -> Tensor {
        let layer = layout.layers[index]
        let headed = Extent(layer.keyLength, layer.headCount, tokens, 1)
        let both = product("attn_q", 2 * layer.keyLength * layer.headCount, input)
        let plainKey = product("attn_k", layer.keyWidth, input)
        let plainValue = product("attn_v", layer.valueWidth, input)
        let query = graph.turn(norm(graph.view(both, headed)), with: turning())
        let key = graph.turn(
            norm(graph.view(plainKey, Extent(layer.keyLength, layer.headCountKV, tokens, 1))), with: turning())
        let value = graph.view(plainValue, Extent(layer.valueLength, layer.headCountKV, tokens, 1))
        let heads = attendedHeads(layer, query, key, value, keysAreWhole: true, valuesAreWhole: true)
        let gate = graph.result(
            Extent(layer.keyLength * layer.headCount, tokens, 1, 1), from: [graph.view(both, headed)])
        return product("attn_output", width, graph.change(heads, with: [graph.change(gate)]))
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

        let mixed = graph.view(product("attn_qkv", channels, input), channelExtent)
        let outGate = product("attn_gate", shape.innerSize, input)
        let beta = graph.change(graph.view(product("ssm_beta", heads, input), single))
        let alpha = graph.view(product("ssm_alpha", heads, input), Extent(heads, perSequence, sequences, 1))
        let wide = graph.change(graph.change(alpha, with: [vector(heads)]))
        let decay = graph.view(graph.change(wide, with: [vector(heads)]), single)

        let joined = convolutionInput(convolutionState(), mixed, max(1, shape.convolutionKernel), channels)
        let state = readState()
        let convolved = graph.change(convolution(joined, channelExtent))
        let query = graph.change(graph.change(graph.view(convolved, keyed)))
        let key = graph.change(graph.change(graph.view(convolved, keyed)))
        let value = graph.view(convolved, headed)

        let count = shape.innerSize * tokens + size * shape.innerSize * sequences
        let scanned = graph.result(Extent(count, 1, 1, 1), from: [query, key, value, decay, beta, state])
        let after = graph.view(scanned, Extent(size * shape.innerSize * sequences, 1, 1, 1))
        graph.plan(graph.store([after], at: .cache(current)))

        let normed = norm(graph.view(scanned, headed))
        let gate = graph.change(graph.view(outGate, headed))
        let gated = graph.view(
            graph.change(normed, with: [gate]), Extent(shape.innerSize, perSequence, sequences, 1))
        return graph.view(product("ssm_out", width, gated), Extent(width, tokens, 1, 1))
    }
}
