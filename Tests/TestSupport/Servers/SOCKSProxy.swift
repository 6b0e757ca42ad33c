/// A SOCKS 5 proxy (RFC 1928) without authentication; every host it is asked for is this machine.
public final class SOCKSProxy: Sendable {
    private let asked: Watched<[String]>
    private let listener: Listener

    /// Listens until it is stopped.
    ///
    /// - Throws: When there is no free port.
    public init() throws {
        let asked = Watched<[String]>([])
        self.asked = asked
        listener = try Listener(port: 0) { socket, _ in
            Self.serve(socket) { host in asked.update { $0.append(host) } }
            return .fin
        }
    }

    deinit { stop() }

    /// Of 127.0.0.1.
    public var port: UInt16 { listener.port }
    /// The hosts it was asked for, in order.
    public var hosts: [String] { asked.value }
    /// Ends all connections.
    public func stop() { listener.stop() }

    private static func serve(_ client: Socket, onHost: (String) -> Void) {
        guard let greeting = client.read(2), greeting[0] == 5, client.read(Int(greeting[1])) != nil,
            client.writeAll([5, 0]), let request = client.read(4), request[1] == 1,
            let host = host(kind: request[3], from: client), let port = client.read(2)
        else { return }
        onHost(host)
        guard let server = try? Socket.connected(to: UInt16(port[0]) << 8 | UInt16(port[1])) else { return }
        defer { server.close() }
        guard client.writeAll([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]) else { return }
        Tunnel.join(client, server)
    }

    private static func host(kind: UInt8, from socket: Socket) -> String? {
        switch kind {
        case 1: socket.read(4).map { $0.map(String.init).joined(separator: ".") }
        case 3: socket.read(1).flatMap { socket.read(Int($0[0])) }.map { String(decoding: $0, as: UTF8.self) }
        default: nil
        }
    }
}

extension Socket {
    /// Exactly so many bytes; nil when the peer leaves before.
    fileprivate func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes {
                read(into: UnsafeMutableRawBufferPointer(rebasing: $0[done...]))
            }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }
}
