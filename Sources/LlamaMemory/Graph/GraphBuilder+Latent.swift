extension GraphBuilder {
    /// Attention over latents: what `minicpm3.cpp` and `deepseek2.cpp` build.
    mutating func latentAttention(_ index: Int, _ input: Tensor) -> Tensor {
        let layer = layout.layers[index]
        let ropeLength = shape.ropeDimensionCount ?? 0
        let rank = shape.keyValueLoraRank

        var wide = input
        if shape.queryLoraRank > 0 { wide = norm(product("attn_q_a", shape.queryLoraRank, wide)) }
        let name = shape.queryLoraRank > 0 ? "attn_q_b" : "attn_q"
        let query = graph.view(
            product(name, layer.headCount * layer.unfoldedKeyLength, wide),
            headExtent(layer.unfoldedKeyLength, layer.headCount))
        let both = product("attn_kv_a_mqa", rank + ropeLength, input)
        let latent = norm(graph.view(both, Extent(rank, tokens, 1, 1)))
        let keyPart = graph.view(both, headExtent(ropeLength, 1))
        return layout.isLatent
            ? absorbed(layer, query, keyPart: keyPart, latent: latent)
            : unfolded(layer, query, keyPart: keyPart, latent: latent)
    }

    /// Keys and values are unfolded before they are cached.
    private mutating func unfolded(
        _ layer: CacheLayout.Layer, _ query: Tensor, keyPart: Tensor, latent: Tensor
    ) -> Tensor {
        let ropeLength = shape.ropeDimensionCount ?? 0
        let nopeLength = layer.keyLength - ropeLength
        let all = product("attn_kv_b", layer.headCount * (nopeLength + layer.valueLength), latent)
        let value = graph.result(
            headExtent(layer.valueLength, layer.headCount),
            from: [graph.view(all, headExtent(layer.valueLength, layer.headCount))])
        let ropedQuery = graph.turn(query, with: turning())
        let ropedKey = graph.turn(keyPart, with: turning())
        let repeated = graph.result(headExtent(ropeLength, layer.headCount), from: [ropedKey])
        let key = graph.result(
            headExtent(layer.keyLength, layer.headCount),
            from: [graph.view(all, headExtent(nopeLength, layer.headCount)), repeated])
        return attend(layer, ropedQuery, key, value, keysAreWhole: true, valuesAreWhole: true)
    }

    /// The latent itself is cached, and queries are folded to its size.
    private mutating func absorbed(
        _ layer: CacheLayout.Layer, _ query: Tensor, keyPart: Tensor, latent: Tensor
    ) -> Tensor {
        let ropeLength = shape.ropeDimensionCount ?? 0
        let rank = shape.keyValueLoraRank
        let nopeLength = max(0, layer.unfoldedKeyLength - ropeLength)
        let ropedQuery = graph.turn(graph.view(query, headExtent(ropeLength, layer.headCount)), with: turning())
        let ropedKey = graph.turn(keyPart, with: turning())
        let nopeQuery = graph.view(
            graph.view(query, headExtent(nopeLength, layer.headCount)), Extent(nopeLength, tokens, layer.headCount, 1))
        let folded = graph.view(
            graph.result(
                Extent(rank, tokens, layer.headCount, 1),
                from: [matrix("attn_k_b", nopeLength, rank * layer.headCount), nopeQuery], operation: .product),
            headExtent(rank, layer.headCount))
        let wide = graph.result(headExtent(rank + ropeLength, layer.headCount), from: [folded, ropedQuery])
        let value = graph.view(latent, headExtent(rank, 1))
        let key = graph.result(headExtent(rank + ropeLength, 1), from: [value, ropedKey])

        graph.plan(wide)
        graph.plan(value)
        graph.plan(key)
        store(key: key, layer)
        let heads = mixedLatent(layer, wide)
        graph.plan(heads)
        return product("attn_output", width, heads)
    }

    /// `build_attn_mha` with values unfolded after attention (`v_mla`).
    private mutating func mixedLatent(_ layer: CacheLayout.Layer, _ query: Tensor) -> Tensor {
        let rank = shape.keyValueLoraRank
        let valueLength = layer.unfoldedValueLength
        let perStream = tokens / sizes.streams
        let split = graph.view(query, Extent(layer.keyLength, layer.headCount, perStream, sizes.streams))
        let across = graph.view(split, Extent(layer.keyLength, perStream, layer.headCount, sizes.streams))
        let latentExtent = Extent(rank, perStream, layer.headCount, sizes.streams)
        let valueExtent = Extent(valueLength, perStream, layer.headCount, sizes.streams)
        let flat = Extent(valueLength * layer.headCount, tokens, 1, 1)
        let mask = mask(layer)
        let keys = cached(layer, workload.cacheTypeK, layer.keyWidth, row: layer.keyWidth)
        // Values are the first part of each row of keys.
        let type = workload.cacheTypeK
        let rowBytes = layer.keyWidth / type.blockSize * type.bytesPerBlock
        let rows = cells.full * sizes.streams
        let values = graph.view(
            keys, Extent(rank / type.blockSize * type.bytesPerBlock, rows, 1, 1),
            spanned: (rows - 1) * rowBytes + rank / type.blockSize * type.bytesPerBlock)
        let unfolding = matrix("attn_v_b", rank, valueLength * layer.headCount)
        if sizes.usesFlashAttention {
            let seen = graph.result(
                Extent(rank, layer.headCount, perStream, sizes.streams),
                from: [
                    across, narrowed(keys, type, layer.keyWidth * cells.full),
                    narrowed(values, type, rank * cells.full), mask,
                ],
                operation: .nearby, cardExtra: halved(type, layer.keyWidth, cells.full))
            graph.fuse(seen, layer: current, runsOnCards: layer.isFusedOnCards)
            let unfolded = graph.result(
                valueExtent, from: [unfolding, graph.view(seen, latentExtent)], operation: .product)
            return graph.view(graph.result(flat, from: [graph.view(unfolded, valueExtent)]), flat)
        }
        let scores = graph.result(
            Extent(cells.full, perStream, layer.headCount, sizes.streams), from: [keys, across])
        let shares = graph.change(scores, with: [mask])
        // Values lie along the keys in the cache and are copied across first, in the cache's type.
        let copy = graph.result(
            Extent(cells.full * rank * sizes.streams, 1, 1, 1), from: [values],
            elementSize: workload.cacheTypeK.blockSize == 1 ? workload.cacheTypeK.bytesPerBlock : 2)
        let seen = graph.result(latentExtent, from: [copy, shares])
        let unfolded = graph.result(valueExtent, from: [unfolding, seen], operation: .product)
        return merged(graph.result(flat, from: [graph.view(unfolded, valueExtent)]))
    }
}
