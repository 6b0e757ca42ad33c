public import GGUF

extension CatalogArchitecture {
    /// The numbers as the memory estimate takes them; nil when one is missing without which nothing can be said.
    public var shape: ModelShape? {
        guard let architecture, let blockCount, let embeddingLength, let vocabularySize else { return nil }
        var shape = ModelShape(
            architecture: architecture, blockCount: blockCount, embeddingLength: embeddingLength,
            vocabularySize: vocabularySize)
        if let contextLength { shape.contextLength = contextLength }
        if let feedForwardLength { shape.feedForwardLength = feedForwardLength.perLayer }
        if let headCount { shape.headCount = headCount.perLayer }
        shape.headCountKV = headCountKV?.perLayer
        shape.keyLength = keyLength
        shape.valueLength = valueLength
        shape.ropeDimensionCount = ropeDimensionCount
        shape.slidingWindow = slidingWindow
        shape.queryLoraRank = queryRank ?? 0
        shape.keyValueLoraRank = keyValueRank ?? 0
        shape.tiedEmbeddings = tiedEmbeddings
        return shape
    }
}

extension CatalogArchitecture.PerLayer {
    fileprivate var perLayer: GGUF.PerLayer {
        switch self {
        case .same(let number): .same(number)
        case .each(let numbers): .each(numbers)
        }
    }
}
