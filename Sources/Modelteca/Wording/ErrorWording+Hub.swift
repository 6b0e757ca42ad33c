internal import Foundation
internal import ModelHub

extension Sentences {
    init(_ error: HubError, _ language: Language) {
        switch error {
        case .noRepository(let id, let hasToken):
            self.init(
                language,
                en: (
                    "there is no repository `\(id)`" + (hasToken ? "" : ", or it is private"),
                    hasToken ? "check its name" : "check its name; for a private one give a token in HF_TOKEN"
                ),
                es: (
                    "no existe el repositorio `\(id)`" + (hasToken ? "" : ", o es privado"),
                    hasToken ? "compruebe el nombre" : "compruebe el nombre; si es privado, dé un token en HF_TOKEN"
                ))
        case .noRevision(let id, let revision):
            self.init(
                language,
                en: ("`\(id)` has no revision `\(revision)`", "leave `@\(revision)` out for the current one"),
                es: ("`\(id)` no tiene la revisión `\(revision)`", "quite `@\(revision)` para usar la actual"))
        case .noFile(let id, let path):
            self.init(
                language,
                en: ("`\(id)` has no model file `\(path)`", "`slm show hf:\(id)` lists what it has"),
                es: ("`\(id)` no tiene el archivo de modelo `\(path)`", "`slm show hf:\(id)` muestra lo que tiene"))
        case .noModelFiles(let id):
            let name = id.split(separator: "/").last.map(String.init) ?? id
            self.init(
                language,
                en: ("`\(id)` has no GGUF files", "somebody may have made some: `slm search --hub \(name)`"),
                es: ("`\(id)` no tiene archivos GGUF", "puede que alguien los haya hecho: `slm search --hub \(name)`"))
        case .noQuantization(let id, let quantization, let available):
            self.init(
                language,
                en: ("`\(id)` is not there as `\(quantization)`", "it has \(language.quoted(available))"),
                es: ("`\(id)` no está en `\(quantization)`", "tiene \(language.quoted(available))"))
        case .gated(let id, let hasToken):
            self.init(
                language,
                en: (
                    "`\(id)` is gated: its authors want to know who you are",
                    "ask at https://huggingface.co/\(id)"
                        + (hasToken
                            ? " with the account of your token"
                            : ", then give a token in HF_TOKEN (or `hf auth login`)")
                ),
                es: (
                    "`\(id)` es de acceso restringido: sus autores quieren saber quién es usted",
                    "pida acceso en https://huggingface.co/\(id)"
                        + (hasToken ? " con la cuenta de su token" : " y dé un token en HF_TOKEN (o `hf auth login`)")
                ))
        case .tokenRefused(let id):
            self.init(
                language,
                en: ("the Hub refused the token while asking for `\(id)`", "make a new one and put it in HF_TOKEN"),
                es: ("el Hub rechazó el token al pedir `\(id)`", "cree uno nuevo y póngalo en HF_TOKEN"))
        case .disabled(let id):
            self.init(
                language, en: ("the Hub has taken `\(id)` down", "look for another: `slm list`"),
                es: ("el Hub ha retirado `\(id)`", "busque otro: `slm list`"))
        case .rateLimited(let host, let wait):
            let time = wait.map { language.clock($0) }
            self.init(
                language,
                en: (
                    "\(host) asks to wait: too many requests",
                    time.map { "try again in \($0)" } ?? "try again in some minutes"
                ),
                es: (
                    "\(host) pide esperar: demasiadas peticiones",
                    time.map { "vuelva a intentarlo en \($0)" } ?? "vuelva a intentarlo en unos minutos"
                ))
        case .unexpectedAnswer(let url, let status, _) where status >= 500:
            let host = url.host() ?? ""
            self.init(
                language,
                en: ("\(host) keeps failing: it answers \(status)", "try again in some minutes"),
                es: ("\(host) falla una y otra vez: responde \(status)", "inténtelo de nuevo en unos minutos"))
        case .unexpectedAnswer(let url, let status, let detail):
            let host = url.host() ?? ""
            let detail = detail.isEmpty ? "" : " (\(detail))"
            self.init(
                language,
                en: (
                    "\(host) answers in a way that a Hub does not: \(status)\(detail)",
                    "check HF_ENDPOINT, or try later"
                ),
                es: (
                    "\(host) responde como no lo hace un Hub: \(status)\(detail)",
                    "compruebe HF_ENDPOINT o inténtelo más tarde"
                ))
        case .unsafeName(let id, let name):
            self.init(
                language,
                en: ("`\(id)` has a file name that no disk should hold: `\(name)`", "nothing was stored"),
                es: ("`\(id)` tiene un nombre de archivo inadmisible: `\(name)`", "no se guardó nada"))
        case .noQuantizationsOf(let upstream):
            let name = upstream.first ?? ""
            self.init(
                language,
                en: (
                    "the Hub knows nobody who has published GGUF files of `\(name)`",
                    "llama.cpp's `convert_hf_to_gguf.py` can make one of the original"
                ),
                es: (
                    "el Hub no conoce a nadie que haya publicado archivos GGUF de `\(name)`",
                    "`convert_hf_to_gguf.py`, de llama.cpp, puede hacer uno a partir del original"
                ))
        case .unsupportedOrigin(let form):
            self.init(
                language,
                en: (
                    "this version cannot fetch from `\(form):` yet", "`slm search --hub` looks for the model on the Hub"
                ),
                es: (
                    "esta versión aún no puede descargar de `\(form):`",
                    "`slm search --hub` busca el modelo en el Hub"
                ))
        case .noLocalFile(let path):
            self.init(
                language, en: ("there is no file `\(path)`", "check the path"),
                es: ("no existe el archivo `\(path)`", "compruebe la ruta"))
        }
    }
}
