import Foundation

/// A connection without manners: it sends what it likes, from an address of its choice.
final class RawClient: Sendable {
    private let socket: Int32

    struct Refused: Error {
        let errno: Int32
    }

    /// - Parameter source: A number of the network 127.0.0.0/8, all of which is this machine on Linux.
    init(to port: Int, from source: UInt8 = 1) throws {
        #if canImport(Darwin)
            socket = Foundation.socket(AF_INET, SOCK_STREAM, 0)
        #else
            socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            if source != 1 { _ = Self.with(host: source, port: 0) { bind(socket, $0, $1) } }
        #endif
        let descriptor = socket
        guard Self.with(host: 1, port: port, { connect(descriptor, $0, $1) }) == 0 else {
            // The descriptor goes with the object: closed twice it would be a stranger's the second time.
            throw Refused(errno: errno)
        }
        #if canImport(Darwin)
            var one: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit { close(socket) }

    /// - Returns: Whether all of it was taken.
    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        return Foundation.send(socket, bytes, bytes.count, flags) == bytes.count
    }

    @discardableResult func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Everything until the other side closes.
    func receive() async -> [UInt8] {
        await elsewhere { [self] in
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = recv(socket, &buffer, buffer.count, 0)
                if count <= 0 { return all }
                all += buffer[..<count]
            }
        }
    }

    /// Sends the same again and again, so often or until the other side has had enough.
    ///
    /// - Returns: How often all of it was taken.
    func flood(_ bytes: [UInt8], atMost limit: Int) async -> Int {
        await elsewhere { [self] in
            var taken = 0
            while taken < limit, send(bytes) { taken += 1 }
            return taken
        }
    }

    /// On a thread that may wait: the server that is waited for needs those of the pool.
    private func elsewhere<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }

    private static func with<Result>(
        host: UInt8, port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = (UInt32(0x7F00_0000) | UInt32(host)).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
