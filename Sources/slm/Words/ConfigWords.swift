import Modelteca
import SystemPackage

/// What of the configuration file cannot be used. Nothing is done then, but for finding out why.
struct ConfigFault: Error, Sendable {
    var path: FilePath
    /// From 1; nil where it is about the whole file.
    var line: Int?
    var reason: Reason

    enum Reason: Error, Equatable, Sendable {
        case unreadable, tooLarge, notText
        /// Inside of another key, or an item of a list.
        case nested
        case noPair(String)
        case unknownKey(String)
        case twice(ConfigFile.Key, first: Int)
        case noValue(String)
        /// Written in a way that only all of YAML has.
        case notPlain(String)
        case badValue(ConfigFile.Key, String)
    }
}

extension ConfigFault: Explained {
    var code: String { "bad-config" }

    var words: Words {
        let place = "`\(path.shown)`" + (line.map { say(en: ", line \($0)", es: ", línea \($0)") } ?? "")
        let (message, hint) = parts
        return Words("\(place): \(message)", hint: hint)
    }

    private var parts: (message: String, hint: String) {
        switch reason {
        case .unreadable:
            (
                say(en: "it cannot be read as a file", es: "no se puede leer como archivo"),
                say(en: "make it readable, or move it away", es: "hágalo legible o quítelo de ahí")
            )
        case .tooLarge:
            (
                say(en: "it is larger than 64 kB", es: "pasa de 64 kB"),
                say(en: "it holds a few lines: \(Self.form)", es: "contiene unas pocas líneas: \(Self.form)")
            )
        case .notText:
            (
                say(en: "it is not UTF-8 text", es: "no es texto UTF-8"),
                say(en: "save it as UTF-8", es: "guárdelo como UTF-8")
            )
        case .nested, .noPair:
            (
                say(en: "this is not `key: value`", es: "esto no es `clave: valor`"),
                say(
                    en: "one setting a line, from its beginning: \(Self.form)",
                    es: "un ajuste por línea, desde el principio: \(Self.form)")
            )
        case .unknownKey(let name):
            (
                say(en: "there is no key `\(name.clipped)`", es: "no existe la clave `\(name.clipped)`"),
                Self.near(name)
            )
        case .twice(let key, let first):
            (
                say(
                    en: "`\(key.rawValue)` is set already, in line \(first)",
                    es: "`\(key.rawValue)` ya está en la línea \(first)"),
                say(en: "keep one of the two", es: "deje una de las dos")
            )
        case .noValue(let name):
            (
                say(en: "`\(name.clipped)` has no value", es: "`\(name.clipped)` no tiene valor"),
                say(en: "give it one, or delete the line", es: "póngale uno o borre la línea")
            )
        case .notPlain(let name):
            (
                say(
                    en: "the value of `\(name.clipped)` is not plain text",
                    es: "el valor de `\(name.clipped)` no es un texto simple"),
                say(
                    en: "put it between single quotes, on this line",
                    es: "póngalo entre comillas simples, en esta línea")
            )
        case .badValue(let key, let value):
            (
                say(
                    en: "`\(key.rawValue)` cannot be `\(value.clipped)`",
                    es: "`\(key.rawValue)` no puede ser `\(value.clipped)`"),
                key.rule(value)
            )
        }
    }

    private static let form = "`store: ~/models`"

    private static func near(_ name: String) -> String {
        let keys = ConfigFile.Key.allCases.map(\.rawValue)
        let word = name.lowercased().map { $0 == "_" ? "-" : $0 }
        let (edits, nearest) =
            keys.map { (NameMatching.edits(Array($0), word), $0) }.min { $0.0 < $1.0 } ?? (.max, "")
        let all = say(en: "the keys are \(quoted(keys))", es: "las claves son \(quoted(keys))")
        return edits <= 3 ? say(en: "did you mean `\(nearest)`? ", es: "¿quiso decir `\(nearest)`? ") + all : all
    }
}

extension ConfigFile.Key {
    /// What its value has to be.
    fileprivate func rule(_ value: String) -> String {
        switch self {
        case .store: say(en: "a folder: `~/models` or from `/` on", es: "una carpeta: `~/modelos` o desde `/`")
        case .catalog:
            say(
                en: "a file, `~/models.json` or from `/` on, or an address",
                es: "un archivo, `~/modelos.json` o desde `/`, o una dirección")
        case .language: say(en: "it can be `en` or `es`", es: "puede ser `en` o `es`")
        case .device: DeviceOptions.near(value)
        case .limitRate:
            say(en: "a size per second, at least 1kB: `5MB`", es: "un tamaño por segundo, al menos 1kB: `5MB`")
        case .connections: say(en: "from 1 to 64", es: "de 1 a 64")
        case .endpoint:
            say(
                en: "an address that begins with https:// or http://",
                es: "una dirección que empieza con https:// o http://")
        }
    }
}

extension String {
    /// For a message: a value may be a whole page.
    fileprivate var clipped: String { count > 60 ? prefix(60) + "…" : self }
}
