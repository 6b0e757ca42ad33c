import Modelteca

extension MemoryEstimateError: Explained {
    var words: Words {
        switch self {
        case .cacheTypeNeedsHeadSize(let type, let headSize):
            return Words(
                en: "llama.cpp refuses a cache of type `\(type.option)` here: its heads have \(headSize) values, which "
                    + "is not a multiple of 32",
                es:
                    "llama.cpp rechaza aquí una caché de tipo `\(type.option)`: las cabezas tienen \(headSize) valores, "
                    + "que no es múltiplo de 32",
                hint: say(
                    en: "leave `--cache-type-k` and `--cache-type-v` at f16",
                    es: "deje `--cache-type-k` y `--cache-type-v` en f16"))
        case .quantizedValuesNeedFlashAttention(let type):
            return Words(
                en: "values cached as `\(type.option)` need flash attention",
                es: "los valores en caché `\(type.option)` necesitan la atención flash",
                hint: say(en: "use `--flash-attn on`", es: "use `--flash-attn on`"))
        case .unsupportedCacheType(let type):
            return Words(
                en: "llama.cpp does not cache in `\(type.option)`",
                es: "llama.cpp no guarda la caché en `\(type.option)`",
                hint: say(en: "use one of ", es: "use uno de ") + CacheType.names.joined(separator: ", "))
        case .contextTooLong(let asked, let most):
            let (want, have) = (Language.current.grouped(Int64(asked)), Language.current.grouped(Int64(most)))
            return Words(
                en: "this model cannot take a context of \(want) tokens: its table ends at \(have)",
                es: "este modelo no admite un contexto de \(want) tokens: su tabla acaba en \(have)",
                hint: say(en: "use `--context \(most)`", es: "use `--context \(most)`"))
        case .needsExperts(let architecture):
            return Words(
                en: "llama.cpp loads no `\(architecture)` model without experts",
                es: "llama.cpp no carga modelos `\(architecture)` sin expertos")
        case .badShape:
            return Words(
                en: "the model's numbers make no sense", es: "los números del modelo no tienen sentido",
                hint: say(
                    en: "the file may be damaged: download it again",
                    es: "el archivo puede estar dañado: vuelva a descargarlo"))
        }
    }
}

extension TensorType {
    /// As llama.cpp's options have it: `q8_0`.
    var option: String { name.lowercased() }
}

extension FitReport.Verdict {
    /// In the user's language.
    var word: Text {
        switch self {
        case .fits: Text(say(en: "fits", es: "cabe"), .good)
        case .tight: Text(say(en: "tight", es: "justo"), .careful)
        case .partial: Text(say(en: "partly on GPU", es: "parte en GPU"), .careful)
        case .tooLarge: Text(say(en: "too large", es: "no cabe"), .bad)
        case .unknown: Text(say(en: "unknown", es: "sin datos"), .faint)
        case .cannotRun: Text(say(en: "cannot run", es: "no funciona"), .bad)
        }
    }
}

extension FitReport.Reason {
    /// One whole sentence.
    var sentence: String {
        let language = Language.current
        func size(_ bytes: Int64) -> String { language.sum(bytes) }
        func tokens(_ count: Int) -> String { language.grouped(Int64(count)) }
        return switch self {
        case .spare(let bytes): say(en: "\(size(bytes)) to spare", es: "sobran \(size(bytes))")
        case .afterClosingPrograms(let bytes):
            say(
                en: "\(size(bytes)) are missing now, and free after closing other programs",
                es: "ahora faltan \(size(bytes)), y quedan libres tras cerrar otros programas")
        case .missing(let bytes):
            say(en: "\(size(bytes)) are missing", es: "faltan \(size(bytes))")
        case .wholeOnGPU: say(en: "all layers go to the GPU", es: "todas las capas van a la GPU")
        case .layersOnGPU(let some, let all):
            say(
                en: "\(some) of \(all) layers go to the GPU (`--gpu-layers \(some)`), the rest to memory",
                es: "\(some) de \(all) capas van a la GPU (`--gpu-layers \(some)`), el resto a la memoria")
        case .contextLowered(let from, let to):
            say(
                en: "its own context of \(tokens(from)) does not fit: \(tokens(to)) is used, as llama.cpp does",
                es: "su contexto propio de \(tokens(from)) no cabe: se usa \(tokens(to)), como hace llama.cpp")
        case .shorterContextFits(let count):
            say(en: "it would run with `--context \(count)`", es: "funcionaría con `--context \(count)`")
        case .estimatedFromSize:
            say(
                en: "only the size of the file is known: the rest is an estimate",
                es: "solo se conoce el tamaño del archivo: el resto es una estimación")
        case .genericArchitecture:
            say(
                en: "its architecture is not known here: layers like Llama's are assumed",
                es: "aquí no se conoce su arquitectura: se suponen capas como las de Llama")
        case .refused(let refusal): refusal.sentence
        case .beyondTraining(let trained):
            say(
                en:
                    "it was trained for \(tokens(trained)) tokens: llama-cli only warns and gets worse beyond, llama-server gives each conversation no more",
                es:
                    "se entrenó para \(tokens(trained)) tokens: más allá llama-cli solo avisa y empeora; llama-server no da más a cada conversación"
            )
        case .cannotRun:
            say(en: "llama.cpp refuses these settings", es: "llama.cpp rechaza estos ajustes")
        case .unknownBudget:
            say(en: "the memory of this device is not known", es: "sin datos de la memoria de este equipo")
        case .unknownSize: say(en: "the size of the model is not known", es: "sin datos del tamaño del modelo")
        case .noGPU:
            say(en: "there is no GPU: `--gpu-layers` changes nothing", es: "no hay GPU: `--gpu-layers` no cambia nada")
        }
    }
}

extension FitReport.Change {
    /// One whole sentence.
    var sentence: String {
        let language = Language.current
        let needs = language.sum(required)
        switch kind {
        case .quantization(_, let ref?): return would("`\(ref)`", need: needs)
        case .quantization(let name, nil):
            let kind = name ?? "?"
            return would(
                say(en: "\(kind) (not in the catalog)", es: "\(kind) (no está en el catálogo)"), need: needs)
        case .cacheType(let type):
            let name = type.option
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
                en: "\(what) would need \(size), part of it on the GPU",
                es: "\(what) necesitaría \(size), parte en la GPU")
        default: say(en: "\(what) would need \(size)", es: "\(what) necesitaría \(size)")
        }
    }
}
