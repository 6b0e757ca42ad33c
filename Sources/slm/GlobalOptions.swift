import ArgumentParser
import Modelteca
import SystemPackage

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            say(
                en: "The folder that models are kept in (or set SLM_STORE).",
                es: "La carpeta donde se guardan los modelos (o defina SLM_STORE)."),
            valueName: say(en: "dir", es: "carpeta")))
    var store: String?

    @Flag(
        help: ArgumentHelp(
            say(en: "One JSON document instead of a page.", es: "Un documento JSON en vez de una página.")))
    var json = false

    @Flag(
        name: .shortAndLong,
        help: ArgumentHelp(say(en: "Answers and errors only.", es: "Solo respuestas y errores.")))
    var quiet = false

    @Flag(
        name: .shortAndLong,
        help: ArgumentHelp(say(en: "Say more of what is done.", es: "Cuenta más de lo que se hace.")))
    var verbose = false

    @Flag(
        help: ArgumentHelp(
            say(en: "No colours (or set NO_COLOR).", es: "Sin colores (o defina NO_COLOR).")))
    var noColor = false

    @Option(
        help: ArgumentHelp(
            say(en: "Speak English or Spanish.", es: "Habla inglés o español."), valueName: "en|es"))
    var lang: String?

    @Flag(
        help: ArgumentHelp(
            say(en: "Ask nothing over the network.", es: "No pregunta nada por la red.")))
    var offline = false

    func validate() throws {
        if let lang, !["en", "es"].contains(lang.lowercased().prefix { $0.isLetter }) {
            throw invalid(
                say(en: "`--lang` speaks `en` and `es`: `\(lang)`", es: "`--lang` habla `en` y `es`: `\(lang)`"))
        }
        if let store, store.isEmpty {
            throw invalid(say(en: "`--store` needs a folder", es: "`--store` necesita una carpeta"))
        }
    }

    /// Where everything is, by the environment and these options.
    var settings: Shelf.Settings {
        var settings = Shelf.Settings(environment: Speech.environment)
        if let store { settings.store = absolute(store, home: settings.home) }
        if offline { settings.isOffline = true }
        return settings
    }

    /// The shelf that this run works on.
    ///
    /// - Throws: `CatalogError`.
    func shelf(_ change: (inout Shelf.Settings) -> Void = { _ in }) async throws -> Shelf {
        var settings = settings
        change(&settings)
        return Shelf(catalog: try await catalog(settings), device: Device.probe(), settings: settings)
    }

    /// The shelf for work on one model. A file on this disk needs no catalog.
    ///
    /// - Throws: `CatalogError`.
    func shelf(for reference: ModelReference) async throws -> Shelf {
        guard case .file = reference else { return try await shelf() }
        return Shelf(catalog: .empty, device: Device.probe(), settings: settings)
    }

    private func absolute(_ text: String, home: FilePath) -> FilePath {
        if text == "~" { return home }
        if text.hasPrefix("~/") { return home.appending(String(text.dropFirst(2))) }
        return FilePath(text).absolute
    }
}
