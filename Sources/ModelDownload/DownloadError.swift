public import Foundation
public import ModelCatalog

/// Why a download did not become a verified file.
public enum DownloadError: Error, Equatable, Sendable {
    /// All bytes came and they are not the ones promised.
    case digestMismatch(file: String, expected: Digest, actual: Digest)
    /// The origin states another size than expected. In bytes.
    case sizeMismatch(file: String, expected: Int64, actual: Int64)
    /// The body is no GGUF file; `html` when it is a page for people.
    case notAModel(file: String, url: URL, html: Bool)
    /// The digest asked for belongs to an error page that circulates as a model.
    case knownBadDigest(file: String, digest: Digest)
    /// The origin has no such file (404, 410).
    case missing(file: String, url: URL, status: Int)
    /// The origin wants other credentials, or none will do (401, 403). `reason` is the origin's own word.
    case refused(file: String, url: URL, status: Int, reason: String?)
    /// The content changed at the origin again and again while it was fetched.
    case changing(file: String, url: URL)
    /// Tries or patience are used up; `kept` bytes wait for another run. `cause` is the last failure in the words of
    /// libcurl, or its status.
    case givenUp(file: String, host: String, tries: Int, kept: Int64, trouble: Trouble, cause: String)
    /// https would have become http.
    case insecureRedirect(file: String, from: URL, to: URL)
    /// The origin points in circles, or ten times elsewhere.
    case redirectLoop(file: String, url: URL)
    /// Neither http, https nor file.
    case unsupportedAddress(file: String, url: URL)
    /// In bytes.
    case noSpace(path: String, needed: Int64, free: Int64)
    /// The folder or file cannot be written; `errno` as the system gave it.
    case cannotWrite(path: String, errno: Int32)
    /// The disk failed while reading or writing.
    case disk(path: String, errno: Int32)
    /// Stopped by the user; `kept` bytes wait for another run.
    case interrupted(file: String, kept: Int64)
    /// The time that the caller allowed is over; `kept` bytes wait for another run. In seconds.
    case timeIsUp(file: String, seconds: Int, kept: Int64)

    /// What kind of failure an origin was given up for, and so what may help.
    public enum Trouble: String, Hashable, Sendable, Codable {
        /// No such host, nothing listens there, or the network is down.
        case unreachable
        /// The certificate or the handshake was refused.
        case tls
        /// Connected, and then nothing came.
        case silent
        /// Connections break before the end.
        case cutOff
        /// The origin asks to come back later (429, 503).
        case throttled
        /// The origin fails by itself (5xx and the like).
        case server
        /// The answer breaks the rules of HTTP, or is not what was asked for.
        case badAnswer
    }

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .digestMismatch: "digest-mismatch"
        case .sizeMismatch: "size-mismatch"
        case .notAModel: "not-a-model"
        case .knownBadDigest: "known-bad-digest"
        case .missing: "file-missing"
        case .refused: "refused"
        case .changing: "content-changing"
        case .givenUp: "given-up"
        case .insecureRedirect: "insecure-redirect"
        case .redirectLoop: "redirect-loop"
        case .unsupportedAddress: "unsupported-address"
        case .noSpace: "no-space"
        case .cannotWrite: "cannot-write"
        case .disk: "disk-error"
        case .interrupted: "interrupted"
        case .timeIsUp: "time-is-up"
        }
    }
}

extension DownloadError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .digestMismatch(let file, let expected, let actual):
            "\(file) arrived damaged: its SHA-256 is \(actual), expected \(expected)."
        case .sizeMismatch(let file, let expected, let actual):
            "\(file) has \(actual) bytes at its origin, expected \(expected)."
        case .notAModel(let file, _, let html):
            html ? "A web page was sent instead of \(file)." : "What was sent as \(file) is not a GGUF file."
        case .knownBadDigest(let file, _): "The SHA-256 given for \(file) is that of an error page."
        case .missing(let file, _, let status): "\(file) is not at its address (\(status))."
        case .refused(let file, _, let status, _): "Access to \(file) was refused (\(status))."
        case .changing(let file, _): "\(file) keeps changing while it is fetched."
        case .givenUp(let file, let host, let tries, _, _, let cause):
            "\(file) was given up after \(tries) tries at \(host): \(cause)."
        case .insecureRedirect(let file, _, _): "The address of \(file) redirects from https to http."
        case .redirectLoop(let file, _): "The address of \(file) redirects in a circle."
        case .unsupportedAddress(let file, _): "The address of \(file) cannot be fetched."
        case .noSpace(let path, let needed, let free):
            "\(path) has no room: \(needed) bytes to write, \(free) bytes free."
        case .cannotWrite(let path, let errno): "\(path) cannot be written: \(String(cString: strerror(errno)))."
        case .disk(let path, let errno): "The disk failed at \(path): \(String(cString: strerror(errno)))."
        case .interrupted(let file, _): "\(file) was interrupted."
        case .timeIsUp(let file, let seconds, _): "\(file) did not arrive within \(seconds) s."
        }
    }
}
