#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A TCP socket on the loopback interface, with the few calls that the origin needs. Not closed by itself.
struct Socket: Sendable {
    let descriptor: Int32

    /// A system call on a socket was refused.
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let errno: Int32
        var description: String { "\(call): \(String(cString: strerror(errno)))" }
    }

    /// How a conversation ends: with FIN, as after `close`, or with RST, as when a router forgets the connection.
    enum Ending: Sendable { case fin, rst }

    private static var streamType: Int32 {
        #if canImport(Glibc)
            Int32(SOCK_STREAM.rawValue)
        #else
            SOCK_STREAM
        #endif
    }

    private static func open() throws(Failure) -> Socket {
        let descriptor = socket(AF_INET, streamType, 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", errno: errno) }
        // Child processes of a test must not hold a connection open.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return Socket(descriptor: descriptor)
    }

    /// 127.0.0.1 with a port, in the form that `bind` and `connect` take.
    private static func withLoopbackAddress<R>(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        #if canImport(Darwin)
            address.sin_len = UInt8(MemoryLayout<sockaddr_in>.size)
        #endif
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Listens on 127.0.0.1; port 0 takes a free one.
    static func listening(port: UInt16) throws(Failure) -> Socket {
        let socket = try open()
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        let bound = withLoopbackAddress(port: port) { bind(socket.descriptor, $0, $1) }
        guard bound == 0, listen(socket.descriptor, 512) == 0 else {
            let failure = Failure(call: "bind", errno: errno)
            socket.close()
            throw failure
        }
        return socket
    }

    /// Connects to a port of 127.0.0.1.
    static func connected(to port: UInt16) throws(Failure) -> Socket {
        let socket = try open()
        let result = withLoopbackAddress(port: port) { connect(socket.descriptor, $0, $1) }
        guard result == 0 else {
            let failure = Failure(call: "connect", errno: errno)
            socket.close()
            throw failure
        }
        socket.prepare()
        return socket
    }

    /// The port this socket is bound to.
    var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        return result == 0 ? UInt16(bigEndian: address.sin_port) : 0
    }

    /// The next connection; nil when there is none after all.
    func accepted() -> Socket? {
        let peer = accept(descriptor, nil, nil)
        guard peer >= 0 else { return nil }
        _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
        let socket = Socket(descriptor: peer)
        socket.prepare()
        return socket
    }

    /// No waiting to fill packets, and no signal when the peer has left.
    private func prepare() {
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        #if canImport(Darwin)
            set(SOL_SOCKET, SO_NOSIGPIPE, 1)
        #endif
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Reads what is there, waiting for the first byte; 0 when the peer has left or the connection broke.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            if errno != EINTR { return 0 }
        }
    }

    /// Writes at most the whole buffer; nil when the peer has left.
    func write(_ buffer: UnsafeRawBufferPointer) -> Int? {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        while true {
            let count = send(descriptor, buffer.baseAddress, buffer.count, flags)
            if count >= 0 { return count }
            if errno != EINTR { return nil }
        }
    }

    /// Writes everything; false when the peer left before the end.
    func writeAll(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                guard let count = write(UnsafeRawBufferPointer(rebasing: buffer[done...])) else {
                    return false
                }
                done += count
            }
            return true
        }
    }

    /// Waits until the peer leaves; false when the time is over and it is still there.
    ///
    /// - Parameter milliseconds: How long at most; -1 for ever.
    func waitForDeparture(milliseconds: Int32) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(&watched, 1, milliseconds)
        guard count > 0 else { return count < 0 && errno != EINTR }
        var byte: UInt8 = 0
        let peeked = recv(descriptor, &byte, 1, Self.peekWithoutWaiting)
        // A request sent ahead of its turn: the peer is alive, but there is nothing more to wait for here.
        return peeked <= 0 || milliseconds < 0
    }

    private static var peekWithoutWaiting: Int32 { Int32(MSG_PEEK) | Int32(MSG_DONTWAIT) }

    /// Wakes whoever reads or writes on this socket; the descriptor stays valid until `close`.
    func interrupt() {
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func close(_ ending: Ending = .fin) {
        if ending == .rst {
            var now = linger(l_onoff: 1, l_linger: 0)
            _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        }
        closeDescriptor(descriptor)
    }
}

/// `close` of the C library, out of the shadow of `Socket.close`.
private func closeDescriptor(_ descriptor: Int32) {
    _ = close(descriptor)
}
