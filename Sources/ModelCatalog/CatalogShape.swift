public import GGUF

extension CatalogArchitecture {
    /// The numbers as the memory estimate takes them; nil when one is missing without which nothing can be said.
    public var shape: ModelShape? {
        guard let architecture, let blockCount, let embeddingLength, let vocabularySize else { return nil }
        return ModelShape(
            architecture: architecture, blockCount: blockCount, contextLength: contextLength ?? 0,
            embeddingLength: embeddingLength, feedForwardLength: feedForwardLength ?? 0, headCount: headCount ?? 0,
            headCountKV: headCountKV, keyLength: keyLength, valueLength: valueLength, keyLengthSWA: keyLengthSWA,
            valueLengthSWA: valueLengthSWA, ropeDimensionCount: ropeDimensionCount, vocabularySize: vocabularySize,
            slidingWindow: slidingWindow, slidingWindowPattern: slidingWindowPattern, sharedKVLayers: sharedKVLayers,
            nextNLayers: nextNLayers ?? 0, leadingDenseBlockCount: leadingDenseBlockCount ?? 0,
            expertCount: expertCount ?? 0, expertUsedCount: expertUsedCount ?? 0,
            expertFeedForwardLength: expertFeedForwardLength, expertSharedCount: expertSharedCount ?? 0,
            expertSharedFeedForwardLength: expertSharedFeedForwardLength, convolutionKernel: convolutionKernel ?? 0,
            innerSize: innerSize ?? 0, stateSize: stateSize ?? 0, timeStepRank: timeStepRank ?? 0,
            groupCount: groupCount ?? 0, shortConvolutionCache: shortConvolutionCache ?? 0,
            fullAttentionInterval: fullAttentionInterval, queryLoraRank: queryRank ?? 0,
            keyValueLoraRank: keyValueRank ?? 0, embeddingLengthPerLayer: embeddingLengthPerLayer ?? 0,
            alternatingUpdates: alternatingUpdates ?? 0, tiedEmbeddings: tiedEmbeddings,
            softcapsAttention: attentionSoftcap.map { $0 != 0 }, parallelResidual: parallelResidual)
    }
}

extension CatalogEntry {
    /// The numbers as one of the entry's files has them; nil where the entry's are not known.
    public func shape(of file: CatalogFile) -> ModelShape? {
        var shape = architecture?.shape
        if let isTied = file.tiedEmbeddings { shape?.tiedEmbeddings = isTied }
        return shape
    }
}
