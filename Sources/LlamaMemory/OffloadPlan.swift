package import GGUF

/// One model and workload, ready to be divided in many ways.
package struct OffloadPlan {
    private let memory: MemoryEstimate
    private let weights: LayerWeights
    private let workload: Workload
    private let outside: OutsideMemory
    private let model: Model
    private let graph: ComputeGraph
    /// By which llama.cpp decides whether attention stays fused; nil where that was said.
    private let probe: ComputeGraph?

    /// What graphs are built of.
    private struct Model {
        let shape: ModelShape
        let architecture: Architecture
        let layout: CacheLayout
        let weights: WeightSizes

        let workload: Workload

        var sizes: ContextSizes { ContextSizes(workload, trained: shape.contextLength) }

        func graph(_ sizes: ContextSizes) -> ComputeGraph {
            GraphBuilder.graph(
                shape, architecture, layout, sizes, workload, CacheSize(layout, self.sizes, workload), weights: weights)
        }
    }

    /// - Parameter memory: What was estimated for the same shape and workload.
    package init(
        _ memory: MemoryEstimate, _ weights: LayerWeights, shape: ModelShape, workload: Workload,
        outside: OutsideMemory
    ) {
        (self.memory, self.weights, self.workload, self.outside) = (memory, weights, workload, outside)
        let architecture = Architecture(shape)
        model = Model(
            shape: shape, architecture: architecture, layout: CacheLayout(shape, architecture),
            weights: WeightSizes(weights, shape), workload: workload)
        graph = model.graph(model.sizes)
        // Quantized values cannot do without.
        let isOpen = workload.flashAttention == .auto && workload.cacheTypeV.blockSize == 1
        probe = isOpen ? model.graph(model.sizes.ofOneToken) : nil
    }

    /// All places: layers, and the output as one more.
    package var places: Int { weights.layers.count + 1 }

    /// Whether some layers have experts.
    package var hasExperts: Bool { weights.experts.contains { $0 > 0 } }

    /// - Parameters:
    ///   - gpuLayers: Places on the cards, as for `--gpu-layers`; more than there are means all.
    ///   - expertsInMemory: Of so many layers, from the front, the experts stay in memory; nil as the workload says.
    package func offload(gpuLayers: Int, expertsInMemory: Int? = nil, to cards: [GraphicsCard]) -> Offload {
        let count = weights.layers.count
        let onCards = cards.isEmpty ? 0 : min(max(0, gpuLayers), places)
        let kept = hasExperts ? min(max(0, expertsInMemory ?? workload.expertLayersInMemory), count) : 0
        let homes = homes(of: onCards, cards)
        let host = cards.count
        let keepsCache = workload.keepsCacheInMemory
        @Sendable func device(_ site: ComputeGraph.Site) -> Int {
            switch site {
            case .input: host
            case .output: homes[count]
            case .layer(let index): index < count ? homes[index] : host
            case .experts(let index): index < kept || index >= count ? host : homes[index]
            case .cache(let index): keepsCache || index >= count ? host : homes[index]
            }
        }
        // Several cards work on several micro-batches at a time where nothing is left to the processor.
        let isPipelined = host > 1 && onCards == places && !keepsCache && kept == 0
        let placement = Placement(
            cards: host, device: device, sendsWeights: workload.offloadsOperations, copies: isPipelined ? 4 : 1)
        var usesFlashAttention = workload.flashAttention != .off
        if host > 0, let probe { usesFlashAttention = probe.keepsFusedAttention(placement) }
        let graph =
            probe == nil || usesFlashAttention ? graph : model.graph(model.sizes.withoutFlashAttention)
        let results = graph.reserve(placement)
        let spread = weights.spread(over: host, device: device)
        var shares = (0...host).map { Offload.Share(weights: spread[$0], compute: Int64(results[$0])) }
        for (index, bytes) in memory.cacheByLayer.enumerated() { shares[device(.cache(index))].cache += bytes }
        shares[host].output = memory.output
        shares[host].process = outside.process
        shares[onCards > 0 ? 0 : host].projector += outside.projector
        let usesMatrices = weights.hasFloatMatrices || !usesFlashAttention
        for index in cards.indices {
            shares[index].driver = CardDriver(backend: cards[index].backend).bytes(multipliesFloats: usesMatrices)
        }
        return Offload(
            gpuLayers: onCards, places: places, expertsInMemory: kept,
            devices: cards.indices.map { index in
                Offload.Device(
                    name: cards[index].name, layers: homes.count { $0 == index }, share: shares[index])
            }, ram: shares[host])
    }

    /// Which card each layer and last the output lies on; one more than there are cards means memory
    /// (`load_tensors`, `get_layer_buft_list`).
    private func homes(of count: Int, _ cards: [GraphicsCard]) -> [Int] {
        let first = places - count
        let isStated = workload.tensorSplit.contains { $0 > 0 }
        var wishes = cards.indices.map { index -> Double in
            guard isStated else { return Double(max(0, cards[index].free)) }
            return index < workload.tensorSplit.count ? max(0, workload.tensorSplit[index]) : 0
        }
        if wishes.reduce(0, +) <= 0 { wishes = wishes.map { _ in 1 } }
        let sum = wishes.reduce(0, +)
        var (limit, limits): (Double, [Double]) = (0, [])
        for wish in wishes {
            limit += wish / sum
            limits.append(limit)
        }
        return (0..<places).map { place in
            guard place >= first else { return cards.count }
            let part = Double(place - first) / Double(count)
            return limits.firstIndex { $0 > part } ?? cards.count - 1
        }
    }
}

/// What a driver keeps on a card for a process, beside the buffers that it asks for.
///
/// Measured on one NVIDIA H100 (driver 580, CUDA 13, by NVML): 522 MiB for the context and what llama.cpp loads, 590 to
/// 602 once a prompt is read, and about 95 more when plain numbers are multiplied, which cuBLAS does. Of others nothing
/// was measured; the figures are guesses on the safe side.
package struct CardDriver: Hashable, Sendable {
    /// `cuda`, `rocm`, `vulkan`, …
    package let backend: String

    /// Of an API of llama.cpp.
    package init(backend: String) { self.backend = backend }

    /// Whether the figure was measured.
    package var isMeasured: Bool { backend == "cuda" }

    /// In bytes.
    func bytes(multipliesFloats: Bool) -> Int64 {
        switch backend {
        case "cuda": (600 + (multipliesFloats ? 95 : 0)) << 20
        case "rocm": (600 + (multipliesFloats ? 100 : 0)) << 20
        // No libraries of ready kernels are loaded; shaders and staging take some.
        default: 200 << 20
        }
    }
}
