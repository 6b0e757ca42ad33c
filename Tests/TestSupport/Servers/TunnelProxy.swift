import Foundation

/// An HTTP proxy that gives tunnels (`CONNECT`, RFC 9110, 9.3.6); every host it is asked for is this machine.
public final class TunnelProxy: Sendable {
    private let asked: Watched<[[String]]>
    private let listener: Listener

    /// Listens until it is stopped.
    ///
    /// - Parameter credentials: `user:password` that it wants; nil lets everybody in.
    /// - Throws: When there is no free port.
    public init(credentials: String? = nil) throws {
        let asked = Watched<[[String]]>([])
        self.asked = asked
        let password = credentials.map { "Proxy-Authorization: Basic \(Data($0.utf8).base64EncodedString())" }
        listener = try Listener(port: 0) { socket, _ in
            Self.serve(socket, password: password) { head in asked.update { $0.append(head) } }
            return .fin
        }
    }

    deinit { stop() }

    /// Of 127.0.0.1.
    public var port: UInt16 { listener.port }
    /// The lines of each request to it.
    public var requests: [[String]] { asked.value }
    /// Ends all connections.
    public func stop() { listener.stop() }

    private static func serve(_ client: Socket, password: String?, onHead: ([String]) -> Void) {
        while let head = head(from: client) {
            onHead(head)
            guard let target = head.first?.split(separator: " "), target.count == 3, target[0] == "CONNECT",
                let port = target[1].split(separator: ":").last.flatMap({ UInt16($0) })
            else { return }
            if let password, !head.contains(password) {
                let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\n"
                guard client.writeAll(Array((refusal + "Content-Length: 0\r\n\r\n").utf8)) else { return }
                continue
            }
            guard let server = try? Socket.connected(to: port) else { return }
            defer { server.close() }
            guard client.writeAll(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)) else { return }
            return Tunnel.join(client, server)
        }
    }

    /// Byte by byte, so that nothing of what follows in the tunnel is taken.
    private static func head(from client: Socket) -> [String]? {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]), bytes.count < RequestHead.limit {
            var byte: [UInt8] = [0]
            guard byte.withUnsafeMutableBytes({ client.read(into: $0) }) == 1 else { return nil }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }
}
