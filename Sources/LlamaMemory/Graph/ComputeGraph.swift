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

    struct Node {
        let extent: Extent
        var elementSize = 4
        /// Whose memory it shows; nil for results of their own.
        var root: Int?
        /// It may overwrite an operand of the same extent.
        var isInPlace = false
        var isInput = false
        var isOutput = false
        var isPlanned = false
        /// Where it lies outside this memory: a weight, a cache, or what is written to one.
        var site: Site?
        var isWeight = false
        var operation = Operation.other
        /// Always calculated by the processor.
        var isPinned = false
        /// No card has a kernel for it.
        var isForProcessor = false
        /// Fused attention, and of which layer.
        var fusedLayer: Int?
        /// What it takes, for types whose numbers are not bytes apart.
        var storedBytes: Int?
        /// Another weight that is the same one, loaded to each device that needs it.
        var twin: Int?
        /// What it takes on a card beside, in bytes.
        var cardExtra = 0

        var bytes: Int { storedBytes ?? extent.x * extent.y * extent.z * extent.w * elementSize }
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
    /// What each is made of, by index.
    private(set) var sources: [[Int]] = []
    private(set) var inputs: [Int] = []
    private(set) var steps: [Int] = []
    /// What cards keep until a later step, which they calculate together with those before it.
    private(set) var holds: [Int: [Int]] = [:]

    // MARK: Building

    /// Something that is filled before the calculation starts.
    mutating func input(_ extent: Extent, elementSize: Int) -> Tensor {
        append(Node(extent: extent, elementSize: elementSize, isInput: true))
    }

    /// A weight or a cache; `cardExtra` is what a card rounds it up by, and a `twin` lies elsewhere but is the same.
    mutating func stored(
        _ bytes: Int, at site: Site, isWeight: Bool = true, cardExtra: Int = 0, twin: Tensor? = nil
    ) -> Tensor {
        append(
            Node(
                extent: Extent(bytes, 1, 1, 1), elementSize: 1, site: site, isWeight: isWeight, twin: twin?.index,
                cardExtra: cardExtra))
    }

    /// A result with memory of its own; `inPlace` lets it take that of an operand with the same extent which nobody
    /// else needs.
    mutating func result(
        _ extent: Extent, from sources: [Tensor], inPlace: Bool = false, elementSize: Int = 4,
        operation: Operation = .other, cardExtra: Int = 0
    ) -> Tensor {
        append(
            Node(
                extent: extent, elementSize: elementSize, isInPlace: inPlace, operation: operation,
                cardExtra: cardExtra),
            from: sources)
    }

    /// A result like the first operand, in its place where that is possible.
    mutating func change(_ tensor: Tensor, with others: [Tensor] = []) -> Tensor {
        result(nodes[tensor.index].extent, from: [tensor] + others, inPlace: true)
    }

    /// Turned by position, which is never worth sending factors to a card for.
    mutating func turn(_ tensor: Tensor, with others: [Tensor]) -> Tensor {
        result(nodes[tensor.index].extent, from: [tensor] + others, inPlace: true, operation: .nearby)
    }

    /// The same memory in another form. A part of wider rows reaches from its first number to its last, in `spanned`
    /// numbers: so much is copied where another device needs it.
    mutating func view(_ tensor: Tensor, _ extent: Extent, spanned: Int? = nil) -> Tensor {
        let node = nodes[tensor.index]
        let isWhole = node.extent.wrappedProduct == extent.wrappedProduct
        return append(
            Node(
                extent: extent, elementSize: node.elementSize, root: node.root ?? tensor.index, site: node.site,
                storedBytes: spanned.map { $0 * node.elementSize } ?? (isWhole ? node.storedBytes : nil)),
            from: [tensor])
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

    /// It is the fused attention of a layer, for which cards may have no kernel.
    mutating func fuse(_ tensor: Tensor, layer: Int, runsOnCards: Bool) {
        nodes[tensor.index].fusedLayer = layer
        nodes[tensor.index].isForProcessor = !runsOnCards
    }

    /// On a card, all that leads from one step to another, and what they need of others, is kept until a third begins.
    mutating func holdAll(from first: Tensor, to last: Tensor, until step: Tensor) {
        let held = (first.index...last.index).flatMap { index in sources[index] + [index] }
        holds[step.index, default: []] += held.filter { nodes[$0].site == nil && !nodes[$0].isInput }
    }

    /// Plans the steps that lead to a result, and were not planned before: operands first.
    mutating func plan(_ tensor: Tensor) { plan(tensor.index) }

    private mutating func plan(_ index: Int) {
        guard !nodes[index].isPlanned else { return }
        nodes[index].isPlanned = true
        for source in sources[index] { plan(source) }
        if nodes[index].isInput {
            inputs.append(index)
        } else if nodes[index].site == nil || !sources[index].isEmpty {
            steps.append(index)
        }
    }

    private mutating func append(_ node: Node, from operands: [Tensor] = []) -> Tensor {
        nodes.append(node)
        sources.append(operands.map(\.index))
        return Tensor(index: nodes.count - 1)
    }
}

extension ComputeGraph.Extent {
    fileprivate var wrappedProduct: Int { x &* y &* z &* w }
}
