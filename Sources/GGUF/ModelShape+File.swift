extension ModelShape {
    /// Takes the numbers from a file's header. Nil for files that hold no language model: projectors, adapters, bare
    /// vocabularies, and the later parts of a split model.
    public init?(_ file: GGUFFile) {
        guard let architecture = file.architecture,
            let blocks = file.natural("block_count"), blocks <= 4096,
            let embedding = file.natural("embedding_length"), embedding <= 1 << 20
        else { return nil }
        // The rows of the embedding are what llama.cpp allocates for, whatever the tokenizer says.
        let rows = file.tensor(named: "token_embd.weight").flatMap { $0.dimensions.count > 1 ? $0.dimensions[1] : nil }
        let vocabulary =
            rows.flatMap { Int(exactly: $0) } ?? file.metadata.arrayCount("tokenizer.ggml.tokens")
            ?? file.natural("vocab_size") ?? 0

        self.init(
            architecture: architecture, blockCount: blocks, embeddingLength: embedding, vocabularySize: vocabulary)
        contextLength = file.natural("context_length") ?? 0
        readFeedForward(of: file)
        readAttention(of: file)
        readRecurrence(of: file)
        readTensors(of: file)
    }

    private mutating func readFeedForward(of file: GGUFFile) {
        feedForwardLength = file.perLayer("feed_forward_length") ?? 0
        leadingDenseBlockCount = file.natural("leading_dense_block_count") ?? 0
        expertCount = file.natural("expert_count") ?? 0
        expertUsedCount = file.perLayer("expert_used_count")?.largest ?? 0
        expertFeedForwardLength = file.perLayer("expert_feed_forward_length")
        expertSharedCount = file.natural("expert_shared_count") ?? 0
        expertSharedFeedForwardLength = file.natural("expert_shared_feed_forward_length")
        expertInterval = max(1, file.natural("interleave_moe_layer_step") ?? 1)
        embeddingLengthPerLayer = file.natural("embedding_length_per_layer_input") ?? 0
        alternatingUpdates = file.natural("altup.num_inputs") ?? 0
        nextNLayers = min(file.natural("nextn_predict_layers") ?? 0, blockCount)
    }

    private mutating func readAttention(of file: GGUFFile) {
        headCount = file.perLayer("attention.head_count") ?? 0
        headCountKV = file.perLayer("attention.head_count_kv")
        keyLength = file.natural("attention.key_length")
        valueLength = file.natural("attention.value_length")
        keyLengthSWA = file.natural("attention.key_length_swa")
        valueLengthSWA = file.natural("attention.value_length_swa")
        ropeDimensionCount = file.natural("rope.dimension_count")
        slidingWindow = file.natural("attention.sliding_window")
        slidingWindowPattern = file.perLayer("attention.sliding_window_pattern", isPattern: true)
        sharedKVLayers = file.natural("attention.shared_kv_layers")
        queryLoraRank = file.natural("attention.q_lora_rank") ?? 0
        keyValueLoraRank = file.natural("attention.kv_lora_rank") ?? 0
        keyLengthMLA = file.natural("attention.key_length_mla")
        valueLengthMLA = file.natural("attention.value_length_mla")
        fullAttentionInterval = file.natural("full_attention_interval")
    }

    private mutating func readRecurrence(of file: GGUFFile) {
        convolutionKernel = file.natural("ssm.conv_kernel") ?? 0
        innerSize = file.natural("ssm.inner_size") ?? 0
        stateSize = file.natural("ssm.state_size") ?? 0
        timeStepRank = file.natural("ssm.time_step_rank") ?? 0
        groupCount = file.natural("ssm.group_count") ?? 0
        shortConvolutionCache = file.natural("shortconv.l_cache") ?? 0
        wkvHeadSize = file.natural("wkv.head_size") ?? 0
        tokenShiftCount = file.natural("token_shift_count") ?? 0
    }

    /// What only the tensors tell.
    private mutating func readTensors(of file: GGUFFile) {
        guard !file.tensors.isEmpty else { return }
        var names: Set<Substring> = []
        for tensor in file.tensors {
            guard tensor.name.hasPrefix("blk.") else {
                names.insert(tensor.name[...])
                continue
            }
            // `blk.17.attn_qkv.weight` → `attn_qkv.weight`
            let rest = tensor.name.dropFirst(4)
            if let dot = rest.firstIndex(of: ".") { names.insert(rest[rest.index(after: dot)...]) }
        }
        tiedEmbeddings = !names.contains("output.weight")
        fusedQKV = names.contains("attn_qkv.weight")
        let isGated = names.contains("ffn_gate.weight") || names.contains("ffn_gate_exps.weight")
        gatedFeedForward = isGated || names.contains("ffn_gate_up_exps.weight")
        softcapsAttention = file.metadata.double("\(architecture).attn_logit_softcapping").map { $0 != 0 }
        parallelResidual = file.metadata.bool("\(architecture).use_parallel_residual")
    }
}

extension GGUFFile {
    /// A count of the model's own architecture: not negative, and small enough to calculate with.
    fileprivate func natural(_ key: String) -> Int? {
        guard let value = integer(ofModel: key), (0...Int64(1) << 31).contains(value) else { return nil }
        return Int(value)
    }

    /// Counts that may differ by layer. A pattern keeps its list even when all are equal.
    fileprivate func perLayer(_ key: String, isPattern: Bool = false) -> PerLayer? {
        guard let values = integers(ofModel: key), !values.isEmpty,
            values.allSatisfy({ (0...Int64(1) << 31).contains($0) })
        else { return nil }
        let numbers = values.map(Int.init)
        guard isPattern, architecture.map({ metadata["\($0).\(key)"]?.array != nil }) == true else {
            return PerLayer(numbers)
        }
        return .each(numbers)
    }
}
