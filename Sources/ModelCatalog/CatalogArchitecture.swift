package import GGUF

/// The header numbers of an entry, as the catalog writes them down.
///
/// The keys are those of a GGUF header without the architecture and without `attention.` before them (`block_count`,
/// `head_count_kv`, `ssm.conv_kernel`). What is not stated has no source, or the model has no such part.
package struct CatalogArchitecture: Decodable {
    /// Nil when a number is missing without which nothing can be said.
    package let shape: ModelShape?

    static let nameKey = "general.architecture"
    /// Whether the output uses the embedding table itself; a header shows it by its tensors.
    static let tiedKey = "tie_embeddings"

    /// Every key that the document may have.
    static let keys = Set(ModelShape.keys.map(key)).union([
        nameKey, tiedKey,
        // For people who compare models; nothing is worked out from them.
        "rope_freq_base", "attn_logit_softcapping", "final_logit_softcapping",
    ])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        // No GGUF architecture exists for some models.
        guard let name = try container.decodeIfPresent(String.self, forKey: .architecture),
            container.contains(Key(stringValue: "vocab_size"))
        else {
            shape = nil
            return
        }
        var shape = try ModelShape(architecture: name) {
            try Self.names[$0].flatMap { try container.decodeIfPresent(PerLayer.self, forKey: $0) }
        }
        shape?.tiedEmbeddings = try container.decodeIfPresent(Bool.self, forKey: .tiedEmbeddings)
        self.shape = shape
    }

    /// By the header's keys. Making one takes as long as reading its number.
    private static let names = Dictionary(uniqueKeysWithValues: ModelShape.keys.map { ($0, Key(stringValue: key($0))) })

    /// As the catalog writes a header's key.
    static func key(_ headerKey: String) -> String {
        headerKey.hasPrefix("attention.")
            ? String(headerKey.dropFirst("attention.".count)) : headerKey.replacing("rope.", with: "rope_")
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }

        static let architecture = Key(stringValue: CatalogArchitecture.nameKey)
        static let tiedEmbeddings = Key(stringValue: CatalogArchitecture.tiedKey)
    }
}
