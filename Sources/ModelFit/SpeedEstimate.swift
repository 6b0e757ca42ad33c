public import GGUF

/// How fast a model writes, from the memory's bandwidth: every token needs all active weights and the cache once.
///
/// A range, because processors reach between half and nine tenths of what a plain read of memory reaches.
public struct SpeedEstimate: Hashable, Sendable {
    /// Tokens per second, from slow to fast.
    public let tokensPerSecond: ClosedRange<Double>
    /// What is read for one token, in bytes.
    public let bytesPerToken: Int64

    /// Nil when the bandwidth (bytes per second) is unknown, or nothing would be read.
    public init?(bytesPerToken: Int64, bandwidth: Double?) {
        guard let bandwidth, bandwidth > 0, bandwidth.isFinite, bytesPerToken > 0 else { return nil }
        let most = bandwidth / Double(bytesPerToken)
        self.bytesPerToken = bytesPerToken
        tokensPerSecond = most * 0.5...most * 0.9
    }

    /// Estimates a model whose memory was estimated, with its cache filled by half.
    public init?(shape: ModelShape, memory: MemoryEstimate, bandwidth: Double?) {
        let cache = memory.kvCacheFull / 2 + memory.kvCacheWindow + memory.recurrentState
        self.init(bytesPerToken: Self.activeWeights(shape, weights: memory.weights) + cache, bandwidth: bandwidth)
    }

    /// Weights that one token goes through, in bytes: without the table of embeddings, of which one row is read (where
    /// the output does not share it), and without the experts that are not chosen.
    public static func activeWeights(_ shape: ModelShape, weights: Int64) -> Int64 {
        guard shape.isSensible, weights > 0 else { return max(weights, 0) }
        let width = Double(shape.embeddingLength)
        let table = Double(shape.vocabularySize) * width
        var expertCount = 0.0
        if shape.expertCount > 0 {
            for layer in shape.leadingDenseBlockCount..<max(shape.leadingDenseBlockCount, shape.blockCount) {
                let inner = shape.expertFeedForwardLength?[layer] ?? shape.feedForwardLength[layer]
                expertCount += 3 * width * Double(inner) * Double(shape.expertCount)
            }
        }
        // Where the number of weights is not known, experts and tables are nearly all of it.
        let all = shape.parameterCount.map(Double.init) ?? expertCount + 2 * table
        guard all > 0 else { return weights }
        let idle = shape.expertCount > 0 ? 1 - Double(shape.expertUsedCount) / Double(shape.expertCount) : 0
        let unread = (shape.tiedEmbeddings ?? true ? 0 : table) + expertCount * max(0, idle)
        let share = 1 - unread / all
        return Int64(Double(weights) * (shape.parameterCount == nil && expertCount == 0 ? 1 : min(max(share, 0.02), 1)))
    }
}
