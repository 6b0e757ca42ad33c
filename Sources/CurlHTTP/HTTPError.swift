public import Foundation

/// A request that got no usable answer. A status of 400 and above is an answer, not an error.
public enum HTTPError: Error, Equatable, Sendable {
    /// The name does not resolve, nobody listens, or the network is down.
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
    /// More bytes than the caller allows for a document.
    case tooLarge(url: URL, limit: Int)
    /// libcurl speaks no such scheme, or the address cannot be parsed.
    case unsupported(url: URL, detail: String)
    /// The client was told to ask nothing over the network.
    case offline(url: URL)
    /// The receiver of the bytes asked to stop.
    case stoppedByReceiver
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
        case .tooLarge: "answer-too-large"
        case .unsupported: "unsupported-address"
        case .offline: "offline"
        case .stoppedByReceiver: "stopped"
        case .protocolError: "protocol-error"
        }
    }
}
