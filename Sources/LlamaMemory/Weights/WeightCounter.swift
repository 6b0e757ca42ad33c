package import GGUF

extension Quantization {
    /// What the weights of a model take in this quantization, worked out from its numbers alone.
    ///
    /// For the architectures whose tensors are known and llama.cpp's own file types this is what its quantizer writes,
    /// to the byte or nearly. Nil for architectures whose tensors are not known.
    ///
    /// - Returns: Bytes from the first tensor to the last, as llama.cpp maps them.
    package func weights(of shape: ModelShape) -> Int64? {
        WeightCounter(shape: shape, quantization: self)?.counted.bytes
    }

    /// The weights that one token goes through, see `TokenWork`.
    func work(of shape: ModelShape) -> TokenWork? {
        WeightCounter(shape: shape, quantization: self)?.counted.work
    }

    /// A rough size for a model of which only the number of weights is known, in bytes.
    package func weights(parameters: Int64) -> Int64 {
        // Embeddings and the finer layers add about 7 % to K-quants.
        let finer = isStandard && fileType.baseType.blockSize <= 32 ? 1.0 : 1.07
        return Int64(Double(min(max(parameters, 0), 1 << 50)) * bitsPerWeight * finer / 8)
    }

    /// What a file takes: its weights and a header with the vocabulary, in bytes. Nil where `weights(of:)` is.
    package func fileSize(of shape: ModelShape) -> Int64? {
        // Vocabularies take 25 to 40 bytes a piece with scores, types and merges.
        weights(of: shape).map { $0 + Int64(shape.vocabularySize) * 30 }
    }
}

extension ModelShape {
    /// How many numbers the model has, worked out from its shape; nil for architectures whose tensors are not known.
    package var parameterCount: Int64? {
        WeightCounter(shape: self, quantization: Quantization(.f32))?.counted.elements
    }
}

/// Adds up the tensors that a model of a shape must have. Layers that are not plain attention are in
/// `WeightCounter+Mixers.swift`.
struct WeightCounter {
    let shape: ModelShape
    let quantization: Quantization
    let architecture: Architecture
    let rules: QuantizerRules
    /// What stands where attention stands, in each layer.
    let layout: CacheLayout

    private var elements: Int64 = 0
    private var bytes: Int64 = 0
    /// Those of stacks of experts.
    private var expertBytes: Int64 = 0
    private var work = TokenWork()
    /// Layers with attention so far.
    var attended = 0

    init?(shape: ModelShape, quantization: Quantization) {
        let architecture = Architecture(shape)
        guard architecture.knowsWeights, shape.isSensible else { return nil }
        self.shape = shape
        self.quantization = quantization
        self.architecture = architecture
        // Layers that only draft cache nothing, and have weights all the same.
        var all = shape
        all.nextNLayers = 0
        layout = CacheLayout(all, architecture)
        let (heads, headsKV) = (layout.layers[0].headCount, layout.layers[0].headCountKV)
        // A delta net's matrix of queries, keys and values counts as attention.
        let attentionLayers =
            architecture.mixer == .deltaNet
            ? shape.blockCount : layout.layers.count(where: \.attends)
        rules = QuantizerRules(
            fileType: quantization.fileType, quantizer: architecture.quantizer,
            headsPerKey: headsKV > 0 ? heads / headsKV : 1, expertCount: shape.expertCount, layers: shape.blockCount,
            attentionLayers: attentionLayers, isTied: architecture.tiedEmbeddings)
    }

    var counted: (elements: Int64, bytes: Int64, work: TokenWork) {
        var counter = self
        counter.addInput()
        for layer in 0..<shape.blockCount { counter.addLayer(layer) }
        counter.addOutput()
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
        return (input, architecture.tiedEmbeddings ? table : 0, layers.map(\.all), layers.map(\.experts), counter.bytes)
    }

    var width: Int { shape.embeddingLength }

    /// A matrix, or a stack of them, in the type that the quantizer gives it.
    mutating func add(_ role: QuantizerRules.Role, _ row: Int, _ rows: Int, index: Int, stack: Int = 1) {
        var type = rules.type(role, index: index, row: row, isExpert: stack > 1)
        if let finer = quantization.embeddingType, role == .embedding || role == .output { type = finer }
        let count = Int64(row) * Int64(rows) * Int64(stack)
        let before = bytes
        add(count, (type.byteCount(elements: count, row: Int64(row)) ?? count * 2))
        if stack > 1 { expertBytes += bytes - before }
        if role == .layerEmbedding || (role == .embedding && !architecture.tiedEmbeddings) { return }
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

    private mutating func addInput() {
        add(.embedding, width, shape.vocabularySize, index: 0)
        if architecture.embeddingNorm { addNorms(1) }
        if architecture.positionEmbeddings { addPlain(width * shape.contextLength) }
        if architecture.perLayerEmbeddings { addLayerEmbeddings() }
    }

    private mutating func addOutput() {
        if !architecture.tiedEmbeddings { add(.output, width, shape.vocabularySize, index: 0) }
        addNorms(1)
        if architecture.outputBias { addPlain(shape.vocabularySize) }
    }

    private mutating func addLayer(_ layer: Int) {
        addNorms(normsPerLayer)
        addMixer(layer)
        if architecture.mixer == .oneOfThree, shape.feedForwardLength[layer] == 0 { return }
        addFeedForward(layer)
    }

    /// Before and after attention and feed-forward, as far as a layer has both.
    private var normsPerLayer: Int {
        let hasOne =
            architecture.feedForward == .none || architecture.mixer == .oneOfThree
            || architecture.residual.sharesNorm
        return (architecture.preNorm ? hasOne ? 1 : 2 : 0) + (architecture.postNorm ? 2 : 0)
    }

    mutating func addNorms(_ count: Int) {
        guard architecture.normWeights else { return }
        addPlain(width, times: architecture.normBias ? 2 * count : count)
    }

    /// Queries, keys and values, each for itself or in one matrix; a gate comes with the queries.
    mutating func addAttention(_ layer: Int, hasGate: Bool = false) {
        let own = layout.layers[layer]
        let (heads, keyLength) = (own.headCount, own.keyLength)
        let layer = attended
        attended += 1
        let (query, key, value) = (heads * keyLength, own.keyWidth, own.valueWidth)
        if !hasGate, architecture.fusedQKV {
            add(.value, width, query + key + value, index: layer)
            if architecture.qkvBias { addPlain(query + key + value) }
        } else {
            add(.query, width, hasGate ? 2 * query : query, index: layer)
            add(.key, width, key, index: layer)
            add(.value, width, value, index: layer)
            if architecture.qkvBias { for count in [query, key, value] { addPlain(count) } }
        }
        add(.attentionOutput, heads * own.valueLength, width, index: layer)
        if architecture.attentionOutputBias { addPlain(width) }
        if [.perHead, .perHeadTurned].contains(architecture.qkNorm) { addPlain(keyLength, times: 2) }
        if architecture.qkNorm == .whole { for count in [query, key] { addPlain(count) } }
        if architecture.attentionSinks { addPlain(heads) }
    }

    private mutating func addFeedForward(_ layer: Int) {
        guard architecture.hasExperts(layer, shape) else { return addDense(shape.feedForwardLength[layer], layer) }
        let (inner, shared) = architecture.expertWidths(layer, shape)
        addPlain(width * shape.expertCount)
        add(.up, width, inner, index: layer, stack: shape.expertCount)
        if architecture.feedForward == .gated { add(.gate, width, inner, index: layer, stack: shape.expertCount) }
        add(.down, inner, width, index: layer, stack: shape.expertCount)
        if architecture.experts.selectionBias { addPlain(shape.expertCount) }
        if architecture.experts.biases {
            for count in [1, inner, inner, width] { addPlain(count * shape.expertCount) }
        }
        if shared > 0 {
            if architecture.experts.sharedGate { addPlain(width) }
            addDense(shared, layer)
        }
    }

    private mutating func addDense(_ inner: Int, _ layer: Int) {
        switch architecture.feedForward {
        case .none: return
        case .fusedGate: add(.up, width, 2 * inner, index: layer)
        case .plain: add(.up, width, inner, index: layer)
        case .gated:
            add(.up, width, inner, index: layer)
            add(.gate, width, inner, index: layer)
        }
        add(.down, inner, width, index: layer)
        if architecture.feedForwardBias { for count in [inner, width] { addPlain(count) } }
    }
}
