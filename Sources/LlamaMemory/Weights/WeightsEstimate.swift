public import GGUF

extension Quantization {
    /// What the weights of a model take in this quantization, worked out from its numbers alone.
    ///
    /// For the architectures whose tensors are known and llama.cpp's own file types this is what its quantizer writes,
    /// to the byte or nearly. Nil for architectures whose tensors are not known.
    ///
    /// - Returns: Bytes from the first tensor to the last, as llama.cpp maps them.
    public func weights(of shape: ModelShape) -> Int64? {
        let counts = WeightCounter(shape: shape, quantization: self)?.total
        return counts?.bytes
    }

    /// The weights that one token goes through, see `TokenWork`.
    func work(of shape: ModelShape) -> TokenWork? {
        WeightCounter(shape: shape, quantization: self)?.counted.work
    }

    /// A rough size for a model of which only the number of weights is known, in bytes.
    public func weights(parameters: Int64) -> Int64 {
        // Embeddings and the finer layers add about 7 % to K-quants.
        let finer = isStandard && fileType.baseType.blockSize <= 32 ? 1.0 : 1.07
        return Int64(Double(min(max(parameters, 0), 1 << 50)) * bitsPerWeight * finer / 8)
    }

    /// What a file takes: its weights and a header with the vocabulary, in bytes. Nil where `weights(of:)` is.
    public func fileSize(of shape: ModelShape) -> Int64? {
        // Vocabularies take 25 to 40 bytes a piece with scores, types and merges.
        weights(of: shape).map { $0 + Int64(shape.vocabularySize) * 30 }
    }
}

extension ModelShape {
    /// How many numbers the model has, worked out from its shape; nil for architectures whose tensors are not known.
    public var parameterCount: Int64? {
        WeightCounter(shape: self, quantization: Quantization(.f32))?.total.elements
    }
}

/// Adds up the tensors that a model of a shape must have. Layers that are not plain attention are in
/// `WeightsOfMixers.swift`.
struct WeightCounter {
    let shape: ModelShape
    let quantization: Quantization
    let traits: Architecture
    let rules: QuantizerRules

    private var elements: Int64 = 0
    private var bytes: Int64 = 0
    /// Those of stacks of experts.
    private var expertBytes: Int64 = 0
    private var work = TokenWork()
    /// Layers with attention so far.
    var attended = 0

    init?(shape: ModelShape, quantization: Quantization) {
        let traits = Architecture(shape.architecture)
        guard traits.isKnown, shape.isSensible else { return nil }
        self.shape = shape
        self.quantization = quantization
        self.traits = traits
        let heads = shape.headCount[0]
        let headsKV = shape.headCountKV?[0] ?? heads
        let attentionLayers =
            traits.hasShortConvolutions || traits.mixer == .stateSpace2OrAttention
            ? (0..<shape.blockCount).count { (shape.headCountKV?[$0] ?? heads) > 0 } : shape.blockCount
        rules = QuantizerRules(
            fileType: quantization.fileType, architecture: shape.architecture,
            headsPerKey: headsKV > 0 ? heads / headsKV : 1, expertCount: shape.expertCount, layers: shape.blockCount,
            attentionLayers: attentionLayers, isTied: shape.tiedEmbeddings ?? traits.isTied,
            is70B: shape.architecture == "llama" && shape.blockCount == 80 && heads != headsKV)
    }

    var total: (elements: Int64, bytes: Int64) {
        let counted = counted
        return (counted.elements, counted.bytes)
    }

    var counted: (elements: Int64, bytes: Int64, work: TokenWork) {
        var counter = self
        counter.addOuter()
        for layer in 0..<shape.blockCount { counter.addLayer(layer) }
        return (counter.elements, counter.bytes, counter.work)
    }

    /// The same bytes by where they belong; `table` is that part of the input which a tied output reads too.
    var placed: (input: Int64, table: Int64, layers: [Int64], experts: [Int64], output: Int64) {
        var counter = self
        counter.add(.embedding, width, shape.vocabularySize, index: 0)
        let table = counter.bytes
        counter.bytes = 0
        counter.addInput()
        let input = counter.bytes
        let layers = (0..<shape.blockCount).map { layer in
            (counter.bytes, counter.expertBytes) = (0, 0)
            counter.addLayer(layer)
            return (all: counter.bytes, experts: counter.expertBytes)
        }
        counter.bytes = 0
        counter.addOutput()
        return (input, isTied ? table : 0, layers.map(\.all), layers.map(\.experts), counter.bytes)
    }

    private var isTied: Bool { shape.tiedEmbeddings ?? traits.isTied }

    var width: Int { shape.embeddingLength }

    /// A matrix, or a stack of them, in the type that the quantizer gives it.
    mutating func add(_ role: QuantizerRules.Role, _ row: Int, _ rows: Int, index: Int, stack: Int = 1) {
        var type = rules.type(role, index: index, row: row, isExpert: stack > 1)
        if let finer = quantization.embeddingType, role == .embedding || role == .output { type = finer }
        let count = Int64(row) * Int64(rows) * Int64(stack)
        let before = bytes
        add(count, (type.byteCount(elements: count, row: Int64(row)) ?? count * 2))
        if stack > 1 { expertBytes += bytes - before }
        if role == .layerEmbedding || (role == .embedding && !isTied) { return }
        if role == .output || role == .embedding { return work.addOutput(count, type) }
        work.add(count, type, share: stack > 1 ? Double(shape.expertUsedCount) / Double(stack) : 1)
    }

    /// A vector, or something small that is never quantized.
    mutating func addPlain(_ count: Int, times: Int = 1) {
        for _ in 0..<times { add(Int64(count), Int64(count) * 4) }
    }

    /// Matrices that the quantizer leaves as the converter wrote them.
    mutating func addHalf(_ count: Int) { add(Int64(count), Int64(count) * 2) }

    private mutating func add(_ count: Int64, _ size: Int64) {
        elements += count
        // Every tensor begins at a multiple of the alignment.
        bytes += (size + 31) / 32 * 32
    }

    private mutating func addOuter() {
        addInput()
        addOutput()
    }

    private mutating func addInput() {
        add(.embedding, width, shape.vocabularySize, index: 0)
        if traits.hasPositionTable { addPlain(width * shape.contextLength) }
        if traits.hasLayerEmbeddings { addLayerEmbeddings() }
    }

    private mutating func addOutput() {
        if !isTied { add(.output, width, shape.vocabularySize, index: 0) }
        if traits.hasFinalNorm { addPlain(width, times: traits.hasNormBias ? 2 : 1) }
        if traits.hasOutputBias { addPlain(shape.vocabularySize) }
    }

    private mutating func addLayer(_ layer: Int) {
        addAttention(layer)
        addFeedForward(layer)
    }

    private mutating func addAttention(_ layer: Int) {
        addPlain(width, times: traits.norms * (traits.hasNormBias ? 2 : 1))
        let heads = shape.headCount[layer]
        let headsKV = shape.headCountKV?[layer] ?? heads
        if traits.isLatent { return addLatentAttention(layer) }
        if traits.hasParallelStreams { return addStreams(layer) }
        if traits.hasLayerEmbeddings { return addGemmaAttention(layer) }
        if traits.mixer != .attention { return addMixer(layer) }
        if traits.hasShortConvolutions, headsKV == 0 { return addShortConvolution(layer) }
        addPlainAttention(layer)
    }

    /// Queries, keys and values, each for itself or in one matrix; a gate comes with the queries.
    mutating func addPlainAttention(_ layer: Int, hasGate: Bool = false) {
        let heads = shape.headCount[layer]
        let headsKV = shape.headCountKV?[layer] ?? heads
        let layer = attended
        attended += 1
        let keyLength = shape.keyLength ?? (heads > 0 ? width / heads : 0)
        let valueLength = shape.valueLength ?? (heads > 0 ? width / heads : 0)
        let (query, key, value) = (heads * keyLength, headsKV * keyLength, headsKV * valueLength)
        if !hasGate, shape.fusedQKV ?? traits.hasFusedQKV {
            add(.value, width, query + key + value, index: layer)
            if traits.hasQKVBias { addPlain(query + key + value) }
        } else {
            add(.query, width, hasGate ? 2 * query : query, index: layer)
            add(.key, width, key, index: layer)
            add(.value, width, value, index: layer)
            if traits.hasQKVBias { for count in [query, key, value] { addPlain(count) } }
        }
        add(.attentionOutput, heads * valueLength, width, index: layer)
        if traits.hasAttentionOutputBias { addPlain(width) }
        if traits.scalesHeads { addPlain(keyLength, times: 2) }
        if traits.scalesWholeKeys { for count in [query, key] { addPlain(count) } }
        if traits.hasExpertBiases { addPlain(heads) }
    }

    private mutating func addShortConvolution(_ layer: Int) {
        addPlain(width * shape.shortConvolutionCache)
        add(.other, width, 3 * width, index: layer)
        add(.other, width, width, index: layer)
    }

    private mutating func addFeedForward(_ layer: Int) {
        let isGated = shape.gatedFeedForward ?? traits.isGated
        guard shape.expertCount > 0, layer >= shape.leadingDenseBlockCount else {
            addDense(shape.feedForwardLength[layer], isGated: isGated, layer)
            return
        }
        let inner = shape.expertFeedForwardLength?[layer] ?? shape.feedForwardLength[layer]
        addPlain(width * shape.expertCount)
        add(.up, width, inner, index: layer, stack: shape.expertCount)
        if isGated { add(.gate, width, inner, index: layer, stack: shape.expertCount) }
        add(.down, inner, width, index: layer, stack: shape.expertCount)
        if traits.hasExpertBiases { for count in [1, inner, inner, width] { addPlain(count * shape.expertCount) } }
        let shared = shape.expertSharedFeedForwardLength ?? shape.expertSharedCount * inner
        if shared > 0 {
            if shape.architecture == "qwen2moe" { addPlain(width) }
            addDense(shared, isGated: isGated, layer)
        }
    }

    private mutating func addDense(_ inner: Int, isGated: Bool, _ layer: Int) {
        add(.up, width, traits.hasFusedGate ? 2 * inner : inner, index: layer)
        if isGated { add(.gate, width, inner, index: layer) }
        add(.down, inner, width, index: layer)
        if traits.hasFeedForwardBias { for count in [inner, width] { addPlain(count) } }
    }
}
