import GGUF

/// What each matrix of weights takes: as a header says, else as llama.cpp's quantizer would write it.
struct WeightSizes {
    private var stored: [String: LayerWeights.Stored] = [:]
    private var rules: QuantizerRules?

    /// Of nothing: where no card takes part, weights need no room among the results.
    init() {}

    init(_ weights: LayerWeights, _ shape: ModelShape) {
        stored = weights.tensors
        rules = weights.quantization.flatMap { WeightCounter(shape: shape, quantization: $0)?.rules }
    }

    /// In bytes, and what a card rounds it up by.
    func size(
        of name: String, in site: ComputeGraph.Site, row: Int, rows: Int, stack: Int
    ) -> (bytes: Int, padding: Int) {
        if !stored.isEmpty {
            // Where there is no output matrix, it is the table of embeddings.
            guard
                let found = stored[Self.path(name, in: site)] ?? stored[name]
                    ?? (name == "output" ? stored["token_embd"] : nil)
            else { return (0, 0) }
            return (Int(found.bytes), Int(found.padding))
        }
        guard let rules else { return (0, 0) }
        let index = if case .layer(let index) = site { index } else { 0 }
        let type = rules.type(Self.role(name), index: index, row: row, isExpert: stack > 1)
        let count = row.multipliedReportingOverflow(by: rows * stack)
        guard !count.overflow, let bytes = type.byteCount(elements: Int64(count.partialValue), row: Int64(row)) else {
            return (0, 0)
        }
        return (Int(bytes), Int(type.cardPadding(row: Int64(row))))
    }

    /// Whether a header has such a tensor.
    func has(_ name: @autoclosure () -> String, in site: ComputeGraph.Site) -> Bool {
        !stored.isEmpty && stored[Self.path(name(), in: site)] != nil
    }

    private static func path(_ name: String, in site: ComputeGraph.Site) -> String {
        if case .layer(let index) = site { "blk.\(index).\(name)" } else { name }
    }

    private static func role(_ name: String) -> QuantizerRules.Role {
        switch name {
        case "token_embd": .embedding
        case "per_layer_token_embd": .layerEmbedding
        case "output": .output
        case "attn_q": .query
        case "attn_k": .key
        case "attn_v", "attn_qkv", "attn_kv_b": .value
        case "attn_output": .attentionOutput
        case let name where name.hasPrefix("ffn_up"): .up
        case let name where name.hasPrefix("ffn_gate_inp"): .other
        case let name where name.hasPrefix("ffn_gate"): .gate
        case let name where name.hasPrefix("ffn_down"): .down
        default: .other
        }
    }
}

extension TensorType {
    /// Cards read the rows of quantized matrices in pieces of 512: so much is added behind the last one, in bytes
    /// (ggml-cuda, `MATRIX_ROW_PADDING`).
    func cardPadding(row: Int64) -> Int64 {
        let rest = row % 512
        guard blockSize > 1, rest > 0 else { return 0 }
        return (512 - rest) / Int64(blockSize) * Int64(bytesPerBlock)
    }

    /// Numbers that multiplying does not have to unpack.
    var isFloat: Bool { self == .f32 || self == .f16 || self == .bf16 }
}
