public import Foundation

/// A request that got no usable answer. A status of 400 and above is an answer, not an error.
public enum HTTPError: Error, Equatable, Sendable {
    /// The name does not resolve, nothing listens there, or the network is down.
    case unreachable(host: String, detail: String)
    /// The connection broke, or the body ended early.
    case interrupted(url: URL, detail: String)
    /// Nothing came for longer than the low-speed limit allows.
    case stalled(url: URL, seconds: Int)
    /// No connection within the time allowed.
    case timedOut(url: URL)
    /// The certificate or the TLS handshake was refused.
    case tls(host: String, detail: String)
    /// More than `HTTPClient.redirectLimit`, or a circle.
    case tooManyRedirects(url: URL)
    /// https would have become http.
    case insecureRedirect(from: URL, to: URL)
    /// A redirect to what is no address of the web: a file, another scheme, no host.
    case strayRedirect(from: URL, to: URL)
    /// This process may open no more files, and so no connection.
    case outOfFiles(host: String)
    /// More bytes than the caller allows for a document.
    case tooLarge(url: URL, limit: Int)
    /// A scheme that libcurl does not speak, or an address that cannot be parsed.
    case unsupported(url: URL, detail: String)
    /// The receiver of the bytes asked to stop.
    case stoppedByReceiver
    /// The whole answer did not come within the time allowed, however steadily it dripped. In seconds.
    case tooSlow(url: URL, seconds: Int)
    /// The proxy on the way to `host` does not let it be asked: 407 wants a user and password. `variable` names the proxy.
    case proxyRefused(proxy: String, variable: String?, host: String, status: Int)
    /// Nothing answers where the proxy on the way to `host` should be.
    case proxyUnreachable(proxy: String, variable: String?, host: String, detail: String)
    /// This client was told to ask nothing over the network.
    case offline(url: URL)
    /// Anything else that libcurl reports, in its words.
    case protocolError(url: URL, detail: String)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .unreachable: "unreachable"
        case .interrupted: "connection-lost"
        case .stalled: "stalled"
        case .timedOut: "timed-out"
        case .tls: "tls-refused"
        case .tooManyRedirects: "too-many-redirects"
        case .insecureRedirect: "insecure-redirect"
        case .strayRedirect: "stray-redirect"
        case .outOfFiles: "no-files"
        case .tooLarge: "answer-too-large"
        case .unsupported: "unsupported-address"
        case .stoppedByReceiver: "stopped"
        case .tooSlow: "too-slow"
        case .proxyRefused: "proxy-refused"
        case .proxyUnreachable: "proxy-unreachable"
        case .offline: "offline"
        case .protocolError: "protocol-error"
        }
    }

    /// Whether the same request may fare better a moment later. An unreachable host is not among those: somebody who
    /// waits at a terminal wants to know at once.
    var passes: Bool {
        switch self {
        case .interrupted, .stalled, .timedOut: true
        case .proxyRefused(_, _, _, let status): RetryPolicy.passes(status)
        default: false
        }
    }
}

extension HTTPError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .unreachable(let host, let detail): "\(host) cannot be reached: \(detail)."
        case .interrupted(let url, let detail), .protocolError(let url, let detail):
            "The connection to \(url.host() ?? "the server") broke: \(detail)."
        case .stalled(let url, let seconds): "\(url.host() ?? "The server") sent nothing for \(seconds) s."
        case .timedOut(let url): "\(url.host() ?? "The server") did not answer in time."
        case .tls(let host, let detail): "The certificate of \(host) was refused: \(detail)."
        case .tooManyRedirects(let url): "\(url.host() ?? "The server") redirects in a circle."
        case .insecureRedirect(let from, let to):
            "\(from.host() ?? "The server") redirects from https to http (\(to.host() ?? "another server"))."
        case .strayRedirect(let from, let to):
            "\(from.host() ?? "The server") redirects to \(to.scheme ?? "nowhere"), which is not followed."
        case .outOfFiles(let host): "There is no connection to \(host): too many files are open."
        case .tooLarge(let url, let limit):
            "The answer of \(url.host() ?? "the server") is larger than \(limit) bytes."
        case .unsupported(_, let detail): "The address cannot be fetched: \(detail)."
        case .stoppedByReceiver: "The transfer was stopped."
        case .tooSlow(let url, let seconds):
            "\(url.host() ?? "The server") did not finish its answer within \(seconds) s."
        case .proxyRefused(let proxy, _, let host, let status):
            "The proxy \(proxy) does not let \(host) be asked (\(status))."
        case .proxyUnreachable(let proxy, _, _, let detail): "The proxy \(proxy) cannot be reached: \(detail)."
        case .offline(let url): "\(url.host() ?? "This") needs the network, which was ruled out."
        }
    }
}
