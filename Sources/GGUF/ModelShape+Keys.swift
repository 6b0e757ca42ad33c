extension ModelShape {
    /// One number of a header: its key without the architecture before it, and where it goes.
    private struct Field: Sendable {
        let key: String
        let set: @Sendable (inout ModelShape, PerLayer) -> Void

        init(_ key: String, _ set: @escaping @Sendable (inout ModelShape, PerLayer) -> Void) {
            (self.key, self.set) = (key, set)
        }

        init(_ key: String, _ path: any WritableKeyPath<ModelShape, Int> & Sendable) {
            self.init(key) { if case .same(let number) = $1 { $0[keyPath: path] = number } }
        }

        init(_ key: String, _ path: any WritableKeyPath<ModelShape, Int?> & Sendable) {
            self.init(key) { if case .same(let number) = $1 { $0[keyPath: path] = number } }
        }

        init(_ key: String, _ path: any WritableKeyPath<ModelShape, PerLayer> & Sendable) {
            self.init(key) { $0[keyPath: path] = $1.simplified }
        }

        init(_ key: String, _ path: any WritableKeyPath<ModelShape, PerLayer?> & Sendable) {
            self.init(key) { $0[keyPath: path] = $1.simplified }
        }
    }

    /// Source: ggml, `docs/gguf.md`, and llama.cpp, `llama-arch.cpp` (`LLM_KV_NAMES`).
    private static let fields: [Field] = [
        Field("block_count", \.blockCount),
        Field("context_length", \.contextLength),
        Field("embedding_length", \.embeddingLength),
        Field("vocab_size", \.vocabularySize),
        Field("nextn_predict_layers") { $0.nextNLayers = min($1.largest, $0.blockCount) },
        Field("embedding_length_per_layer_input", \.embeddingLengthPerLayer),
        Field("altup.num_inputs", \.alternatingUpdates),
        Field("use_parallel_residual") { $0.parallelResidual = $1.largest != 0 },

        Field("feed_forward_length", \.feedForwardLength),
        Field("leading_dense_block_count", \.leadingDenseBlockCount),
        Field("expert_count", \.expertCount),
        Field("expert_used_count") { $0.expertUsedCount = $1.largest },
        Field("expert_feed_forward_length", \.expertFeedForwardLength),
        Field("expert_shared_count", \.expertSharedCount),
        Field("expert_shared_feed_forward_length", \.expertSharedFeedForwardLength),
        Field("interleave_moe_layer_step") { $0.expertInterval = max(1, $1.largest) },

        Field("attention.head_count", \.headCount),
        Field("attention.head_count_kv", \.headCountKV),
        Field("attention.key_length", \.keyLength),
        Field("attention.value_length", \.valueLength),
        Field("attention.key_length_swa", \.keyLengthSWA),
        Field("attention.value_length_swa", \.valueLengthSWA),
        Field("attention.sliding_window", \.slidingWindow),
        // A list stays one even when all are equal: it says for each layer what a single number counts.
        Field("attention.sliding_window_pattern") { $0.slidingWindowPattern = $1 },
        Field("attention.shared_kv_layers", \.sharedKVLayers),
        Field("attention.q_lora_rank", \.queryLoraRank),
        Field("attention.kv_lora_rank", \.keyValueLoraRank),
        Field("attention.key_length_mla", \.keyLengthMLA),
        Field("attention.value_length_mla", \.valueLengthMLA),
        Field("rope.dimension_count", \.ropeDimensionCount),
        Field("full_attention_interval", \.fullAttentionInterval),

        Field("ssm.conv_kernel", \.convolutionKernel),
        Field("ssm.inner_size", \.innerSize),
        Field("ssm.state_size", \.stateSize),
        Field("ssm.time_step_rank", \.timeStepRank),
        Field("ssm.group_count", \.groupCount),
        Field("shortconv.l_cache", \.shortConvolutionCache),
        Field("wkv.head_size", \.wkvHeadSize),
        Field("token_shift_count", \.tokenShiftCount),
    ]

    /// The keys of all numbers, without the architecture before them: `attention.head_count`.
    package static let keys = fields.map(\.key)

    /// Takes the numbers from wherever they stand under their ``keys``; truth values are 0 and 1. What is negative, or
    /// too large to calculate with, counts as absent. Nil without the number or the width of layers.
    package init?(architecture: String, numbers: (_ key: String) throws -> PerLayer?) rethrows {
        self.init(architecture: architecture, blockCount: 0, embeddingLength: 0, vocabularySize: 0)
        for field in Self.fields {
            guard let value = try numbers(field.key), value.isNatural else { continue }
            field.set(&self, value)
        }
        guard (1...4096).contains(blockCount), (1...1 << 20).contains(embeddingLength) else { return nil }
    }
}

// MARK: From a file

extension ModelShape {
    /// Takes the numbers from a file's header. Nil for files that hold no language model: projectors, adapters, bare
    /// vocabularies, and the later parts of a split model.
    public init?(_ file: GGUFFile) {
        guard let architecture = file.architecture else { return nil }
        self.init(architecture: architecture) { file.metadata.perLayer("\(architecture).\($0)") }
        // The rows of the embedding are what llama.cpp allocates for, whatever the tokenizer says.
        let rows = file.tensor(named: "token_embd.weight").flatMap { $0.dimensions.count > 1 ? $0.dimensions[1] : nil }
        if let rows = rows.flatMap({ Int(exactly: $0) }) ?? file.metadata.arrayCount("tokenizer.ggml.tokens") {
            vocabularySize = rows
        }
        readTensors(of: file)
    }

    /// The numbers that a file's header states, under their ``keys``; those that no model can have are left out.
    package static func numbers(in file: GGUFFile) -> [String: PerLayer] {
        guard let architecture = file.architecture else { return [:] }
        var numbers: [String: PerLayer] = [:]
        for key in keys {
            guard let value = file.metadata.perLayer("\(architecture).\(key)"), value.isNatural else { continue }
            numbers[key] = value.simplified
        }
        return numbers
    }

    /// What only the tensors tell.
    private mutating func readTensors(of file: GGUFFile) {
        guard !file.tensors.isEmpty else { return }
        func hasLayers(with names: String...) -> Bool {
            file.tensors.contains { tensor in names.contains { tensor.name.hasSuffix($0) } }
        }
        tiedEmbeddings = file.tensor(named: "output.weight") == nil
        fusedQKV = hasLayers(with: ".attn_qkv.weight")
        gatedFeedForward = hasLayers(
            with: ".ffn_gate.weight", ".ffn_gate_exps.weight", ".ffn_gate_up_exps.weight")
    }
}

extension GGUFMetadata {
    /// A number, a truth value or a short array of them.
    fileprivate func perLayer(_ key: String) -> PerLayer? {
        if let flag = bool(key) { return flag ? 1 : 0 }
        guard let numbers = integers(key)?.map({ Int($0) }), let first = numbers.first else { return nil }
        return arrayCount(key) == nil ? .same(first) : .each(numbers)
    }
}

extension PerLayer {
    /// None is negative or too large to calculate with.
    fileprivate var isNatural: Bool {
        switch self {
        case .same(let number): (0...1 << 31).contains(number)
        case .each(let numbers): numbers.allSatisfy { (0...1 << 31).contains($0) }
        }
    }

    /// Equal numbers are one.
    fileprivate var simplified: PerLayer {
        guard case .each(let numbers) = self, let first = numbers.first else { return self }
        return numbers.allSatisfy { $0 == first } ? .same(first) : self
    }
}
