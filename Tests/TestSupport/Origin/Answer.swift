/// What the origin answers, before faults and ranges change it.
public struct Answer: Sendable {
    /// Of HTTP.
    public var status: Int
    /// Without `Content-Length`, `Date` and what ranges need.
    public var headers: [(name: String, value: String)]
    var body: Body

    enum Body: Sendable {
        case bytes([UInt8])
        case file(FileBody)
    }

    /// A file whose ranges can be asked for.
    struct FileBody: Sendable {
        var content: Content
        /// With its quotes.
        var etag: String?
        var lastModified: String?
    }

    init(status: Int, headers: [(name: String, value: String)], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Bytes as they are.
    public static func bytes(
        _ bytes: [UInt8], status: Int = 200, type: String = "application/octet-stream",
        headers: [(name: String, value: String)] = []
    ) -> Answer {
        Answer(status: status, headers: [("Content-Type", type)] + headers, body: .bytes(bytes))
    }

    /// Text as UTF-8.
    public static func text(
        _ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8",
        headers: [(name: String, value: String)] = []
    ) -> Answer {
        .bytes(Array(text.utf8), status: status, type: type, headers: headers)
    }

    /// A JSON document, given as text.
    public static func json(
        _ text: String, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> Answer {
        .text(text, status: status, type: "application/json; charset=utf-8", headers: headers)
    }

    /// A file with ranges, conditions and a strong ETag; faults of files strike it.
    ///
    /// - Parameter etag: Without quotes; by default the SHA-256.
    public static func file(
        _ content: Content, etag: String? = nil, type: String = "application/octet-stream",
        headers: [(name: String, value: String)] = []
    ) -> Answer {
        Answer(
            status: 200, headers: [("Content-Type", type)] + headers,
            body: .file(FileBody(content: content, etag: "\"\(etag ?? content.sha256)\"")))
    }

    /// Points to another address.
    public static func redirect(
        to address: String, status: Int = 302, headers: [(name: String, value: String)] = []
    ) -> Answer {
        .text("Redirecting to \(address)", status: status, headers: [("Location", address)] + headers)
    }

    static func json(
        _ value: JSON, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> Answer {
        .json(value.encoded, status: status, headers: headers)
    }
}

/// A request as a scripted answer sees it.
public struct OriginRequest: Sendable {
    /// Request line and headers.
    public let head: RequestHead
    /// At most 1 MiB.
    public let body: [UInt8]
    /// The port it came to.
    public let side: Side
}
