package import CurlHTTP
public import Foundation
public import HostHardware
public import ModelCatalog
public import ModelDownload
public import ModelHub
public import ModelStore
public import SystemPackage

/// The object programs hold: the catalog, this device, the store, and the way from one to the other.
public struct Shelf: Sendable {
    /// What can be had.
    public let catalog: Catalog
    /// What is here.
    public let store: Store
    /// The machine that models are chosen for.
    public let device: Device
    /// How all of it is set up.
    public let settings: Settings
    let http: HTTPClient
    let hub: Hub
    let registries: Registries
    let modelScope: ModelScopeHub
    let downloader: Downloader

    /// Opens a shelf. Nothing is created on disk and nothing is asked over the network yet.
    public init(catalog: Catalog, device: Device, settings: Settings) {
        self.catalog = catalog
        self.device = device
        self.settings = settings
        let credentials = settings.credentials
        var options = HTTPClient.Options(
            userAgent: settings.userAgent, caFile: settings.caFile, isOffline: settings.isOffline)
        options.onExchange = settings.onExchange
        let login = RegistryLogin(settings.registries, options: options)
        options.authorization = { credentials.authorization(for: $0) ?? login.authorization(for: $0) }
        let modelScopeSettings = settings.modelScope
        options.cookie = { modelScopeSettings.cookie(for: $0) }
        options.answerChallenge = { await login.answer($0) }
        http = HTTPClient(options: options)
        registries = Registries(
            http: http, settings: settings.registries, login: login, retry: settings.metadataRetry,
            sha256: { Digest(of: $0) })
        hub = Hub(
            http: http, credentials: credentials, retry: settings.metadataRetry, registries: registries,
            headers: HeaderCache(at: settings.caches.appending("modelteca").appending("headers")))
        modelScope = ModelScopeHub(http: http, retry: settings.metadataRetry, settings: settings.modelScope)
        downloader = Downloader(http: http, options: settings.transfer)
        store = Store(at: settings.store, isNamed: settings.isStoreNamed)
    }

    /// Opens the shelf that `slm` works on: this machine, the user's store, and the catalog that came with this library
    /// or, where it is newer, from `slm catalog update`.
    ///
    /// - Throws: `SettingsFault` for a variable of the environment that cannot be used; `CatalogError`.
    public init(settings: Settings = Settings(), device: Device = .probe()) throws {
        if let fault = settings.faults.first { throw fault }
        self.init(catalog: try settings.catalog(), device: device, settings: settings)
    }

    /// Where things are and how to behave; mostly from the environment.
    public struct Settings: Sendable {
        /// The store's folder.
        public var store: FilePath { didSet { isStoreNamed = true } }
        /// Whether somebody has named the folder, and so expects it to be there.
        package private(set) var isStoreNamed: Bool
        /// The Hub and the token for it.
        public var credentials: Credentials
        /// Ask nothing over the network.
        public var isOffline: Bool
        /// Connections, limits and retries.
        public var transfer: Downloader.Options
        /// How often metadata is asked for again.
        package var metadataRetry: RetryPolicy
        /// ModelScope, which is a second source of the Hub's files where the user names it.
        package var modelScope: ModelScope
        /// Ollama's registry and all others.
        package var registries: RegistrySettings
        /// Where other programs keep models on this disk.
        package var otherStores: OtherStores
        /// Certificates to trust instead of the system's.
        public var caFile: String?
        /// Names this program to servers.
        public var userAgent: String
        /// Hears of each request once it is over, on any thread.
        package var onExchange: (@Sendable (HTTPExchange) -> Void)?
        /// The user's home folder, for `~` in paths.
        package var home: FilePath
        /// The user's folder for what can be found out again: `XDG_CACHE_HOME`, else `.cache` in the home folder.
        package var caches: FilePath
        /// Where this program keeps what is no model: `slm` in `XDG_DATA_HOME`, else in `.local/share` of the home
        /// folder.
        package var data: FilePath

        /// What of the environment cannot be used: it was ignored, and whoever set it wants to know.
        package var faults: [SettingsFault]

        /// Reads `SLM_STORE`, `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`, `MODELSCOPE_ENDPOINT`,
        /// `OLLAMA_REGISTRY`, `SSL_CERT_FILE` and the user's folders.
        public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
            let homeText =
                environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
                ?? FileManager.default.homeDirectoryForCurrentUser.path
            home = FilePath(homeText)
            // A relative path is to be ignored (XDG Base Directory Specification).
            caches =
                environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
                ?? home.appending(".cache")
            data =
                (environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
                ?? home.appending(".local/share")).appending("slm")
            store = StoreLayout.defaultRoot(environment: environment, home: home)
            isStoreNamed = environment["SLM_STORE"]?.isEmpty == false
            credentials = Credentials(environment: environment, home: homeText)
            let offline = [environment["HF_HUB_OFFLINE"], environment["TRANSFORMERS_OFFLINE"]]
            isOffline = offline.contains { $0.flatMap { Switch($0.trimmed) } == .on }
            transfer = Downloader.Options()
            metadataRetry = .metadata
            modelScope = ModelScope(environment: environment)
            registries = RegistrySettings(environment: environment, home: homeText)
            otherStores = OtherStores(environment: environment, home: homeText)
            caFile = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
            userAgent = "modelteca/\(Version.current)"
            faults = SettingsFault.faults(in: environment)
        }
    }

    /// Reads what a user typed.
    ///
    /// - Throws: `ReferenceError`.
    package func reference(_ text: String) throws -> ModelReference { try settings.reference(text) }
}

extension Shelf.Settings {
    /// Reads what a user typed.
    ///
    /// - Throws: `ReferenceError`.
    package func reference(_ text: String) throws -> ModelReference {
        try ModelReference(
            parsing: text, in: ModelReference.ParsingContext(hubEndpoint: credentials.endpoint, home: home))
    }
}
