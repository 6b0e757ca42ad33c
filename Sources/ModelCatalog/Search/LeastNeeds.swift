import GGUF

/// What a model needs at the very least, by the catalog's own numbers: enough to leave most of a large catalog aside
/// without working anything out. What is really needed is never less.
extension CatalogEntry {
    /// Memory that the lightest of its forms takes, in bytes; 0 where that is not known.
    package var leastMemory: Int64 {
        var least = Int64.max
        for file in files {
            var size: Int64 = 0
            for part in file.parts.isEmpty ? [file.size] : file.parts.map(\.size) {
                guard let part else { return 0 }
                size += min(max(part, 0), Self.mostBytes)
            }
            least = min(least, size)
        }
        guard least < .max else { return 0 }
        return max(0, least - aside)
    }

    /// What the lightest of its forms reads for one token, in bytes; 0 where that is not known.
    package var leastRead: Int64 {
        var share = 1.0
        if let active = activeParameters, let parameters, parameters > 0 {
            share = Double(active) / Double(parameters)
        }
        if let shape, shape.expertCount > 0 {
            share = min(share, Double(shape.expertUsedCount) / Double(shape.expertCount))
        }
        // Layers that only draft are not gone through.
        if let shape, shape.nextNLayers > 0 { share /= 2 }
        return Int64(Double(leastMemory) * min(max(share, 0.02), 1))
    }

    /// Of the file's bytes, what may be neither in a graphics card's memory nor read for each token: the header with its
    /// vocabulary, and tables of which one row is looked up.
    private var aside: Int64 {
        guard let shape, shape.isSensible else { return 0 }
        let rows = Int64(shape.vocabularySize)
        let width = Int64(shape.embeddingLength) + Int64(shape.embeddingLengthPerLayer) * Int64(shape.blockCount)
        let isWide = files.contains { $0.quantization == "F32" }
        return rows * (80 + width * (isWide ? 4 : 2))
    }

    /// No file is larger; what claims to be is cut to this before it is added to anything.
    private static let mostBytes: Int64 = 1 << 52
}
