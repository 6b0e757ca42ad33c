package import GGUF

/// One model and workload, ready to be divided in many ways.
package final class OffloadPlan {
    private let memory: MemoryEstimate
    private let weights: LayerWeights
    private let workload: Workload
    private let outside: OutsideMemory
    private let shape: ModelShape
    private let architecture: Architecture
    private let sizes: ContextSizes
    // No division changes what is calculated, so each graph is built once, when first a division comes that far.
    private lazy var graph = graph(sizes)
    private lazy var unfusedGraph = graph(sizes.withoutFlashAttention)
    private lazy var graphOfOneToken = graph(sizes.ofOneToken)
    /// Where layers and experts lie: nothing else of the cards decides what is calculated with on each.
    private struct Division: Hashable {
        let homes: [Int]
        let cards: Int
        let expertsInMemory: Int
    }

    /// What is calculated with, by what was asked about before, and whether attention is fused.
    private var known: [Division: (isFused: Bool, bytes: [Int])] = [:]

    /// - Parameter memory: What was estimated for the same shape and workload.
    package init(
        _ memory: MemoryEstimate, _ weights: LayerWeights, shape: ModelShape, workload: Workload,
        outside: OutsideMemory
    ) {
        (self.memory, self.weights, self.workload, self.outside) = (memory, weights, workload, outside)
        (self.shape, architecture) = (shape, Architecture(shape))
        sizes = ContextSizes(workload, trained: shape.contextLength)
    }

    /// All places: layers, and the output as one more.
    package var places: Int { weights.layers.count + 1 }

    /// Whether some layers have experts.
    package var hasExperts: Bool { weights.experts.contains { $0 > 0 } }

    /// - Parameters:
    ///   - gpuLayers: Places on the cards, as for `--gpu-layers`; more than there are means all.
    ///   - expertsInMemory: Of so many layers, from the front, the experts stay in memory; nil as the workload says.
    package func offload(gpuLayers: Int, expertsInMemory: Int? = nil, to cards: [GraphicsCard]) -> Offload {
        let (division, placement, offload) = divided(gpuLayers, expertsInMemory, cards)
        return calculated(offload, division, placement, cards)
    }

    /// The same where each card holds its part, else nil: where weights and cache alone are too much, no graph is walked.
    package func offload(
        gpuLayers: Int, expertsInMemory: Int? = nil, within cards: [GraphicsCard]
    ) -> Offload? {
        let (division, placement, offload) = divided(gpuLayers, expertsInMemory, cards)
        guard offload.isWithin(cards) else { return nil }
        let whole = calculated(offload, division, placement, cards)
        return whole.isWithin(cards) ? whole : nil
    }

    /// About how many places there is room for, without walking the graph: where to begin to look.
    package func likelyPlaces(within cards: [GraphicsCard]) -> Int {
        var left = cards
        // What a card calculates with is about what a processor does.
        for index in left.indices { left[index].usable -= memory.compute }
        var (low, high) = (0, places)
        while high - low > 1 {
            let middle = (low + high) / 2
            if divided(middle, nil, left).offload.isWithin(left) { low = middle } else { high = middle }
        }
        return low
    }

    /// All but what is calculated with, and how that is divided.
    private func divided(
        _ gpuLayers: Int, _ expertsInMemory: Int?, _ cards: [GraphicsCard]
    ) -> (division: Division, placement: Placement, offload: Offload) {
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
        var shares = weights.spread(over: host, device: device).map { Offload.Share(weights: $0) }
        for (index, bytes) in memory.cacheByLayer.enumerated() { shares[device(.cache(index))].cache += bytes }
        shares[host].output = memory.output
        shares[host].process = outside.process
        shares[onCards > 0 ? 0 : host].projector += outside.projector
        for index in cards.indices {
            shares[index].driver = driver(of: cards[index], usesFlashAttention: sizes.usesFlashAttention)
        }
        // Several cards work on several micro-batches at a time where nothing is left to the processor.
        let isPipelined = host > 1 && onCards == places && !keepsCache && kept == 0
        let placement = Placement(
            cards: host, device: device, sendsWeights: workload.offloadsOperations, copies: isPipelined ? 4 : 1,
            pinsNorms: onCards == places)
        let devices = cards.indices.map { index in
            Offload.Device(name: cards[index].name, layers: homes.count { $0 == index }, share: shares[index])
        }
        return (
            Division(homes: homes, cards: host, expertsInMemory: kept), placement,
            Offload(
                gpuLayers: onCards, places: places, expertsInMemory: kept, devices: devices, ram: shares[host])
        )
    }

    /// With what is calculated with on each side.
    private func calculated(
        _ offload: Offload, _ division: Division, _ placement: Placement, _ cards: [GraphicsCard]
    ) -> Offload {
        let (isFused, bytes) = known[division] ?? reserved(placement)
        known[division] = (isFused, bytes)
        var whole = offload
        for (index, card) in cards.enumerated() {
            whole.devices[index].share.compute = Int64(bytes[index])
            whole.devices[index].share.driver = driver(
                of: card, usesFlashAttention: isFused && sizes.usesFlashAttention)
        }
        whole.ram.compute = Int64(bytes[placement.cards])
        return whole
    }

    private func reserved(_ placement: Placement) -> (isFused: Bool, bytes: [Int]) {
        // Quantized values cannot do without it.
        let isOpen = workload.flashAttention == .auto && workload.cacheTypeV.blockSize == 1
        let isFused = !isOpen || placement.cards == 0 || graphOfOneToken.keepsFusedAttention(placement)
        return (isFused, (isFused ? graph : unfusedGraph).reserve(placement))
    }

    private func graph(_ sizes: ContextSizes) -> ComputeGraph {
        let layout = CacheLayout(shape, architecture)
        return GraphBuilder.graph(
            shape, architecture, layout, sizes, workload, CacheSize(layout, self.sizes, workload),
            weights: WeightSizes(weights, shape))
    }

    private func driver(of card: GraphicsCard, usesFlashAttention: Bool) -> Int64 {
        // Mamba 2's scan takes as much as multiplying plain numbers does.
        let scans = [.mamba2, .attentionBesideMamba2, .oneOfThree].contains(architecture.mixer)
        return CardDriver(backend: card.backend)
            .bytes(multipliesFloats: weights.hasFloatMatrices || !usesFlashAttention || scans)
    }

    /// Which card each layer and last the output lies on; one more than there are cards means memory
    /// (`load_tensors`, `get_layer_buft_list`).
    private func homes(of count: Int, _ cards: [GraphicsCard]) -> [Int] {
        let first = places - count
        let isStated = workload.tensorSplit.contains { $0 > 0 }
        // In single precision, as there: equal cards meet on a limit.
        var wishes = cards.indices.map { index -> Float in
            guard isStated else { return Float(max(0, cards[index].free)) }
            return index < workload.tensorSplit.count ? Float(max(0, workload.tensorSplit[index])) : 0
        }
        if wishes.reduce(0, +) <= 0 { wishes = wishes.map { _ in 1 } }
        var (sum, limits): (Float, [Float]) = (0, [])
        for wish in wishes {
            sum += wish
            limits.append(sum)
        }
        limits = limits.map { $0 / sum }
        return (0..<places).map { place in
            guard place >= first else { return cards.count }
            let part = Float(place - first) / Float(count)
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
