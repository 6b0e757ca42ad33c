import Foundation

/// Words that more than one place says.
enum Labels {
    static var total: String { say(en: "total", es: "total") }
    // MARK: Names of facts

    static var architecture: String { say(en: "architecture", es: "arquitectura") }
    static var catalog: String { say(en: "catalog", es: "catálogo") }
    static var context: String { say(en: "context", es: "contexto") }
    static var kvCache: String { say(en: "KV cache", es: "caché KV") }
    static var layers: String { say(en: "layers", es: "capas") }
    static var licence: String { say(en: "licence", es: "licencia") }
    static var memory: String { say(en: "memory", es: "memoria") }
    static var output: String { say(en: "output", es: "salida") }
    static var parameters: String { say(en: "parameters", es: "parámetros") }
    static var projector: String { say(en: "projector", es: "proyector") }
    static var size: String { say(en: "size", es: "tamaño") }
    static var store: String { say(en: "store", es: "almacén") }
    static var verdict: String { say(en: "verdict", es: "veredicto") }
    static var weights: String { say(en: "weights", es: "pesos") }
    static var compute: String { say(en: "compute", es: "cálculo") }

    // MARK: Names of options' values

    static var file: String { say(en: "file", es: "archivo") }
    static var needs: String { say(en: "needs", es: "necesita") }
    static var quant: String { say(en: "quant", es: "cuant.") }
    static var publisher: String { say(en: "publisher", es: "autor") }
    static var model: String { say(en: "model", es: "modelo") }
    static var rate: String { say(en: "rate", es: "velocidad") }

    // MARK: Sentences

    static var moreFiles: String {
        say(
            en: "raise the limit and run the same command again: `ulimit -n 1024`",
            es: "suba el límite y repita el comando: `ulimit -n 1024`")
    }
    static var nothingIsStored: String { say(en: "Nothing is stored.", es: "No hay nada guardado.") }
    static var interrupted: String { say(en: "interrupted", es: "interrumpido") }

    // MARK: What to do

    static var checkAddress: String { say(en: "check the address", es: "compruebe la dirección") }
    static var anotherFolder: String {
        say(
            en: "choose another folder with `--store DIR` or SLM_STORE",
            es: "elija otra carpeta con `--store CARPETA` o SLM_STORE")
    }
    static var moveAway: String {
        say(en: "move it away, then run the same command again", es: "muévalo a otro sitio y repita el comando")
    }
    static var signInPage: String {
        say(
            en: "it may be a sign-in page, of a hotel's network for instance: open the address in a browser",
            es: "puede ser una página de acceso, como la de un hotel: abra la dirección en un navegador")
    }
    static var certificate: String {
        say(
            en: "if your network has a certificate of its own, name its file in SSL_CERT_FILE",
            es: "si su red tiene un certificado propio, indique su archivo en SSL_CERT_FILE")
    }
    /// A clock that is wrong, as after a flat battery, makes every certificate look too old or too new.
    static var certificateDate: String {
        let now = Timestamp(Date()).text.prefix(16).split(separator: "T").joined(separator: " ") + " UTC"
        return say(
            en:
                "this computer's clock says \(now): if that is wrong, set it; if it is right, only the server's owner can "
                + "help",
            es:
                "el reloj de este equipo dice \(now): si no es así, póngalo en hora; si está bien, solo puede ayudar el "
                + "dueño del servidor")
    }
    static var downloadAgain: String { say(en: "download it again", es: "vuelva a descargarlo") }
    static var updateProgram: String { say(en: "update `slm`", es: "actualice `slm`") }
    static var inSomeMinutes: String {
        say(en: "try again in a few minutes", es: "inténtelo de nuevo en unos minutos")
    }

    /// Before what else there is to do.
    static var nothingStored: String { say(en: "nothing was stored. ", es: "no se guardó nada. ") }
    static var nothingDownloaded: String { say(en: "nothing was downloaded. ", es: "no se descargó nada. ") }

    static func getWhatIsThere(_ ref: String? = nil) -> String {
        say(
            en: "`slm get \(ref ?? "hf:OWNER/REPOSITORY")` gets what is there now",
            es: "`slm get \(ref ?? "hf:AUTOR/REPOSITORIO")` descarga lo que hay ahora")
    }
}
