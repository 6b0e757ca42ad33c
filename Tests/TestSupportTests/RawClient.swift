import Foundation

@testable import TestSupport

/// The plainest HTTP client there is: a socket and a buffer. What it sees does not depend on the clients under test.
final class RawClient {
    private let socket: Socket
    private var pending: [UInt8] = []
    private var ended = false

    struct Reply {
        var status = 0
        /// Names in lower case.
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// The body is as long as the headers say.
        var isWhole = false

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSON { (try? JSONDecoder().decode(JSON.self, from: Data(body))) ?? .null }
    }

    init(_ address: String) throws {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw URLError(.badURL) }
        socket = try Socket.connected(to: port)
    }

    deinit { socket.close() }

    func send(_ text: String) { _ = socket.writeAll(Array(text.utf8)) }

    /// Sends a request and reads the whole answer; status 0 when there was none.
    func request(_ target: String, method: String = "GET", _ headers: [String: String] = [:]) -> Reply {
        start(target, method: method, headers)
        return reply(hasBody: method != "HEAD")
    }

    func start(_ target: String, method: String = "GET", _ headers: [String: String] = [:]) {
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        send("\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(lines)\r\n")
    }

    func reply(hasBody: Bool = true) -> Reply {
        var reply = Reply()
        var lines: [String] = []
        while let line = line(), !line.isEmpty { lines.append(line) }
        guard let first = lines.first?.split(separator: " "), first.count > 1 else { return reply }
        reply.status = Int(first[1]) ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            reply.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        guard hasBody, reply.status != 304 else {
            reply.isWhole = true
            return reply
        }
        if reply.headers["transfer-encoding"] == "chunked" {
            while let length = line().flatMap({ Int($0, radix: 16) }) {
                reply.body += take(length)
                _ = line()
                if length == 0 {
                    reply.isWhole = true
                    break
                }
            }
        } else {
            // Without a length the body ends with the connection, and nobody can say whether it is whole.
            let length = reply.headers["content-length"].flatMap { Int($0) }
            reply.body = take(length ?? .max)
            reply.isWhole = reply.body.count == length
        }
        return reply
    }

    /// Whether the server has ended the connection; waits for it.
    func isClosedByServer() -> Bool {
        more()
        return ended
    }

    private func line() -> String? {
        while true {
            if let end = pending.firstIndex(of: 10) {
                let line = String(decoding: pending[..<max(0, end - 1)], as: UTF8.self)
                pending.removeFirst(end + 1)
                return line
            }
            guard more() else { return nil }
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        while pending.count < count, more() {}
        let taken = Array(pending.prefix(count))
        pending.removeFirst(taken.count)
        return taken
    }

    @discardableResult
    private func more() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let count = chunk.withUnsafeMutableBytes { socket.read(into: $0) }
        pending += chunk[..<count]
        ended = ended || count == 0
        return count > 0
    }
}
