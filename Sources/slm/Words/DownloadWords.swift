import CurlHTTP
import Disk
import Foundation
import ModelCatalog
import Modelteca
import SystemPackage

extension DownloadError: Explained {
    var words: Words {
        let language = Language.current
        switch self {
        case .digestMismatch(let file, let expected, let actual):
            return Words(
                en: "`\(file)` arrived damaged: its SHA-256 is `\(actual.short)`, expected `\(expected.short)`",
                es: "`\(file)` llegó dañado: su SHA-256 es `\(actual.short)`; se esperaba `\(expected.short)`",
                hint: Labels.nothingStored
                    + say(en: "The file may have changed: ", es: "Puede que el archivo haya cambiado: ")
                    + Labels.getWhatIsThere())
        case .sizeMismatch(let file, let expected, let actual):
            let (want, have) = (language.grouped(expected), language.grouped(actual))
            return Words(
                en: "`\(file)` is not the expected file: its origin sends \(have) bytes, expected \(want)",
                es: "`\(file)` no es el archivo esperado: su origen envía \(have) bytes; se esperaban \(want)",
                hint: Labels.nothingStored + Labels.getWhatIsThere())
        case .notAModel(let file, let url, true):
            return Words(
                en: "\(url.place) sent a web page instead of `\(file)`",
                es: "\(url.place) envió una página web en lugar de `\(file)`",
                hint: Labels.signInPage)
        case .notAModel(let file, let url, false):
            return Words(
                en: "what \(url.place) sent as `\(file)` is not a GGUF file",
                es: "lo que \(url.place) envió como `\(file)` no es un archivo GGUF",
                hint: Labels.nothingStored + say(en: "Check the address", es: "Compruebe la dirección"))
        case .knownBadDigest(let file, let digest):
            return Words(
                en: "the SHA-256 given for `\(file)` is that of an error page: `\(digest.short)`",
                es: "el SHA-256 dado para `\(file)` es el de una página de error: `\(digest.short)`",
                hint: say(
                    en: "copy the SHA-256 from the file's page at its publisher",
                    es: "copie el SHA-256 de la página del archivo en el sitio de su autor"))
        case .missing(let file, let url, let status):
            return Words(
                en: "`\(file)` is not there: \(url.place) answers \(status)",
                es: "`\(file)` no está: \(url.place) responde \(status)",
                hint: Labels.checkAddress + ": \(url.plain)")
        case .refused(let file, let url, let status, let reason) where HubAddress.page(ofFile: url) == nil:
            let why = reason.map { ", \($0)" } ?? ""
            return Words(
                en: "\(url.place) refuses to send `\(file)` (\(status)\(why))",
                es: "\(url.place) se niega a enviar `\(file)` (\(status)\(why))",
                hint: say(
                    en:
                        "its address may have expired, or a firewall may be in between: try again, from another network "
                        + "if it stays so",
                    es:
                        "puede que su dirección haya vencido, o que haya un cortafuegos en el camino: repita el comando, "
                        + "y si sigue igual, desde otra red"))
        case .refused(let file, let url, let status, let reason):
            let why = reason.map { ", \($0)" } ?? ""
            return Words(
                en: "\(url.place) does not allow `\(file)` to be downloaded: access is restricted (\(status)\(why))",
                es: "\(url.place) no permite descargar `\(file)`: acceso restringido (\(status)\(why))",
                hint: say(
                    en: "if it is gated, ask at \(url.modelPage), then give a token: `slm login`, or HF_TOKEN",
                    es: "pida acceso en \(url.modelPage) y dé un token: `slm login`, o HF_TOKEN"))
        case .changing(let file, let url):
            return Words(
                en: "`\(file)` keeps changing at \(url.place) while it is downloaded",
                es: "`\(file)` cambia en \(url.place) mientras se descarga", hint: Labels.inSomeMinutes)
        case .givenUp(let file, let host, let tries, let kept, let trouble, let cause):
            let why = trouble.sentence(cause)
            return Words(
                en: "\(host) keeps failing: `\(file)` was given up after \(tries) tries (\(why))",
                es: "\(host) sigue fallando: se abandonó `\(file)` tras \(tries) intentos (\(why))",
                hint: trouble.help(cause).map { "\($0). " + Self.resume(kept).capitalizedSentence } ?? Self.resume(kept)
            )
        case .insecureRedirect(_, let from, let to): return HTTPError.insecureRedirect(from: from, to: to).words
        case .redirectLoop(_, let url): return HTTPError.tooManyRedirects(url: url).words
        case .unsupportedAddress(_, let url):
            return HTTPError.unsupported(url: url, detail: url.scheme ?? "").words
        case .noSpace(let path, let needed, let free): return Words(noSpace: path, needed: needed, free: free)
        case .cannotWrite(let path, let errno):
            let reason = Errno(rawValue: errno).words
            return Words(
                en: "cannot write to `\(path)`: \(reason)", es: "no se puede escribir en `\(path)`: \(reason)",
                hint: Labels.anotherFolder)
        case .disk(let path, let errno):
            let reason = Errno(rawValue: errno).words
            if errno == EFBIG {
                return Words(
                    en: "the file system of `\(path)` takes no file of this size",
                    es: "el sistema de archivos de `\(path)` no admite archivos de este tamaño",
                    hint: say(
                        en: "FAT32 ends at 4 GB (exFAT does not), and `ulimit -f` may bound it; or use another folder "
                            + "with `--store DIR`",
                        es: "FAT32 acaba en 4 GB (exFAT no), y `ulimit -f` puede limitarlo; o use otra carpeta con "
                            + "`--store CARPETA`"))
            }
            if errno == EACCES {
                return Words(
                    en: "you may not read `\(path)`: its permissions keep you out",
                    es: "no tiene permiso para leer `\(path)`",
                    hint: say(
                        en: "ask whoever it belongs to: `chmod a+rX` gives it to all",
                        es: "pídaselo a su dueño: `chmod a+rX` lo da a todos"))
            }
            return Words(
                en: "this disk failed at `\(path)`: \(reason)", es: "este disco falló en `\(path)`: \(reason)",
                hint: say(
                    en: "check the disk; what was verified before is untouched",
                    es: "revise el disco; lo que estaba comprobado sigue intacto"))
        case .interrupted(let file, let kept):
            return Words(
                en: "`\(file)` was interrupted", es: "se interrumpió `\(file)`", hint: Self.resume(kept))
        case .timeIsUp(let file, let seconds, let kept):
            return Words(
                en: "`\(file)` was not here after \(seconds) s (`--max-time`)",
                es: "`\(file)` no llegó en \(seconds) s (`--max-time`)", hint: Self.resume(kept))
        }
    }

    /// What became of the bytes.
    static func resume(_ kept: Int64) -> String {
        guard kept > 0 else {
            return say(
                en: "nothing had arrived; the same command tries again",
                es: "no había llegado nada; el mismo comando lo intenta de nuevo")
        }
        let bytes = Language.current.bytes(kept)
        return say(
            en: "\(bytes) are kept; the same command resumes there",
            es: "se conservan \(bytes); el mismo comando continúa desde ahí")
    }
}

extension DownloadError.Trouble {
    /// What went wrong, with what the origin said where that tells more.
    fileprivate func sentence(_ cause: String) -> String {
        switch self {
        case .unreachable, .cutOff, .tls, .silent, .badAnswer: ConnectionWords.translated(cause)
        case .throttled: say(en: "it asks to wait", es: "pide esperar")
        case .server:
            say(en: "the server is not available", es: "el servidor no está disponible")
                + (cause.split(separator: " ").last.flatMap { Int($0) }.map { " (\($0))" } ?? "")
        }
    }

    /// What may help; nil when only patience does.
    fileprivate func help(_ cause: String) -> String? {
        switch self {
        case .unreachable: say(en: "check the connection", es: "compruebe la conexión")
        case .tls: ConnectionWords.help(withCertificate: cause)
        case .throttled: Labels.inSomeMinutes
        case .silent, .cutOff, .server, .badAnswer: nil
        }
    }
}

/// A full disk, where something else helps than after a download.
struct NoRoom: Explained {
    private let error: any Explained
    let words: Words

    var code: String { error.code }
    var status: ExitStatus { error.status }

    /// The error with this hint if a disk is full; else as it is.
    static func saying(_ hint: String, of error: any Error) -> any Error {
        switch error {
        case DownloadError.noSpace, StoreError.noSpace: break
        default: return error
        }
        guard let error = error as? any Explained else { return error }
        return NoRoom(error: error, words: Words(error.words.message, hint: hint))
    }
}

extension Words {
    init(noSpace path: String, needed: Int64?, free: Int64?) {
        let hint = say(
            en: "what has arrived is kept. Make room with `slm rm`, or put the store on another disk with "
                + "`--store DIR`",
            es: "lo que ha llegado se conserva. Libere sitio con `slm rm` o use otro disco con `--store CARPETA`")
        // A quota bounds one user, and says nothing of the disk.
        if let free, free > max(needed ?? 0, 64 << 20) {
            let have = Language.current.bytes(free)
            self.init(
                en: "you may write no more at `\(path)`, though \(have) are free there: perhaps a quota is used up",
                es: "no puede escribir más en `\(path)`, aunque quedan \(have) libres: quizá se agotó una cuota",
                hint: hint)
            return
        }
        let have = free.map(Language.current.bytes) ?? "?"
        guard let want = needed.map(Language.current.bytes) else {
            self.init(
                en: "not enough room at `\(path)`: \(have) free",
                es: "no hay sitio en `\(path)`: quedan \(have) libres",
                hint: hint)
            return
        }
        self.init(
            en: "not enough room at `\(path)`: \(want) to write, \(have) free",
            es: "no hay sitio en `\(path)`: faltan por escribir \(want) y quedan \(have) libres",
            hint: hint)
    }
}

extension HTTPError: Explained {
    var words: Words {
        let again = say(
            en: "check the connection, then run the same command again",
            es: "compruebe la conexión y repita el comando")
        switch self {
        case .unreachable(let host, let detail):
            let why = ConnectionWords.translated(detail)
            return Words(
                en: "\(host) cannot be reached: \(why)", es: "no se puede llegar a \(host): \(why)", hint: again)
        case .interrupted(let url, let detail), .protocolError(let url, let detail):
            let why = ConnectionWords.translated(detail)
            return Words(
                en: "the connection to \(url.place) broke: \(why)", es: "se cortó la conexión con \(url.place): \(why)",
                hint: again)
        case .stalled(let url, let seconds):
            return Words(
                en: "\(url.place) sent nothing for \(seconds) s", es: "\(url.place) no envió nada durante \(seconds) s",
                hint: again)
        case .tooSlow(let url, let seconds):
            return Words(
                en: "\(url.place) did not finish its answer within \(seconds) s",
                es: "\(url.place) no terminó su respuesta en \(seconds) s", hint: again)
        case .offline(let url):
            return Words(
                en: "\(url.place) needs the network, and this run is offline",
                es: "\(url.place) necesita la red, y esta ejecución es sin conexión",
                hint: say(en: "run it again without `--offline`", es: "repita el comando sin `--offline`"))
        case .proxyRefused(let proxy, let variable, let host, 407):
            let name = variable ?? "HTTPS_PROXY"
            return Words(
                en: "the proxy \(proxy) wants a user and password before it lets \(host) be asked (407)",
                es: "el proxy \(proxy) pide usuario y contraseña para llegar a \(host) (407)",
                hint: say(
                    en: "put them into \(name): http://USER:PASSWORD@HOST:PORT",
                    es: "póngalos en \(name): http://USUARIO:CONTRASEÑA@HOST:PUERTO"))
        case .proxyRefused(let proxy, let variable, let host, let status):
            return Words(
                en: "the proxy \(proxy) does not let \(host) be asked (\(status))",
                es: "el proxy \(proxy) no deja llegar a \(host) (\(status))",
                hint: Self.aboutProxy(variable, host))
        case .proxyUnreachable(let proxy, let variable, let host, let detail):
            let why = ConnectionWords.translated(detail)
            return Words(
                en: "the proxy \(proxy) cannot be reached: \(why)", es: "no se puede llegar al proxy \(proxy): \(why)",
                hint: Self.aboutProxy(variable, host))
        case .timedOut(let url):
            return Words(en: "\(url.place) does not answer", es: "\(url.place) no responde", hint: again)
        case .tls(let host, let detail):
            let why = ConnectionWords.translated(detail)
            return Words(
                en: "the certificate of \(host) was refused: \(why)",
                es: "se rechazó el certificado de \(host): \(why)", hint: ConnectionWords.help(withCertificate: detail))
        case .tooManyRedirects(let url):
            return Words(
                en: "\(url.place) redirects in a circle", es: "\(url.place) redirige en círculo",
                hint: Labels.checkAddress)
        case .insecureRedirect(let from, let to):
            return Words(
                en: "\(from.place) redirects from https to http (\(to.place))",
                es: "\(from.place) redirige de https a http (\(to.place))",
                hint: say(en: "nothing was sent there; ", es: "no se envió nada allí; ") + Labels.checkAddress)
        case .strayRedirect(let from, let to):
            return Words(
                en: "\(from.place) redirects to `\(to.plain)`, which is no address of the web",
                es: "\(from.place) redirige a `\(to.plain)`, que no es una dirección web",
                hint: say(en: "nothing was opened there; ", es: "no se abrió nada allí; ") + Labels.checkAddress)
        case .outOfFiles(let host):
            return Words(
                en: "no connection to \(host): this program may open no more files",
                es: "sin conexión con \(host): este programa no puede abrir más archivos",
                hint: Labels.moreFiles)
        case .tooLarge(let url, let limit):
            let size = Language.current.bytes(Int64(limit))
            return Words(
                en: "the answer of \(url.place) is larger than \(size)",
                es: "la respuesta de \(url.place) supera \(size)",
                hint: say(en: "check HF_ENDPOINT and the address", es: "compruebe HF_ENDPOINT y la dirección"))
        case .unsupported(let url, let detail):
            return Words(
                en: "`\(url.plain)` cannot be downloaded: \(detail)",
                es: "`\(url.plain)` no se puede descargar: \(detail)",
                hint: say(
                    en: "addresses begin with https:// or http://",
                    es: "las direcciones empiezan con https:// o http://"))
        case .stoppedByReceiver:
            return Words(en: "the transfer was stopped", es: "se detuvo la transferencia")
        }
    }
}

extension HTTPError {
    private static func aboutProxy(_ variable: String?, _ host: String) -> String {
        let name = variable ?? "HTTPS_PROXY"
        return say(
            en: "\(name) names this proxy: correct it, or put \(host) into NO_PROXY to go without",
            es: "lo nombra \(name): corríjalo, o ponga \(host) en NO_PROXY para ir sin él")
    }
}

/// Why a connection failed. libcurl and the transfer say it in English.
enum ConnectionWords {
    /// The known sentences are said again, in the language of this run; another one is kept where English is spoken,
    /// because it may help to find out more.
    static func translated(_ detail: String) -> String {
        if let proxy = detail.firstMatch(of: /no proxy at (.+)/)?.1 {
            return say(en: "the proxy \(proxy) cannot be reached", es: "no se puede llegar al proxy \(proxy)")
        }
        let lower = detail.lowercased()
        for (parts, en, es) in known where parts.contains(where: { lower.holds($0.lowercased()) }) {
            return say(en: en, es: es)
        }
        return say(en: detail, es: detail.hasPrefix("HTTP ") ? detail : "la transferencia falló")
    }

    /// What may help with a certificate that was refused.
    static func help(withCertificate detail: String) -> String {
        let lower = detail.lowercased()
        if lower.holds("expired") || lower.holds("not yet") { return Labels.certificateDate }
        return lower.holds("subject name") ? Labels.signInPage : Labels.certificate
    }

    private static let known = [
        (["resolve proxy"], "the proxy's name is not known", "no se conoce el nombre del proxy"),
        (["resolve host"], "its name is not known", "no se conoce ese nombre"),
        (["connect to server", "failed to connect"], "nobody answers there", "nadie responde allí"),
        (["CONNECT tunnel failed", "the proxy refuses"], "the proxy refuses", "el proxy no lo permite"),
        (["empty reply", "returned nothing", "no answer"], "it hung up without an answer", "cortó sin responder"),
        (
            ["ended early", "bytes remaining to read", "partial file"], "the answer ended early",
            "la respuesta terminó antes de tiempo"
        ),
        (
            ["reset by peer", "recv failure", "receiving data", "send failure", "HTTP/2"], "it closed the connection",
            "cerró la conexión"
        ),
        (["nothing came for", "too slow"], "no data arrives", "no llegan datos"),
        (["timed out", "timeout"], "it does not answer in time", "no responde a tiempo"),
        (["not yet valid", "not yet activated"], "it is not valid yet", "todavía no es válido"),
        (["expired"], "it has expired", "está vencido"),
        (["self-signed", "self signed"], "it is self-signed", "es autofirmado"),
        (["local issuer"], "its issuer is not known here", "aquí no se conoce a su emisor"),
        (["subject name"], "it is of another host", "es de otro servidor"),
        (["certificate"], "it is not valid", "no es válido"),
        (["SSL"], "no secure connection", "no hay conexión segura"),
        (["HTTP 429"], "the server asks to wait", "el servidor pide esperar"),
        (["HTTP 503"], "the server is not available (503)", "el servidor no está disponible (503)"),
        (["another range"], "it sent another part than asked", "envió otra parte que la pedida"),
        (["how much there is"], "it does not say how much there is", "no dice cuánto hay"),
        (["name its content"], "it does not say which version it sends", "no dice qué versión envía"),
        (["instead of the bytes"], "it sent something else", "envió otra cosa"),
        (["became shorter"], "the file became shorter", "el archivo se acortó"),
    ]
}

extension URL {
    /// Without query: signatures and tokens are nobody's business.
    var plain: String {
        var parts = URLComponents(url: self, resolvingAgainstBaseURL: true)
        parts?.query = nil
        return parts?.string ?? absoluteString
    }

    var place: String { host() ?? plain }

    /// Of a file at the Hub, the page of its repository; else the address itself.
    fileprivate var modelPage: String { HubAddress.page(ofFile: self) ?? plain }
}

extension String {
    fileprivate var capitalizedSentence: String { prefix(1).uppercased() + dropFirst() }
}
