extension GraphBuilder {
    mutating func feedForward(_ index: Int, _ input: Tensor) -> Tensor {
        guard architecture.hasExperts(index, shape) else { return dense(shape.feedForwardLength[index], input) }
        let chosen = experts(index, input)
        let shared = architecture.expertWidths(index, shape).shared
        guard shared > 0 else { return chosen }
        var all = dense(shared, input)
        if architecture.experts.sharedGate {
            let score = product(1, input)
            all = graph.change(all, with: [graph.change(graph.change(score), with: [score])])
        }
        return graph.change(chosen, with: [all])
    }

    /// `build_ffn`.
    mutating func dense(_ inner: Int, _ input: Tensor) -> Tensor {
        switch architecture.feedForward {
        case .none: return input
        case .plain: return product(width, graph.change(product(inner, input)))
        case .fusedGate:
            let both = product(2 * inner, input)
            var extent = graph.extent(of: both)
            extent.x = inner
            return product(width, graph.result(extent, from: [both]))
        case .gated:
            let up = product(inner, input)
            let gate = product(inner, input)
            return product(width, graph.result(graph.extent(of: gate), from: [gate, up]))
        }
    }

    /// `build_moe_ffn`.
    mutating func experts(_ index: Int, _ input: Tensor) -> Tensor {
        let rows = graph.extent(of: input).y
        let count = shape.expertCount
        let used = max(1, shape.expertUsedCount)
        let inner = architecture.expertWidths(index, shape).each

        let scores = product(count, input)
        let shares = architecture.experts.softmaxOfChosen ? scores : graph.change(scores)
        let choice =
            architecture.experts.weightsBefore
            ? scores : architecture.experts.selectionBias ? graph.change(shares) : shares
        let sorted = graph.result(Extent(count, rows, 1, 1), from: [choice])
        let chosen = graph.view(sorted, Extent(used, rows, 1, 1))
        var weights = graph.result(
            Extent(1, used, rows, 1), from: [graph.view(shares, Extent(1, count, rows, 1)), chosen])
        if architecture.experts.softmaxOfChosen {
            weights = graph.view(weights, Extent(used, rows, 1, 1))
            weights = graph.view(graph.change(weights), Extent(1, used, rows, 1))
        }
        if architecture.experts.normalizedWeights {
            weights = graph.view(weights, Extent(used, rows, 1, 1))
            let sum = graph.change(graph.result(Extent(1, rows, 1, 1), from: [weights]))
            weights = graph.view(graph.change(weights, with: [sum]), Extent(1, used, rows, 1))
        }
        graph.plan(weights)

        var spread = graph.view(input, Extent(width, 1, rows, 1))
        if architecture.experts.weightsBefore {
            spread = graph.change(graph.result(Extent(width, used, rows, 1), from: [spread]), with: [weights])
        }
        let up = graph.result(Extent(inner, used, rows, 1), from: [spread, chosen])
        let gate = graph.result(Extent(inner, used, rows, 1), from: [spread, chosen])
        let active = graph.result(Extent(inner, used, rows, 1), from: [gate, up])
        let down = graph.result(Extent(width, used, rows, 1), from: [active, chosen])
        let weighed = architecture.experts.weightsBefore ? down : graph.change(down, with: [weights])
        graph.plan(weighed)

        let parts = (0..<used).map { _ in graph.view(weighed, Extent(width, rows, 1, 1)) }
        for part in parts { graph.plan(part) }
        var sum = parts[0]
        for part in parts.dropFirst() {
            sum = graph.change(sum, with: [part])
            graph.plan(sum)
        }
        if used == 1 { sum = graph.result(Extent(width, rows, 1, 1), from: [sum]) }
        return sum
    }
}
