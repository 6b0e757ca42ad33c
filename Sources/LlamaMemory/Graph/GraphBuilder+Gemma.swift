/// What only Gemma 3n and 4 have: `gemma3n.cpp`, `gemma4.cpp`.
extension GraphBuilder {
    /// Attention whose values are scaled, too; later layers look into the cache of an earlier one.
    mutating func sharedAttention(_ layer: CacheLayout.Layer, _ input: Tensor) -> Tensor {
        let wide = product("attn_q", layer.keyLength * layer.headCount, input)
        let query = graph.turn(
            norm(graph.view(wide, headExtent(layer.keyLength, layer.headCount))), with: turning())
        guard layer.hasCache else {
            return product(
                "attn_output", width, attendedHeads(layer, query, nil, nil, keysAreWhole: true, valuesAreWhole: true))
        }
        let plainKey = product("attn_k", layer.keyWidth, input)
        let plainValue = product("attn_v", layer.valueWidth, input)
        let key = graph.turn(
            norm(graph.view(plainKey, headExtent(layer.keyLength, layer.headCountKV))), with: turning())
        let valueView = graph.view(plainValue, headExtent(layer.valueLength, layer.headCountKV))
        let value = graph.result(graph.extent(of: valueView), from: [valueView], inPlace: true)
        return attend(layer, query, key, value, keysAreWhole: true, valuesAreWhole: true)
    }

    /// `build_inp_per_layer` and `project_per_layer_inputs`: the embeddings of all layers, layer by layer.
    mutating func perLayer(_ stream: Tensor) -> Tensor {
        let own = shape.embeddingLengthPerLayer
        let extent = Extent(own, layout.layers.count, tokens, 1)
        let numbers = graph.input(Extent(tokens, 1, 1, 1), elementSize: 4)
        let looked = lookup(
            "per_layer_token_embd", own * layout.layers.count, shape.vocabularySize, numbers)
        let scaled = graph.change(graph.view(looked, extent))
        graph.plan(scaled)
        // What follows lies where the first layer does (`LLM_TENSOR_PER_LAYER_MODEL_PROJ`).
        site = .layer(0)
        let projected = graph.change(product("per_layer_model_proj", own * layout.layers.count, stream))
        let normed = norm(graph.view(projected, extent), ofLayer: false)
        let sum = graph.change(graph.change(normed, with: [scaled]))
        let across = Extent(own, tokens, layout.layers.count, 1)
        return graph.result(across, from: [graph.view(sum, across)])
    }

    /// A layer's own embeddings are multiplied in at its end (Gemma 4).
    mutating func withOwn(_ stream: Tensor, _ all: Tensor) -> Tensor {
        let gate = graph.change(product("inp_gate", shape.embeddingLengthPerLayer, stream))
        let own = graph.view(all, Extent(shape.embeddingLengthPerLayer, tokens, 1, 1))
        let added = norm(product("proj", width, graph.change(gate, with: [own])))
        return graph.change(graph.change(stream, with: [added]), with: [vector(1)])
    }

    // MARK: Gemma 3n

    private var streams: Int { max(1, shape.alternatingUpdates) }
    private var flat: Extent { Extent(width, tokens, 1, 1) }

    /// All layers of Gemma 3n: several streams side by side, of which one is calculated and the others guessed.
    mutating func alternatingLayers(_ stream: Tensor) -> Tensor {
        let own = perLayer(stream)
        let others = Extent(width, tokens, streams - 1, 1)
        let target = magnitude(stream)
        let repeated = graph.result(others, from: [stream])
        site = .output
        let into = matrix("altup_proj", width, width * max(1, streams - 1))
        let guessed = scaled(graph.result(others, from: [into, repeated], operation: .product), to: target)
        var all = graph.result(Extent(width, tokens, streams, 1), from: [stream, guessed])
        for index in layout.layers.indices {
            enter(index)
            all = alternatingLayer(index, all, own)
        }
        site = .output

        let goal = magnitude(graph.view(all, flat))
        let out = matrix("altup_unembd_proj", width, width * max(1, streams - 1))
        let folded = scaled(
            graph.result(others, from: [out, graph.view(all, others)], operation: .product), to: goal)
        var sum = graph.view(all, flat)
        for _ in 1..<max(2, streams) { sum = graph.change(sum, with: [graph.view(folded, flat)]) }
        return graph.change(sum)
    }

    /// `calc_magnitude`.
    private mutating func magnitude(_ tensor: Tensor) -> Tensor {
        let squared = graph.change(tensor)
        var extent = graph.extent(of: squared)
        extent.x = 1
        return graph.change(graph.result(extent, from: [squared]))
    }

    private mutating func scaled(_ tensor: Tensor, to target: Tensor) -> Tensor {
        let current = magnitude(tensor)
        return graph.change(graph.change(tensor, with: [target]), with: [current])
    }

    /// `altup_compute_router_modalities`.
    private mutating func modalities(_ tensor: Tensor) -> Tensor {
        let scaled = graph.change(norm(tensor, name: "altup_router_norm"))
        let router = shared["altup_router"] ?? matrix("altup_router", width, streams)
        shared["altup_router"] = router
        return graph.change(
            graph.result(Extent(streams, tokens, 1, 1), from: [router, scaled], operation: .product))
    }

    private mutating func alternatingLayer(_ index: Int, _ input: Tensor, _ own: Tensor) -> Tensor {
        let extent = Extent(width, tokens, streams, 1)
        // `altup_predict`
        let factors = product("altup_predict_coef", streams * streams, modalities(graph.view(input, flat)))
        let across = graph.result(
            Extent(streams, width, tokens, 1), from: [graph.view(input, Extent(streams, width, tokens, 1))])
        let mixed = graph.result(
            Extent(width, streams, tokens, 1),
            from: [across, graph.view(factors, Extent(streams, streams, tokens, 1))])
        let predictions = graph.change(graph.result(extent, from: [graph.view(mixed, extent)]), with: [input])

        let active = graph.view(predictions, flat)
        let before = norm(active)
        let narrow = product("laurel_r", width, product("laurel_l", 64, before))
        let laurel = graph.change(norm(narrow), with: [before])
        let attended = graph.change(norm(sharedAttention(layout.layers[index], before)), with: [active])
        let sum = graph.change(graph.change(attended, with: [laurel]))

        let normed = norm(sum)
        let inner = shape.feedForwardLength[index]
        let up = product("ffn_up", inner, normed)
        var gate = product("ffn_gate", inner, normed)
        if index < 10 { gate = sparse(gate) }
        let fed = product("ffn_down", width, graph.change(up, with: [graph.change(gate)]))
        let activated = graph.change(norm(fed, ofLayer: false), with: [sum])

        // `altup_correct`
        let coefficients = graph.change(product("altup_correct_coef", streams, modalities(activated)))
        let innovation = graph.change(activated, with: [graph.view(predictions, flat)])
        let spread = graph.result(extent, from: [innovation])
        let turned = graph.result(
            Extent(1, tokens, streams, 1), from: [graph.view(coefficients, Extent(tokens, streams, 1, 1))])
        let corrected = graph.change(graph.change(spread, with: [turned]), with: [predictions])

        let first = graph.change(
            product(
                "inp_gate", shape.embeddingLengthPerLayer,
                graph.change(graph.view(corrected, flat), with: [vector(width)])))
        let part = graph.view(own, Extent(shape.embeddingLengthPerLayer, tokens, 1, 1))
        let added = norm(product("proj", width, graph.change(first, with: [part])))
        let rest = graph.view(corrected, Extent(width, tokens, streams - 1, 1))
        let moved = graph.change(rest, with: [added])
        return graph.result(extent, from: [graph.view(corrected, flat), moved])
    }

    /// `gaussian_topk`: only the largest go on.
    private mutating func sparse(_ tensor: Tensor) -> Tensor {
        let one = Extent(1, tokens, 1, 1)
        let mean = graph.result(one, from: [tensor])
        let deviation = graph.change(graph.change(tensor, with: [mean]))
        let spread = graph.change(graph.change(graph.result(one, from: [deviation])))
        let cutoff = graph.change(mean, with: [graph.change(spread)])
        return graph.change(graph.change(tensor, with: [cutoff]))
    }
}
