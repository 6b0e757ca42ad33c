/// How a model is divided between a graphics card and memory, in bytes.
///
/// This follows from reading llama.cpp's source and was not measured:
/// - There is one place more than there are layers. A card takes the last ones: the output first, then layers from the
///   back (`llama-model.cpp`, `load_tensors`: `i_gpu_start = n_layer + 1 - n_gpu_layers`). Versions before the end of
///   2025 counted the output last.
/// - The table of embeddings stays in memory (`dev_input`); where it is the output matrix too, the card gets a copy.
/// - Keys, values and state of a layer lie where the layer does (`llama-kv-cache.cpp`, `llama-memory-recurrent.cpp`).
/// - Each side has a compute buffer of its own (`ggml-backend.cpp`, `ggml_backend_sched_reserve`). Both count in full
///   here, which overstates; when all layers are on the card, memory keeps only what goes in.
/// - Logits come back to memory (`llama-context.cpp`, `output_reserve`), and a vision projector goes to the card unless
///   told not to (`--no-mmproj-offload`).
///
/// Several cards count as one. What a driver takes for itself is not in these figures.
public struct Offload: Hashable, Sendable {
    /// Places on the card, as for `--gpu-layers`.
    public let gpuLayers: Int
    /// All places: the model's layers, and its output as one more.
    public let places: Int
    /// Layers whose experts stay in memory although the layer is on the card, counted from the front: `--n-cpu-moe`.
    public let expertsInMemory: Int
    /// What lies on the card.
    public let vram: Share
    /// What stays in memory.
    public let ram: Share

    /// All of it but the input is on the card.
    public var isWhole: Bool { gpuLayers == places }

    /// One side's part, in bytes.
    public struct Share: Hashable, Sendable {
        /// Weights.
        public var weights: Int64 = 0
        /// Keys, values and recurrent state.
        public var cache: Int64 = 0
        /// Intermediate results.
        public var compute: Int64 = 0
        /// Logits.
        public var output: Int64 = 0
        /// The process itself.
        public var process: Int64 = 0
        /// A vision projector.
        public var projector: Int64 = 0

        /// All of it.
        public var total: Int64 { weights + cache + compute + output + process + projector }
    }

    /// Divides a model.
    ///
    /// - Parameters:
    ///   - gpuLayers: Places on the card, as for `--gpu-layers`; more than there are means all.
    ///   - expertsInMemory: Of so many layers, from the front, the experts stay in memory, as for `--n-cpu-moe`.
    ///   - outside: What the model needs beside.
    package init(
        _ memory: MemoryEstimate, _ weights: LayerWeights, gpuLayers: Int, expertsInMemory: Int = 0,
        outside: OutsideMemory
    ) {
        let count = weights.layers.count
        places = count + 1
        self.gpuLayers = min(max(0, gpuLayers), places)
        self.expertsInMemory = min(max(0, expertsInMemory), count)
        let first = places - max(1, self.gpuLayers)
        var card = Share()
        var host = Share(output: memory.output, process: outside.process)
        if self.gpuLayers > 0 {
            let kept = weights.experts.prefix(self.expertsInMemory).dropFirst(first).reduce(0, +)
            card.weights = weights.output + weights.layers[first...].reduce(0, +) - kept
            card.cache = memory.cacheByLayer.dropFirst(first).reduce(0, +)
            card.compute = memory.compute
            card.projector = outside.projector
        } else {
            host.projector = outside.projector
        }
        host.weights = max(0, memory.weights - card.weights + (self.gpuLayers > 0 ? weights.copied : 0))
        host.cache = memory.kvCache - card.cache
        host.compute = self.gpuLayers == places && self.expertsInMemory == 0 ? memory.computeInput : memory.compute
        (vram, ram) = (card, host)
    }
}

/// What has to be had beside what llama.cpp allocates for the model, in bytes.
public struct OutsideMemory: Hashable, Sendable {
    /// The process itself, see ``ProcessOverhead``.
    public var process: Int64
    /// A vision projector's file, 0 where there is none. What it calculates with comes on top and is not known.
    public var projector: Int64

    /// Parts in bytes.
    public init(process: Int64, projector: Int64 = 0) {
        self.process = process
        self.projector = projector
    }

    /// Both.
    public var total: Int64 { process + projector }
}
