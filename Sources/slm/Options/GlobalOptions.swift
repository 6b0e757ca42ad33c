import ArgumentParser
import CurlHTTP
import Disk
import Modelteca
import SystemPackage

/// A command of the program: it understands the global options.
protocol Command: AsyncParsableCommand {
    var global: GlobalOptions { get }
}

extension Command {
    var console: Console { Console(global) }
}

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: .say(
            en: "The folder that models are stored in (or set SLM_STORE).",
            es: "La carpeta donde se guardan los modelos (o defina SLM_STORE).", value: say(en: "dir", es: "carpeta")),
        completion: .directory)
    var store: String?

    @Flag(help: .say(en: "Write one JSON document instead of text.", es: "Escribe un documento JSON en vez de texto."))
    var json = false

    @Flag(
        name: .shortAndLong,
        help: .say(
            en: "Write answers and errors only; list, ls and get: one name or path a line.",
            es: "Escribe solo respuestas y errores; list, ls y get: un nombre o una ruta por línea."))
    var quiet = false

    @Flag(
        name: .shortAndLong,
        help: .say(
            en: "Write each request, its status and more to standard error.",
            es: "Escribe cada petición, su estado y más en la salida de errores."))
    var verbose = false

    @Flag(help: .say(en: "Use no colours (or set NO_COLOR).", es: "Sin colores (o defina NO_COLOR)."))
    var noColor = false

    @Option(
        help: .say(en: "Speak English or Spanish.", es: "Habla inglés o español.", value: "en|es"),
        completion: .list(["en", "es"]))
    var lang: String?

    @Flag(help: .say(en: "Do not use the network.", es: "No usa la red."))
    var offline = false

    func validate() throws {
        if let lang, !["en", "es"].contains(lang.lowercased().prefix { $0.isLetter }) {
            throw invalid(
                en: "`--lang` can be `en` or `es`, not `\(lang)`", es: "`--lang` puede ser `en` o `es`, no `\(lang)`")
        }
        if let store, store.isEmpty {
            throw invalid(en: "`--store` needs a folder", es: "`--store` necesita una carpeta")
        }
    }

    /// Where everything is, by the environment and these options.
    var settings: Shelf.Settings {
        var settings = Shelf.Settings(environment: environment)
        if let store { settings.store = FilePath(userPath: store, home: settings.home) }
        if offline { settings.isOffline = true }
        if verbose { settings.onExchange = { Terminal.note($0.line + "\n") } }
        return settings
    }

    /// The settings, once all of the environment can be used.
    ///
    /// - Throws: `SettingsFault`.
    private var usable: Shelf.Settings {
        get throws {
            let settings = settings
            if let fault = settings.faults.first { throw fault }
            return settings
        }
    }

    /// The shelf that this run works on.
    ///
    /// - Parameter device: Whom models are chosen for; nil for this machine.
    /// - Throws: `SettingsFault`, `CatalogError`.
    func shelf(
        for device: Device? = nil, _ change: (inout Shelf.Settings) -> Void = { _ in }
    ) async throws -> Shelf {
        var settings = try usable
        change(&settings)
        return Shelf(catalog: try await catalog(settings), device: device ?? Device.probe(), settings: settings)
    }

    /// The shelf for work on what is stored under names that need no catalog to be understood.
    ///
    /// - Throws: `SettingsFault`.
    func storeShelf() throws -> Shelf {
        Shelf(catalog: .empty, device: Device(ramTotal: 0, ramAvailable: 0), settings: try usable)
    }

    /// The shelf for work on one model. A file on this disk needs no catalog.
    ///
    /// - Throws: `SettingsFault`, `CatalogError`.
    func shelf(for reference: ModelReference) async throws -> Shelf {
        guard case .file = reference else { return try await shelf() }
        return Shelf(catalog: .empty, device: Device.probe(), settings: try usable)
    }
}

extension HTTPExchange {
    /// For a log: `GET 206 0.31 s https://example.org/model.gguf bytes 0-1048575`.
    var line: String {
        let time = Language.en.decimal(seconds, digits: 2)
        let end = status.map { "\($0)" } ?? code ?? "?"
        return "\(method) \(end) \(time) s \(address)".printable + (range.map { " bytes \($0)" } ?? "")
    }
}
