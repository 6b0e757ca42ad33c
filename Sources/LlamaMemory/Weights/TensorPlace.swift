import GGUF

/// What llama.cpp does with a tensor, by its name (`llama-arch.cpp`, `LLM_TENSOR_NAMES` and `LLM_TENSOR_INFOS`).
extension TensorInfo {
    /// What a tensor belongs to when layers are spread over devices.
    enum Place {
        case input, output
        case layer(Int)
    }

    var place: Place {
        if name.hasPrefix("blk.") {
            let index = Int(name.dropFirst(4).prefix { $0 != "." }) ?? -1
            return index >= 0 ? .layer(index) : .input
        }
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
