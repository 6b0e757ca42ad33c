extension GraphBuilder {
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
