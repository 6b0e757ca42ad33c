internal import Foundation

/// One request and how it ended, for whoever looks for a fault. It holds no secret: no header, no user, no query.
package struct HTTPExchange: Sendable {
    /// The method, as it is sent.
    package let method: String
    /// Where it went; `?…` where there was a query.
    package let address: String
    /// The bytes asked for, as in the `Range` header; nil for all.
    package let range: String?
    /// Of the answer; nil where none came, or it was left before its end.
    package let status: Int?
    /// The error's code; nil where it went well.
    package let code: String?
    /// From the request to the end of the answer.
    package let seconds: Double

    init(_ request: HTTPRequest, _ result: Result<HTTPHead, any Error>, since start: ContinuousClock.Instant) {
        method = request.method.rawValue
        var parts = URLComponents(url: request.url, resolvingAgainstBaseURL: true)
        let hasQuery = parts?.query?.isEmpty == false
        for path in [\URLComponents.user, \.password, \.query, \.fragment] { parts?[keyPath: path] = nil }
        address = (parts?.string ?? request.url.host() ?? "") + (hasQuery ? "?…" : "")
        range = request.range.map { "\($0.first)-" + ($0.last.map { "\($0)" } ?? "") }
        seconds = (ContinuousClock.now - start) / .seconds(1)
        switch result {
        case .success(let head): (status, code) = (head.status, nil)
        case .failure(let error): (status, code) = (nil, (error as? HTTPError)?.code ?? "cancelled")
        }
    }
}
