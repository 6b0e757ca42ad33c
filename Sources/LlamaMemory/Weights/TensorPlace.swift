import GGUF

/// What llama.cpp does with a tensor, by its name (`llama-arch.cpp`, `LLM_TENSOR_NAMES` and `LLM_TENSOR_INFOS`).
extension TensorInfo {
    /// What a tensor belongs to when layers are spread over devices.
    enum Place {
        case input, output
        case layer(Int)
        /// Loaded to each device that has a layer.
        case everyLayer
    }

    /// - Parameter hasOutputNorm: Otherwise the norm that is named for the embeddings is the last one (LFM2).
    func place(hasOutputNorm: Bool) -> Place {
        if name.hasPrefix("blk.") {
            let index = Int(name.dropFirst(4).prefix { $0 != "." }) ?? -1
            return index >= 0 ? .layer(index) : .input
        }
        if name.hasPrefix("rope_f") { return .everyLayer }
        if name.hasPrefix("token_embd_norm") { return hasOutputNorm ? .layer(0) : .output }
        if name.hasPrefix("per_layer_model_proj") || name.hasPrefix("per_layer_proj_norm") { return .layer(0) }
        return name.hasPrefix("output") || name.hasPrefix("altup_") ? .output : .input
    }

    /// A stack of experts: `ffn_up_exps`, `ffn_gate_up_exps`, `ffn_down_chexps`, … (`arg.cpp`, `--n-cpu-moe`).
    var isExperts: Bool { name.contains(".ffn_") && name.contains("exps") }

    /// A table of which single rows are looked up, for tokens, positions or layers.
    var isLookedUp: Bool { name.contains("token_embd") || name.contains("position_embd") }

    /// The table that serves as output matrix where there is none.
    var isEmbeddingTable: Bool { name == "token_embd.weight" }

    var isOutputMatrix: Bool { name == "output.weight" }

    /// A matrix of plain numbers that is multiplied with: the choice of experts nearly always is one.
    var isFloatMatrix: Bool {
        type.isFloat && dimensions.count >= 2 && dimensions.allSatisfy { $0 > 1 } && name.hasSuffix(".weight")
            && !isLookedUp && !name.contains("conv")
    }
}
