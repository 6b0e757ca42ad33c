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
        case store, catalog, language, endpoint, registry, modelScope, httpsProxy, httpProxy, noProxy, token
        case certificates, offline
    }

    enum Origin: String, Encodable { case option, variable, file, `default` }

    /// The settings of a run, in the order in which they are told.
    static func all(_ settings: Shelf.Settings, _ options: GlobalOptions) -> [Setting] {
        let proxies = ProxySettings(environment: environment)
        let credentials = settings.credentials
        let source = credentials.tokenSource
        let isFile = source?.contains("/") == true
        let offline = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"]
        return [
            Setting(.store, settings.store.string, option: options.store.map { _ in "--store" }, ["SLM_STORE"]),
            catalog(settings),
            Setting(
                .language, Language.current.rawValue, option: options.lang.map { _ in "--lang" },
                ["LC_ALL", "LC_MESSAGES", "LANG"]),
            Setting(.endpoint, credentials.endpoint.absoluteString, ["HF_ENDPOINT"]),
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
    private init(_ name: Name, _ value: String?, option: String? = nil, _ variables: [String]) {
        let variable = variables.first { environment[$0]?.isEmpty == false }
        self.init(
            name: name, value: value, origin: option != nil ? .option : variable != nil ? .variable : .default,
            from: option ?? variable)
    }

    private static func catalog(_ settings: Shelf.Settings) -> Setting {
        if let place = environment["SLM_CATALOG"], !place.isEmpty {
            return Setting(.catalog, secretless(place), ["SLM_CATALOG"])
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
        case .store: Labels.store
        case .catalog: Labels.catalog
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
        case (.store, let value?): FilePath(value).shown
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
