/// Where weights and caches lie, and so who calculates.
struct Placement: Sendable {
    /// Graphics cards; the processor comes after them.
    let cards: Int
    /// The card that something lies on, or ``cards`` for memory.
    let device: @Sendable (ComputeGraph.Site) -> Int
    /// Cards calculate with weights in memory too, when there are many tokens at a time (`op_offload`).
    let sendsWeights: Bool
    /// How many micro-batches are under way at a time (`GGML_SCHED_MAX_COPIES` where several cards hold all layers).
    let copies: Int
    /// Every layer's norms are told to stay with it: where all places are on cards (`llama_context::graph_get_cb`).
    let pinsNorms: Bool

    /// All of it in memory.
    static let memoryOnly = Placement(
        cards: 0, device: { _ in 0 }, sendsWeights: false, copies: 1, pinsNorms: false)
}

/// Dividing the steps among devices and reserving memory on each, as ggml's scheduler does.
///
/// Source: ggml, `ggml-backend.cpp` (`ggml_backend_sched_split_graph`), `ggml-alloc.c`; and of CUDA `ggml-cuda.cu`.
extension ComputeGraph {
    /// Fewer rows than this are not worth sending weights to a card (ggml-cuda, `op_offload_min_batch_size`).
    private static let leastBatch = 32

    /// Bytes that the results need on each card, and last in memory.
    func reserve(_ placement: Placement) -> [Int] {
        var reservation = Reservation(self, placement)
        return reservation.run()
    }

    /// Whether attention stays fused in every layer: llama.cpp gives it up for all when one of them would be calculated
    /// somewhere else than its layer is (`llama_context::resolve_fused_ops`).
    func keepsFusedAttention(_ placement: Placement) -> Bool {
        // With so few tokens norms always stay with their layers.
        let devices = devices(placement, pinsNorms: true)
        return fusedLayers.allSatisfy { index, layer in devices[index] == placement.device(.layer(layer)) }
    }

    /// Who calculates each step (passes 1 to 4): where weights and caches lie, and their neighbours for the rest.
    private func devices(_ placement: Placement, pinsNorms: Bool) -> [Int] {
        let memory = placement.cards
        guard memory > 0 else { return Array(repeating: memory, count: nodes.count) }
        var devices = nodes.map { $0.site.map(placement.device) ?? ($0.isInput || $0.isPinned ? memory : -1) }
        if pinsNorms {
            for (index, layer) in layerNorms { devices[index] = placement.device(.layer(layer)) }
        }
        let work = steps.filter { nodes[$0].root == nil }
        for index in work where devices[index] < 0 && nodes[index].operation != .nearby {
            guard let weight = operands[nodes[index].operands].first(where: { nodes[$0].isWeight }) else { continue }
            let isSent =
                placement.sendsWeights && nodes[index].batch >= Self.leastBatch && !nodes[index].isForProcessor
            devices[index] = isSent && devices[weight] == memory ? 0 : devices[weight]
        }
        // Cards spread over the steps beside theirs, then all do.
        for (order, spreads) in [
            (work, memory), (work.reversed(), memory), (work, memory + 1), (work.reversed(), memory + 1),
        ] {
            var current = -1
            for index in order {
                if devices[index] >= 0 {
                    current = devices[index] < spreads ? devices[index] : -1
                } else if current >= 0, current == memory || !nodes[index].isForProcessor {
                    devices[index] = current
                }
            }
        }
        for index in work where devices[index] < 0 { devices[index] = memory }
        for index in nodes.indices {
            if let root = nodes[index].root { devices[index] = devices[root] }
        }
        return devices
    }

    /// Walks the steps of all devices. Never copied: it is nothing but bookkeeping, of thousands of results.
    private struct Reservation: ~Copyable {
        private enum Event {
            case step(Int)
            /// It must not be freed before it was copied.
            case keep(Int)
            /// The copy of another device's result.
            case copy(Int)
        }

        private let graph: ComputeGraph
        private var events: [Event] = []
        /// As the graph's, with copies in the place of what lies on another device.
        private var operands: [Int]
        private var bytes: [Int]
        private var devices: [Int]
        /// What a copy is a copy of; everything else of itself.
        private var origins: [Int]
        private var arenas: [GraphArena]
        private var children: [Int] = []
        private var views: [Int] = []
        /// Where a result lies; nil before, after, and for views.
        private var offsets: [Int?] = []
        /// Copies of what several micro-batches need at once: placed before all else, and never freed.
        private var lasting: [Int] = []
        private let memory: Int

        init(_ graph: ComputeGraph, _ placement: Placement) {
            self.graph = graph
            memory = placement.cards
            devices = graph.devices(placement, pinsNorms: placement.pinsNorms)
            operands = graph.operands
            origins = Array(graph.nodes.indices)
            arenas = (0...placement.cards).map { GraphArena(alignment: $0 < placement.cards ? 128 : 32) }
            bytes = []
            bytes = graph.nodes.indices.map { size($0, on: devices[$0]) }
            if placement.cards == 0 { events = graph.steps.map(Event.step) } else { divide(placement) }
            children = Array(repeating: 0, count: devices.count)
            views = children
            offsets = Array(repeating: nil, count: devices.count)
        }

        private func size(_ index: Int, on device: Int) -> Int {
            graph.nodes[index].bytes + (device < memory ? graph.nodes[index].cardExtra : 0)
        }

        /// Pass 5: consecutive steps of one device make a part; what it needs of others is copied at its start.
        private mutating func divide(_ placement: Placement) {
            var copies: [SIMD2<Int>: Int] = [:]
            var (part, incoming): ([Int], [Int]) = ([], [])
            var current = -1
            // What comes in is there for each micro-batch.
            if placement.copies > 1 {
                for input in graph.inputs {
                    for _ in 1..<placement.copies { lasting.append(append(input, on: devices[input])) }
                }
            }
            let twins = graph.twins
            func key(_ source: Int, _ device: Int) -> SIMD2<Int> { SIMD2(twins[source] ?? source, device) }
            func close(_ reservation: inout Reservation) {
                for copy in incoming {
                    reservation.events.append(.keep(reservation.origins[copy]))
                    if placement.copies == 1 { reservation.events.append(.copy(copy)) }
                }
                for (place, step) in part.enumerated() {
                    reservation.events.append(.step(step))
                    var all = reservation.graph.holds[step] ?? []
                    if let chain = reservation.graph.chains[step], part[..<place].lastIndex(of: chain.first) != nil {
                        all += chain.held
                    }
                    guard current < reservation.memory else { continue }
                    for held in all {
                        let isHere = reservation.devices[held] == current
                        guard let here = isHere ? held : copies[key(held, current)] else { continue }
                        reservation.events.append(.keep(here))
                    }
                }
                (part, incoming) = ([], [])
            }
            for index in graph.steps {
                // Forms of the same memory belong to whatever part they are in.
                guard graph.nodes[index].root == nil else {
                    part.append(index)
                    continue
                }
                let device = devices[index]
                // What was sent for the steps before may then be overwritten.
                let begins =
                    !incoming.isEmpty
                    && graph.operands[graph.nodes[index].operands].contains {
                        devices[$0] != device && graph.nodes[$0].isWeight
                    }
                if device != current && current >= 0 || begins { close(&self) }
                current = device
                for place in graph.nodes[index].operands {
                    let source = graph.operands[place]
                    guard devices[source] != device else { continue }
                    let copy: Int
                    if let made = copies[key(source, device)] {
                        copy = made
                    } else {
                        copy = append(source, on: device)
                        copies[key(source, device)] = copy
                        incoming.append(copy)
                        if placement.copies > 1 {
                            lasting.append(copy)
                            for _ in 1..<placement.copies { lasting.append(append(source, on: device)) }
                        }
                    }
                    operands[place] = copy
                }
                part.append(index)
            }
            close(&self)
        }

        private mutating func append(_ source: Int, on device: Int) -> Int {
            bytes.append(size(source, on: device))
            devices.append(device)
            origins.append(source)
            return bytes.count - 1
        }

        mutating func run() -> [Int] {
            for index in graph.inputs { take(index) }
            for index in lasting { take(index) }
            for event in events {
                switch event {
                case .step(let index):
                    if let root = graph.nodes[index].root { views[root] += 1 }
                    for place in graph.nodes[index].operands { children[operands[place]] += 1 }
                case .keep(let source): children[source] += 1
                case .copy: break
                }
            }
            for event in events {
                switch event {
                case .step(let index):
                    place(index)
                    for place in graph.nodes[index].operands { used(operands[place]) }
                case .keep(let source): used(source)
                case .copy(let index): take(index)
                }
            }
            return arenas.map(\.peak)
        }

        private mutating func take(_ index: Int) { offsets[index] = arenas[devices[index]].take(bytes[index]) }

        private mutating func place(_ index: Int) {
            let node = graph.nodes[index]
            guard node.root == nil, node.site == nil, offsets[index] == nil else { return }
            if node.isInPlace {
                for place in node.operands {
                    let source = operands[place]
                    guard let offset = offsets[source], !isKept(source), children[source] == 1, views[source] == 0,
                        isAlike(source, node)
                    else { continue }
                    offsets[source] = nil
                    offsets[index] = offset
                    return
                }
            }
            take(index)
        }

        private func isAlike(_ source: Int, _ node: Node) -> Bool {
            let other = graph.nodes[origins[source]]
            // The copy of a part of wider rows is as wide as those.
            return other.extent == node.extent && other.elementSize == node.elementSize && other.bytes == node.bytes
        }

        private func isKept(_ index: Int) -> Bool {
            index < graph.nodes.count ? graph.nodes[index].isOutput : lasting.contains(index)
        }

        /// One step that needed it is done.
        private mutating func used(_ index: Int) {
            children[index] -= 1
            guard children[index] == 0, views[index] == 0 else { return }
            if index < graph.nodes.count, let root = graph.nodes[index].root {
                views[root] -= 1
                if views[root] == 0, children[root] == 0 { release(root) }
            } else {
                release(index)
            }
        }

        private mutating func release(_ index: Int) {
            guard let offset = offsets[index], !isKept(index) else { return }
            arenas[devices[index]].release(offset, bytes[index])
            offsets[index] = nil
        }
    }
}
