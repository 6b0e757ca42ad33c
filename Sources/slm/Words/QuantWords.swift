import Modelteca

/// What a quantization keeps of a model, in a word, by its bits a weight.
///
/// The steps are those of llama.cpp's own measurements (KL divergence of Llama 3 8B to its 16 bits: Q8_0 0.001, Q6_K
/// 0.005, Q5_K_M 0.011, Q4_K_M 0.03, Q3_K_M 0.09, Q2_K 0.4, IQ1_S 2.3).
enum QuantGrade: String, Encodable, CaseIterable {
    case original
    case nearlyExact = "nearly-exact"
    case fine
    case usual
    case lossy
    case rough

    /// Nil for a name that says nothing.
    init?(_ quantization: String?) {
        guard let bits = quantization.flatMap({ Quantization(parsing: $0) })?.bitsPerWeight else { return nil }
        self =
            switch bits {
            case 15...: .original
            case 6...: .nearlyExact
            case 5...: .fine
            case 4...: .usual
            case 3...: .lossy
            default: .rough
            }
    }

    var word: String {
        switch self {
        case .original: say(en: "original", es: "original")
        case .nearlyExact: say(en: "near-exact", es: "casi exacta")
        case .fine: say(en: "fine", es: "fina")
        case .usual: say(en: "usual", es: "habitual")
        case .lossy: say(en: "lossy", es: "con pérdida")
        case .rough: say(en: "rough", es: "tosca")
        }
    }
}
