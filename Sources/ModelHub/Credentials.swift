internal import CurlHTTP
internal import Disk
public import Foundation
internal import ModelCatalog
internal import SystemPackage

/// Which Hub is asked, and the token for it, as huggingface_hub reads them from the environment
/// (`src/huggingface_hub/constants.py`, `utils/_auth.py`).
public struct Credentials: Sendable {
    /// The largest token file that is read, in bytes.
    private static let tokenFileLimit = 16 * 1024

    /// `HF_ENDPOINT` without a trailing slash, or the public Hub.
    public let endpoint: URL
    /// Nil when there is none, or when `HF_HUB_DISABLE_IMPLICIT_TOKEN` says not to send it unasked.
    public let token: String?

    /// Takes both as given.
    public init(endpoint: URL, token: String?) {
        self.endpoint = endpoint
        self.token = token
    }

    /// Reads `HF_ENDPOINT`, then `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, and the file that `hf auth login` writes.
    public init(environment: [String: String], home: String) {
        var address = environment["HF_ENDPOINT"].flatMap(Self.clean) ?? ""
        while address.hasSuffix("/") { address.removeLast() }
        let given = URL(string: address).flatMap {
            ["http", "https"].contains($0.scheme?.lowercased()) && $0.host()?.isEmpty == false ? $0 : nil
        }
        endpoint = given ?? .huggingFaceHub
        token = Self.token(environment, home: home)
    }

    /// The `Authorization` header for an address: only the Hub itself gets the token, never the hosts it redirects to.
    package func authorization(for url: URL) -> String? {
        guard let token, url.hasSameOrigin(as: endpoint) else { return nil }
        return "Bearer \(token)"
    }

    private static func token(_ environment: [String: String], home: String) -> String? {
        func value(_ name: String) -> String? { environment[name].flatMap(clean) }
        if let off = value("HF_HUB_DISABLE_IMPLICIT_TOKEN"), ["1", "true", "yes", "on"].contains(off.lowercased()) {
            return nil
        }
        if let token = value("HF_TOKEN") ?? value("HUGGING_FACE_HUB_TOKEN") { return token }
        /// As the official client does it, `~` is the home folder (`os.path.expanduser`).
        func path(_ name: String) -> String? {
            value(name).map { $0 == "~" || $0.hasPrefix("~/") ? home + $0.dropFirst() : $0 }
        }
        let cache = path("XDG_CACHE_HOME") ?? home + "/.cache"
        let folder = path("HF_HOME") ?? cache + "/huggingface"
        let file = FilePath(path("HF_TOKEN_PATH") ?? folder + "/token")
        return readText(at: file, limit: tokenFileLimit).flatMap(clean)
    }

    /// Without white space around it; nil when it is empty or would break a header.
    private static func clean(_ text: String) -> String? {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isPlain = trimmed.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        return trimmed.isEmpty || !isPlain ? nil : trimmed
    }
}
