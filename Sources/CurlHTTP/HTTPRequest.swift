package import Foundation

/// One request; redirects are followed by `HTTPClient`, not by libcurl.
package struct HTTPRequest: Sendable {
    /// What is asked: the content, or only its headers; or what is sent.
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case patch = "PATCH"
        case put = "PUT"

        var sendsBody: Bool { self == .post || self == .patch || self == .put }
    }

    /// http or https.
    package var url: URL
    /// GET unless said otherwise.
    package var method: Method
    /// Sent as they are; `Authorization` is never among them (see `HTTPClient.Options.authorization`).
    package var headers: [(name: String, value: String)]
    /// Bytes asked for: first...last, both included; `last` nil means to the end.
    package var range: (first: Int64, last: Int64?)?
    /// Which redirects are followed; the answer of the first that is not is returned.
    package var redirects: Redirects
    /// A limit on the bytes taken a second, kept together with other requests; nil for none.
    package var rate: SharedRate?
    /// Whether a connection that is still open from before will not do.
    package var usesNewConnection: Bool
    /// What POST, PATCH and PUT send; it is held in memory, so large contents go in pieces.
    package var body: Data

    /// Asks for the whole of `url` unless more is said.
    package init(
        _ url: URL, method: Method = .get, headers: [(name: String, value: String)] = [],
        range: (first: Int64, last: Int64?)? = nil, redirects: Redirects = .all, rate: SharedRate? = nil,
        usesNewConnection: Bool = false, body: Data = Data()
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.range = range
        self.redirects = redirects
        self.rate = rate
        self.usesNewConnection = usesNewConnection
        self.body = body
    }

    /// How far to go when the server points elsewhere. https never goes to http in any case.
    package enum Redirects: Sendable {
        /// At most ten.
        case all
        /// Only while scheme, host and port stay the same: the answer that leaves is returned for its headers.
        case sameOrigin
        /// The first answer is the last.
        case none
    }
}

/// The status line and headers of an answer.
package struct HTTPHead: Sendable {
    /// 200 and above.
    package var status: Int
    /// Names in lower case; the last of equal names wins.
    package var headers: [String: String]
    /// The address that answered, after redirects.
    package var url: URL
    /// Where a redirect that was not followed points, absolute.
    package var location: URL?

    /// A head as it was read.
    package init(status: Int, headers: [String: String], url: URL, location: URL? = nil) {
        self.status = status
        self.headers = headers
        self.url = url
        self.location = location
    }

    /// The value of a header; `name` in any case.
    package subscript(_ name: String) -> String? { headers[name.lowercased()] }
}

/// A whole answer, for metadata: the body is bounded by the caller.
package struct HTTPResponse: Sendable {
    /// Status and headers.
    package var head: HTTPHead
    /// All of it.
    package var body: Data

    /// An answer as it was read.
    package init(head: HTTPHead, body: Data) {
        self.head = head
        self.body = body
    }
}

/// Where the parts of an answer go. Both run on the client's thread: they must be quick and must not wait.
package struct HTTPReceiver: Sendable {
    /// Gets the head of the final answer; false stops the transfer.
    package var onHead: @Sendable (HTTPHead) -> Bool
    /// Gets the next bytes of the body, valid only during the call; false stops the transfer.
    package var onBody: @Sendable (UnsafeRawBufferPointer) -> Bool

    /// A receiver made of two closures.
    package init(
        onHead: @escaping @Sendable (HTTPHead) -> Bool, onBody: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) {
        self.onHead = onHead
        self.onBody = onBody
    }
}
