/// The steps of calculating one micro-batch, as far as their results need memory.
///
/// Weights and caches lie elsewhere and do not appear. Reserving walks the steps in order and frees each result after
/// its last use, as ggml does (`ggml.c`, `ggml_build_forward_expand`; `ggml-alloc.c`, `ggml_gallocr_alloc_graph_impl`).
struct ComputeGraph {
    /// A result, by its index.
    struct Tensor: Hashable {
        fileprivate let index: Int
    }

    /// How many numbers along each axis, the fastest-running first.
    typealias Extent = SIMD4<Int>

    private struct Node {
        let extent: Extent
        let elementSize: Int
        let sources: [Int]
        /// Whose memory it shows; nil for results of their own.
        let root: Int?
        /// It may overwrite an operand of the same extent.
        let isInPlace: Bool
        let isInput: Bool
        var isOutput = false
        var isPlanned = false
        /// Lies in a cache, outside this memory.
        var isExternal = false

        var bytes: Int { extent.x * extent.y * extent.z * extent.w * elementSize }
    }

    private var nodes: [Node] = []
    private var inputs: [Int] = []
    private var steps: [Int] = []

    // MARK: Building

    /// Something that is filled before the calculation starts.
    mutating func input(_ extent: Extent, elementSize: Int) -> Tensor {
        append(Node(extent: extent, elementSize: elementSize, sources: [], root: nil, isInPlace: false, isInput: true))
    }

    /// A result with memory of its own; `inPlace` lets it take that of an operand with the same extent which nobody
    /// else needs.
    mutating func result(
        _ extent: Extent, from sources: [Tensor], inPlace: Bool = false, elementSize: Int = 4
    ) -> Tensor {
        append(
            Node(
                extent: extent, elementSize: elementSize, sources: sources.map(\.index), root: nil, isInPlace: inPlace,
                isInput: false))
    }

    /// A result like the first operand, in its place where that is possible.
    mutating func change(_ tensor: Tensor, with others: [Tensor] = []) -> Tensor {
        result(nodes[tensor.index].extent, from: [tensor] + others, inPlace: true)
    }

    /// The same memory in another form.
    mutating func view(_ tensor: Tensor, _ extent: Extent) -> Tensor {
        let node = nodes[tensor.index]
        return append(
            Node(
                extent: extent, elementSize: node.elementSize, sources: [tensor.index], root: node.root ?? tensor.index,
                isInPlace: false, isInput: false, isExternal: node.isExternal))
    }

    /// Written to a cache, which lies elsewhere.
    mutating func store(_ sources: [Tensor]) -> Tensor {
        append(
            Node(
                extent: Extent(0, 0, 0, 0), elementSize: 4, sources: sources.map(\.index), root: nil, isInPlace: false,
                isInput: false, isExternal: true))
    }

    /// How many numbers a result has along each axis.
    func extent(of tensor: Tensor) -> Extent { nodes[tensor.index].extent }

    /// The result is read by others after the calculation, so its memory is never used again.
    mutating func keep(_ tensor: Tensor) { nodes[tensor.index].isOutput = true }

    /// Plans the steps that lead to a result, and were not planned before: operands first.
    mutating func plan(_ tensor: Tensor) { plan(tensor.index) }

    private mutating func plan(_ index: Int) {
        guard !nodes[index].isPlanned else { return }
        nodes[index].isPlanned = true
        for source in nodes[index].sources { plan(source) }
        if nodes[index].isInput { inputs.append(index) } else { steps.append(index) }
    }

    private mutating func append(_ node: Node) -> Tensor {
        nodes.append(node)
        return Tensor(index: nodes.count - 1)
    }

    // MARK: Reserving

    /// Bytes of all inputs that a planned step reads.
    var inputBytes: Int { inputs.reduce(0) { $0 + GraphArena.padded(nodes[$1].bytes) } }

    /// Bytes that all results need together.
    func reserve() -> Int {
        var reservation = Reservation(nodes: nodes)
        for index in inputs { reservation.place(index) }
        for index in steps {
            if let root = nodes[index].root { reservation.views[root] += 1 }
            for source in nodes[index].sources { reservation.children[source] += 1 }
        }
        for index in steps {
            reservation.place(index)
            for source in nodes[index].sources { reservation.used(source) }
        }
        return reservation.arena.peak
    }

    private struct Reservation {
        let nodes: [Node]
        var arena = GraphArena()
        var children: [Int]
        var views: [Int]
        /// Where a result lies; nil before, after, and for views.
        var offsets: [Int?]

        init(nodes: [Node]) {
            self.nodes = nodes
            children = Array(repeating: 0, count: nodes.count)
            views = children
            offsets = Array(repeating: nil, count: nodes.count)
        }

        mutating func place(_ index: Int) {
            let node = nodes[index]
            guard node.root == nil, !node.isExternal, offsets[index] == nil else { return }
            if node.isInPlace {
                for source in node.sources {
                    guard let offset = offsets[source], !nodes[source].isOutput, children[source] == 1,
                        views[source] == 0, nodes[source].extent == node.extent,
                        nodes[source].elementSize == node.elementSize
                    else { continue }
                    offsets[source] = nil
                    offsets[index] = offset
                    return
                }
            }
            offsets[index] = arena.take(node.bytes)
        }

        /// One step that needed it is done.
        mutating func used(_ index: Int) {
            children[index] -= 1
            guard children[index] == 0, views[index] == 0 else { return }
            if let root = nodes[index].root {
                views[root] -= 1
                if views[root] == 0, children[root] == 0 { release(root) }
            } else {
                release(index)
            }
        }

        private mutating func release(_ index: Int) {
            guard let offset = offsets[index], !nodes[index].isOutput else { return }
            arena.release(offset, nodes[index].bytes)
            offsets[index] = nil
        }
    }
}
