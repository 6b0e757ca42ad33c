extension CatalogLint {
    /// A part of the whole, and the whole it cannot exceed.
    private static let bounds: [(part: String, whole: String)] = [
        ("expert_used_count", "expert_count"), ("leading_dense_block_count", "block_count"),
        ("shared_kv_layers", "block_count"), ("nextn_predict_layers", "block_count"),
        ("full_attention_interval", "block_count"),
    ]

    mutating func check(architecture: JSONNode) {
        checkFields(of: architecture, among: CatalogArchitecture.keys)
        let layers = architecture["block_count"].integer
        for (_, field) in architecture.fields ?? [] {
            if let numbers = field.elements {
                if let layers, numbers.count != layers {
                    report(field, .layersDisagree(layers: layers, numbers: numbers.count))
                }
                // A layer may lack a part: 0 heads where it does not attend.
                if numbers.contains(where: { ($0.integer ?? -1) < 0 }) { report(field, .badNumber) }
            } else if let number = field.integer, number <= 0 {
                report(field, .badNumber)
            }
        }
        for (part, whole) in Self.bounds {
            guard let count = architecture[part].integer, let all = architecture[whole].integer else { continue }
            if count > all { report(architecture[part], .badNumber) }
        }
    }
}
