import Modelteca

/// One thing that would change the answer.
struct FitChange: Encodable {
    var code: String
    /// Of another form of the model.
    @OrNull var quant: String?
    /// Of that form; null where no file of it is known, and its size was worked out.
    @OrNull var ref: String?
    /// For keys and values.
    @OrNull var cacheType: String?
    @OrNull var contextLength: Int?
    /// As for llama.cpp's `--gpu-layers`.
    @OrNull var gpuLayers: Int?
    var requiredBytes: Int64
    var verdict: FitReport.Verdict

    init(_ change: FitReport.Change) {
        code = change.code
        requiredBytes = change.required
        verdict = change.verdict
        switch change.kind {
        case .quantization(let name, let ref): (quant, self.ref) = (name, ref)
        case .cacheType(let type): cacheType = type.name.lowercased()
        case .contextLength(let count): contextLength = count
        case .gpuLayers(let count, _): gpuLayers = count
        case .closingPrograms: break
        }
    }
}

extension FitReport.Change {
    /// One whole sentence.
    var sentence: String {
        let language = Speech.language
        let needs = language.gibibytes(required)
        switch kind {
        case .quantization(_, let ref?): return would("`\(printable(ref))`", need: needs)
        case .quantization(let name, nil):
            let kind = name ?? "?"
            return would(
                say(
                    en: "a file quantized as \(kind) (none is known here)",
                    es: "un archivo cuantizado como \(kind) (aquí no se conoce ninguno)"), need: needs)
        case .cacheType(let type):
            let name = type.name.lowercased()
            return would("`--cache-type-k \(name) --cache-type-v \(name)`", need: needs)
        case .contextLength(let count):
            let tokens = language.grouped(Int64(count))
            return say(
                en: "the longest context that fits comfortably is \(tokens), with \(needs)",
                es: "el contexto más largo que cabe con holgura es \(tokens), con \(needs)")
        case .closingPrograms:
            return say(
                en: "with other programs closed it \(verdict == .fits ? "fits" : "just fits")",
                es: "con los demás programas cerrados \(verdict == .fits ? "cabe" : "cabe justo")")
        case .gpuLayers(let count, let all):
            return say(
                en: "`--gpu-layers \(count)` (of \(all)) would do",
                es: "bastaría con `--gpu-layers \(count)` (de \(all))")
        }
    }

    private func would(_ what: String, need size: String) -> String {
        switch verdict {
        case .tight:
            say(en: "\(what) would need \(size), a tight fit", es: "\(what) necesitaría \(size), y cabría justo")
        case .partial:
            say(
                en: "\(what) would need \(size), part of it on the graphics card",
                es: "\(what) necesitaría \(size), parte en la tarjeta gráfica")
        default: say(en: "\(what) would need \(size)", es: "\(what) necesitaría \(size)")
        }
    }
}
