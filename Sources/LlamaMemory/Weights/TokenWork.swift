package import GGUF

/// What one token goes through on its way to the next: the weights that are read and multiplied for it.
///
/// Not the table of embeddings, of which one row is looked up, unless it is the output matrix as well; and of experts
/// only as many as are chosen.
package struct TokenWork: Hashable, Sendable {
    /// Weights of one type.
    package struct Part: Hashable, Sendable {
        package let type: TensorType
        /// How many, the output matrix included.
        package fileprivate(set) var count: Int64 = 0
        /// Those of the output matrix, which of a prompt only the last token meets.
        package fileprivate(set) var inOutput: Int64 = 0
    }

    /// One for each type, in the order in which a token meets them: a model has few.
    package private(set) var parts: [Part] = []

    /// Nothing yet.
    package init() {}

    /// The work of a file's tensors.
    package init(_ file: GGUFFile) {
        let isTied = !file.tensors.contains(where: \.isOutputMatrix)
        let experts = file.integer(ofModel: "expert_count") ?? 0
        let chosen = file.integer(ofModel: "expert_used_count") ?? 0
        for tensor in file.tensors where tensor.dimensions.count >= 2 {
            if tensor.isLookedUp, !(isTied && tensor.isEmbeddingTable) { continue }
            if tensor.isLookedUp || tensor.isOutputMatrix {
                addOutput(tensor.elementCount, tensor.type)
                continue
            }
            let isDivided = tensor.isExperts && experts > 0 && (0...experts).contains(chosen)
            add(tensor.elementCount, tensor.type, share: isDivided ? Double(chosen) / Double(experts) : 1)
        }
    }

    /// The work of a model that llama.cpp's quantizer made; nil for architectures whose tensors are not known.
    package init?(_ shape: ModelShape, _ quantization: Quantization) {
        guard let work = quantization.work(of: shape) else { return nil }
        self = work
    }

    /// So many bytes of weights, all of one type.
    package init(bytes: Int64, of type: TensorType) {
        add(Int64(Double(min(max(bytes, 0), Self.most)) * 8 / type.bitsPerWeight), type)
    }

    mutating func add(_ count: Int64, _ type: TensorType, share: Double = 1) {
        let some = Int64(Double(min(max(count, 0), Self.most)) * min(max(share, 0), 1))
        let place = place(of: type)
        parts[place].count = min(parts[place].count + some, Self.most)
    }

    mutating func addOutput(_ count: Int64, _ type: TensorType) {
        add(count, type)
        let place = place(of: type)
        parts[place].inOutput = min(parts[place].inOutput + min(max(count, 0), Self.most), Self.most)
    }

    private mutating func place(of type: TensorType) -> Int {
        if let place = parts.firstIndex(where: { $0.type == type }) { return place }
        parts.append(Part(type: type))
        return parts.count - 1
    }

    /// What counts stop at, so that sums of them are numbers still.
    private static let most: Int64 = 1 << 56

    /// What is read of them, in bytes.
    package var bytes: Int64 {
        parts.reduce(0) { min($0 + Int64(Double($1.count) * $1.type.bitsPerWeight / 8), 1 << 58) }
    }
}
