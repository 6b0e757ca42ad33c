/// How many calculations llama.cpp starts for a token, by what each of them costs beside reading weights.
///
/// A graphics card is told of each of them, and a small model waits for that more than for its memory.
package struct StepCount: Hashable, Sendable {
    /// Products with a matrix of weights. Those of gate and way up are one.
    package var products = 0
    /// Adding, turning, storing, normalizing: by the root of the mean square at once with its weights, else in steps.
    package var others = 0
    /// Fused attention by heads of 256 numbers.
    package var wideAttention = 0
    /// Fused attention by heads for which cards have no quick kernel: of other sizes than 64, 128 and 256.
    package var unusualAttention = 0
    /// Attention for which cards have no kernel at all, so that it is done in steps.
    package var steppedAttention = 0
    /// Of the logits that come back from the card, in bytes.
    package var logits = 0

    package init() {}

    /// Those of a plain model without experts, whose numbers are not known: as many a layer as Llama has.
    package init(plainLayers layers: Int) {
        products = 6 * layers + 1
        others = 9 * layers + 4
        logits = 4 * 128_000
    }

    init(_ graph: ComputeGraph, _ layout: CacheLayout, vocabulary: Int) {
        logits = 4 * min(max(0, vocabulary), 1 << 24)
        for index in graph.steps {
            let node = graph.nodes[index]
            // Another form of the same memory is no calculation.
            guard node.root == nil else { continue }
            switch node.operation {
            case .product, .expertProduct: products += 1
            case .lookup, .nearby, .other: others += 1
            }
        }
        for layer in graph.fusedLayers.values where layout.layers.indices.contains(layer) {
            switch layout.layers[layer].keyLength {
            case _ where !layout.layers[layer].isFusedOnCards: steppedAttention += 1
            case 64, 128: break
            case 256: wideAttention += 1
            default: unusualAttention += 1
            }
        }
        products -= graph.joined.products
        others -= graph.joined.others
    }
}
