import Modelteca

extension HubError: Explained {
    var words: Words {
        switch self {
        case .noRepository(let id, _) where id.hasPrefix(ModelScopeHub.scheme):
            return Words(
                en: "there is no repository `\(id)`, or it is private",
                es: "no existe el repositorio `\(id)`, o es privado",
                hint: say(
                    en: "check its name; for a private one give a token in MODELSCOPE_API_TOKEN",
                    es: "compruebe el nombre; si es privado, dé un token en MODELSCOPE_API_TOKEN"))
        case .noRepository(let id, let hasToken):
            let check = say(en: "check its name", es: "compruebe el nombre")
            return Words(
                en: "there is no repository `\(id)`" + (hasToken ? "" : ", or it is private"),
                es: "no existe el repositorio `\(id)`" + (hasToken ? "" : ", o es privado"),
                hint: hasToken
                    ? check
                    : check
                        + say(
                            en: "; for a private one give a token: `slm login`, or HF_TOKEN",
                            es: "; si es privado, dé un token: `slm login`, o HF_TOKEN"))
        case .noRevision(let id, let revision):
            return Words(
                en: "`\(id)` has no revision `\(revision)`", es: "`\(id)` no tiene la revisión `\(revision)`",
                hint: say(
                    en: "`slm get \(reference(id))` takes what is there now",
                    es: "`slm get \(reference(id))` descarga lo que hay ahora"))
        case .noFile(let id, let path):
            return Words(
                en: "`\(id)` has no model file `\(path)`", es: "`\(id)` no tiene el archivo de modelo `\(path)`",
                hint: say(
                    en: "`slm show \(reference(id))` lists what it has",
                    es: "`slm show \(reference(id))` muestra lo que tiene"))
        case .noModelFiles(let id):
            let name = id.split(separator: "/").last.map(String.init) ?? id
            return Words(
                en: "`\(id)` has no GGUF files", es: "`\(id)` no tiene archivos GGUF",
                hint: say(en: "somebody may have made some: ", es: "puede que alguien los haya hecho: ")
                    + "`slm search --hub \(name)`")
        case .missingParts(let id, let files):
            return Words(
                en: "a part of the split model is missing in `\(id)`: \(quoted(files))",
                es: "en `\(id)` falta una parte del modelo dividido: \(quoted(files))",
                hint: Labels.nothingDownloaded
                    + say(
                        en: "tell its publisher, or look for another: `slm show \(reference(id))`",
                        es: "avise a su autor o busque otro: `slm show \(reference(id))`"))
        case .noQuantization(let id, let quantization, let available):
            return Words(
                en: "`\(id)` does not come as `\(quantization)`", es: "`\(id)` no está en `\(quantization)`",
                hint: say(en: "it has ", es: "tiene ") + quoted(available))
        case .gated(let id, let hasToken):
            let page = "https://huggingface.co/\(id)"
            return Words(
                en: "`\(id)` is gated: its authors want to know who you are",
                es: "`\(id)` es de acceso restringido: sus autores quieren saber quién es usted",
                hint: hasToken
                    ? say(
                        en: "ask at \(page) with the account of your token",
                        es: "pida acceso en \(page) con la cuenta de su token")
                    : say(
                        en: "ask at \(page), then give a token: `slm login`, or HF_TOKEN",
                        es: "pida acceso en \(page) y dé un token: `slm login`, o HF_TOKEN"))
        case .tokenRefused(let id, let source):
            let place = source ?? "HF_TOKEN"
            return Words(
                en: "the Hub refused the token of \(place) while asking for `\(id)`",
                es: "el Hub rechazó el token de \(place) al pedir `\(id)`",
                hint: say(
                    en: "make a new one and put it there (`slm login`, or HF_TOKEN)",
                    es: "cree uno nuevo y póngalo ahí (`slm login`, o HF_TOKEN)"))
        case .webPage(let url, let status):
            return Words(
                en: "\(url.place) sent a web page instead of an answer (\(status))",
                es: "\(url.place) envió una página web en lugar de una respuesta (\(status))",
                hint: Labels.signInPage)
        case .disabled(let id):
            return Words(
                en: "the Hub has taken `\(id)` down", es: "el Hub ha retirado `\(id)`",
                hint: say(en: "look for another: `slm list`", es: "busque otro: `slm list`"))
        case .rateLimited(let host, let wait):
            return Words(
                en: "\(host) asks to wait: too many requests", es: "\(host) pide esperar: demasiadas peticiones",
                hint: wait.map { Language.current.clock($0) }.map {
                    say(en: "try again in \($0)", es: "vuelva a intentarlo en \($0)")
                } ?? Labels.inSomeMinutes)
        case .unexpectedAnswer(let url, let status, _) where status >= 500:
            return Words(
                en: "\(url.place) keeps failing: the server is not available (\(status))",
                es: "\(url.place) sigue fallando: el servidor no está disponible (\(status))",
                hint: Labels.inSomeMinutes)
        case .unexpectedAnswer(let url, 403, let detail):
            let why = detail.isEmpty ? say(en: "it does not say why", es: "no dice por qué") : detail
            return Words(
                en: "\(url.place) refuses to answer (403): \(why)",
                es: "\(url.place) se niega a responder (403): \(why)",
                hint: say(
                    en: "a firewall in between may do that: try another network, or check HF_ENDPOINT",
                    es: "puede ser un cortafuegos en el camino: pruebe otra red, o compruebe HF_ENDPOINT"))
        case .unexpectedAnswer(let url, let status, let detail):
            let detail = detail.isEmpty ? "" : ", \(detail)"
            return Words(
                en: "\(url.place) does not answer as a Hub does (\(status)\(detail))",
                es: "\(url.place) no responde como un Hub (\(status)\(detail))",
                hint: say(en: "check HF_ENDPOINT, or try later", es: "compruebe HF_ENDPOINT o inténtelo más tarde"))
        case .unsafeName(let id, let name):
            return Words(
                en: "`\(id)` has a file name that is not safe: `\(name)`",
                es: "`\(id)` tiene un nombre de archivo que no es seguro: `\(name)`",
                hint: say(en: "nothing was stored", es: "no se guardó nada"))
        case .noQuantizationsOf(let upstream):
            let name = upstream.first ?? ""
            return Words(
                en: "the Hub knows of no GGUF files of `\(name)`", es: "el Hub no conoce archivos GGUF de `\(name)`",
                hint: say(
                    en: "llama.cpp's `convert_hf_to_gguf.py` can make one from the original",
                    es: "`convert_hf_to_gguf.py`, de llama.cpp, puede hacer uno a partir del original"))
        case .unsupportedOrigin(let form):
            return Words(
                en: "this version cannot download from `\(form):` yet",
                es: "esta versión aún no puede descargar de `\(form):`",
                hint: say(
                    en: "`slm search --hub` looks for the model on the Hub",
                    es: "`slm search --hub` busca el modelo en el Hub"))
        case .noLocalFile(let path):
            return Words(
                en: "there is no file `\(path)`", es: "no existe el archivo `\(path)`",
                hint: say(en: "check the path", es: "compruebe la ruta"))
        }
    }
}

/// A repository of an error as one types it: the Hub's are told without a scheme.
private func reference(_ id: String) -> String { id.hasPrefix(ModelScopeHub.scheme) ? id : "hf:\(id)" }
