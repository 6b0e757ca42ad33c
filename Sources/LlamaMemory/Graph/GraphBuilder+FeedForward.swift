extension GraphBuilder {
    mutating func feedForward(_ index: Int, _ input: Tensor) -> Tensor {
        guard architecture.hasExperts(index, shape) else { return dense(shape.feedForwardLength[index], input) }
        let chosen = experts(index, input)
        let shared = architecture.expertWidths(index, shape).shared
        guard shared > 0 else { return chosen }
        var all = dense(shared, input, suffix: "_shexp")
        if architecture.experts.sharedGate {
            let score = product("ffn_gate_inp_shexp", 1, input)
            all = graph.change(all, with: [graph.change(graph.change(score), with: [score])])
        }
        return graph.change(chosen, with: [all])
    }

    /// `build_ffn`.
    mutating func dense(_ inner: Int, _ input: Tensor, suffix: String = "") -> Tensor {
        switch architecture.feedForward {
        case .none: return input
        case .plain:
            return product("ffn_down" + suffix, width, graph.change(product("ffn_up" + suffix, inner, input)))
        case .fusedGate:
            let both = product("ffn_up" + suffix, 2 * inner, input)
            var extent = graph.extent(of: both)
            extent.x = inner
            return product("ffn_down" + suffix, width, graph.result(extent, from: [both]))
        case .gated:
            let up = product("ffn_up" + suffix, inner, input)
            let gate = product("ffn_gate" + suffix, inner, input)
            graph.join(products: 1, others: 1)
            return product("ffn_down" + suffix, width, graph.result(graph.extent(of: gate), from: [gate, up]))
        }
    }

    /// `build_moe_ffn`.
    mutating func experts(_ index: Int, _ input: Tensor) -> Tensor {
        let rows = graph.extent(of: input).y
        let count = shape.expertCount
        let used = max(1, shape.expertUsedCount)
        let inner = architecture.expertWidths(index, shape).each

        let scores = product("ffn_gate_inp", count, input)
        let shares = architecture.experts.softmaxOfChosen ? scores : graph.change(scores)
        let choice =
            architecture.experts.weightsBefore
            ? scores : architecture.experts.selectionBias ? graph.change(shares, with: [vector(count)]) : shares
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
        // Cards choose in one step, where they have one for so many experts (`ggml_cuda_should_use_topk_moe`).
        let isOneStep = count & (count - 1) == 0 && count <= 512 || count == 288 || count == 576
        if isOneStep, !architecture.experts.softmaxOfChosen { graph.holdAll(from: shares, to: weights, until: spread) }
        if architecture.experts.weightsBefore {
            spread = graph.change(graph.result(Extent(width, used, rows, 1), from: [spread]), with: [weights])
        }
        func each(_ builder: inout GraphBuilder, _ name: String, _ row: Int, _ out: Int, _ operand: Tensor) -> Tensor {
            let stack = builder.matrix(name, row, out, stack: max(2, count))
            let product = builder.graph.result(
                Extent(out, used, rows, 1), from: [stack, operand, chosen], operation: .expertProduct)
            guard builder.architecture.experts.biases else { return product }
            let size = builder.weights.size(of: name + ".bias", in: builder.site, row: out, rows: count, stack: 1)
            let biases = builder.graph.stored(
                size.bytes, at: .experts(builder.current), cardExtra: size.padding)
            return builder.graph.change(product, with: [biases, chosen])
        }
        let up = each(&self, "ffn_up_exps", width, inner, spread)
        let gate = each(&self, "ffn_gate_exps", width, inner, spread)
        let active = graph.result(Extent(inner, used, rows, 1), from: [gate, up])
        let down = each(&self, "ffn_down_exps", inner, width, active)
        let weighed = architecture.experts.weightsBefore ? down : graph.change(down, with: [weights])
        graph.plan(weighed)

        let parts = (0..<used).map { _ in graph.view(weighed, Extent(width, rows, 1, 1)) }
        for part in parts { graph.plan(part) }
        var sum = parts[0]
        for part in parts.dropFirst() {
            sum = graph.change(sum, with: [part])
            graph.plan(sum)
        }
        // Cards weigh and add in one step (ggml-cuda, `ggml_backend_cuda_graph_optimize`).
        if !architecture.experts.weightsBefore, used > 1 {
            for operand in [down, weights] { graph.hold(operand, until: sum) }
        }
        if used == 1 { sum = graph.result(Extent(width, rows, 1, 1), from: [sum]) }
        return sum
    }
}
