import Modelteca

/// What a person is told about an error: what happened to what, then what to do.
struct Words: Equatable, Sendable {
    /// One sentence, lower case, no full stop.
    var message: String
    /// A second one with something to do; nil when there is nothing.
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    init(en: String, es: String, hint: String? = nil) { self.init(say(en: en, es: es), hint: hint) }
}

/// An error with words for people and an exit status. Each is one exhaustive switch: what was forgotten does not compile.
protocol Explained: CodedError {
    var words: Words { get }
    /// All of them stand in `ExitStatus.swift`.
    var status: ExitStatus { get }
}

/// Names in a row, each as one could paste it: `` `a`, `b` ``.
func quoted(_ names: some Sequence<String>, or word: String = ", ") -> String {
    names.map { "`\($0)`" }.joined(separator: word)
}

extension ModeltecaError: Explained {
    var words: Words {
        switch self {
        case .needsConfirmation(let model, let found):
            let names = quoted(found.prefix(3).map(\.id))
            return Words(
                en: "the catalog knows no file of `\(model)`; the Hub has some made by others: \(names)",
                es: "el catálogo no conoce ningún archivo de `\(model)`; en el Hub hay de terceros: \(names)",
                hint: say(
                    en: "`slm get \(model) --yes` gets the first; `slm get hf:OWNER/REPOSITORY` another",
                    es: "`slm get \(model) --yes` descarga el primero; `slm get hf:AUTOR/REPOSITORIO`, otro"))
        case .declined(let model):
            return Words(
                en: "nothing was downloaded for `\(model)`", es: "no se descargó nada de `\(model)`",
                hint: say(
                    en: "`slm get hf:OWNER/REPOSITORY` gets the one that you choose",
                    es: "`slm get hf:AUTOR/REPOSITORIO` descarga el que usted elija"))
        case .changedUpstream(let ref, let repository, let expected, let now):
            return Words(
                en: "the file of `\(ref)` has changed at its origin: its SHA-256 is now `\(now.short)`, the catalog "
                    + "expects `\(expected.short)`",
                es: "el archivo de `\(ref)` ha cambiado en su origen: su SHA-256 es ahora `\(now.short)`; el catálogo "
                    + "espera `\(expected.short)`",
                hint: Labels.nothingDownloaded + Labels.getWhatIsThere("hf:\(repository)"))
        case .digestNotPossible(let ref, let files):
            return Words(
                en: "`--sha256` verifies one file, and `\(ref)` has \(files)",
                es: "`--sha256` comprueba un solo archivo, y `\(ref)` tiene \(files)",
                hint: say(
                    en: "leave it out: each part is checked against the SHA-256 that the Hub publishes",
                    es: "omítalo: cada parte se compara con el SHA-256 que publica el Hub"))
        case .beyondRepair(let ref):
            return Words(
                en: "`\(ref)` cannot be repaired: its origin no longer has the same bytes; the damaged file stays",
                es: "`\(ref)` no se puede reparar: su origen ya no tiene los mismos datos; el archivo dañado se queda",
                hint: say(
                    en: "`slm update \(ref)` downloads what the origin has now",
                    es: "`slm update \(ref)` descarga lo que el origen tiene ahora"))
        case .noOrigin(let ref):
            return Words(
                en: "it is not known where `\(ref)` came from, so it cannot be downloaded again",
                es: "se desconoce de dónde vino `\(ref)`, así que no se puede volver a descargar",
                hint: say(
                    en: "`slm get` it under the name that its publisher gives it",
                    es: "use `slm get` con el nombre que le da su autor"))
        }
    }
}
