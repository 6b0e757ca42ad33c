import GGUF

extension GraphBuilder {
    /// Queries, keys and values, the cache, attention, and the way back (`build_qkv`, `build_attn`).
    mutating func attention(_ index: Int, _ input: Tensor) -> Tensor {
        let layer = layout.layers[index]
        if architecture.sharedCache != .none { return sharedAttention(layer, input) }
        var (query, key, value) = projections(layer, input)
        if architecture.qkNorm == .perHead {
            query = norm(query)
            key = norm(key)
        }
        let usesRope = usesRope(index)
        if usesRope {
            query = graph.change(query, with: [position()])
            key = graph.change(key, with: [position()])
        } else if architecture.rope == .allButEveryFourthScaled {
            let factors = queryFactors ?? graph.input(Extent(1, 1, tokens, 1), elementSize: 4)
            queryFactors = factors
            query = graph.change(query, with: [factors])
        }
        let isWhole = !architecture.fusedQKV
        return attend(
            layer, query, key, value, keysAreWhole: isWhole || usesRope || architecture.qkNorm != .none,
            valuesAreWhole: isWhole)
    }

    func headExtent(_ size: Int, _ heads: Int) -> Extent { Extent(size, heads, tokens, 1) }

    private mutating func projections(
        _ layer: CacheLayout.Layer, _ input: Tensor
    ) -> (query: Tensor, key: Tensor, value: Tensor) {
        let queryWidth = layer.keyLength * layer.headCount
        let query, key, value: Tensor
        if architecture.fusedQKV {
            let all = product(queryWidth + layer.keyWidth + layer.valueWidth, input)
            query = graph.view(all, headExtent(layer.keyLength, layer.headCount))
            key = graph.view(all, headExtent(layer.keyLength, layer.headCountKV))
            value = graph.view(all, headExtent(layer.valueLength, layer.headCountKV))
            return (query, key, value)
        }
        var wideQuery = product(queryWidth, input)
        var wideKey = product(layer.keyWidth, input)
        let wideValue = product(layer.valueWidth, input)
        if architecture.qkNorm == .whole {
            wideQuery = norm(wideQuery)
            wideKey = norm(wideKey)
        }
        query = graph.view(wideQuery, headExtent(layer.keyLength, layer.headCount))
        key = graph.view(wideKey, headExtent(layer.keyLength, layer.headCountKV))
        value = graph.view(wideValue, headExtent(layer.valueLength, layer.headCountKV))
        return (query, key, value)
    }

    private func usesRope(_ index: Int) -> Bool {
        switch architecture.rope {
        case .everyLayer: true
        case .none: false
        case .slidingWindowLayers: layout.window == nil || layout.layers[index].isWindowed
        case .allButEveryFourth, .allButEveryFourthScaled: (index + 1) % 4 != 0
        }
    }

    /// Quantized caches keep keys and values rotated by a Hadamard matrix (`llama_mul_mat_hadamard`), where the head
    /// size allows it (`llama-kv-cache.cpp`, `attn_rot_k`).
    private mutating func hadamard(_ tensor: Tensor, by matrix: Tensor?, isContiguous: Bool = true) -> Tensor {
        guard let matrix else { return tensor }
        let extent = graph.extent(of: tensor)
        let side = graph.extent(of: matrix).x
        let flat = Extent(side, extent.x * extent.y * extent.z * extent.w / side, 1, 1)
        let rows = isContiguous ? graph.view(tensor, flat) : graph.result(flat, from: [tensor])
        return graph.view(graph.result(flat, from: [matrix, rows]), extent)
    }

    private mutating func keyMatrix(_ layer: CacheLayout.Layer) -> Tensor? {
        guard workload.cacheTypeK.blockSize > 1, layer.keyLength % 64 == 0, layer.keyLength > 0 else { return nil }
        if let made = keyRotations[layer.isWindowed] { return made }
        var side = 64
        while layer.keyLength % (side * 2) == 0 { side *= 2 }
        let made = graph.input(Extent(side, side, 1, 1), elementSize: 4)
        keyRotations[layer.isWindowed] = made
        return made
    }

    private mutating func valueMatrix(_ layer: CacheLayout.Layer) -> Tensor? {
        guard workload.cacheTypeV.blockSize > 1, layer.valueLength % 64 == 0, layer.valueLength > 0 else { return nil }
        if let made = valueRotations[layer.isWindowed] { return made }
        let made = graph.input(Extent(64, 64, 1, 1), elementSize: 4)
        valueRotations[layer.isWindowed] = made
        return made
    }

    /// `build_attn` and `build_attn_mha`. Keys and values that are not whole are parts of a wider matrix.
    mutating func attend(
        _ layer: CacheLayout.Layer, _ query: Tensor, _ key: Tensor, _ value: Tensor, keysAreWhole: Bool,
        valuesAreWhole: Bool
    ) -> Tensor {
        product(
            width,
            attendedHeads(layer, query, key, value, keysAreWhole: keysAreWhole, valuesAreWhole: valuesAreWhole))
    }

    /// The same without the way back. A layer that uses the cache of another has no keys and values.
    mutating func attendedHeads(
        _ layer: CacheLayout.Layer, _ query: Tensor, _ key: Tensor?, _ value: Tensor?, keysAreWhole: Bool,
        valuesAreWhole: Bool
    ) -> Tensor {
        let keyMatrix = keyMatrix(layer)
        let valueMatrix = valueMatrix(layer)
        let query = hadamard(query, by: keyMatrix, isContiguous: keysAreWhole)
        graph.plan(query)
        if let key, let value {
            let key = hadamard(key, by: keyMatrix, isContiguous: keysAreWhole)
            let value = hadamard(value, by: valueMatrix, isContiguous: valuesAreWhole)
            for tensor in layout.window != nil ? [key, value] : [value, key] { graph.plan(tensor) }
            store(key: key, layer)
            store(value: value, layer, isContiguous: valuesAreWhole || valueMatrix != nil)
        }
        let heads = mixed(layer, query)
        graph.plan(heads)
        return hadamard(heads, by: valueMatrix)
    }

    mutating func store(key: Tensor, _ layer: CacheLayout.Layer) {
        let index = keyIndices[layer.isWindowed] ?? graph.input(Extent(tokens, 1, 1, 1), elementSize: 8)
        keyIndices[layer.isWindowed] = index
        let flat = graph.view(key, Extent(layer.keyWidth, tokens, 1, 1))
        graph.plan(graph.store([flat, index]))
    }

    /// Without flash attention values are stored one by one, with an index for each.
    private mutating func store(value: Tensor, _ layer: CacheLayout.Layer, isContiguous: Bool) {
        let widest = layout.largestValueWidth
        let count = sizes.usesFlashAttention ? tokens : tokens * widest
        let index = valueIndices[layer.isWindowed] ?? graph.input(Extent(count, 1, 1, 1), elementSize: 8)
        valueIndices[layer.isWindowed] = index
        let extent = Extent(layer.valueWidth, tokens, 1, 1)
        var flat =
            sizes.usesFlashAttention || isContiguous ? graph.view(value, extent) : graph.result(extent, from: [value])
        if !sizes.usesFlashAttention {
            if layer.valueWidth < widest { flat = graph.result(Extent(widest, tokens, 1, 1), from: [flat]) }
            flat = graph.view(flat, Extent(1, widest * tokens, 1, 1))
        }
        graph.plan(graph.store([flat, index]))
    }

    mutating func mask(_ layer: CacheLayout.Layer) -> Tensor {
        if let made = masks[layer.isWindowed] { return made }
        let count = layer.isWindowed ? cells.window : cells.full
        let made = graph.input(
            Extent(count, tokens / sizes.streams, 1, sizes.streams), elementSize: sizes.usesFlashAttention ? 2 : 4)
        masks[layer.isWindowed] = made
        return made
    }

    /// What the heads see, side by side for each token.
    private mutating func mixed(_ layer: CacheLayout.Layer, _ query: Tensor) -> Tensor {
        let perStream = tokens / sizes.streams
        let split = graph.view(query, Extent(layer.keyLength, layer.headCount, perStream, sizes.streams))
        let across = graph.view(split, Extent(layer.keyLength, perStream, layer.headCount, sizes.streams))
        let mask = mask(layer)
        let flat = Extent(layer.valueLength * layer.headCount, tokens, 1, 1)
        if sizes.usesFlashAttention {
            let seen = graph.result(
                Extent(layer.valueLength, layer.headCount, perStream, sizes.streams), from: [across, mask])
            return graph.view(seen, flat)
        }
        let count = layer.isWindowed ? cells.window : cells.full
        let scores = graph.result(Extent(count, perStream, layer.headCount, sizes.streams), from: [across])
        let shares = graph.change(scores, with: [mask])
        let seen = graph.result(
            Extent(layer.valueLength, perStream, layer.headCount, sizes.streams), from: [shares])
        let swapped = graph.view(seen, Extent(layer.valueLength, layer.headCount, perStream, sizes.streams))
        return graph.result(flat, from: [swapped])
    }
}
