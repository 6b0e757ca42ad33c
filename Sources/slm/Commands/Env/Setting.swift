import Disk
import Foundation
import Modelteca
import SystemPackage

/// One setting: what it is, and who says so.
struct Setting: Encodable {
    var name: Name
    /// For the token and for `offline`, `yes` or `no`; null where there is none.
    @OrNull var value: String?
    var origin: Origin
    /// The option, the variable or the file; null for what nobody has set.
    @OrNull var from: String?

    enum Name: String, Encodable {
        case configFile, store, catalog, device, language, limitRate, connections
        case endpoint, registry, modelScope, httpsProxy, httpProxy, noProxy, token, certificates, offline
    }

    enum Origin: String, Encodable { case option, variable, file, `default` }

    /// The settings of a run, in the order in which they are told.
    static func all(_ settings: Shelf.Settings, _ options: GlobalOptions) -> [Setting] {
        let proxies = ProxySettings(environment: environment)
        let credentials = settings.credentials
        let source = credentials.tokenSource
        let isFile = source?.holds("/") == true
        let offline = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"]
        let file = ConfigFile.current
        return [
            Setting(
                .configFile, file.flatMap { FileStatus(following: $0.path) == nil ? nil : $0.path.string },
                ["XDG_CONFIG_HOME"]),
            Setting(
                .store, settings.store.string, option: options.store.map { _ in "--store" }, ["SLM_STORE"], key: .store),
            catalog(settings),
            Setting(.device, file?.values[.device], key: .device),
            Setting(
                .language, Language.current.rawValue, option: options.lang.map { _ in "--lang" },
                ["LC_ALL", "LC_MESSAGES", "LANG"], key: .language),
            Setting(.limitRate, file?.values[.limitRate], key: .limitRate),
            Setting(.connections, file?.values[.connections], key: .connections),
            Setting(.endpoint, credentials.endpoint.absoluteString, ["HF_ENDPOINT"], key: .endpoint),
            Setting(.registry, settings.registries.ollama.withoutSecrets.absoluteString, ["OLLAMA_REGISTRY"]),
            Setting(.modelScope, environment["MODELSCOPE_ENDPOINT"].map(secretless), ["MODELSCOPE_ENDPOINT"]),
            Setting(.httpsProxy, proxies.https.map(secretless), names(of: proxies.https, "https_proxy", "all_proxy")),
            Setting(.httpProxy, proxies.http.map(secretless), names(of: proxies.http, "http_proxy", "all_proxy")),
            Setting(.noProxy, proxies.exceptions, names(of: proxies.exceptions, "no_proxy")),
            Setting(
                name: .token, value: credentials.token == nil ? "no" : "yes",
                origin: source == nil ? .default : isFile ? .file : .variable, from: source),
            Setting(.certificates, settings.caFile, ["SSL_CERT_FILE"]),
            Setting(
                .offline, settings.isOffline ? "yes" : "no", option: options.offline ? "--offline" : nil,
                settings.isOffline ? offline : []),
        ]
    }

    private init(name: Name, value: String?, origin: Origin, from: String?) {
        (self.name, self.value, self.origin, self.from) = (name, value, origin, from)
    }

    /// - Parameters:
    ///   - option: The option that has set it.
    ///   - variables: Those that can; the first that is set and not empty has.
    ///   - key: That of the configuration file which can.
    private init(
        _ name: Name, _ value: String?, option: String? = nil, _ variables: [String] = [], key: ConfigFile.Key? = nil
    ) {
        let variable = variables.first { startEnvironment[$0]?.isEmpty == false }
        if option == nil, let key, let file = ConfigFile.current, file.decides(key) {
            self.init(name: name, value: value, origin: .file, from: file.path.string)
        } else {
            self.init(
                name: name, value: value, origin: option != nil ? .option : variable != nil ? .variable : .default,
                from: option ?? variable)
        }
    }

    /// Who says where the catalog is, for an error about it.
    static func source(of key: ConfigFile.Key) -> String? {
        if let file = ConfigFile.current, file.decides(key) { return "`\(file.path.shown)`" }
        return key.variable
    }

    private static func catalog(_ settings: Shelf.Settings) -> Setting {
        if let place = environment["SLM_CATALOG"], !place.isEmpty {
            return Setting(.catalog, secretless(place), ["SLM_CATALOG"], key: .catalog)
        }
        guard let stored = settings.storedCatalog, !stored.isOutOfUse else { return Setting(.catalog, nil, []) }
        return Setting(name: .catalog, value: secretless(stored.origin), origin: .file, from: settings.data.string)
    }

    private static func secretless(_ value: String) -> String { ProxySettings.withoutPassword(value) }

    /// Of the variables, in lower and upper case, those that have this value.
    private static func names(of value: String?, _ names: String...) -> [String] {
        names.flatMap { [$0, $0.uppercased()] }.filter { value != nil && environment[$0] == value }
    }
}

extension Setting {
    /// Its name for a person.
    var title: String {
        switch name {
        case .configFile: say(en: "configuration", es: "configuración")
        case .store: Labels.store
        case .catalog: Labels.catalog
        case .device: say(en: "device", es: "equipo")
        case .limitRate: say(en: "speed limit", es: "límite de velocidad")
        case .connections: say(en: "connections", es: "conexiones")
        case .language: say(en: "language", es: "idioma")
        case .endpoint: say(en: "Hub", es: "Hub")
        case .registry: say(en: "Ollama registry", es: "registro de Ollama")
        case .modelScope: "ModelScope"
        case .httpsProxy: say(en: "proxy for https", es: "proxy para https")
        case .httpProxy: say(en: "proxy for http", es: "proxy para http")
        case .noProxy: say(en: "without proxy", es: "sin proxy")
        case .token: say(en: "token", es: "token")
        case .certificates: say(en: "certificates", es: "certificados")
        case .offline: say(en: "offline", es: "sin red")
        }
    }

    /// Its value for a person.
    var shown: String {
        switch (name, value) {
        case (.store, let value?), (.configFile, let value?): FilePath(value).shown
        case (.configFile, nil):
            say(en: "no file \(ConfigFile.shownPlace)", es: "no existe \(ConfigFile.shownPlace)")
        case (.device, nil): say(en: "this one", es: "este")
        case (.connections, nil): say(en: "as many as help", es: "las que ayuden")
        case (.catalog, nil): say(en: "built-in", es: "el incluido")
        case (.certificates, nil): say(en: "the system's", es: "los del sistema")
        case (.token, "yes"), (.offline, "yes"): say(en: "yes", es: "sí")
        case (_, let value?): value
        case (_, nil): say(en: "none", es: "ninguno")
        }
    }

    /// Who says so.
    var whence: String {
        guard let from else { return say(en: "default", es: "por defecto") }
        return origin == .file ? FilePath(from).shown : from
    }
}
