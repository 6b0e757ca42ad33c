/// How a file's weights are stored, as its name or its metadata says: `Q4_K_M`, `F16`, `UD-Q4_K_XL`.
///
/// Such a name stands for a mixture: llama.cpp's quantizer picks a type for each tensor (see `Mixture`).
public struct Quantization: Hashable, Sendable, CustomStringConvertible {
    /// Upper case, as publishers write it: `Q4_K_M`.
    public let name: String
    /// The mixture of llama.cpp it is, or comes nearest to.
    public let mixture: Mixture
    /// The type that token embeddings and output have instead of the mixture's: names ending in `_L` for which
    /// llama.cpp has no mixture (`Q4_K_L`, `Q6_K_L`).
    public let embeddingType: TensorType?
    /// Whether llama.cpp's own quantizer makes exactly this; mixtures of others (`UD-…`, `…_XL`) are only near to it.
    public let isStandard: Bool

    /// One of llama.cpp's own mixtures.
    public init(_ mixture: Mixture) {
        name = mixture.name
        self.mixture = mixture
        embeddingType = nil
        isStandard = true
    }

    /// The number in `general.file_type` (llama.cpp, `llama.h`, `enum llama_ftype`). Files whose type was guessed have
    /// 1024 added; nil for numbers this reader does not know.
    public init?(fileType: Int64) {
        guard (0..<2048).contains(fileType), let mixture = Mixture(rawValue: Int(fileType & ~1024)) else { return nil }
        self.init(mixture)
    }

    /// Reads a name in any case, with `-` or `_` between its parts and an optional `UD-` before it. Nil for text that
    /// names no quantization.
    public init?(parsing text: some StringProtocol) {
        guard (1...32).contains(text.utf8.count) else { return nil }
        let upper = text.uppercased().replacing("-", with: "_")
        let isDynamic = upper.hasPrefix("UD_")
        let plain = String(isDynamic ? upper.dropFirst(3) : upper[...])
        if let mixture = Mixture.named(plain) {
            self.init(name: plain, mixture: mixture, isStandard: !isDynamic, isDynamic: isDynamic)
        } else if let near = Self.near[plain] {
            let type: TensorType? = plain.hasSuffix("_XL") ? nil : .q80
            self.init(name: plain, mixture: near, embeddingType: type, isStandard: false, isDynamic: isDynamic)
        } else {
            return nil
        }
    }

    private init(
        name: String, mixture: Mixture, embeddingType: TensorType? = nil, isStandard: Bool, isDynamic: Bool
    ) {
        self.name = isDynamic ? "UD-\(name)" : name
        self.mixture = mixture
        self.embeddingType = embeddingType
        self.isStandard = isStandard
    }

    /// Names in wide use that llama.cpp's quantizer does not have, and what they are made from.
    private static let near: [String: Mixture] = [
        "Q2_K_L": .q2K, "Q4_K_L": .q4KM, "Q5_K_L": .q5KM, "Q6_K_L": .q6K, "Q3_K_XL": .q3KL,
        "Q2_K_XL": .q2K, "Q4_K_XL": .q4KM, "Q5_K_XL": .q5KM, "Q6_K_XL": .q6K, "Q8_K_XL": .q80, "IQ1_XL": .iq1M,
        "IQ2_XL": .iq2M, "IQ3_XL": .iq3M, "IQ4_XL": .iq4NL,
    ]

    /// The name.
    public var description: String { name }

    /// Bits for one weight of most tensors. A whole file has a little more: embeddings and some layers are finer.
    public var bitsPerWeight: Double { mixture.baseType.bitsPerWeight }
}

extension Quantization: Codable {
    /// Reads the name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let parsed = Quantization(parsing: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a quantization: \(text)")
        }
        self = parsed
    }

    /// Writes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
