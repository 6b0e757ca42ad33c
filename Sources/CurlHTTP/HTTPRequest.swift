public import Foundation

/// One request; redirects are followed by `HTTPClient`, not by libcurl.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable { case get = "GET", head = "HEAD" }

    public var url: URL
    public var method: Method
    /// Sent as they are; `Authorization` is never among them (see `HTTPClient.Options.authorization`).
    public var headers: [(name: String, value: String)]
    /// Bytes asked for: first...last, both included; `last` nil means to the end.
    public var range: (first: Int64, last: Int64?)?
    /// Which redirects are followed; the answer of the first that is not is returned.
    public var redirects: Redirects

    public init(
        _ url: URL, method: Method = .get, headers: [(name: String, value: String)] = [],
        range: (first: Int64, last: Int64?)? = nil, redirects: Redirects = .all
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.range = range
        self.redirects = redirects
    }

    /// How far to go when the server points elsewhere. https never goes to http in any case.
    public enum Redirects: Sendable {
        /// At most ten.
        case all
        /// Only while scheme, host and port stay the same: the answer that leaves is returned for its headers.
        case sameOrigin
        case none
    }
}

/// The status line and headers of an answer.
public struct HTTPHead: Sendable {
    public var status: Int
    /// Names in lower case; the last of equal names wins.
    public var headers: [String: String]
    /// The address that answered, after redirects.
    public var url: URL
    /// Where a redirect that was not followed points, absolute.
    public var location: URL?

    public init(status: Int, headers: [String: String], url: URL, location: URL? = nil) {
        self.status = status
        self.headers = headers
        self.url = url
        self.location = location
    }

    /// The value of a header; `name` in any case.
    public subscript(_ name: String) -> String? { headers[name.lowercased()] }
}

/// A whole answer, for metadata: the body is bounded by the caller.
public struct HTTPResponse: Sendable {
    public var head: HTTPHead
    public var body: Data

    public init(head: HTTPHead, body: Data) {
        self.head = head
        self.body = body
    }
}
