internal import ModelFit

extension Sentences {
    init(_ error: MemoryEstimateError, _ language: Language) {
        switch error {
        case .cacheTypeNeedsHeadSize(let type, let headSize):
            self.init(
                language,
                en: (
                    "llama.cpp refuses a cache of type `\(type)` here: the heads have \(headSize) values, no multiple of 32",
                    "leave `--cache-type-k` and `--cache-type-v` at f16"
                ),
                es: (
                    "llama.cpp rechaza aquí una caché de tipo `\(type)`: las cabezas tienen \(headSize) valores, que no es múltiplo de 32",
                    "deje `--cache-type-k` y `--cache-type-v` en f16"
                ))
        case .quantizedValuesNeedFlashAttention(let type):
            self.init(
                language,
                en: ("values cached as `\(type)` need flash attention", "use `--flash-attn on`"),
                es: ("los valores en caché `\(type)` necesitan flash attention", "use `--flash-attn on`"))
        case .unsupportedCacheType(let type):
            self.init(
                language,
                en: (
                    "llama.cpp does not cache in `\(type)`",
                    "use f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0 or iq4_nl"
                ),
                es: (
                    "llama.cpp no guarda la caché en `\(type)`",
                    "use f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0 o iq4_nl"
                ))
        case .contextTooLong(let asked, let most):
            let (want, have) = (language.grouped(Int64(asked)), language.grouped(Int64(most)))
            self.init(
                language,
                en: (
                    "this model cannot take a context of \(want) tokens: its table ends at \(have)",
                    "use `--context \(most)`"
                ),
                es: (
                    "este modelo no admite un contexto de \(want) tokens: su tabla acaba en \(have)",
                    "use `--context \(most)`"
                ))
        case .needsExperts(let architecture):
            self.init(
                language, en: ("llama.cpp loads no `\(architecture)` model without experts", nil),
                es: ("llama.cpp no carga modelos `\(architecture)` sin expertos", nil))
        case .badShape:
            self.init(
                language, en: ("the model's numbers make no sense", "the file may be damaged: fetch it again"),
                es: ("los números del modelo no tienen sentido", "el archivo puede estar dañado: vuelva a descargarlo"))
        }
    }
}
