/// How many calculations llama.cpp starts for a token, by what each of them costs beside reading weights.
///
/// A graphics card is told of each of them, and a small model waits for that more than for its memory.
package struct StepCount: Hashable, Sendable {
    /// Products with a matrix of weights.
    package var products = 0
    /// Normalizing, adding, turning, storing.
    package var others = 0
    /// Fused attention by heads of 256 numbers.
    package var wideAttention = 0
    /// Fused attention by heads for which cards have no quick kernel: of other sizes than 64, 128 and 256.
    package var unusualAttention = 0

    package init() {}

    /// Those of a plain model without experts, whose numbers are not known: as many a layer as Llama has.
    package init(plainLayers layers: Int) {
        products = 7 * layers + 1
        others = 12 * layers + 5
    }

    init(_ graph: ComputeGraph, _ layout: CacheLayout) {
        for index in graph.steps {
            let node = graph.nodes[index]
            // Another form of the same memory is no calculation.
            guard node.root == nil else { continue }
            switch node.operation {
            case .product, .expertProduct: products += 1
            case .lookup, .nearby, .other: others += 1
            }
            guard let layer = graph.fusedLayers[index], layout.layers.indices.contains(layer) else { continue }
            switch layout.layers[layer].keyLength {
            case 64, 128: break
            case 256: wideAttention += 1
            default: unusualAttention += 1
            }
        }
    }
}
