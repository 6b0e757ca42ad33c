public import GGUF

/// What a model is asked to do: how long a context, in which of llama.cpp's programs, with which settings.
///
/// The defaults are llama.cpp's own (`common.h`, `llama_context_default_params`).
public struct Workload: Hashable, Sendable {
    /// In tokens; nil or 0 means the longest the model was trained for.
    public var contextLength: Int?
    /// Whether ``contextLength`` is a habit and no wish: a model that was made for a shorter one is judged with its own.
    public var contextMayShrink: Bool
    /// Which program runs it.
    public var runtime: Runtime
    /// How keys are cached.
    public var cacheTypeK: TensorType
    /// How values are cached.
    public var cacheTypeV: TensorType
    /// Whether attention is one fused step.
    public var flashAttention: FlashAttention
    /// Tokens given at a time.
    package var batch: Int
    /// Tokens calculated at a time; decides the compute buffer.
    package var microBatch: Int
    /// Conversations at a time; nil means what the program does by itself: one, or 4 in one cache for the server.
    public var parallel: Int?
    /// Whether window layers cache the whole context.
    package var fullWindowCache: Bool
    /// Layers for the graphics card as in llama.cpp's `--gpu-layers`, where the output counts as one more; nil means as
    /// many as fit. Without a card it changes nothing.
    public var gpuLayers: Int?
    /// Of so many layers, from the front, the experts stay in memory although the layer is on a card, as for
    /// `--n-cpu-moe`.
    package var expertLayersInMemory = 0
    /// Keys and values stay in memory although their layers are on a card, as for `--no-kv-offload`.
    package var keepsCacheInMemory = false
    /// Cards calculate with weights in memory when there are many tokens at a time; `--no-op-offload` says no.
    package var offloadsOperations = true
    /// Whether a vision projector is loaded with it; `--mmproj none` says no, and what reads text alone has none.
    package var loadsProjector = true
    /// How much each card takes of the layers, as for `--tensor-split`; empty means by free memory.
    package var tensorSplit: [Double] = []

    /// So many conversations can be had at a time, and no more: `LLAMA_MAX_SEQ` in llama.cpp's `llama-cparams.h`.
    package static let mostSequences = 256
    /// No larger micro-batch is estimated.
    package static let mostInMicroBatch = 1 << 16

    /// All settings that are not given are llama.cpp's own.
    public init(
        contextLength: Int? = nil, runtime: Runtime = .cli, cacheTypeK: TensorType = .f16,
        cacheTypeV: TensorType = .f16, flashAttention: FlashAttention = .auto, batch: Int = 2048,
        microBatch: Int = 512, parallel: Int? = nil, fullWindowCache: Bool = false, gpuLayers: Int? = nil,
        contextMayShrink: Bool = false
    ) {
        self.contextLength = contextLength
        self.runtime = runtime
        self.cacheTypeK = cacheTypeK
        self.cacheTypeV = cacheTypeV
        self.flashAttention = flashAttention
        self.batch = batch
        self.microBatch = microBatch
        self.parallel = parallel
        self.fullWindowCache = fullWindowCache
        self.gpuLayers = gpuLayers
        self.contextMayShrink = contextMayShrink
    }

    /// The same for a model that was trained for so many tokens; 0 when that is not known.
    package func suited(to trained: Int) -> Workload {
        guard contextMayShrink, trained > 0, let contextLength else { return self }
        var own = self
        own.contextLength = min(contextLength, trained)
        return own
    }

    /// The programs of llama.cpp, as far as their memory differs.
    public enum Runtime: String, Hashable, Sendable, Codable, CaseIterable {
        /// llama-cli: one conversation, one row of logits.
        case cli
        /// llama-server: by itself four slots in one cache.
        case server
        /// The C interface's defaults, as in llama-completion and applications built on it: logits for a whole batch.
        case library
    }

    /// Whether attention is one fused step.
    public enum FlashAttention: String, Hashable, Sendable, Codable, CaseIterable {
        /// Where the backend can: everywhere on the CPU.
        case auto
        case on
        case off
    }
}

/// The sizes that llama.cpp ends up with (`llama-context.cpp`, constructor of `llama_context`).
struct ContextSizes: Hashable {
    /// Cells of the whole cache, in tokens.
    let context: Int
    /// Cells that one conversation sees, in tokens.
    let contextPerSequence: Int
    /// Caches side by side: one, or one a conversation.
    let streams: Int
    let sequences: Int
    /// Tokens of the largest graph.
    private(set) var tokens: Int
    /// Tokens of a micro-batch.
    let microBatch: Int
    /// Rows of logits of the largest graph.
    private(set) var outputs: Int
    private(set) var usesFlashAttention: Bool
    /// Values are cached across, as attention in steps reads them. Where fused attention was given up afterwards, they
    /// are not.
    let storesValuesAcross: Bool

    /// With attention in steps over a cache that was made for fused attention.
    var withoutFlashAttention: ContextSizes {
        var sizes = self
        sizes.usesFlashAttention = false
        return sizes
    }

    /// Of the graph in which llama.cpp looks who would calculate what: a token for each conversation.
    var ofOneToken: ContextSizes {
        var sizes = self
        (sizes.tokens, sizes.outputs) = (sequences, sequences)
        return sizes
    }

    init(_ workload: Workload, trained: Int) {
        let wanted = workload.contextLength ?? 0
        let requested = min(max(1, wanted > 0 ? wanted : max(trained, 256)), 1 << 28)
        sequences = min(max(1, workload.parallel ?? (workload.runtime == .server ? 4 : 1)), Workload.mostSequences)
        let batch = min(requested, min(max(1, workload.batch), 1 << 20))
        microBatch = min(batch, min(max(1, workload.microBatch), Workload.mostInMicroBatch))

        let isUnified = workload.runtime == .server && workload.parallel == nil
        streams = isUnified ? 1 : sequences
        let padded = Self.padded(requested)
        contextPerSequence = isUnified ? padded : Self.padded(padded / sequences)
        context = isUnified ? padded : contextPerSequence * sequences

        // A graph has the same number of tokens for each conversation (`graph_reserve`).
        let most = min(context, microBatch)
        tokens = (most + sequences - 1) / sequences * sequences
        let rows =
            switch workload.runtime {
            case .cli: max(1, workload.parallel ?? 1)
            case .server: sequences
            case .library: batch
            }
        outputs = min(most, rows)
        usesFlashAttention = workload.flashAttention != .off
        storesValuesAcross = !usesFlashAttention
    }

    /// Caches are multiples of 256 cells.
    static func padded(_ cells: Int) -> Int { (cells + 255) / 256 * 256 }
}
