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
        var hasOutput = false
        for tensor in file.tensors {
            switch tensor.place {
            case .layer(let index) where index < layers.count:
                Self.add(tensor.byteCount, to: &layers[index])
                if tensor.isExperts { Self.add(tensor.byteCount, to: &experts[index]) }
            case .layer, .input: break
            case .output: Self.add(tensor.byteCount, to: &output)
            }
            if tensor.isOutputMatrix { hasOutput = true }
            if tensor.isEmbeddingTable { Self.add(tensor.byteCount, to: &table) }
        }
        input = max(0, min(Int64(file.dataSpan.count), 1 << 60) - layers.reduce(0, +) - output)
        copied = hasOutput ? 0 : table
        self.layers = layers
        self.experts = experts
        self.output = output + copied
    }

    /// What llama.cpp's quantizer would write, brought to a known total in bytes: other quantizers choose otherwise.
    /// Where the architecture's tensors are not known, all layers take the same and there is nothing else.
    package init(_ shape: ModelShape, _ quantization: Quantization?, total: Int64) {
        let total = min(max(0, total), 1 << 60)
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

    /// No layer is larger, in bytes, so that no sum of a hostile header's claims overflows.
    private static func add(_ bytes: Int64, to sum: inout Int64) { sum = min(sum + min(bytes, 1 << 48), 1 << 48) }
}
