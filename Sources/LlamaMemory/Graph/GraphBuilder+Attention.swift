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
            query = graph.turn(query, with: turning())
            key = graph.turn(key, with: turning())
            if architecture.qkNorm == .perHeadTurned {
                query = norm(query)
                key = norm(key)
            }
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

    /// Some numbers of each token's row, as heads.
    mutating func part(of all: Tensor, _ extent: Extent) -> Tensor {
        graph.view(all, extent, spanned: (tokens - 1) * graph.extent(of: all).x + extent.x * extent.y)
    }

    func headExtent(_ size: Int, _ heads: Int) -> Extent { Extent(size, heads, tokens, 1) }

    private mutating func projections(
        _ layer: CacheLayout.Layer, _ input: Tensor
    ) -> (query: Tensor, key: Tensor, value: Tensor) {
        let queryWidth = layer.keyLength * layer.headCount
        let query, key, value: Tensor
        if architecture.fusedQKV {
            let row = queryWidth + layer.keyWidth + layer.valueWidth
            let all = product("attn_qkv", row, input)
            query = part(of: all, headExtent(layer.keyLength, layer.headCount))
            key = part(of: all, headExtent(layer.keyLength, layer.headCountKV))
            value = part(of: all, headExtent(layer.valueLength, layer.headCountKV))
            return (query, key, value)
        }
        var wideQuery = product("attn_q", queryWidth, input)
        var wideKey = product("attn_k", layer.keyWidth, input)
        let wideValue = product("attn_v", layer.valueWidth, input)
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
            "attn_output", width,
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
        graph.plan(graph.store([flat, index], at: .cache(current)))
    }

    /// Without flash attention values are stored one by one, with an index for each.
    private mutating func store(value: Tensor, _ layer: CacheLayout.Layer, isContiguous: Bool) {
        let widest = layout.largestValueWidth
        let count = sizes.storesValuesAcross ? tokens * widest : tokens
        let index = valueIndices[layer.isWindowed] ?? graph.input(Extent(count, 1, 1, 1), elementSize: 8)
        valueIndices[layer.isWindowed] = index
        let extent = Extent(layer.valueWidth, tokens, 1, 1)
        var flat =
            !sizes.storesValuesAcross || isContiguous ? graph.view(value, extent) : graph.result(extent, from: [value])
        if sizes.storesValuesAcross {
            if layer.valueWidth < widest { flat = graph.result(Extent(widest, tokens, 1, 1), from: [flat]) }
            flat = graph.view(flat, Extent(1, widest * tokens, 1, 1))
        }
        graph.plan(graph.store([flat, index], at: .cache(current)))
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
        let turned = graph.view(split, Extent(layer.keyLength, perStream, layer.headCount, sizes.streams))
        let mask = mask(layer)
        let flat = Extent(layer.valueLength * layer.headCount, tokens, 1, 1)
        let count = layer.isWindowed ? cells.window : cells.full
        let keys = cached(layer, workload.cacheTypeK, layer.keyWidth, row: layer.keyLength)
        let values = cached(
            layer, workload.cacheTypeV, layer.valueWidth, row: layer.valueLength,
            kept: sizes.storesValuesAcross ? layout.largestValueWidth : nil)
        let sinks = architecture.attentionSinks ? [vector(layer.headCount)] : []
        if sizes.usesFlashAttention {
            let seen = graph.result(
                Extent(layer.valueLength, layer.headCount, perStream, sizes.streams),
                from: [
                    turned, narrowed(keys, workload.cacheTypeK, layer.keyWidth * count),
                    narrowed(values, workload.cacheTypeV, layer.valueWidth * count), mask,
                ] + sinks, operation: .nearby,
                cardExtra: halved(workload.cacheTypeK, layer.keyWidth, count)
                    + halved(workload.cacheTypeV, layer.valueWidth, count))
            graph.fuse(seen, layer: current, runsOnCards: layer.isFusedOnCards)
            return graph.view(seen, flat)
        }
        let scores = graph.result(Extent(count, perStream, layer.headCount, sizes.streams), from: [keys, turned])
        let shares = graph.change(scores, with: [mask] + sinks)
        let across =
            sizes.storesValuesAcross
            ? values
            : graph.result(
                Extent(layer.valueWidth * count * sizes.streams, 1, 1, 1), from: [values],
                elementSize: workload.cacheTypeV.bytesPerBlock)
        let seen = graph.result(
            Extent(layer.valueLength, perStream, layer.headCount, sizes.streams), from: [across, shares])
        let swapped = graph.view(seen, Extent(layer.valueLength, layer.headCount, perStream, sizes.streams))
        return merged(graph.result(flat, from: [swapped]))
    }

    /// The end of attention in steps is the processor's where the cache is its own (`offload_kqv`).
    mutating func merged(_ heads: Tensor) -> Tensor {
        if workload.keepsCacheInMemory { graph.pin(heads) }
        return heads
    }

    /// All cells of a layer's keys or values. Layers without a cache look into that of the last one which has its kind.
    /// A copy for a card has its last row of quantized numbers filled up, as weights have.
    mutating func cached(
        _ layer: CacheLayout.Layer, _ type: TensorType, _ width: Int, row: Int, kept: Int? = nil
    ) -> Tensor {
        var owner = current
        if !layer.hasCache {
            owner = layout.layers.lastIndex { $0.hasCache && $0.isWindowed == layer.isWindowed } ?? current
        }
        let count = layer.isWindowed ? cells.window : cells.full
        // From the first conversation's first cell to the last one's last; between them lie rows as wide as they are kept.
        let whole = ((kept ?? width) * (sizes.streams - 1) + width) * count
        let padding = type.blockSize > 1 ? (512 - row % 512) % 512 / type.blockSize * type.bytesPerBlock : 0
        return graph.stored(
            whole / type.blockSize * type.bytesPerBlock, at: .cache(owner), isWeight: false,
            cardExtra: padding)
    }

    /// Fused attention reads no 32-bit numbers: they are copied as half as wide ones first.
    mutating func narrowed(_ cached: Tensor, _ type: TensorType, _ count: Int) -> Tensor {
        guard type == .f32 else { return cached }
        return graph.result(Extent(count * sizes.streams, 1, 1, 1), from: [cached], elementSize: 2)
    }

    /// Fused attention on a card works with 16-bit numbers, for which it has room behind its result
    /// (ggml-cuda, `ggml_cuda_flash_attn_ext_get_alloc_size`).
    func halved(_ type: TensorType, _ width: Int, _ count: Int) -> Int {
        [.f16, .f32].contains(type) ? 0 : (2 * width * count * sizes.streams + 127) / 128 * 128
    }
}

extension CacheLayout.Layer {
    /// Whether cards have a kernel for its fused attention (ggml-cuda, `ggml_cuda_get_best_fattn_kernel`).
    var isFusedOnCards: Bool {
        let group = headCount / max(1, headCountKV)
        return switch (keyLength, valueLength) {
        case (40, 40), (64, 64), (72, 72), (80, 80), (96, 96), (112, 112), (128, 128), (256, 256): true
        case (192, 128): group >= 2 && group % 8 == 0
        case (320, 256): group % 32 == 0
        case (512, 512), (576, 512): group >= 2
        default: false
        }
    }
}
