internal import Disk
package import Foundation
internal import ModelCatalog

/// Where registries are, and what is known of the user there.
package struct RegistrySettings: Sendable {
    /// `OLLAMA_REGISTRY`, or the public one.
    package var ollama: URL
    /// Hosts with their ports that are asked without TLS: `SLM_PLAIN_HTTP`. Those of this machine need not be named.
    package var plainHTTP: Set<String>
    /// Docker's own configurations, in which other programs have left credentials; the first that knows a host counts.
    package var credentialFiles: [String]
    /// Where programs are looked for that keep credentials.
    package var searchPath: String

    /// Reads `OLLAMA_REGISTRY`, `SLM_PLAIN_HTTP`, `DOCKER_CONFIG`, `REGISTRY_AUTH_FILE` and `PATH`.
    package init(environment: [String: String], home: String) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        ollama = value("OLLAMA_REGISTRY").flatMap(Self.endpoint) ?? .ollamaRegistry
        plainHTTP = Set((value("SLM_PLAIN_HTTP") ?? "").lowercased().split(separator: ",").map(String.init))
        credentialFiles = [
            value("REGISTRY_AUTH_FILE"), (value("DOCKER_CONFIG") ?? home + "/.docker") + "/config.json",
            value("XDG_RUNTIME_DIR").map { $0 + "/containers/auth.json" },
        ].compactMap(\.self)
        searchPath = value("PATH") ?? ""
    }

    /// `https://host`, or `host:port` alone: then without TLS on this machine only.
    private static func endpoint(_ text: String) -> URL? {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        if !text.holds("://") {
            text = (isThisMachine(text.lowercased()) ? "http://" : "https://") + text
        }
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host()?.isEmpty == false else {
            return nil
        }
        return url
    }

    /// Whether a host, with or without a port, is the loopback interface.
    static func isThisMachine(_ host: String) -> Bool {
        var name = host[...]
        if let colon = host.lastIndex(of: ":"), host[colon...].firstIndex(of: "]") == nil { name = host[..<colon] }
        let quarters = name.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopback4 =
            quarters.count == 4 && quarters[0] == "127" && quarters.allSatisfy { UInt8($0) != nil }
        return name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" || isLoopback4
    }
}

extension URL {
    /// Whether its host is the loopback interface.
    package var isOfThisMachine: Bool { host(percentEncoded: false).map(RegistrySettings.isThisMachine) ?? false }

    /// Ollama's public registry.
    package static let ollamaRegistry: URL = {
        var components = URLComponents()
        components.scheme = "https"
        components.host = "registry.ollama.ai"
        return components.url ?? URL(filePath: "/")
    }()
}
