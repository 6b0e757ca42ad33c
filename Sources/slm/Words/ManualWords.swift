/// The words of the manual pages that no command's help has.
enum ManualWords {
    static var manual: String { say(en: "slm Manual", es: "Manual de slm") }
    static var name: String { say(en: "NAME", es: "NOMBRE") }
    static var synopsis: String { say(en: "SYNOPSIS", es: "SINOPSIS") }
    static var description: String { say(en: "DESCRIPTION", es: "DESCRIPCIÓN") }
    static var commands: String { say(en: "COMMANDS", es: "COMANDOS") }
    static var command: String { say(en: "command", es: "comando") }
    static var arguments: String { say(en: "ARGUMENTS", es: "ARGUMENTOS") }
    static var options: String { say(en: "OPTIONS", es: "OPCIONES") }
    static var exitStatus: String { say(en: "EXIT STATUS", es: "ESTADO DE SALIDA") }
    static var environment: String { say(en: "ENVIRONMENT", es: "ENTORNO") }
    static var files: String { say(en: "FILES", es: "ARCHIVOS") }
    static var topics: String { say(en: "WORDS", es: "PALABRAS") }
    static var seeAlso: String { say(en: "SEE ALSO", es: "VÉASE TAMBIÉN") }

    static var store: String {
        say(
            en:
                "The models, as plain files, in the user's Downloads folder whatever its name; what slm keeps about them "
                + "is in .slm inside it.",
            es:
                "Los modelos, como archivos normales, en la carpeta Descargas del usuario, se llame como se llame; lo que "
                + "slm anota de ellos está dentro, en .slm.")
    }

    /// What the page of the program begins with.
    static var references: [String] {
        [
            say(
                en: "slm tells which small language models fit a device, what their licences allow, and downloads them "
                    + "as GGUF files whose SHA-256 is checked. Without a command it recommends the best for this device.",
                es: "slm dice qué modelos de lenguaje pequeños caben en un equipo y qué permiten sus licencias, y los "
                    + "descarga como archivos GGUF cuyo SHA-256 se comprueba. Sin comando recomienda los mejores para "
                    + "este equipo."),
            say(
                en: "A model is written tinyllama, qwen2:0.5b, qwen2:0.5b:q8_0 (family, size, quantization), "
                    + "hf:owner/repo:Q4_K_M, an address of huggingface.co, ollama:name:tag, oci://host/repository:tag, "
                    + "any https://.../file.gguf, or a path.",
                es: "Un modelo se escribe tinyllama, qwen2:0.5b, qwen2:0.5b:q8_0 (familia, tamaño, cuantización), "
                    + "hf:autor/repo:Q4_K_M, una dirección de huggingface.co, ollama:nombre:etiqueta, "
                    + "oci://servidor/repositorio:etiqueta, cualquier https://.../archivo.gguf, o una ruta."),
        ]
    }

    /// The exit statuses, see `ExitStatus`.
    static var statuses: [(String, String)] {
        [
            ("0", say(en: "Done.", es: "Hecho.")),
            (
                "1",
                say(
                    en: "The check found something: damage, something newer, a model that does not fit.",
                    es: "La comprobación encontró algo: daños, algo más nuevo, un modelo que no cabe.")
            ),
            ("64", say(en: "Wrong usage.", es: "Uso incorrecto.")),
            (
                "65",
                say(
                    en: "The data is not what it should be: a checksum, a size, no GGUF file.",
                    es: "Los datos no son lo que deberían: un SHA-256, un tamaño, un archivo que no es GGUF.")
            ),
            (
                "66",
                say(en: "No such model, file or revision.", es: "No existe ese modelo, archivo o revisión.")
            ),
            (
                "69",
                say(
                    en: "The origin cannot be reached or keeps failing.",
                    es: "No se puede llegar al origen, o sigue fallando.")
            ),
            ("70", say(en: "A bug of slm.", es: "Un error de slm.")),
            (
                "73",
                say(
                    en: "Cannot write: the disk is full, or there is no permission.",
                    es: "No se puede escribir: el disco está lleno o falta permiso.")
            ),
            ("74", say(en: "This disk fails.", es: "Este disco falla.")),
            (
                "75",
                say(
                    en: "Busy or interrupted: try again. 130 after Ctrl-C.",
                    es: "Ocupado o interrumpido: inténtelo de nuevo. 130 tras Ctrl-C.")
            ),
            (
                "77",
                say(
                    en: "Not allowed: the model is gated, or the token is missing or refused.",
                    es: "No permitido: el modelo es de acceso restringido, o el token falta o fue rechazado.")
            ),
        ]
    }

    /// The file of settings.
    static var config: String {
        let keys = ConfigFile.Key.allCases.map(\.rawValue).joined(separator: ", ")
        return say(
            en: "What counts where no option and no variable says otherwise, one `key: value` a line: \(keys).",
            es: "Lo que vale cuando ninguna opción ni variable dice otra cosa, un `clave: valor` por línea: \(keys).")
    }

    /// The variables that are read.
    static var variables: [(String, String)] {
        [
            ("SLM_STORE", say(en: "The folder of the models.", es: "La carpeta de los modelos.")),
            (
                "SLM_CATALOG",
                say(
                    en: "Path or address of a catalog to use instead of the built-in one.",
                    es: "Ruta o dirección de un catálogo que se usa en vez del incluido.")
            ),
            (
                "HF_ENDPOINT, HF_TOKEN",
                say(
                    en: "The Hub to ask, and the token for it.",
                    es: "El Hub al que se pregunta, y el token para él.")
            ),
            (
                "MODELSCOPE_ENDPOINT, MODELSCOPE_API_TOKEN",
                say(
                    en: "ModelScope as a second source of the Hub's files, and the token for it.",
                    es: "ModelScope como segunda fuente de los archivos del Hub, y el token para él.")
            ),
            (
                "OLLAMA_REGISTRY",
                say(en: "The Ollama registry to ask.", es: "El registro de Ollama al que se pregunta.")
            ),
            (
                "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
                say(en: "The proxies, and what goes without.", es: "Los proxys, y lo que va sin ellos.")
            ),
            (
                "SSL_CERT_FILE",
                say(
                    en: "The certificates that are trusted.", es: "Los certificados en los que se confía.")
            ),
            (
                "NO_COLOR, CLICOLOR, CLICOLOR_FORCE, FORCE_COLOR",
                say(
                    en: "No colours; with 0, none; with 1, colours in a pipe, too.",
                    es: "Sin colores; con 0, ninguno; con 1, también en una tubería.")
            ),
            (
                "LC_ALL, LC_MESSAGES, LANG",
                say(en: "The language.", es: "El idioma.")
            ),
        ]
    }
}
