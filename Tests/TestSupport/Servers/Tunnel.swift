import Foundation

/// What both proxies do once they know where to: carry bytes between two sockets.
enum Tunnel {
    /// Carries bytes both ways until both ends have left.
    static func join(_ client: Socket, _ server: Socket) {
        let answered = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            carry(from: server, to: client)
            client.interrupt()
            answered.signal()
        }
        carry(from: client, to: server)
        server.interrupt()
        answered.wait()
    }

    private static func carry(from source: Socket, to target: Socket) {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = bytes.withUnsafeMutableBytes { source.read(into: $0) }
            guard count > 0, target.writeAll(Array(bytes[..<count])) else { return }
        }
    }
}
