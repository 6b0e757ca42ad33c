import GGUF

/// Which type llama.cpp's quantizer gives each tensor.
///
/// The rules are those of llama.cpp, `llama-quant.cpp` (`llama_tensor_get_type_impl`, `tensor_type_fallback`), without
/// an importance matrix.
struct QuantizerRules {
    let fileType: FileType
    let quantizer: Architecture.Quantizer
    /// Query heads for each key head.
    let headsPerKey: Int
    let expertCount: Int
    let layers: Int
    /// Layers with attention.
    let attentionLayers: Int
    let isTied: Bool

    private var isFalcon: Bool { quantizer == .falcon }
    private var sharesKeys: Bool { headsPerKey >= 4 }

    /// What a tensor is for.
    enum Role: Hashable {
        /// `layerEmbedding` is the table with embeddings for every layer (Gemma 4).
        case embedding, layerEmbedding, output, query, key, value, attentionOutput, up, gate, down, other
    }

    /// `index` counts the tensors of this role, or layers where there are experts; `row` is the tensor's row length.
    func type(_ role: Role, index: Int, row: Int, isExpert: Bool) -> TensorType {
        let base = fileType.baseType
        // Floating point is kept as it is.
        guard base.blockSize > 1 else { return base }
        return Self.fallback(wanted(role, index: index, row: row, isExpert: isExpert, base: base), row: row)
    }

    /// Rows that are no multiple of the block get a type of smaller blocks.
    static func fallback(_ type: TensorType, row: Int) -> TensorType {
        guard row % type.blockSize != 0 else { return type }
        let smaller: TensorType =
            switch type {
            case .iq1S, .iq1M, .iq2XXS, .iq2XS, .iq2S, .iq3XXS, .iq3S, .iq4XS: .iq4NL
            case .q20, .q2K, .q3K, .tq10, .tq20: .q40
            case .q4K: .q50
            case .q5K: .q51
            case .q6K: .q80
            default: type
            }
        return row % smaller.blockSize == 0 ? smaller : .f16
    }

    private func wanted(_ role: Role, index: Int, row: Int, isExpert: Bool, base: TensorType) -> TensorType {
        if role == .output || (isTied && role == .embedding) { return output(row: row, base: base) }
        if fileType == .mxfp4 { return isExpert ? .mxfp4 : .q80 }
        if role == .embedding || role == .layerEmbedding { return embedding ?? base }
        if isLow { return low(role, index: index) ?? base }
        switch role {
        case .value: return value(index) ?? base
        case .key, .query: return queryOrKey(role) ?? base
        case .down: return down(index) ?? base
        case .attentionOutput: return attentionOutput ?? base
        case .up, .gate:
            let isMiddle = index >= layers / 8 && index < 7 * layers / 8
            return fileType == .iq3XS && isMiddle ? .iq3XXS : base
        case .embedding, .layerEmbedding, .output, .other: return base
        }
    }

    /// The first and the last eighth of the layers, and every third between.
    private func usesMoreBits(_ index: Int, of count: Int) -> Bool {
        index < count / 8 || index >= 7 * count / 8 || (index - count / 8) % 3 == 2
    }

    /// File types of two bits and less, which have rules of their own.
    private var isLow: Bool {
        switch fileType {
        case .iq2XXS, .iq2XS, .iq1S, .iq2S, .iq2M, .iq1M: true
        default: false
        }
    }

    private func output(row: Int, base: TensorType) -> TensorType {
        if fileType == .mxfp4 || isFalcon || row % base.blockSize != 0 { return .q80 }
        if isLow || fileType == .iq3XXS { return .q5K }
        return base == .q80 ? .q80 : .q6K
    }

    private var embedding: TensorType? {
        switch fileType {
        case .iq2XXS, .iq2XS, .iq1S, .iq1M: .q2K
        case .iq2S, .iq2M, .iq3XXS: .iq3S
        case .tq10, .tq20, .q20: .q4K
        default: nil
        }
    }

    private func low(_ role: Role, index: Int) -> TensorType? {
        let isSecond = fileType == .iq2S || fileType == .iq2M
        switch role {
        case .value: return sharesKeys || expertCount >= 4 ? .q4K : isSecond ? .iq3S : .q2K
        case .key: return expertCount == 8 ? .q4K : nil
        case .down: return index < layers / 8 ? (isSecond ? .iq3S : .q2K) : nil
        case .attentionOutput:
            if expertCount == 8 { return .q5K }
            if fileType == .iq1S || fileType == .iq1M { return .iq2XXS }
            return isSecond ? .iq3S : nil
        default: return nil
        }
    }

    private func value(_ index: Int) -> TensorType? {
        if expertCount == 8 { return .q80 }
        let type: TensorType? =
            switch fileType {
            case .q2K: sharesKeys ? .q4K : .q3K
            case .q2KS: sharesKeys ? .q4K : nil
            case .iq3XXS: sharesKeys ? .q4K : .iq3S
            case .iq3XS, .iq3S: sharesKeys ? .q4K : nil
            case .iq3M: .q4K
            case .q3KM: index < 2 ? .q5K : .q4K
            case .q3KL: .q5K
            case .iq4NL, .iq4XS: sharesKeys ? .q5K : nil
            case .q4KM, .q5KM: usesMoreBits(index, of: attentionLayers) ? .q6K : nil
            case .q4KS: index < 4 ? .q5K : nil
            default: nil
            }
        let chosen = type ?? fileType.baseType
        return quantizer == .llama70B && (chosen == .q3K || chosen == .q4K) ? .q5K : type
    }

    private func queryOrKey(_ role: Role) -> TensorType? {
        if role == .key && expertCount == 8 { return .q80 }
        switch fileType {
        case .iq3XS: return .iq3XXS
        case .iq3XXS: return .iq2S
        default: return nil
        }
    }

    private func down(_ index: Int) -> TensorType? {
        let isEarly = index < layers / 8
        let isFiner = usesMoreBits(index, of: layers)
        return switch fileType {
        case .q2K: .q3K
        case .q2KS: isEarly ? .q4K : nil
        case .iq3XXS: isEarly ? .q4K : .q3K
        case .q3KM: index < layers / 16 ? .q5K : !isFalcon || isFiner ? .q4K : .q3K
        case .iq3M: isEarly || (expertCount == 8 && isFiner) ? .q4K : nil
        case .q3KL: isFalcon ? .q4K : .q5K
        case .q4KM where isFalcon: index < layers / 16 ? .q6K : isFiner ? .q5K : .q4K
        case .q4KM, .q5KM: isFiner ? .q6K : nil
        case .iq4NL, .iq4XS: isEarly ? .q5K : nil
        case .q4KS: isEarly && !isFalcon ? .q5K : nil
        default: nil
        }
    }

    private var attentionOutput: TensorType? {
        if isFalcon { return fileType == .q3KL ? .q4K : nil }
        if expertCount == 8 {
            switch fileType {
            case .q2K, .iq3XS, .iq3XXS, .q3KS, .q3KM, .iq4NL, .q4KS, .q4KM, .iq3S, .iq3M, .iq4XS: return .q5K
            default: return nil
            }
        }
        return switch fileType {
        case .q2K: .q3K
        case .iq3XXS: .iq3S
        case .q3KM, .iq3M: .q4K
        case .q3KL: .q5K
        default: nil
        }
    }
}
