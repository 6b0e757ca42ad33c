/// One request as the origin saw it.
public struct RequestRecord: Sendable {
    /// From 1, in the order of arrival.
    public let number: Int
    /// The port it came to.
    public let side: Side
    /// The connection it came on: equal numbers mean that the connection was kept.
    public let connection: Int
    /// `GET`, `HEAD` or another.
    public let method: String
    /// Percent-decoded.
    public let path: String
    /// Without the `?`, percent-encoded.
    public let query: String
    /// All headers of the request, names in lower case.
    public let headers: [String: String]
    /// The path, and `owner/repo/path` when it is about a file of a repository.
    public internal(set) var names: [String]
    /// 0 when no answer was sent.
    public internal(set) var status = 0
    /// Bytes of the body that are sent or about to be: at least what the client has read.
    public internal(set) var sent = 0
    /// The connection ended before the answer was whole, whoever ended it.
    public internal(set) var aborted = false
    /// No more bytes will be sent.
    public internal(set) var finished = false
    /// Whether the answer's body is a file's bytes.
    public internal(set) var isFile = false

    /// The header `Range`.
    public var range: String? { headers["range"] }
    /// The header `If-Range`.
    public var ifRange: String? { headers["if-range"] }
    /// Whether credentials came with it.
    public var hasAuthorization: Bool { headers["authorization"] != nil }
    /// The header of this name.
    public var cookie: String? { headers["cookie"] }
    /// As the client called this origin.
    public var host: String? { headers["host"] }
}

/// Every request so far, with waiting for what has not happened yet.
final class RequestLog: Sendable {
    private let records = Watched<[RequestRecord]>([])

    var all: [RequestRecord] { records.value }

    /// Notes a request down and gives its number.
    func begin(_ head: RequestHead, side: Side, connection: Int) -> Int {
        let headers = Dictionary(head.headers.map { ($0.name, $0.value) }) { first, _ in first }
        return records.update { records in
            let number = records.count + 1
            records.append(
                RequestRecord(
                    number: number, side: side, connection: connection, method: head.method, path: head.path,
                    query: head.query, headers: headers, names: [head.path]))
            return number
        }
    }

    func update(_ number: Int, _ change: (inout RequestRecord) -> Void) {
        records.update { change(&$0[number - 1]) }
    }

    /// Looks at all requests and changes them in one step.
    func transaction<Result: Sendable>(_ body: (inout [RequestRecord]) -> Result) -> Result {
        records.update(body)
    }

    func wait(until holds: @escaping @Sendable ([RequestRecord]) -> Bool) async throws {
        try await records.wait(until: holds)
    }

    func close() { records.close() }
}
