/// How a file's weights are stored, as its name or its metadata says: `Q4_K_M`, `F16`, `UD-Q4_K_XL`.
///
/// Such a name stands for a mix of types: llama.cpp's quantizer picks one for each tensor (see `FileType`).
public struct Quantization: Hashable, Sendable, CustomStringConvertible {
    /// Upper case, as publishers write it: `Q4_K_M`.
    public let name: String
    /// The file type of llama.cpp that it is, or comes nearest to.
    package let fileType: FileType
    /// The type that token embeddings and output have instead of the usual one: names ending in `_L` for which
    /// llama.cpp has no file type (`Q4_K_L`, `Q6_K_L`).
    package let embeddingType: TensorType?
    /// Whether only a fork of llama.cpp (ik_llama.cpp) reads it.
    package let isOfFork: Bool
    /// Whether llama.cpp's own quantizer makes exactly this; files of others (`UD-…`, `…_XL`) are only near to it.
    package let isStandard: Bool

    /// One of llama.cpp's own file types.
    package init(_ fileType: FileType) {
        name = fileType.name
        self.fileType = fileType
        embeddingType = nil
        isStandard = true
        isOfFork = false
    }

    /// The number in `general.file_type` (llama.cpp, `llama.h`, `enum llama_ftype`). Files whose type was guessed have
    /// 1024 added; nil for numbers this reader does not know.
    package init?(fileType number: Int64) {
        guard (0..<2048).contains(number), let fileType = FileType(rawValue: Int(number & ~1024)) else { return nil }
        self.init(fileType)
    }

    /// Reads a name in any case, with `-` or `_` between its parts and an optional `UD-` before it. An `i1-` before it
    /// (quantized with a matrix of importance) makes no other name. Nil for text that names no quantization.
    public init?(parsing text: some StringProtocol) {
        guard (1...32).contains(text.utf8.count), Self.mayBegin(text.utf8.first) else { return nil }
        var upper = String(decoding: text.utf8.map(Self.plainByte), as: UTF8.self)
        if upper.hasPrefix("I1_") { upper.removeFirst(3) }
        let isDynamic = upper.hasPrefix("UD_")
        let plain = String(isDynamic ? upper.dropFirst(3) : upper[...])
        if let fileType = FileType.named(plain) {
            self.init(name: plain, fileType: fileType, isStandard: !isDynamic, isDynamic: isDynamic)
        } else if let near = Self.near[plain] {
            let type: TensorType? = plain.hasSuffix("_XL") ? nil : .q80
            self.init(name: plain, fileType: near, embeddingType: type, isStandard: false, isDynamic: isDynamic)
        } else if let near = Self.ofFork(plain) {
            self.init(name: plain, fileType: near, isStandard: false, isDynamic: isDynamic, isOfFork: true)
        } else if let whole = Self.withoutNumber(after: "_G", in: plain), let fileType = FileType.named(whole) {
            self.init(name: plain, fileType: fileType, isStandard: false, isDynamic: isDynamic)
        } else {
            return nil
        }
    }

    /// The name without what tells one maker's files from another's: `Q4_K_XL` of `UD-Q4_K_XL`, `Q2_0` of `Q2_0_G64`.
    /// llama.cpp's `-hf` takes such a name too.
    package var plainName: String {
        let plain = name.hasPrefix("UD-") ? String(name.dropFirst(3)) : name
        return Self.withoutNumber(after: "_G", in: plain) ?? plain
    }

    /// In upper case, with `_` for `-`.
    private static func plainByte(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "-"): UInt8(ascii: "_")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
        default: byte
        }
    }

    /// Whether any name begins so, in any case: most words of a file's name are none, and repositories list thousands.
    private static func mayBegin(_ byte: UInt8?) -> Bool {
        byte.map { "QIFBTMNUqifbtmnu".utf8.contains($0) } ?? false
    }

    /// `Q2_0` of `Q2_0_G64`; nil where the text does not end in the mark and a number.
    private static func withoutNumber(after mark: String, in text: String) -> String? {
        let digits = text.utf8.reversed().prefix { (48...57).contains($0) }.count
        let front = text.dropLast(digits)
        return digits > 0 && front.hasSuffix(mark) ? String(front.dropLast(mark.count)) : nil
    }

    private init(
        name: String, fileType: FileType, embeddingType: TensorType? = nil, isStandard: Bool, isDynamic: Bool,
        isOfFork: Bool = false
    ) {
        self.name = isDynamic ? "UD-\(name)" : name
        self.fileType = fileType
        self.embeddingType = embeddingType
        self.isStandard = isStandard
        self.isOfFork = isOfFork
    }

    /// Names in wide use that llama.cpp's quantizer does not have, and what they are made from.
    private static let near: [String: FileType] = [
        "Q2_K_L": .q2K, "Q4_K_L": .q4KM, "Q5_K_L": .q5KM, "Q6_K_L": .q6K, "Q3_K_XL": .q3KL,
        "Q2_K_XL": .q2K, "Q4_K_XL": .q4KM, "Q5_K_XL": .q5KM, "Q6_K_XL": .q6K, "Q8_K_XL": .q80, "IQ1_XL": .iq1M,
        "IQ2_XL": .iq2M, "IQ3_XL": .iq3M, "IQ4_XL": .iq4NL, "Q2_K_P": .q2K, "Q3_K_P": .q3KM, "Q4_K_P": .q4KM,
        "Q5_K_P": .q5KM, "Q6_K_P": .q6K, "Q8_K_P": .q80,
    ]

    /// Names of ikawrakow/ik_llama.cpp (`examples/quantize/quantize.cpp`), and what comes nearest in size. A name that
    /// ends in `_R4` or `_R8` has its rows interleaved.
    private static func ofFork(_ name: String) -> FileType? {
        if let whole = withoutNumber(after: "_R", in: name), ["4", "8", "16"].contains(name.dropFirst(whole.count + 2))
        {
            return FileType.named(whole) ?? fork[whole]
        }
        return fork[name]
    }

    private static let fork: [String: FileType] = [
        "IQ1_BN": .tq10, "IQ2_BN": .tq20, "IQ1_KT": .iq1M, "IQ2_KT": .iq2XXS, "IQ2_KS": .iq2XXS, "IQ2_K": .iq2S,
        "IQ2_KL": .q2K, "IQ3_KT": .iq3XXS, "IQ3_KS": .iq3XXS, "IQ3_K": .iq3S, "IQ3_KL": .iq3M, "IQ4_KT": .iq4XS,
        "IQ4_KSS": .iq4XS, "IQ4_KS": .iq4XS, "IQ4_K": .iq4NL, "IQ5_KS": .q5KS, "IQ5_K": .q5KS, "IQ6_K": .q6K,
        "Q6_0": .q6K, "Q8_KV": .q80,
    ]

    /// The name.
    public var description: String { name }

    /// Bits for one weight of most tensors. A whole file has a little more: embeddings and some layers are finer.
    public var bitsPerWeight: Double { fileType.baseType.bitsPerWeight }
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
