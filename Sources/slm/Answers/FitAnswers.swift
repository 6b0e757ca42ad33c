import Modelteca

/// Whether a model fits.
struct FitVerdict: Encodable {
    var verdict: FitReport.Verdict
    @OrNull var requiredBytes: Int64?
    @OrNull var budgetBytes: Int64?
    @OrNull var contextLength: Int?
    /// The longest context that fits.
    @OrNull var longestContext: Int?
    /// What the verdict rests on, weightiest first.
    var reasons: [String]
    /// What would change the answer; absent where that was not asked.
    var changes: [FitChange]?

    init(_ report: FitReport, changes: [FitReport.Change]? = nil) {
        self.changes = changes?.map(FitChange.init)
        verdict = report.verdict
        requiredBytes = report.required
        budgetBytes = report.budgetBytes
        contextLength = report.contextLength
        longestContext = report.longestContext
        reasons = report.reasons.map(\.code)
    }
}

extension FitReport.Verdict {
    /// In the user's language.
    var word: Text {
        switch self {
        case .fits: Text(say(en: "fits", es: "cabe"), .good)
        case .tight: Text(say(en: "tight", es: "justo"), .careful)
        case .partial: Text(say(en: "partly on GPU", es: "parte en GPU"), .careful)
        case .tooLarge: Text(say(en: "too large", es: "no cabe"), .bad)
        case .unknown: Text(say(en: "unknown", es: "no se sabe"), .faint)
        }
    }

    /// Whether one would run it.
    var isYes: Bool { self == .fits || self == .tight }
}

extension FitReport.Reason {
    /// One whole sentence.
    var sentence: String {
        let language = Speech.language
        func size(_ bytes: Int64) -> String { language.gibibytes(bytes) }
        func tokens(_ count: Int) -> String { language.grouped(Int64(count)) }
        return switch self {
        case .spare(let bytes): say(en: "\(size(bytes)) to spare", es: "sobran \(size(bytes))")
        case .afterClosingPrograms(let bytes):
            say(
                en: "\(size(bytes)) are missing now, and free after closing other programs",
                es: "ahora faltan \(size(bytes)), y quedan libres tras cerrar otros programas")
        case .missing(let bytes):
            say(en: "\(size(bytes)) are missing", es: "faltan \(size(bytes))")
        case .wholeOnGPU: say(en: "all of it goes to the graphics card", es: "todo va a la tarjeta gráfica")
        case .layersOnGPU(let some, let all):
            say(
                en: "\(some) of \(all) layers go to the graphics card (`--gpu-layers \(some)`), the rest to memory",
                es: "\(some) de \(all) capas van a la tarjeta gráfica (`--gpu-layers \(some)`), el resto a la memoria")
        case .contextLowered(let from, let to):
            say(
                en: "its own context of \(tokens(from)) does not fit: \(tokens(to)) was taken, as llama.cpp does",
                es: "su contexto propio de \(tokens(from)) no cabe: se tomó \(tokens(to)), como hace llama.cpp")
        case .shorterContextFits(let count):
            say(en: "it would run with `--context \(count)`", es: "funcionaría con `--context \(count)`")
        case .estimatedFromSize:
            say(
                en: "only the size of the file is known: the rest is a guess",
                es: "solo se conoce el tamaño del archivo: el resto es una suposición")
        case .genericArchitecture:
            say(
                en: "its architecture is not known here: layers like Llama's were taken",
                es: "aquí no se conoce su arquitectura: se tomaron capas como las de Llama")
        case .cannotRun:
            say(en: "llama.cpp refuses these settings", es: "llama.cpp rechaza estos ajustes")
        case .unknownBudget:
            say(
                en: "this device does not tell how much memory it has",
                es: "este equipo no dice cuánta memoria tiene")
        case .unknownSize: say(en: "nobody says how large the model is", es: "nadie dice cuánto ocupa el modelo")
        case .noGPU:
            say(
                en: "there is no graphics card: `--gpu-layers` changes nothing",
                es: "no hay tarjeta gráfica: `--gpu-layers` no cambia nada")
        }
    }
}
