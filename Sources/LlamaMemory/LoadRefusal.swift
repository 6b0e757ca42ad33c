package import GGUF

/// Why llama.cpp does not run a sound file as a model.
///
/// Sources: llama.cpp, `ggml/src/gguf.cpp` (`gguf_init_from_reader`) for what its reader refuses,
/// `src/llama-model-loader.cpp` (constructor) for split models, `src/llama-model.cpp` (`load_hparams`) for keys, and
/// `src/llama.cpp` (`llama_model_load`) for projectors.
public enum LoadRefusal: Hashable, Sendable {
    /// What is added to a model (LoRA), for `--lora`.
    case adapter
    /// What turns pictures or sound into what a model reads, for `--mmproj`.
    case projector
    /// A direction to push a model in, for `--control-vector`.
    case controlVector
    /// Statistics for quantizing.
    case importanceMatrix
    /// A vocabulary without weights.
    case vocabularyOnly
    /// Its architecture makes pictures, video or sound, in other programs.
    case otherArchitecture(String)
    /// It does not say which architecture it is of.
    case noArchitecture
    /// A number that its architecture cannot do without is missing.
    case keyMissing(String)
    /// The value under a key has a type that is refused there.
    case keyType(String)
    /// Numbers are stored with the most significant byte first, and processors of today read them the other way.
    case byteOrder
    /// This version of the format.
    case version(UInt32)
    /// A tensor's type that llama.cpp had and has no longer.
    case tensorTypeRemoved(String)
    /// A tensor's type that llama.cpp never had: its name in a fork, or its number.
    case tensorTypeUnknown(String)
    /// A tensor's name of 64 bytes or more (`GGML_MAX_NAME`).
    case tensorNameTooLong(String)
    /// A tensor does not begin where the one before it ends.
    case tensorOffset(String)
    /// A tensor that no model of its kind can do without, or all of a layer (`blk.16`), is not in the file.
    case tensorMissing(String)
    /// Parts of a split model that are not there, by name.
    case splitPartMissing([String])
    /// A part of a split model whose name does not say which: llama.cpp finds the others by their names.
    case splitName(String)
    /// A part of a split model that is another part than its name says, or of another model.
    case splitPartsDiffer(String)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .adapter: "adapter"
        case .projector: "projector"
        case .controlVector: "control-vector"
        case .importanceMatrix: "importance-matrix"
        case .vocabularyOnly: "vocabulary-only"
        case .otherArchitecture: "architecture"
        case .noArchitecture: "no-architecture"
        case .keyMissing: "key-missing"
        case .keyType: "key-type"
        case .byteOrder: "byte-order"
        case .version: "version"
        case .tensorTypeRemoved: "tensor-type-removed"
        case .tensorTypeUnknown: "tensor-type-unknown"
        case .tensorNameTooLong: "tensor-name-too-long"
        case .tensorOffset: "tensor-offset"
        case .tensorMissing: "tensor-missing"
        case .splitPartMissing: "split-part-missing"
        case .splitName: "split-name"
        case .splitPartsDiffer: "split-parts-differ"
        }
    }
}

// MARK: From a header

extension LoadRefusal {
    /// What a header alone tells; nil where it gives llama.cpp no reason. Whether all parts of a split model are there
    /// is for whoever has them.
    package init?(_ file: GGUFFile) {
        guard let found = Self.form(file) ?? Self.kind(file) ?? Self.keys(file) ?? Self.tensors(file) ?? Self.gap(file)
        else { return nil }
        self = found
    }

    /// Of the errors of our own reader those that are no damage.
    package init?(_ error: GGUFError) {
        switch error {
        case .unsupportedVersion(let version): self = .version(version)
        // What ggml had for a month in 2023 (`ggml.h`: "support has been removed").
        case .unknownTensorType(_, 4, _): self = .tensorTypeRemoved("Q4_2")
        case .unknownTensorType(_, 5, _): self = .tensorTypeRemoved("Q4_3")
        case .unknownTensorType(_, let number, _): self = .tensorTypeUnknown(Self.forkType(number))
        default: return nil
        }
    }

    /// What a name alone tells, before any byte is here.
    package init?(_ name: FileName) {
        switch name.kind {
        case .projector: self = .projector
        case .importanceMatrix: self = .importanceMatrix
        case .vocabulary: self = .vocabularyOnly
        case .model, .other:
            guard let quantization = name.quantization, let refusal = LoadRefusal(quantization) else { return nil }
            self = refusal
        }
    }

    /// What the name of a quantization tells.
    package init?(_ quantization: Quantization) {
        if quantization.isOfFork {
            self = .tensorTypeUnknown(quantization.name)
        } else if quantization.fileType.baseType.isRemoved {
            self = .tensorTypeRemoved(quantization.name)
        } else {
            return nil
        }
    }

    private static func form(_ file: GGUFFile) -> LoadRefusal? {
        if file.isBigEndian { return .byteOrder }
        if file.version == 1 { return .version(1) }
        if let alignment = file.metadata["general.alignment"] {
            guard case .uint32 = alignment else { return .keyType("general.alignment") }
        }
        let nested = file.metadata.keys.first { file.metadata[$0]?.array?.elementKind == .array }
        return nested.map { .keyType($0) }
    }

    private static func kind(_ file: GGUFFile) -> LoadRefusal? {
        let metadata = file.metadata
        func has(_ prefix: String) -> Bool { metadata.keys.contains { $0.hasPrefix(prefix) } }
        switch metadata.string("general.type") {
        case "adapter": return .adapter
        case "mmproj": return .projector
        case "imatrix": return .importanceMatrix
        default: break
        }
        if metadata.string("adapter.type") != nil { return .adapter }
        switch file.architecture {
        case "clip": return .projector
        case "controlvector": return .controlVector
        case let name? where pictures.contains(name): return .otherArchitecture(name)
        case nil: return has("imatrix.") ? .importanceMatrix : file.split?.index ?? 0 > 0 ? nil : .noArchitecture
        default: break
        }
        if has("controlvector.") { return .controlVector }
        if file.split == nil, file.tensors.isEmpty, metadata["tokenizer.ggml.tokens"] != nil { return .vocabularyOnly }
        return nil
    }

    /// Makers of pictures and video that are published as GGUF files for other programs (city96/ComfyUI-GGUF,
    /// `loader.py`, `IMG_ARCH_LIST`).
    private static let pictures: Set<String> = [
        "flux", "sd1", "sdxl", "sd3", "aura", "hidream", "cosmos", "ltxv", "hyvid", "wan", "lumina2", "qwen_image",
        "pig",
    ]

    /// `llama-model.cpp`, `load_hparams`: without these nothing is loaded.
    private static func keys(_ file: GGUFFile) -> LoadRefusal? {
        guard file.split?.index ?? 0 == 0, let architecture = file.architecture,
            Architecture.statesSizes(architecture)
        else { return nil }
        let missing = ["context_length", "embedding_length", "block_count"].first { file.integer(ofModel: $0) == nil }
        return missing.map { .keyMissing("\(architecture).\($0)") }
    }

    private static func tensors(_ file: GGUFFile) -> LoadRefusal? {
        var end: Int64 = 0
        for tensor in file.tensors {
            if tensor.type.isRemoved { return .tensorTypeRemoved(tensor.type.name) }
            if tensor.name.utf8.count >= 64 { return .tensorNameTooLong(tensor.name) }
            if tensor.offset != end { return .tensorOffset(tensor.name) }
            let (padded, overflow) = tensor.end.addingReportingOverflow(file.alignment - 1)
            guard !overflow else { return .tensorOffset(tensor.name) }
            end = padded / file.alignment * file.alignment
        }
        return nil
    }

    /// `llama-model.cpp`, `load_tensors`: every architecture has its embeddings and something in each layer. A converter or
    /// a merge that was broken off leaves others out.
    private static func gap(_ file: GGUFFile) -> LoadRefusal? {
        guard file.split == nil, let architecture = file.architecture, Architecture.statesSizes(architecture),
            // Encoder and decoder have layers of their own.
            !architecture.hasPrefix("t5"), let layers = file.integer(ofModel: "block_count")
        else { return nil }
        var hasEmbeddings = false
        var known: Set<Int> = []
        for tensor in file.tensors {
            if tensor.name == "token_embd.weight" { hasEmbeddings = true }
            guard tensor.name.hasPrefix("blk.") else { continue }
            if let layer = Int(tensor.name.dropFirst(4).prefix { $0 != "." }) { known.insert(layer) }
        }
        guard hasEmbeddings else { return .tensorMissing("token_embd.weight") }
        // Layers that guess further tokens are left out of some files, and llama.cpp passes them over.
        let needed = Int64(layers) - Int64(file.integer(ofModel: "nextn_predict_layers") ?? 0)
        guard needed > 0 else { return nil }
        let gap = (0...known.count).first { !known.contains($0) } ?? 0
        return gap < needed ? .tensorMissing("blk.\(gap)") : nil
    }

    /// Types of ikawrakow/ik_llama.cpp (`ggml.h`), whose files lie among the others; else the number.
    private static func forkType(_ number: UInt32) -> String {
        switch number {
        case 133: "Q6_0"
        case 134: "IQ1_BN"
        case 135: "IQ2_BN"
        case 137: "IQ2_K"
        case 138: "IQ3_K"
        case 139: "IQ4_K"
        case 140: "IQ5_K"
        case 141: "IQ6_K"
        case 144: "IQ4_KS"
        case 145: "IQ2_KS"
        case 146: "IQ4_KSS"
        case 151: "Q8_KV"
        case 152: "IQ5_KS"
        case 153: "IQ2_KT"
        case 154: "IQ3_KT"
        case 155: "IQ4_KT"
        case 156: "IQ3_KS"
        case 157: "IQ2_KL"
        case 158: "IQ1_KT"
        default: String(number)
        }
    }
}
