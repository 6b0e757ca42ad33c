import Modelteca

extension SettingsFault: Explained {
    var words: Words {
        switch reason {
        case .noAddress:
            Words(
                en: "\(variable) is not an address: `\(value)`", es: "\(variable) no es una dirección: `\(value)`",
                hint: say(
                    en: "it begins with https:// or http:// and names a host; change or unset it",
                    es: "empieza con https:// o http:// y nombra un servidor; cámbiela o quítela"))
        case .noProxy:
            Words(
                en: "\(variable) is not a proxy: `\(value)`", es: "\(variable) no es un proxy: `\(value)`",
                hint: say(
                    en: "it looks like http://HOST:PORT, also with https, socks5 or socks5h; change or unset it",
                    es: "tiene la forma http://HOST:PUERTO, también con https, socks5 o socks5h; cámbielo o quítelo"))
        case .noFile:
            Words(
                en: "\(variable) names no readable file: `\(value)`",
                es: "\(variable) no nombra un archivo legible: `\(value)`",
                hint: say(en: "change or unset it", es: "cámbiela o quítela"))
        case .noSwitch:
            Words(
                en: "\(variable) is neither yes nor no: `\(value)`", es: "\(variable) no es ni sí ni no: `\(value)`",
                hint: say(en: "use 1 or 0, or unset it", es: "use 1 o 0, o quítela"))
        case .notText:
            Words(
                en: "\(variable) is not UTF-8 text: `\(value)`", es: "\(variable) no es texto UTF-8: `\(value)`",
                hint: say(en: "change or unset it", es: "cámbiela o quítela"))
        case .noToken:
            Words(
                en: "\(variable) holds characters that no token has",
                es: "\(variable) tiene caracteres que ningún token tiene",
                hint: say(en: "copy the token again, on one line", es: "copie el token de nuevo, en una sola línea"))
        }
    }
}

/// The system lets this program open so few files that nothing can be done.
struct TooFewFiles: Explained {
    var limit: UInt64

    var code: String { "no-files" }

    /// Standard streams, the loops of two threads, an index with its log, a folder and a file in it.
    private static let least: UInt64 = 16

    static func check(_ limit: UInt64) throws(TooFewFiles) {
        if limit < least { throw TooFewFiles(limit: limit) }
    }

    var words: Words {
        Words(
            en: "this program may open no more than \(limit) files, and needs \(Self.least)",
            es: "este programa no puede abrir más de \(limit) archivos, y necesita \(Self.least)",
            hint: Labels.moreFiles)
    }
}

extension ThreadError: Explained {
    var words: Words {
        Words(
            en: "the system gives this program no more threads", es: "el sistema no da más hilos a este programa",
            hint: say(
                en: "a limit on processes is reached: see `ulimit -u`, or the container's",
                es: "se alcanzó un límite de procesos: vea `ulimit -u`, o el del contenedor"))
    }
}
