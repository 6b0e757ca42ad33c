public import Foundation

/// Why an origin could not say what a reference means.
public enum HubError: Error, Equatable, Sendable {
    /// It does not exist, or is private: without a token a stranger cannot tell the two apart.
    case noRepository(id: String, hasToken: Bool)
    /// The repository has no such branch, tag or commit.
    case noRevision(id: String, revision: String)
    /// The repository has no such file at that revision; or it is no model.
    case noFile(id: String, path: String)
    /// The repository has files, none of them a GGUF model.
    case noModelFiles(id: String)
    /// A split model of which the repository lacks parts: these, or the first of them.
    case missingParts(id: String, files: [String])
    /// The quantization asked for is not there; `available` are.
    case noQuantization(id: String, quantization: String, available: [String])
    /// Its authors want to know who downloads it; with a token: this account is not on their list yet.
    case gated(id: String, hasToken: Bool)
    /// The token is wrong or has expired; `source` is the variable or the file that it came from.
    case tokenRefused(id: String, source: String?)
    /// A page for people came instead of an answer: of a network that wants a login first, for instance.
    case webPage(url: URL, status: Int)
    /// Taken down by the Hub.
    case disabled(id: String)
    /// Too many requests; in seconds, when the Hub says.
    case rateLimited(host: String, retryAfter: Double?)
    /// The host answered something else than what its interface promises.
    case unexpectedAnswer(url: URL, status: Int, detail: String)
    /// A file name or path of the origin that must not become one on this disk.
    case unsafeName(id: String, name: String)
    /// Nobody has published GGUF files of this model, as far as the Hub knows.
    case noQuantizationsOf(upstream: [String])
    /// A form of reference whose origin this version cannot ask.
    case unsupportedOrigin(String)
    /// A local path that is no readable file.
    case noLocalFile(path: String)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .noRepository: "no-repository"
        case .noRevision: "no-revision"
        case .noFile: "no-file"
        case .noModelFiles: "no-model-files"
        case .missingParts: "split-part-missing"
        case .noQuantization: "no-quantization"
        case .gated: "gated"
        case .tokenRefused: "token-refused"
        case .webPage: "web-page"
        case .disabled: "disabled"
        case .rateLimited: "rate-limited"
        case .unexpectedAnswer: "unexpected-answer"
        case .unsafeName: "unsafe-name"
        case .noQuantizationsOf: "no-quantizations"
        case .unsupportedOrigin: "unsupported-origin"
        case .noLocalFile: "no-local-file"
        }
    }
}

extension HubError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .noRepository(let id, let hasToken):
            "There is no repository \(id)" + (hasToken ? "." : ", or it is private.")
        case .noRevision(let id, let revision): "\(id) has no revision \(revision)."
        case .noFile(let id, let path): "\(id) has no model file \(path)."
        case .noModelFiles(let id): "\(id) has no GGUF files."
        case .missingParts(let id, let files): "\(id) lacks \(files.joined(separator: ", ")) of a split model."
        case .noQuantization(let id, let quantization, _): "\(id) has no \(quantization)."
        case .gated(let id, _): "\(id) is gated: its authors decide who may download it."
        case .tokenRefused(let id, let source):
            "The token" + (source.map { " of \($0)" } ?? "") + " was refused for \(id)."
        case .webPage(let url, _): "\(url.host() ?? "The Hub") sent a web page instead of an answer."
        case .disabled(let id): "The Hub has taken \(id) down."
        case .rateLimited(let host, _): "\(host) asks to wait: too many requests."
        case .unexpectedAnswer(let url, let status, _): "\(url.host() ?? "The Hub") answered unexpectedly (\(status))."
        case .unsafeName(let id, let name): "\(id) has a file name that is not safe: \(name)."
        case .noQuantizationsOf(let upstream):
            "No GGUF files are known of \(upstream.first ?? "this model")."
        case .unsupportedOrigin(let form): "Models of \(form): cannot be fetched yet."
        case .noLocalFile(let path): "There is no file \(path)."
        }
    }
}
