internal import CurlHTTP
internal import Disk
public import Foundation
internal import ModelCatalog
internal import Synchronization
internal import SystemPackage

/// Which Hub is asked, and the token for it, as huggingface_hub reads them from the environment
/// (`src/huggingface_hub/constants.py`, `utils/_auth.py`).
public struct Credentials: Sendable {
    /// The largest token file that is read, in bytes.
    private static let tokenFileLimit = 16 * 1024

    /// `HF_ENDPOINT` without a trailing slash, user and password, or the public Hub.
    public let endpoint: URL
    /// Nil when there is none, or when `HF_HUB_DISABLE_IMPLICIT_TOKEN` says not to send it unasked.
    public let token: String?
    /// Where the token stands: the name of a variable, or the path of a file.
    package let tokenSource: String?
    /// Where the file is, or would be, that a token is read from when no variable has one; nil when none is read.
    package let tokenFile: String?
    /// User and password of `HF_ENDPOINT`, as a header has them: in no address, so that no record can hold them.
    private let login: String?
    private let refusal = Refusal()

    /// What the Hub has said of the token: shared by all copies.
    private final class Refusal: Sendable {
        let isRefused = Mutex(false)
    }

    /// Takes both as given.
    public init(endpoint: URL, token: String?) {
        self.init(endpoint: endpoint, token.map { ($0, "HF_TOKEN") }, tokenFile: nil)
    }

    private init(endpoint: URL, _ token: (text: String, source: String)?, tokenFile: String?) {
        self.tokenFile = tokenFile
        var parts = URLComponents(url: endpoint, resolvingAgainstBaseURL: true)
        login = parts?.user.map { Data("\($0):\(parts?.password ?? "")".utf8).base64EncodedString() }
        parts?.user = nil
        parts?.password = nil
        self.endpoint = parts?.url ?? endpoint
        (self.token, tokenSource) = (token?.text, token?.source)
    }

    /// Reads `HF_ENDPOINT`, then `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, and the file that `hf auth login` writes.
    package init(environment: [String: String], home: String) {
        self.init(
            endpoint: environment["HF_ENDPOINT"].flatMap { URL(webAddress: $0) } ?? .huggingFaceHub,
            Self.token(environment, home: home),
            tokenFile: Self.isTokenWanted(environment) ? Self.tokenFile(environment, home: home) : nil)
    }

    /// The same Hub, or another one, with a token that is to be tried.
    package func with(token: String, at endpoint: URL? = nil) -> Credentials {
        Credentials(endpoint: endpoint ?? self.endpoint, (token, "-"), tokenFile: tokenFile)
    }

    /// The `Authorization` header for an address: only the Hub itself gets the token, never the hosts it redirects to.
    package func authorization(for url: URL) -> String? {
        guard url.hasSameOrigin(as: endpoint) else { return nil }
        if let token, !isRefused { return "Bearer \(token)" }
        return login.map { "Basic \($0)" }
    }

    /// Whether the Hub has refused the token in this run: from then on it is asked without it.
    package var isRefused: Bool { refusal.isRefused.withLock { $0 } }

    func noteRefusal() { refusal.isRefused.withLock { $0 = true } }

    private static func token(_ environment: [String: String], home: String) -> (String, String)? {
        guard isTokenWanted(environment) else { return nil }
        for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
            if let token = environment[name].flatMap(clean) { return (token, name) }
        }
        let path = tokenFile(environment, home: home)
        return readText(at: FilePath(path), limit: tokenFileLimit).flatMap(clean).map { ($0, path) }
    }

    /// Whether a token may be sent unasked.
    package static func isTokenWanted(_ environment: [String: String]) -> Bool {
        let off = environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"].flatMap(clean)?.lowercased() ?? ""
        return !["1", "true", "yes", "on"].contains(off)
    }

    /// Where the official client keeps its token, whether it is sent unasked or not.
    package static func tokenFile(_ environment: [String: String], home: String) -> String {
        /// As the official client does it, `~` is the home folder (`os.path.expanduser`).
        func path(_ name: String) -> String? {
            environment[name].flatMap(clean).map { $0 == "~" || $0.hasPrefix("~/") ? home + $0.dropFirst() : $0 }
        }
        let cache = path("XDG_CACHE_HOME") ?? home + "/.cache"
        let folder = path("HF_HOME") ?? cache + "/huggingface"
        return path("HF_TOKEN_PATH") ?? folder + "/token"
    }

    /// Whether a text can be sent as a token.
    package static func isToken(_ text: String) -> Bool { clean(text) != nil }

    /// Without white space around it; nil when it is empty or would break a header.
    private static func clean(_ text: String) -> String? {
        let trimmed = text.trimmed
        let isPlain = trimmed.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        return trimmed.isEmpty || !isPlain ? nil : trimmed
    }
}

extension URL {
    /// An address of the web as a variable names it, without a slash at its end; nil when it is none.
    package init?(webAddress text: String) {
        var text = text.trimmed
        while text.hasSuffix("/") { text.removeLast() }
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
            url.host()?.isEmpty == false
        else { return nil }
        self = url
    }
}
