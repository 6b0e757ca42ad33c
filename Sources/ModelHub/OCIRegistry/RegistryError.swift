public import Foundation
public import ModelCatalog

/// Why a registry could not say what a reference means, or would not take what was sent.
public enum RegistryError: Error, Equatable, Sendable {
    /// The registry knows no repository of this name; or it is private, which strangers are not told.
    case noRepository(ref: String, host: String)
    /// The repository has no such tag or digest.
    case noTag(ref: String)
    /// The registry gives the model to newer Ollamas only (412).
    case needsNewerOllama(ref: String)
    /// The model runs on somebody's servers: there is no file of it.
    case onlyInCloud(ref: String, host: String)
    /// The artifact holds no GGUF file; `mediaTypes` is what it holds.
    case noModelFile(ref: String, mediaTypes: [String])
    /// The registry wants to know who asks; with credentials: these are not good.
    case notAuthorized(ref: String, host: String, hasCredentials: Bool)
    /// Whoever asks may not.
    case denied(ref: String, host: String)
    /// Too many requests; in seconds, when the registry says.
    case rateLimited(host: String, retryAfter: Double?)
    /// The host answered something else than what its interface promises.
    case unexpectedAnswer(url: URL, status: Int, detail: String)
    /// A manifest whose content is not what its digest says.
    case digestMismatch(ref: String, expected: Digest, actual: Digest)
    /// A digest of a kind that nobody here can check.
    case digestUnsupported(ref: String, digest: String)
    /// A file name in the artifact that must not become one on this disk.
    case unsafeName(ref: String, name: String)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .noRepository: "no-repository"
        case .noTag: "no-tag"
        case .needsNewerOllama: "needs-newer-ollama"
        case .onlyInCloud: "only-in-cloud"
        case .noModelFile: "no-model-files"
        case .notAuthorized: "not-authorized"
        case .denied: "denied"
        case .rateLimited: "rate-limited"
        case .unexpectedAnswer: "unexpected-answer"
        case .digestMismatch: "digest-mismatch"
        case .digestUnsupported: "digest-unsupported"
        case .unsafeName: "unsafe-name"
        }
    }
}

extension RegistryError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .noRepository(let ref, let host): "\(host) has no \(ref), or it is private."
        case .noTag(let ref): "There is no \(ref)."
        case .needsNewerOllama(let ref): "The registry gives \(ref) to newer Ollamas only."
        case .onlyInCloud(let ref, let host): "\(ref) runs at \(host) only: there is no file of it."
        case .noModelFile(let ref, _): "\(ref) has no GGUF file."
        case .notAuthorized(let ref, let host, let hasCredentials):
            hasCredentials
                ? "\(host) refused the credentials for \(ref)." : "\(host) wants to know who asks for \(ref)."
        case .denied(let ref, let host): "\(host) does not allow \(ref)."
        case .rateLimited(let host, _): "\(host) asks to wait: too many requests."
        case .unexpectedAnswer(let url, let status, _):
            "\(url.host() ?? "The registry") answered unexpectedly (\(status))."
        case .digestMismatch(let ref, let expected, let actual):
            "The manifest of \(ref) has SHA-256 \(actual), not \(expected)."
        case .digestUnsupported(let ref, let digest): "\(ref) names \(digest), which cannot be checked here."
        case .unsafeName(let ref, let name): "\(ref) has a file name that is not safe: \(name)."
        }
    }
}
