/// What a header says of the model, in the words of its metadata.
extension GGUFFile {
    /// `llama`, `gemma3`; nil in files that hold no model.
    public var architecture: String? { metadata.string("general.architecture") }

    /// The model's own name.
    public var name: String? { metadata.string("general.name") }

    /// As its publisher states it: an SPDX identifier in lower case, or free text.
    public var license: String? { metadata.string("general.license") }

    /// The Jinja template that turns a conversation into a prompt.
    public var chatTemplate: String? { metadata.string("tokenizer.chat_template") }

    /// What its quantizer names in `general.file_type`, such as `Q4_K_M`; nil when it does not say, or says a
    /// number this reader does not know.
    public var quantization: Quantization? {
        metadata.integer("general.file_type").flatMap { Quantization(fileType: $0) }
    }

    /// Whether ``quantization`` tells what is in the file: its type has a twentieth of the tensors' bytes, or more. Tools
    /// that mix types by their own rules leave whatever number was there before.
    package var isLabelTrue: Bool {
        guard let quantization, !tensors.isEmpty else { return true }
        let all = quantizationMix.reduce(0.0) { $0 + Double($1.bytes) }
        let own = quantizationMix.first { $0.type == quantization.fileType.baseType }?.bytes ?? 0
        return all <= 0 || Double(own) >= all / 20
    }

    /// How many numbers the tensors of this file hold together.
    public var parameterCount: Int64 {
        tensors.reduce(0) { sum, tensor in
            let (total, overflow) = sum.addingReportingOverflow(tensor.elementCount)
            return overflow ? Int64.max : total
        }
    }

    /// Bytes of tensor data by type, largest first.
    public var quantizationMix: [(type: TensorType, tensors: Int, bytes: Int64)] {
        var mix: [TensorType: (tensors: Int, bytes: Int64)] = [:]
        for tensor in tensors {
            let entry = mix[tensor.type, default: (0, 0)]
            let (sum, overflow) = entry.bytes.addingReportingOverflow(tensor.byteCount)
            mix[tensor.type] = (entry.tensors + 1, overflow ? Int64.max : sum)
        }
        return mix.map { (type: $0.key, tensors: $0.value.tensors, bytes: $0.value.bytes) }
            .sorted { ($0.bytes, $1.type.rawValue) > ($1.bytes, $0.type.rawValue) }
    }

    /// Which part of a split model this file is, and of how many; nil for a whole model.
    public var split: Split? {
        guard let count = metadata.integer("split.count").flatMap(Int.init(exactly:)), count > 1 else { return nil }
        let number = metadata.integer("split.no").flatMap(Int.init(exactly:)) ?? 0
        guard (0..<count).contains(number) else { return nil }
        let tensors = metadata.integer("split.tensors.count").flatMap(Int.init(exactly:))
        return Split(index: number, count: count, tensorCount: tensors)
    }

    /// One part of a split model.
    public struct Split: Hashable, Sendable {
        /// From 0. Only the first part has the model's metadata.
        public let index: Int
        /// How many parts there are.
        public let count: Int
        /// Tensors of all parts together; nil when the file does not say.
        public let tensorCount: Int?
    }

    /// A number of the model's own architecture: `value("block_count")` looks under `llama.block_count`.
    package func integer(ofModel key: String) -> Int64? {
        architecture.flatMap { metadata.integer("\($0).\(key)") }
    }

    /// Numbers of the model's own architecture that may differ by layer.
    package func integers(ofModel key: String) -> [Int64]? {
        architecture.flatMap { metadata.integers("\($0).\(key)") }
    }

    /// The tensor of that name.
    package func tensor(named name: String) -> TensorInfo? { tensors.first { $0.name == name } }
}
