import ArgumentParser
import Disk
import Foundation
import Modelteca
import SystemPackage

/// `slm login`: keeps a token of the Hub, once the Hub has said whose it is.
struct LoginCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "login", en: "Keep a token of the Hub, for models that are gated or private.",
            es: "Guarda un token del Hub, para los modelos de acceso restringido o privados.",
            more: say(
                en: """
                      slm login                    # asks for it, and shows nothing of it
                      slm login < token.txt

                    The token is made at https://huggingface.co/settings/tokens (reading is enough). It is checked and
                    kept where `hf auth login` keeps it, readable by you alone; HF_TOKEN comes before it.
                    """,
                es: """
                      slm login                    # lo pide, y no muestra nada de él
                      slm login < token.txt

                    El token se crea en https://huggingface.co/settings/tokens (basta el de lectura). Se comprueba y se
                    guarda donde lo guarda `hf auth login`, de modo que solo usted pueda leerlo; HF_TOKEN tiene
                    prioridad.
                    """))
    }

    @Option(
        help: .say(
            en: "The Hub to ask whose it is (or set HF_ENDPOINT).",
            es: "El Hub al que se pregunta de quién es (o defina HF_ENDPOINT).",
            value: say(en: "address", es: "dirección")))
    var endpoint: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let endpoint, URL(webAddress: endpoint) == nil {
            throw invalid(
                en: "`--endpoint` needs an address of the web: `\(endpoint)` is none",
                es: "`--endpoint` necesita una dirección de la web: `\(endpoint)` no lo es")
        }
    }

    func run() async throws {
        var shelf = try global.storeShelf()
        var settings = shelf.settings
        let token = try await TokenInput.read(for: endpoint ?? settings.credentials.endpoint.absoluteString)
        settings.credentials = settings.credentials.with(
            token: token, at: endpoint.flatMap { URL(webAddress: $0) })
        shelf = Shelf(catalog: .empty, device: shelf.device, settings: settings)
        let hub = settings.credentials.endpoint
        let account: String
        do {
            account = try await shelf.account().name
        } catch HubError.tokenRefused {
            throw RefusedToken(hub: hub)
        }
        let path = FilePath(Credentials.tokenFile(environment, home: settings.home.string))
        do { try TokenFile(path).keep(token) } catch { throw TokenFileFault(path: error.path, errno: error.errno) }
        try console.show(
            Login(
                account: account, endpoint: hub.withoutSecrets.absoluteString, path: path.string,
                overriddenBy: Login.overriding(),
                isElsewhere: hub != global.settings.credentials.endpoint))
    }
}

/// `slm logout`: removes the token that is kept.
struct LogoutCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "logout", en: "Remove the token of the Hub that is kept on this machine.",
            es: "Borra el token del Hub que se guarda en este equipo.",
            more: say(
                en: "It stays valid: https://huggingface.co/settings/tokens makes an end of it.",
                es: "Sigue siendo válido: en https://huggingface.co/settings/tokens se anula."))
    }

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let path = FilePath(Credentials.tokenFile(environment, home: global.settings.home.string))
        let wasThere: Bool
        do {
            wasThere = try TokenFile(path).remove()
        } catch {
            throw TokenFileFault(path: error.path, errno: error.errno)
        }
        // The official client has a list of its own beside it.
        let list = path.removingLastComponent().appending("stored_tokens")
        try console.show(
            Logout(
                removed: wasThere, path: path.string, overriddenBy: Login.overriding(),
                stillListedIn: FileStatus.size(ofFile: list).map { _ in list.string }))
    }
}

/// Whose token is kept now.
struct Login: Answer {
    static var isAllThereIs: Bool { false }

    var account: String
    var endpoint: String
    /// Where the token is kept.
    var path: String
    /// The variable that comes before it; null when none does.
    @OrNull var overriddenBy: String?

    /// For a person only: whether other commands would ask another Hub.
    let isElsewhere: Bool

    enum CodingKeys: CodingKey { case account, endpoint, path, overriddenBy }

    var bare: [String]? { [account] }

    /// The variable because of which a kept token is not used.
    static func overriding() -> String? {
        if !Credentials.isTokenWanted(environment) { return "HF_HUB_DISABLE_IMPLICIT_TOKEN" }
        return ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].first { environment[$0].map(Credentials.isToken) ?? false }
    }

    func draw(on page: inout Page) {
        let host = URL(string: endpoint)?.place ?? endpoint
        let file = FilePath(path).shown
        page.paragraph(
            say(
                en: "\("✓", .good) \(host) knows the token: it is \(account, .strong)'s",
                es: "\("✓", .good) \(host) reconoce el token: es de \(account, .strong)"))
        page.paragraph(
            say(
                en: "kept in \(file), readable by you alone; `slm logout` removes it",
                es: "guardado en \(file), solo usted puede leerlo; `slm logout` lo borra"), indent: "  ")
        if let overriddenBy {
            page.paragraph(
                say(
                    en: "\("careful:", .careful) \(overriddenBy) is set, so it is not used",
                    es: "\("atención:", .careful) \(overriddenBy) está definida, así que no se usa"), indent: "  ")
        }
        if isElsewhere {
            page.paragraph(
                say(
                    en: "\("careful:", .careful) other commands ask another Hub: set HF_ENDPOINT=\(endpoint)",
                    es:
                        "\("atención:", .careful) los demás comandos preguntan a otro Hub: defina HF_ENDPOINT=\(endpoint)"
                ), indent: "  ")
        }
    }
}

/// What is left after a logout.
struct Logout: Answer {
    static var isAllThereIs: Bool { false }

    var removed: Bool
    var path: String
    /// The variable that still gives a token, or forbids it; null when there is none.
    @OrNull var overriddenBy: String?
    /// The official client's own list of tokens, which is left alone; null when there is none.
    @OrNull var stillListedIn: String?

    func draw(on page: inout Page) {
        let file = FilePath(path).shown
        page.paragraph(
            removed
                ? say(
                    en: "\("✓", .good) removed the token in \(file)", es: "\("✓", .good) se borró el token de \(file)")
                : say(en: "There was no token in \(file).", es: "No había ningún token en \(file)."))
        if let overriddenBy, overriddenBy != "HF_HUB_DISABLE_IMPLICIT_TOKEN" {
            page.paragraph(
                say(
                    en: "\("careful:", .careful) \(overriddenBy) still gives one",
                    es: "\("atención:", .careful) \(overriddenBy) todavía da uno"), indent: "  ")
        }
        if let stillListedIn {
            let list = FilePath(stillListedIn).shown
            page.paragraph(
                say(
                    en: "`hf` keeps a list of tokens of its own in \(list): `hf auth logout` removes those",
                    es: "`hf` guarda su propia lista de tokens en \(list): los borra `hf auth logout`"), indent: "  ")
        }
    }
}

/// The file for the token cannot be one.
struct TokenFileFault: Explained {
    var path: FilePath
    var errno: Errno

    var code: String { "cannot-write" }

    var words: Words {
        let isInTheWay = [.isDirectory, .notDirectory, .fileExists].contains(errno)
        return Words(
            en: "no token can be kept or removed at `\(path)`: \(errno.words)",
            es: "no se puede guardar ni borrar un token en `\(path)`: \(errno.words)",
            hint: isInTheWay
                ? say(
                    en: "move away what is in its place; until then HF_TOKEN can hold the token",
                    es: "aparte lo que ocupa su lugar; mientras tanto el token puede ir en HF_TOKEN")
                : say(
                    en: "check its permissions and the disk; until then HF_TOKEN can hold the token",
                    es: "revise sus permisos y el disco; mientras tanto el token puede ir en HF_TOKEN"))
    }
}

/// The Hub does not know the token that was typed.
struct RefusedToken: Explained {
    var hub: URL

    var code: String { "token-refused" }

    var words: Words {
        Words(
            en: "\(hub.place) does not know this token; nothing was kept",
            es: "\(hub.place) no reconoce este token; no se guardó nada",
            hint: say(
                en: "copy all of it, or make a new one at https://huggingface.co/settings/tokens",
                es: "cópielo entero, o cree uno nuevo en https://huggingface.co/settings/tokens"))
    }
}
