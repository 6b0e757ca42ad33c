/// Reads requests from one connection, keeping what arrived beyond the current one.
struct RequestReader {
    let socket: Socket
    private var pending: [UInt8] = []

    /// The largest request body that is read, in bytes.
    static let bodyLimit = 1 << 20

    /// What came instead of a whole request.
    enum Failure: Error { case closed, headTooLarge, malformed, bodyTooLarge }

    init(socket: Socket) {
        self.socket = socket
    }

    /// The next request of this connection, with its body.
    mutating func next() throws(Failure) -> (head: RequestHead, body: [UInt8]) {
        let end = try headEnd()
        guard let head = RequestHead(parsing: String(decoding: pending[..<end], as: UTF8.self)) else {
            throw .malformed
        }
        pending.removeFirst(end + 4)
        guard let announced = head["Content-Length"] else { return (head, []) }
        guard let length = Int(announced), length >= 0 else { throw .malformed }
        guard length <= Self.bodyLimit else { throw .bodyTooLarge }
        if head["Expect"]?.lowercased() == "100-continue" {
            _ = socket.writeAll(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        while pending.count < length { try more() }
        let body = Array(pending[..<length])
        pending.removeFirst(length)
        return (head, body)
    }

    /// The offset of the empty line that ends the head.
    private mutating func headEnd() throws(Failure) -> Int {
        var scanned = 0
        while true {
            while scanned + 4 <= pending.count {
                if pending[scanned] == 13, pending[scanned + 1] == 10, pending[scanned + 2] == 13,
                    pending[scanned + 3] == 10
                {
                    return scanned
                }
                scanned += 1
            }
            guard pending.count <= RequestHead.limit else { throw .headTooLarge }
            try more()
        }
    }

    private mutating func more() throws(Failure) {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        let count = chunk.withUnsafeMutableBytes { socket.read(into: $0) }
        guard count > 0 else { throw .closed }
        pending += chunk[..<count]
    }
}
