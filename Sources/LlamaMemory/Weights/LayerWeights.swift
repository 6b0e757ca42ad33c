package import GGUF

/// A model's weights by where llama.cpp puts them when some layers go to a graphics card, in bytes.
///
/// The input (tables that are only looked up) always stays in memory. Output and layers may go to a card.
/// Source: llama.cpp, `llama-model.cpp` (`load_tensors`: `dev_input`, `dev_layer`, `dev_output`) and `llama-arch.cpp`
/// (`LLM_TENSOR_INFOS`).
package struct LayerWeights: Hashable, Sendable {
    /// Token embeddings, positions, and what belongs to nothing else.
    package let input: Int64
    /// Each layer's.
    package let layers: [Int64]
    /// What of ``layers`` are experts of which each token meets a few; zeros in dense models.
    package let experts: [Int64]
    /// The last norm and the output matrix. Where that is the table of embeddings, the copy which llama.cpp makes for
    /// the card is in it.
    package let output: Int64
    /// What of ``output`` is a copy of the ``input``.
    package let copied: Int64
    /// Some matrix that is multiplied with has plain numbers: cards do that with a library of its own (cuBLAS).
    package let hasFloatMatrices: Bool
    /// From a header: each tensor by its name without `.weight`; empty where that was not read.
    let tensors: [String: Stored]
    /// Where no header was read.
    let quantization: Quantization?
    private let parts: [Part: Sums]

    /// One tensor of a file.
    struct Stored: Hashable {
        /// Without padding.
        let bytes: Int64
        /// What a card adds.
        let padding: Int64
    }

    /// What goes to one device together.
    private enum Part: Hashable {
        case input, output, copy, everyLayer
        case layer(Int)
        case experts(Int)
    }

    private struct Sums: Hashable {
        /// On a card, where every tensor begins at a multiple of 128.
        var card: Int64 = 0
        /// In the file, from the first byte to the last.
        var first = Int64.max
        var last: Int64 = 0
    }

    /// What the file has, in bytes: the copy counts once.
    package var total: Int64 { input + layers.reduce(0, +) + output - copied }

    /// From a file's tensors, or from those of all parts of a split model; nil for one of its parts. Padding between tensors counts as input.
    package init?(_ file: GGUFFile) {
        guard file.split == nil || file.tensors.count == file.split?.tensorCount,
            let count = file.integer(ofModel: "block_count"), (1...1024).contains(count)
        else {
            return nil
        }
        var layers = [Int64](repeating: 0, count: Int(count))
        var experts = layers
        var (output, table): (Int64, Int64) = (0, 0)
        var tensors: [String: Stored] = [:]
        var parts: [Part: Sums] = [:]
        var hasFloatMatrices = false
        let hasOutput = file.tensors.contains(where: \.isOutputMatrix)
        let hasOutputNorm = file.tensors.contains { $0.name.hasPrefix("output_norm") }
        for tensor in file.tensors {
            let padding = tensor.type.cardPadding(row: tensor.dimensions.first ?? 0)
            let name = tensor.name.hasSuffix(".weight") ? String(tensor.name.dropLast(7)) : tensor.name
            tensors[name] = Stored(bytes: min(tensor.byteCount, 1 << 48), padding: padding)
            let part: Part
            switch tensor.place(hasOutputNorm: hasOutputNorm) {
            case .layer(let index) where index < layers.count:
                Self.add(tensor.byteCount, to: &layers[index])
                if tensor.isExperts { Self.add(tensor.byteCount, to: &experts[index]) }
                part = tensor.isExperts ? .experts(index) : .layer(index)
                if tensor.isFloatMatrix { hasFloatMatrices = true }
            case .everyLayer: part = .everyLayer
            case .layer, .input: part = .input
            case .output:
                Self.add(tensor.byteCount, to: &output)
                part = .output
                if tensor.isFloatMatrix { hasFloatMatrices = true }
            }
            let onCard = (min(tensor.byteCount, 1 << 48) + padding + 127) / 128 * 128
            var sums = parts[part] ?? Sums()
            Self.add(onCard, to: &sums.card)
            (sums.first, sums.last) = (min(sums.first, tensor.offset), max(sums.last, tensor.end))
            parts[part] = sums
            if tensor.isEmbeddingTable {
                Self.add(tensor.byteCount, to: &table)
                if !hasOutput {
                    parts[.copy] = Sums(card: onCard)
                    if tensor.type.isFloat { hasFloatMatrices = true }
                }
            }
        }
        input = max(0, min(Int64(file.dataSpan.count), 1 << 60) - layers.reduce(0, +) - output)
        copied = hasOutput ? 0 : table
        self.layers = layers
        self.experts = experts
        self.output = output + copied
        self.tensors = tensors
        self.parts = parts
        self.hasFloatMatrices = hasFloatMatrices
        quantization = nil
    }

    /// What llama.cpp's quantizer would write, brought to a known total in bytes: other quantizers choose otherwise.
    /// Where the architecture's tensors are not known, all layers take the same and there is nothing else.
    package init(_ shape: ModelShape, _ quantization: Quantization?, total: Int64) {
        let total = min(max(0, total), 1 << 60)
        (tensors, parts) = ([:], [:])
        self.quantization = quantization
        hasFloatMatrices = shape.expertCount > 0 || quantization?.fileType.baseType.isFloat ?? false
        guard let counter = quantization.flatMap({ WeightCounter(shape: shape, quantization: $0) }) else {
            let count = min(max(shape.blockCount, 1), 1024)
            (input, output, copied) = (total % Int64(count), 0, 0)
            layers = Array(repeating: total / Int64(count), count: count)
            experts = Array(repeating: 0, count: count)
            return
        }
        let placed = counter.placed
        let counted = placed.input + placed.layers.reduce(0, +) + placed.output
        // A few small tensors more or less, which are no reason to doubt the others.
        let isExact = abs(total - counted) <= counted / 1000
        let factor = counted > 0 ? Double(total) / Double(counted) : 1
        func scaled(_ bytes: Int64) -> Int64 { isExact ? bytes : Int64(Double(bytes) * factor) }
        copied = scaled(placed.table)
        layers = placed.layers.map(scaled)
        experts = placed.experts.map(scaled)
        output = scaled(placed.output) + copied
        input = max(0, total - layers.reduce(0, +) - (output - copied))
    }

    /// What lies on each card and last in memory, in bytes; `device` says where a layer, its experts or the output are.
    func spread(over count: Int, device: (ComputeGraph.Site) -> Int) -> [Int64] {
        var sums = [Int64](repeating: 0, count: count + 1)
        let outputDevice = device(.output)
        guard !parts.isEmpty else {
            sums[count] += input
            sums[outputDevice] += output - (outputDevice == count ? copied : 0)
            for index in layers.indices {
                sums[device(.layer(index))] += layers[index] - experts[index]
                sums[device(.experts(index))] += experts[index]
            }
            return sums
        }
        // What stays in memory is mapped from the file: all from its first byte to its last.
        var (first, last) = (Int64.max, Int64(0))
        for (part, size) in parts {
            let places: Set<Int> =
                switch part {
                case .input: [count]
                case .output, .copy: [outputDevice]
                case .layer(let index): [device(.layer(index))]
                case .experts(let index): [device(.experts(index))]
                case .everyLayer: Set(layers.indices.map { device(.layer($0)) })
                }
            for place in places where place < count { sums[place] += size.card }
            if places.contains(count), part != .copy {
                (first, last) = (min(first, size.first), max(last, size.last))
            }
        }
        sums[count] = max(0, last - min(first, last))
        return sums
    }

    /// No layer is larger, in bytes, so that no sum of a hostile header's claims overflows.
    private static func add(_ bytes: Int64, to sum: inout Int64) { sum = min(sum + min(bytes, 1 << 48), 1 << 48) }
}
