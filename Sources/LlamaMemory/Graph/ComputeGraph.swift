/// The steps of calculating one micro-batch, as far as their results need memory.
///
/// Weights and caches lie elsewhere and appear as operands only: where they lie decides which device calculates.
/// Reserving walks the steps in order and frees each result after its last use, as ggml does (`ggml.c`,
/// `ggml_build_forward_expand`; `ggml-alloc.c`, `ggml_gallocr_alloc_graph_impl`).
struct ComputeGraph {
    /// A result, by its index.
    struct Tensor: Hashable {
        fileprivate let index: Int
    }

    /// How many numbers along each axis, the fastest-running first.
    typealias Extent = SIMD4<Int>

    /// What a step does, as far as that decides which device does it.
    enum Operation {
        /// Many tokens at a time are worth sending the weights to a card.
        case product, expertProduct
        /// Rows of a table are never worth it.
        case lookup
        /// Fused attention and turning by position go where their neighbours are, whatever weights they read.
        case nearby
        case other
    }

    /// What lies outside the compute buffers.
    enum Site: Hashable {
        case input, output
        case layer(Int)
        case experts(Int)
        case cache(Int)
    }

    ///
    /// There are thousands in a graph, and lists of models take dozens of graphs: it is kept small.
    struct Node {
        let extent: Extent
        /// What it takes on a card beside, in bytes.
        var cardExtra = 0
        /// What it takes, for types whose numbers are not bytes apart.
        var storedBytes: Int?
        /// It may overwrite an operand of the same extent.
        var isInPlace = false
        var isInput = false
        var isOutput = false
        var isPlanned = false
        var isWeight = false
        /// Always calculated by the processor.
        var isPinned = false
        /// No card has a kernel for it.
        var isForProcessor = false
        /// Where it lies outside this memory: a weight, a cache, or what is written to one.
        var site: Site?
        var operation = Operation.other
        fileprivate var operandCount: UInt16 = 0
        var elementSize: Int32 = 4
        fileprivate var rootIndex: Int32 = -1
        fileprivate var firstOperand: Int32 = 0

        /// Whose memory it shows; nil for results of their own.
        var root: Int? { rootIndex < 0 ? nil : Int(rootIndex) }
        /// Where in ``ComputeGraph/operands`` its own are.
        var operands: Range<Int> { Int(firstOperand)..<Int(firstOperand) + Int(operandCount) }
        var bytes: Int { storedBytes ?? extent.x * extent.y * extent.z * extent.w * Int(elementSize) }
        /// Rows that are calculated at a time (ggml-cuda, `get_op_batch_size`).
        var batch: Int {
            switch operation {
            case .lookup: 0
            case .product: extent.y
            case .expertProduct: extent.z
            case .nearby, .other: extent.y * extent.z * extent.w
            }
        }
    }

    private(set) var nodes: [Node] = []
    /// What they are made of, of one after the other: see ``Node/operands``.
    private(set) var operands: [Int] = []
    /// Fused attention, and of which layer.
    private(set) var fusedLayers: [Int: Int] = [:]
    /// Norms with weights, before those, and of which layer.
    private(set) var layerNorms: [(index: Int, layer: Int)] = []
    /// Weights that are the same as another, loaded to each device that needs them.
    private(set) var twins: [Int: Int] = [:]
    private(set) var inputs: [Int] = []
    private(set) var steps: [Int] = []
    /// What cards keep until a later step, which they calculate together with those before it.
    private(set) var holds: [Int: [Int]] = [:]
    /// The same of many steps at once, from the first of them.
    private(set) var chains: [Int: (first: Int, held: [Int])] = [:]

    /// Steps that cards take together with the one before, when they calculate one token.
    private(set) var joined = (products: 0, others: 0)

    // MARK: Building

    /// Makes room for what mostly becomes of so many layers.
    mutating func expect(layers: Int) {
        nodes.reserveCapacity(48 * (layers + 1))
        operands.reserveCapacity(64 * (layers + 1))
        steps.reserveCapacity(32 * (layers + 1))
    }

    /// Something that is filled before the calculation starts.
    mutating func input(_ extent: Extent, elementSize: Int) -> Tensor {
        append(Node(extent: extent, isInput: true, elementSize: Int32(elementSize)))
    }

    /// A weight or a cache; `cardExtra` is what a card rounds it up by, and a `twin` lies elsewhere but is the same.
    mutating func stored(
        _ bytes: Int, at site: Site, isWeight: Bool = true, cardExtra: Int = 0, twin: Tensor? = nil
    ) -> Tensor {
        let made = append(
            Node(
                extent: Extent(bytes, 1, 1, 1), cardExtra: cardExtra, isWeight: isWeight, site: site, elementSize: 1))
        if let twin { twins[made.index] = twin.index }
        return made
    }

    /// A result with memory of its own; `inPlace` lets it take that of an operand with the same extent which nobody
    /// else needs.
    mutating func result(
        _ extent: Extent, from sources: [Tensor], inPlace: Bool = false, elementSize: Int = 4,
        operation: Operation = .other, cardExtra: Int = 0
    ) -> Tensor {
        append(
            Node(
                extent: extent, cardExtra: cardExtra, isInPlace: inPlace, operation: operation,
                elementSize: Int32(elementSize)),
            from: sources)
    }

    /// A result like the first operand, in its place where that is possible.
    mutating func change(_ tensor: Tensor, with others: [Tensor] = []) -> Tensor {
        append(Node(extent: nodes[tensor.index].extent, isInPlace: true), tensor, from: others)
    }

    /// Turned by position, which is never worth sending factors to a card for.
    mutating func turn(_ tensor: Tensor, with others: [Tensor]) -> Tensor {
        append(Node(extent: nodes[tensor.index].extent, isInPlace: true, operation: .nearby), tensor, from: others)
    }

    /// The same memory in another form. A part of wider rows reaches from its first number to its last, in `spanned`
    /// numbers: so much is copied where another device needs it.
    mutating func view(_ tensor: Tensor, _ extent: Extent, spanned: Int? = nil) -> Tensor {
        let node = nodes[tensor.index]
        let isWhole = node.extent.wrappedProduct == extent.wrappedProduct
        return append(
            Node(
                extent: extent,
                storedBytes: spanned.map { $0 * Int(node.elementSize) } ?? (isWhole ? node.storedBytes : nil),
                site: node.site, elementSize: node.elementSize, rootIndex: Int32(node.root ?? tensor.index)),
            tensor)
    }

    /// Written to a cache, which lies elsewhere.
    mutating func store(_ sources: [Tensor], at site: Site) -> Tensor {
        append(Node(extent: Extent(0, 0, 0, 0), site: site), from: sources)
    }

    /// How many numbers a result has along each axis.
    func extent(of tensor: Tensor) -> Extent { nodes[tensor.index].extent }

    /// The result is read by others after the calculation, so its memory is never used again.
    mutating func keep(_ tensor: Tensor) { nodes[tensor.index].isOutput = true }

    /// On a card the operand is not overwritten before the step is done (`add_alloc_dep`).
    mutating func hold(_ operand: Tensor, until step: Tensor) { holds[step.index, default: []].append(operand.index) }

    /// The processor calculates it, whatever its neighbours do.
    mutating func pin(_ tensor: Tensor) { nodes[tensor.index].isPinned = true }

    /// It is a norm of a layer, before its weights.
    mutating func keepNorm(_ tensor: Tensor, with layer: Int) { layerNorms.append((tensor.index, layer)) }

    /// Cards take some steps together with others, for one token (ggml-cuda, `ggml_cuda_try_fuse`).
    mutating func join(products: Int = 0, others: Int) {
        joined = (joined.products + products, joined.others + others)
    }

    /// It is the fused attention of a layer, for which cards may have no kernel.
    mutating func fuse(_ tensor: Tensor, layer: Int, runsOnCards: Bool) {
        fusedLayers[tensor.index] = layer
        nodes[tensor.index].isForProcessor = !runsOnCards
    }

    /// On a card, all that leads from one step to another, and what they need of others, is kept until a third begins:
    /// where no other device takes part in between.
    mutating func holdAll(from first: Tensor, to last: Tensor, until step: Tensor) {
        let held = (first.index...last.index).flatMap { index in operands[nodes[index].operands] + [index] }
        chains[step.index] = (first.index, held.filter { nodes[$0].site == nil && !nodes[$0].isInput })
    }

    /// Plans the steps that lead to a result, and were not planned before: operands first.
    mutating func plan(_ tensor: Tensor) { plan(tensor.index) }

    private mutating func plan(_ index: Int) {
        guard !nodes[index].isPlanned else { return }
        nodes[index].isPlanned = true
        for place in nodes[index].operands { plan(operands[place]) }
        if nodes[index].isInput {
            inputs.append(index)
        } else if nodes[index].site == nil || !nodes[index].operands.isEmpty {
            steps.append(index)
        }
    }

    private mutating func append(_ node: Node, _ first: Tensor? = nil, from others: [Tensor] = []) -> Tensor {
        var node = node
        node.firstOperand = Int32(operands.count)
        if let first { operands.append(first.index) }
        for operand in others { operands.append(operand.index) }
        node.operandCount = UInt16(operands.count - Int(node.firstOperand))
        nodes.append(node)
        return Tensor(index: nodes.count - 1)
    }
}

extension ComputeGraph.Extent {
    fileprivate var wrappedProduct: Int { x &* y &* z &* w }
}
