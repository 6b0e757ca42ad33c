internal import CurlHTTP
internal import Foundation
internal import ModelDownload
internal import SystemPackage

extension Sentences {
    init(_ error: DownloadError, _ language: Language) {
        switch error {
        case .digestMismatch(let file, let expected, let actual):
            self.init(
                language,
                en: (
                    "`\(file)` arrived damaged: its SHA-256 is `\(actual)`, expected `\(expected)`",
                    "nothing was stored. The file at its origin may have changed: `slm get` the repository "
                        + "(`hf:OWNER/REPOSITORY`) takes what is there now"
                ),
                es: (
                    "`\(file)` llegó dañado: su SHA-256 es `\(actual)`; se esperaba `\(expected)`",
                    "no se guardó nada. Puede que el archivo haya cambiado en su origen: `slm get` con el repositorio "
                        + "(`hf:AUTOR/REPOSITORIO`) toma lo que hay ahora"
                ))
        case .sizeMismatch(let file, let expected, let actual):
            let (want, have) = (language.grouped(expected), language.grouped(actual))
            self.init(
                language,
                en: (
                    "`\(file)` is not the expected file: its origin sends \(have) bytes, expected \(want)",
                    "nothing was stored. `slm get` the repository (`hf:OWNER/REPOSITORY`) takes what is there now"
                ),
                es: (
                    "`\(file)` no es el archivo esperado: su origen envía \(have) bytes; se esperaban \(want)",
                    "no se guardó nada. `slm get` con el repositorio (`hf:AUTOR/REPOSITORIO`) toma lo que hay ahora"
                ))
        case .notAModel(let file, let url, let html):
            let host = url.host() ?? url.absoluteString
            self.init(
                language,
                en: (
                    html
                        ? "\(host) sent a web page instead of `\(file)`"
                        : "what \(host) sent as `\(file)` is no GGUF file",
                    html
                        ? "it may be a sign-in page, of a hotel's network for instance: open the address in a browser"
                        : "nothing was stored. Check the address"
                ),
                es: (
                    html
                        ? "\(host) envió una página web en lugar de `\(file)`"
                        : "lo que \(host) envió como `\(file)` no es un archivo GGUF",
                    html
                        ? "puede ser una página de acceso, como la de la red de un hotel: abra la dirección en un navegador"
                        : "no se guardó nada. Compruebe la dirección"
                ))
        case .knownBadDigest(let file, let digest):
            self.init(
                language,
                en: (
                    "the SHA-256 given for `\(file)` is that of an error page: `\(digest.short)`",
                    "take the digest from the page of the file at its publisher"
                ),
                es: (
                    "el SHA-256 dado para `\(file)` es el de una página de error: `\(digest.short)`",
                    "tome la suma de la página del archivo de quien lo publica"
                ))
        case .missing(let file, let url, let status):
            self.init(
                language,
                en: (
                    "`\(file)` is not there: \(url.host() ?? "") answers \(status)", "check the address: \(url.plain)"
                ),
                es: (
                    "`\(file)` no está: \(url.host() ?? "") responde \(status)", "compruebe la dirección: \(url.plain)"
                ))
        case .refused(let file, let url, let status, let reason):
            let why = reason.map { " (\($0))" } ?? ""
            self.init(
                language,
                en: (
                    "\(url.host() ?? "") does not give `\(file)` to us: \(status)\(why)",
                    "if the model is gated, ask for access on its page, then give a token in HF_TOKEN (or `hf auth login`)"
                ),
                es: (
                    "\(url.host() ?? "") no nos da `\(file)`: \(status)\(why)",
                    "si el modelo es de acceso restringido, pídalo en su página y dé un token en HF_TOKEN (o `hf auth login`)"
                ))
        case .changing(let file, let url):
            self.init(
                language,
                en: ("`\(file)` keeps changing at \(url.host() ?? "") while it is fetched", "try again later"),
                es: ("`\(file)` cambia en \(url.host() ?? "") mientras se descarga", "inténtelo más tarde"))
        case .givenUp(let file, let host, let tries, let kept, let trouble, let cause):
            let hint = Self.help(trouble, language) + Self.resume(kept, language)
            self.init(
                language,
                en: ("\(host) keeps failing: `\(file)` was given up after \(tries) tries (\(cause))", hint),
                es: ("\(host) falla una y otra vez: se abandonó `\(file)` tras \(tries) intentos (\(cause))", hint))
        case .insecureRedirect(_, let from, let to): self.init(HTTPError.insecureRedirect(from: from, to: to), language)
        case .redirectLoop(_, let url): self.init(HTTPError.tooManyRedirects(url: url), language)
        case .unsupportedAddress(_, let url):
            self.init(HTTPError.unsupported(url: url, detail: url.scheme ?? ""), language)
        case .noSpace(let path, let needed, let free):
            self.init(noSpace: path, needed: needed, free: free, language)
        case .cannotWrite(let path, let errno):
            let reason = Errno(rawValue: errno).description
            self.init(
                language,
                en: ("cannot write to `\(path)`: \(reason)", "choose another folder with `--store DIR` or SLM_STORE"),
                es: ("no se puede escribir en `\(path)`: \(reason)", "elija otra carpeta con `--store DIR` o SLM_STORE")
            )
        case .disk(let path, let errno):
            let reason = Errno(rawValue: errno).description
            self.init(
                language,
                en: ("this disk failed at `\(path)`: \(reason)", "check the disk; what was proven before is untouched"),
                es: (
                    "este disco falló en `\(path)`: \(reason)",
                    "revise el disco; lo que estaba comprobado sigue intacto"
                ))
        case .interrupted(let file, let kept):
            self.init(
                language, en: ("`\(file)` was interrupted", Self.resume(kept, language)),
                es: ("se interrumpió `\(file)`", Self.resume(kept, language)))
        case .timeIsUp(let file, let seconds, let kept):
            self.init(
                language,
                en: ("`\(file)` was not here after \(seconds) s (`--max-time`)", Self.resume(kept, language)),
                es: ("`\(file)` no llegó en \(seconds) s (`--max-time`)", Self.resume(kept, language)))
        }
    }

    /// What may help against a trouble, as a sentence before the next; empty when only patience does.
    private static func help(_ trouble: DownloadError.Trouble, _ language: Language) -> String {
        switch trouble {
        case .unreachable: language.say(en: "check the connection. ", es: "compruebe la conexión. ")
        case .tls:
            language.say(
                en: "if your network has a certificate of its own, name its file in SSL_CERT_FILE. ",
                es: "si su red tiene un certificado propio, indique su archivo en SSL_CERT_FILE. ")
        case .throttled: language.say(en: "try again in some minutes. ", es: "inténtelo de nuevo en unos minutos. ")
        case .silent, .cutOff, .server, .badAnswer: ""
        }
    }

    static func resume(_ kept: Int64, _ language: Language) -> String {
        guard kept > 0 else {
            return language.say(
                en: "no byte had come; the same command tries again",
                es: "no había llegado ningún byte; la misma orden lo intenta de nuevo")
        }
        let bytes = language.bytes(kept)
        return language.say(
            en: "\(bytes) are kept; the same command resumes there",
            es: "se conservan \(bytes); la misma orden continúa desde ahí")
    }

    init(noSpace path: String, needed: Int64?, free: Int64?, _ language: Language) {
        let (want, have) = (needed.map(language.bytes) ?? "?", free.map(language.bytes) ?? "?")
        self.init(
            language,
            en: (
                "not enough room at `\(path)`: \(want) to write, \(have) free",
                "what has come is kept. Make room with `slm rm`, or put the store on another disk with `--store DIR`"
            ),
            es: (
                "no hay sitio en `\(path)`: faltan por escribir \(want) y quedan \(have) libres",
                "lo que ha llegado se conserva. Libere sitio con `slm rm` o use otro disco con `--store DIR`"
            ))
    }
}

extension Sentences {
    init(_ error: HTTPError, _ language: Language) {
        let again = language.say(
            en: "check the connection, then run the same command again",
            es: "compruebe la conexión y repita la misma orden")
        switch error {
        case .unreachable(let host, let detail):
            self.init(
                language, en: ("\(host) cannot be reached: \(detail)", again),
                es: ("no se puede llegar a \(host): \(detail)", again))
        case .interrupted(let url, let detail), .protocolError(let url, let detail):
            self.init(
                language, en: ("the connection to \(url.place) broke: \(detail)", again),
                es: ("se cortó la conexión con \(url.place): \(detail)", again))
        case .stalled(let url, let seconds):
            self.init(
                language, en: ("\(url.place) sent nothing for \(seconds) s", again),
                es: ("\(url.place) no envió nada durante \(seconds) s", again))
        case .timedOut(let url):
            self.init(language, en: ("\(url.place) does not answer", again), es: ("\(url.place) no responde", again))
        case .tls(let host, let detail):
            self.init(
                language,
                en: (
                    "the certificate of \(host) was refused: \(detail)",
                    "if your network has a certificate of its own, name its file in SSL_CERT_FILE"
                ),
                es: (
                    "se rechazó el certificado de \(host): \(detail)",
                    "si su red tiene un certificado propio, indique su archivo en SSL_CERT_FILE"
                ))
        case .tooManyRedirects(let url):
            self.init(
                language, en: ("\(url.place) points in a circle", "check the address"),
                es: ("\(url.place) redirige en círculo", "compruebe la dirección"))
        case .insecureRedirect(let from, let to):
            self.init(
                language,
                en: (
                    "\(from.place) points from https to http (\(to.place))", "nothing was sent there; check the address"
                ),
                es: (
                    "\(from.place) lleva de https a http (\(to.place))",
                    "no se envió nada allí; compruebe la dirección"
                ))
        case .tooLarge(let url, let limit):
            let size = language.bytes(Int64(limit))
            self.init(
                language,
                en: ("the answer of \(url.place) is larger than \(size)", "check HF_ENDPOINT and the address"),
                es: ("la respuesta de \(url.place) supera \(size)", "compruebe HF_ENDPOINT y la dirección"))
        case .unsupported(let url, let detail):
            self.init(
                language,
                en: ("`\(url.plain)` cannot be fetched: \(detail)", "addresses begin with https:// or http://"),
                es: (
                    "`\(url.plain)` no se puede descargar: \(detail)", "las direcciones empiezan por https:// o http://"
                ))
        case .tooSlow(let url, let seconds):
            self.init(
                language, en: ("\(url.place) did not finish its answer within \(seconds) s", again),
                es: ("\(url.place) no terminó su respuesta en \(seconds) s", again))
        case .offline(let url):
            self.init(
                language,
                en: ("\(url.place) needs the network, and this run is offline", "run it again without `--offline`"),
                es: (
                    "\(url.place) necesita la red, y esta ejecución es sin conexión", "repita la orden sin `--offline`"
                ))
        case .stoppedByReceiver:
            self.init(language.say(en: "the transfer was stopped", es: "se detuvo la transferencia"))
        }
    }
}

extension URL {
    /// Without query: signatures and tokens are nobody's business.
    fileprivate var plain: String {
        var parts = URLComponents(url: self, resolvingAgainstBaseURL: true)
        parts?.query = nil
        return parts?.string ?? absoluteString
    }

    fileprivate var place: String { host() ?? plain }
}
