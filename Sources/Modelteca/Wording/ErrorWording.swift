internal import CurlHTTP
internal import Disk
internal import GGUF
internal import ModelCatalog
internal import ModelDownload
internal import ModelFit
internal import ModelHub
internal import ModelStore

/// What a person is told about an error: what happened to what, then what to do.
public struct ErrorWording: Equatable, Sendable {
    /// Name for scripts, never translated.
    public var code: String
    /// One sentence, lower case, no full stop.
    public var message: String
    /// A second one with something to do; nil when there is nothing.
    public var hint: String?

    /// Words for an error of any of the modules.
    ///
    /// - Returns: Nil for an error that is not ours: a bug, or another library's.
    public init?(_ error: any Error, in language: Language) {
        let sentences: Sentences
        let code: String
        switch error {
        case let error as DownloadError: (code, sentences) = (error.code, .init(error, language))
        case let error as HTTPError: (code, sentences) = (error.code, .init(error, language))
        case let error as HubError: (code, sentences) = (error.code, .init(error, language))
        case let error as CatalogError: (code, sentences) = (error.code, .init(error, language))
        case let error as ReferenceError: (code, sentences) = (error.code, .init(error, language))
        case let error as FileNameFault: (code, sentences) = (error.code, .init(error, language))
        case let error as StoreError: (code, sentences) = (error.code, .init(error, language))
        case let error as GGUFError: (code, sentences) = (error.code, .init(error, language))
        case let error as ModeltecaError: (code, sentences) = (error.code, .init(error, language))
        case let error as MemoryEstimateError: (code, sentences) = (error.code, .init(error, language))
        case is CancellationError:
            code = "interrupted"
            sentences = Sentences(language.say(en: "interrupted", es: "interrumpido"))
        default: return nil
        }
        self.code = code
        message = sentences.message.printable
        hint = sentences.hint?.printable
    }
}

/// A message and perhaps a hint.
struct Sentences {
    var message: String
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    init(_ language: Language, en: (String, String?), es: (String, String?)) {
        switch language {
        case .en: self.init(en.0, hint: en.1)
        case .es: self.init(es.0, hint: es.1)
        }
    }
}

extension Sentences {
    init(_ error: ModeltecaError, _ language: Language) {
        switch error {
        case .needsConfirmation(let model, let found):
            let names = language.quoted(found.prefix(3).map(\.id))
            self.init(
                language,
                en: (
                    "the catalog knows no file of `\(model)`; the Hub has quantizations by others: \(names)",
                    "`slm get \(model) --yes` takes the first; `slm get hf:OWNER/REPOSITORY` another"
                ),
                es: (
                    "el catálogo no conoce ningún archivo de `\(model)`; en el Hub hay cuantizaciones de terceros: \(names)",
                    "`slm get \(model) --yes` toma la primera; `slm get hf:AUTOR/REPOSITORIO`, otra"
                ))
        case .declined(let model):
            self.init(
                language,
                en: (
                    "nothing was downloaded for `\(model)`", "`slm get hf:OWNER/REPOSITORY` takes one that you choose"
                ),
                es: (
                    "no se descargó nada de `\(model)`",
                    "`slm get hf:AUTOR/REPOSITORIO` toma la que usted elija"
                ))
        case .changedUpstream(let ref, let repository, let expected, let now):
            self.init(
                language,
                en: (
                    "the file of `\(ref)` has changed at its origin: its SHA-256 is now `\(now.short)`, the catalog "
                        + "expects `\(expected.short)`",
                    "nothing was downloaded. `slm get hf:\(repository)` takes what is there now"
                ),
                es: (
                    "el archivo de `\(ref)` ha cambiado en su origen: su SHA-256 es ahora `\(now.short)`; el catálogo "
                        + "espera `\(expected.short)`",
                    "no se descargó nada. `slm get hf:\(repository)` toma lo que hay ahora"
                ))
        case .digestNotPossible(let ref, let files):
            self.init(
                language,
                en: (
                    "`--sha256` proves one file, and `\(ref)` has \(files)",
                    "leave it out: each part is held against the digest that the Hub publishes"
                ),
                es: (
                    "`--sha256` comprueba un solo archivo, y `\(ref)` tiene \(files)",
                    "omítalo: cada parte se compara con la suma que publica el Hub"
                ))
        case .noOrigin(let ref):
            self.init(
                language,
                en: (
                    "nobody knows where `\(ref)` came from, so it cannot be fetched again",
                    "`slm get` it under the name that its publisher gives it"
                ),
                es: (
                    "no se sabe de dónde vino `\(ref)`, así que no se puede volver a descargar",
                    "use `slm get` con el nombre que le da quien lo publica"
                ))
        }
    }
}
