public import GGUF

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Why a model cannot run as asked, or not be estimated.
public enum MemoryEstimateError: Error, Hashable, Sendable {
    /// A quantized cache needs heads whose size is a multiple of its block (llama.cpp, `llama-context.cpp`).
    case cacheTypeNeedsHeadSize(type: TensorType, headSize: Int)
    /// Quantized values need flash attention (llama.cpp, `llama-context.cpp`).
    case quantizedValuesNeedFlashAttention(type: TensorType)
    /// A type in which llama.cpp does not cache.
    case unsupportedCacheType(TensorType)
    /// The table of positions ends before the context does.
    case contextTooLong(asked: Int, most: Int)
    /// llama.cpp loads no model of this architecture without experts (`load_arch_tensors`).
    case needsExperts(architecture: String)
    /// The model's numbers make no sense.
    case badShape

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .cacheTypeNeedsHeadSize: "cache-type-needs-head-size"
        case .quantizedValuesNeedFlashAttention: "cache-type-needs-flash-attention"
        case .unsupportedCacheType: "unsupported-cache-type"
        case .contextTooLong: "context-too-long"
        case .needsExperts: "needs-experts"
        case .badShape: "bad-shape"
        }
    }
}

extension MemoryEstimateError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .cacheTypeNeedsHeadSize(let type, let headSize):
            "A cache of type \(type) needs a head size that is a multiple of 32, not \(headSize)."
        case .quantizedValuesNeedFlashAttention(let type): "Values cached as \(type) need flash attention."
        case .unsupportedCacheType(let type): "llama.cpp does not cache in \(type)."
        case .contextTooLong(let asked, let most): "A context of \(asked) tokens is longer than the model's \(most)."
        case .needsExperts(let architecture): "llama.cpp loads no \(architecture) model without experts."
        case .badShape: "The numbers in the model's header make no sense."
        }
    }
}

/// What llama.cpp allocates for a model and a workload, worked out from the numbers in its header.
///
/// Held against the log of llama.cpp 0.5.0 (commit 0c1e570) on a processor with AVX2 and without a GPU. Everything is
/// in bytes.
public struct MemoryEstimate: Hashable, Sendable {
    /// The tensor data, mapped from the file.
    public private(set) var weights: Int64
    /// Keys and values of layers that see the whole context.
    package let kvCacheFull: Int64
    /// Keys and values of layers that see a window.
    package let kvCacheWindow: Int64
    /// State of recurrent layers, which does not grow with the context.
    package let recurrentState: Int64
    /// Intermediate results of one micro-batch.
    public let compute: Int64
    /// Logits of the last tokens.
    public let output: Int64
    /// Keys, values and recurrent state by layer; layers that only draft have none.
    package let cacheByLayer: [Int64]
    /// Cells of the cache: the context as llama.cpp rounds it up, in tokens.
    public let contextLength: Int
    /// What is calculated for a token.
    package let steps: StepCount
    /// The architecture is not known here, and layers like Llama's were taken: a guess.
    package let isGeneric: Bool

    /// Keys, values and recurrent state together.
    public var kvCache: Int64 { kvCacheFull + kvCacheWindow + recurrentState }

    /// Everything that llama.cpp allocates. See `RepackedWeights` and `ProcessOverhead` for what comes on top.
    public var total: Int64 { weights + kvCache + compute + output }

    /// Estimates a model of this shape. `weights` is the size of its tensor data in bytes, from the file's header
    /// (`GGUFFile.dataSpan`) or from `Quantization.weights(of:)`.
    ///
    /// - Throws: `MemoryEstimateError` where llama.cpp would refuse, too.
    package init(shape: ModelShape, weights: Int64, workload: Workload) throws(MemoryEstimateError) {
        guard shape.isSensible, (0...1 << 60).contains(weights) else { throw .badShape }
        self = try RecentEstimates.estimate(shape, workload) { () throws(MemoryEstimateError) in
            try MemoryEstimate(shape, workload)
        }
        self.weights = weights
    }

    /// All but the weights.
    private init(_ shape: ModelShape, _ workload: Workload) throws(MemoryEstimateError) {
        let sizes = ContextSizes(workload, trained: shape.contextLength)
        let architecture = Architecture(shape)
        let layout = CacheLayout(shape, architecture)
        try Self.check(shape, architecture, layout, sizes, workload)
        let cache = CacheSize(layout, sizes, workload)
        weights = 0
        kvCacheFull = cache.full
        kvCacheWindow = cache.windowed
        recurrentState = cache.state
        cacheByLayer = cache.layers
        let graph = GraphBuilder.graph(shape, architecture, layout, sizes, workload, cache)
        compute = Int64(graph.reserve(.memoryOnly)[0])
        steps = StepCount(graph, layout, vocabulary: shape.vocabularySize)
        // `output_reserve`: one row of logits for each conversation, as 32-bit numbers.
        output = Int64(shape.vocabularySize) * Int64(sizes.sequences) * 4
        contextLength = sizes.context
        isGeneric = !architecture.knowsGraph
    }

    /// Estimates the model in a file.
    ///
    /// - Throws: `MemoryEstimateError` where llama.cpp would refuse, and `badShape` for files without a model.
    public init(_ file: GGUFFile, workload: Workload) throws(MemoryEstimateError) {
        guard let shape = ModelShape(file) else { throw .badShape }
        let span = file.dataSpan
        try self.init(shape: shape, weights: span.upperBound - span.lowerBound, workload: workload)
    }

    /// Types that llama.cpp's command line takes for a cache (`arg.cpp`, `kv_cache_types`).
    package static let cacheTypes: [TensorType] = [.f32, .f16, .bf16, .q80, .q40, .q41, .iq4NL, .q50, .q51]

    private static func check(
        _ shape: ModelShape, _ architecture: Architecture, _ layout: CacheLayout, _ sizes: ContextSizes,
        _ workload: Workload
    ) throws(MemoryEstimateError) {
        if architecture.experts.required, shape.expertCount == 0 {
            throw .needsExperts(architecture: shape.architecture)
        }
        let (keys, values) = (workload.cacheTypeK, workload.cacheTypeV)
        for type in [keys, values] where !cacheTypes.contains(type) { throw .unsupportedCacheType(type) }
        if values.blockSize > 1, !sizes.usesFlashAttention, layout.hasCache, !layout.isLatent {
            throw .quantizedValuesNeedFlashAttention(type: values)
        }
        for layer in layout.layers where layer.hasCache {
            if layer.keyLength % keys.blockSize != 0 {
                throw .cacheTypeNeedsHeadSize(type: keys, headSize: layer.keyLength)
            }
            if layer.valueLength % values.blockSize != 0, !layout.isLatent {
                throw .cacheTypeNeedsHeadSize(type: values, headSize: layer.valueLength)
            }
        }
        // Positions beyond the table cannot be looked up.
        if architecture.positionEmbeddings, shape.contextLength > 0, sizes.contextPerSequence > 0,
            let asked = workload.contextLength, asked > shape.contextLength
        {
            throw .contextTooLong(asked: asked, most: shape.contextLength)
        }
    }
}
