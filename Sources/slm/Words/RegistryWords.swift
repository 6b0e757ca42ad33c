import Modelteca

extension RegistryError: Explained {
    var words: Words {
        switch self {
        case .noRepository(let ref, let host):
            return Words(
                en: "\(host) has no `\(ref)`, or it is private", es: "\(host) no tiene `\(ref)`, o es privado",
                hint: ref.hasPrefix("ollama:")
                    ? say(en: "check its name", es: "compruebe el nombre")
                    : say(
                        en: "check its name; for a private one sign in with `docker login \(host)`",
                        es: "compruebe el nombre; si es privado, inicie sesión con `docker login \(host)`"))
        case .noTag(let ref):
            let isOllama = ref.hasPrefix("ollama:")
            return Words(
                en: "there is no `\(ref)` in its registry", es: "no hay ningún `\(ref)` en su registro",
                hint: isOllama
                    ? say(
                        en: "its tags are listed at \(Self.page(of: ref))/tags",
                        es: "sus etiquetas están en \(Self.page(of: ref))/tags")
                    : say(en: "check its name and its tag", es: "compruebe el nombre y la etiqueta"))
        case .needsNewerOllama(let ref):
            return Words(
                en: "the registry gives `\(ref)` to newer versions of Ollama only",
                es: "el registro solo entrega `\(ref)` a versiones más nuevas de Ollama",
                hint: say(
                    en: "\(Self.page(of: ref)) describes it; `slm search --hub` looks for it on the Hub",
                    es: "\(Self.page(of: ref)) lo describe; `slm search --hub` lo busca en el Hub"))
        case .onlyInCloud(let ref, let host):
            return Words(
                en: "`\(ref)` runs on the servers of \(host) only: there is no file to download",
                es: "`\(ref)` solo funciona en los servidores de \(host): no hay archivo que descargar",
                hint: say(
                    en: "`slm list` shows models that run here", es: "`slm list` muestra modelos para este equipo"))
        case .noModelFile(let ref, let types):
            let found = types.isEmpty ? "" : ": " + quoted(types.prefix(3))
            return Words(
                en: "`\(ref)` has no GGUF file\(found)", es: "`\(ref)` no tiene ningún archivo GGUF\(found)",
                hint: say(
                    en: "`slm search --hub` looks for one on the Hub", es: "`slm search --hub` busca uno en el Hub"))
        case .notAuthorized(let ref, let host, let hasCredentials):
            return Words(
                en: hasCredentials
                    ? "\(host) refused your credentials for `\(ref)`" : "\(host) wants to know who asks for `\(ref)`",
                es: hasCredentials
                    ? "\(host) rechazó sus credenciales para `\(ref)`" : "\(host) quiere saber quién pide `\(ref)`",
                hint: say(
                    en: "`docker login \(host)` or `podman login \(host)` keeps a password that `slm` uses",
                    es: "`docker login \(host)` o `podman login \(host)` guardan una contraseña que `slm` usa"))
        case .denied(let ref, let host):
            return Words(
                en: "\(host) does not let you have `\(ref)`", es: "\(host) no le permite acceder a `\(ref)`",
                hint: say(en: "ask whoever runs it", es: "pida permiso a quien lo administra"))
        case .rateLimited(let host, let wait):
            return HubError.rateLimited(host: host, retryAfter: wait).words
        case .unexpectedAnswer(let url, let status, let detail):
            let detail = detail.isEmpty ? "" : ", \(detail)"
            return Words(
                en: "\(url.place) does not answer as a registry does (\(status)\(detail))",
                es: "\(url.place) no responde como un registro (\(status)\(detail))",
                hint: say(en: "check the address, or try later", es: "compruebe la dirección o inténtelo más tarde"))
        case .digestMismatch(let ref, let expected, let actual):
            return Words(
                en: "the manifest of `\(ref)` is not what it should be: its SHA-256 is `\(actual.short)`, expected "
                    + "`\(expected.short)`",
                es: "el manifiesto de `\(ref)` no es el que debe ser: su SHA-256 es `\(actual.short)`; se esperaba "
                    + "`\(expected.short)`",
                hint: say(en: "nothing was downloaded", es: "no se descargó nada"))
        case .digestUnsupported(let ref, let digest):
            return Words(
                en: "`\(ref)` has a content that cannot be checked here: `\(digest)`",
                es: "`\(ref)` tiene un contenido que aquí no se puede comprobar: `\(digest)`",
                hint: say(en: "nothing was downloaded", es: "no se descargó nada"))
        case .unsafeName(let ref, let name):
            return Words(
                en: "`\(ref)` has a file name that is not safe: `\(name)`",
                es: "`\(ref)` tiene un nombre de archivo que no es seguro: `\(name)`",
                hint: say(en: "nothing was stored", es: "no se guardó nada"))
        }
    }

    /// Where people read about a model of Ollama's.
    private static func page(of ref: String) -> String {
        let name = ref.dropFirst("ollama:".count).prefix { $0 != ":" }
        return "https://ollama.com/" + (name.holds("/") ? name : "library/\(name)")
    }
}
