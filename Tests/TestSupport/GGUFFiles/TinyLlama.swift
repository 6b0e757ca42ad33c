extension GGUFBuilder {
    /// A llama model in small: every key and tensor that a real one has, with pseudo-random weights.
    ///
    /// - Parameters:
    ///   - seed: Equal seeds give equal weights. Each tensor draws from its own name, so that other metadata leaves the
    ///     weights as they are, at other offsets: what a re-upload with a mended chat template looks like.
    ///   - tensorBytes: About how many bytes the weights take; at least one layer is written (about 50 kB, or 300 kB for
    ///     the types with blocks of 256 weights).
    ///   - type: Of all matrices; norms are F32.
    public static func tinyLlama(
        seed: UInt64 = 1, tensorBytes: Int = 64 << 10, chatTemplate: String? = "{{ messages[0]['content'] }}",
        name: String = "Tiny Llama", type: TensorType = .q80, license: String = "apache-2.0", contextLength: Int = 2048
    ) -> GGUFBuilder {
        let shape = TinyShape(tensorBytes: tensorBytes, type: type)
        var builder = GGUFBuilder()
        builder.metadata = [
            ("general.architecture", .string("llama")),
            ("general.type", .string("model")),
            ("general.name", .string(name)),
            ("general.license", .string(license)),
            ("general.file_type", .uint32(type.fileType)),
            ("general.quantization_version", .uint32(2)),
            ("llama.block_count", .uint32(UInt32(shape.layers))),
            ("llama.context_length", .uint32(UInt32(contextLength))),
            ("llama.embedding_length", .uint32(UInt32(shape.width))),
            ("llama.feed_forward_length", .uint32(UInt32(shape.feedForward))),
            ("llama.attention.head_count", .uint32(UInt32(shape.heads))),
            ("llama.attention.head_count_kv", .uint32(UInt32(shape.keyHeads))),
            ("llama.attention.layer_norm_rms_epsilon", .float32(1e-5)),
            ("llama.rope.dimension_count", .uint32(UInt32(shape.headSize))),
            ("llama.rope.freq_base", .float32(10_000)),
            ("llama.vocab_size", .uint32(UInt32(shape.tokens.count))),
        ]
        builder.metadata += tokenizer(shape.tokens)
        if let chatTemplate { builder.metadata.append(("tokenizer.chat_template", .string(chatTemplate))) }
        builder.tensors = shape.tensors(type, seed: seed)
        return builder
    }

    /// A SentencePiece vocabulary: three special tokens, one for each byte, and a few words.
    private static func tokenizer(_ tokens: [String]) -> [(key: String, value: Value)] {
        let scores = tokens.indices.map { $0 < 259 ? 0 : -Float($0 - 258) }
        let types = tokens.indices.map { index -> Int32 in
            switch index {
            case 0: 2  // unknown
            case 1, 2: 3  // control
            case 3..<259: 6  // byte
            default: 1  // normal
            }
        }
        return [
            ("tokenizer.ggml.model", .string("llama")),
            ("tokenizer.ggml.tokens", .strings(tokens)),
            ("tokenizer.ggml.scores", .floats(scores)),
            ("tokenizer.ggml.token_type", .integers(types)),
            ("tokenizer.ggml.bos_token_id", .uint32(1)),
            ("tokenizer.ggml.eos_token_id", .uint32(2)),
            ("tokenizer.ggml.unknown_token_id", .uint32(0)),
            ("tokenizer.ggml.add_bos_token", .bool(true)),
        ]
    }
}

/// The numbers of a small model of about a given size.
private struct TinyShape {
    let width: Int
    let feedForward: Int
    let headSize = 32
    let heads: Int
    let keyHeads: Int
    let layers: Int
    let tokens: [String]

    init(tensorBytes: Int, type: TensorType) {
        // Rows of a matrix are whole blocks, so their length is a multiple of 256 for some types.
        width = type.blockLength == 256 || tensorBytes >= 2 << 20 ? 256 : 64
        feedForward = 2 * width
        heads = width / headSize
        keyHeads = heads / 2
        let bytes = (0..<256).map { index in
            let digits = String(index, radix: 16, uppercase: true)
            return "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
        }
        let words = [
            "\u{2581}", "e", "t", "a", "o", "n", "he", "th", "\u{2581}the", "\u{2581}a", "in", "er", "\u{2581}la",
        ]
        tokens = ["<unk>", "<s>", "</s>"] + bytes + words
        let keys = keyHeads * headSize
        let weights = 2 * width * width + 2 * width * keys + 3 * width * feedForward
        let layer = weights / type.blockLength * type.blockSize + 8 * width
        let ends = 2 * tokens.count * width / type.blockLength * type.blockSize
        layers = min(512, max(1, (tensorBytes - ends + layer / 2) / layer))
    }

    func tensors(_ type: TensorType, seed: UInt64) -> [GGUFBuilder.Tensor] {
        let keys = keyHeads * headSize
        var list: [(name: String, dimensions: [Int], type: TensorType)] = [
            ("token_embd", [width, tokens.count], type)
        ]
        for layer in 0..<layers {
            let parts: [(String, [Int], TensorType)] = [
                ("attn_norm", [width], .f32), ("attn_q", [width, width], type), ("attn_k", [width, keys], type),
                ("attn_v", [width, keys], type), ("attn_output", [width, width], type), ("ffn_norm", [width], .f32),
                ("ffn_gate", [width, feedForward], type), ("ffn_up", [width, feedForward], type),
                ("ffn_down", [feedForward, width], type),
            ]
            list += parts.map { ("blk.\(layer).\($0.0)", $0.1, $0.2) }
        }
        list += [("output_norm", [width], .f32), ("output", [width, tokens.count], type)]
        return list.map { part in
            // FNV-1a of the name: `hashValue` differs from run to run.
            let hash = part.name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            return GGUFBuilder.Tensor("\(part.name).weight", part.dimensions, part.type, seed: hash ^ seed)
        }
    }
}

extension TensorType {
    /// `general.file_type` of a model whose matrices are mostly of this type (`llama.h`, `enum llama_ftype`).
    public var fileType: UInt32 {
        switch self {
        case .f32: 0
        case .f16: 1
        case .q40: 2
        case .q41: 3
        case .q80: 7
        case .q50: 8
        case .q51: 9
        case .q2K: 10
        case .q3K: 12
        case .q4K: 15
        case .q5K: 17
        case .q6K: 18
        case .bf16: 32
        }
    }
}
