public import Foundation

/// Sends requests through libcurl, all on one thread of its own, with connections kept for reuse.
public final class HTTPClient: Sendable {
    /// What holds for every request of a client.
    public struct Options: Sendable {
        public var userAgent: String
        /// The `Authorization` header for an address, asked for at every hop: a token never leaves its host.
        public var authorization: @Sendable (URL) -> String?
        /// A file of certificates to trust instead of the system's (`SSL_CERT_FILE`).
        public var caFile: String?
        /// In seconds.
        public var connectTimeout: Int
        /// A transfer that brings less than one byte a second for this long is stalled. In seconds.
        public var stallTimeout: Int

        public init(
            userAgent: String, authorization: @escaping @Sendable (URL) -> String? = { _ in nil },
            caFile: String? = nil, connectTimeout: Int = 15, stallTimeout: Int = 30
        ) {
            self.userAgent = userAgent
            self.authorization = authorization
            self.caFile = caFile
            self.connectTimeout = connectTimeout
            self.stallTimeout = stallTimeout
        }
    }

    public let options: Options

    public init(options: Options) {
        self.options = options
    }

    /// Sends a request and collects the whole body, for metadata. Any status is returned, 404 and 500 included.
    ///
    /// - Parameter limit: The most bytes of body to accept.
    /// - Throws: `HTTPError`, `CancellationError`.
    public func fetch(_ request: HTTPRequest, limit: Int) async throws -> HTTPResponse {
        throw HTTPError.unsupported(url: request.url, detail: "")
    }
}
