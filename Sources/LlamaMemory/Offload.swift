/// How a model is divided between graphics cards and memory, in bytes.
///
/// Held against llama.cpp on one NVIDIA card, and on virtual ones that share it (commit 0c1e570, CUDA 13). What follows
/// from its source only, and was never measured: cards of other makers.
/// - There is one place more than there are layers. Cards take the last ones: the output first, then layers from the
///   back (`llama-model.cpp`, `load_tensors`: `i_gpu_start = n_layer + 1 - n_gpu_layers`). Versions before the end of
///   2025 counted the output last.
/// - The table of embeddings stays in memory (`dev_input`); where it is the output matrix too, the card gets a copy.
/// - Keys, values and state of a layer lie where the layer does (`llama-kv-cache.cpp`, `llama-memory-recurrent.cpp`),
///   unless they are told to stay in memory.
/// - Each device has a compute buffer of its own (`ggml-backend.cpp`, `ggml_backend_sched_reserve`). A card calculates
///   with weights in memory too when it reads a prompt, so it has one even without any layers.
/// - Logits come back to memory (`llama-context.cpp`, `output_reserve`), and a vision projector goes to the first card
///   unless told not to (`--no-mmproj-offload`).
package struct Offload: Hashable, Sendable {
    /// Places on cards, as for `--gpu-layers`.
    package let gpuLayers: Int
    /// All places: the model's layers, and its output as one more.
    package let places: Int
    /// Layers whose experts stay in memory although the layer is on a card, counted from the front: `--n-cpu-moe`.
    package let expertsInMemory: Int
    /// What lies on each card, in their order.
    package internal(set) var devices: [Device]
    /// What stays in memory.
    package internal(set) var ram: Share

    /// What lies on all cards together.
    package var vram: Share { devices.reduce(Share()) { $0 + $1.share } }

    /// All of it but the input is on cards.
    package var isWhole: Bool { gpuLayers == places }

    /// Whether each card may take its part.
    package func isWithin(_ cards: [GraphicsCard]) -> Bool {
        devices.count == cards.count && zip(devices, cards).allSatisfy { $0.share.total <= $1.usable }
    }

    /// One card's part.
    package struct Device: Hashable, Sendable {
        /// The card's name.
        package let name: String
        /// Its places: layers, and the output as one more.
        package let layers: Int
        /// What lies there.
        package internal(set) var share: Share
    }

    /// One side's part, in bytes.
    package struct Share: Hashable, Sendable {
        /// Weights.
        package var weights: Int64 = 0
        /// Keys, values and recurrent state.
        package var cache: Int64 = 0
        /// Intermediate results.
        package var compute: Int64 = 0
        /// Logits.
        package var output: Int64 = 0
        /// The process itself.
        package var process: Int64 = 0
        /// A vision projector.
        package var projector: Int64 = 0
        /// What the driver, its context and its libraries take on a card, see `CardDriver`.
        package var driver: Int64 = 0

        /// All of it.
        package var total: Int64 { weights + cache + compute + output + process + projector + driver }

        static func + (left: Share, right: Share) -> Share {
            Share(
                weights: left.weights + right.weights, cache: left.cache + right.cache,
                compute: left.compute + right.compute, output: left.output + right.output,
                process: left.process + right.process, projector: left.projector + right.projector,
                driver: left.driver + right.driver)
        }
    }
}

/// A graphics card with memory of its own, as far as dividing a model depends on it.
package struct GraphicsCard: Hashable, Sendable {
    /// `NVIDIA GeForce RTX 4090`.
    package var name: String
    /// `cuda`, `rocm`, `vulkan`, …
    package var backend: String
    /// What is free there, in bytes: llama.cpp divides layers in proportion to it.
    package var free: Int64
    /// What of it a model may take, in bytes.
    package var usable: Int64

    /// Sizes in bytes.
    package init(name: String, backend: String, free: Int64, usable: Int64) {
        (self.name, self.backend, self.free, self.usable) = (name, backend, free, usable)
    }
}

/// What has to be had beside what llama.cpp allocates for the model, in bytes.
package struct OutsideMemory: Hashable, Sendable {
    /// The process itself, see ``ProcessOverhead``.
    package var process: Int64
    /// A vision projector's file, 0 where there is none. What it calculates with comes on top and is not known.
    package var projector: Int64

    /// Parts in bytes.
    package init(process: Int64, projector: Int64 = 0) {
        self.process = process
        self.projector = projector
    }

    /// Both.
    package var total: Int64 { process + projector }
}
