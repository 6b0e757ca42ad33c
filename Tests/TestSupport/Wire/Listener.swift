import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Accepts connections on a port of 127.0.0.1 and gives each a thread of its own.
final class Listener: Sendable {
    let port: UInt16
    private let socket: Socket
    /// Closing the writing end wakes the accepting thread: `close` on the listening socket does so on one system only.
    private let wakeUp: (read: Int32, write: Int32)
    private let state = Mutex(State())

    private struct State {
        var connections: [Int: Socket] = [:]
        var count = 0
        var stopped = false
    }

    /// - Parameter serve: Talks with one peer until the end and says how to close; gets the connection's number.
    /// - Throws: `Socket.Failure` when the port is taken.
    init(port: UInt16, serve: @escaping @Sendable (Socket, Int) -> Socket.Ending) throws {
        socket = try Socket.listening(port: port)
        self.port = socket.port
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Socket.Failure(call: "pipe", errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wakeUp = (ends[0], ends[1])
        Thread.detachNewThread { [self] in accept(serve) }
    }

    /// Ends all conversations and frees the port. Returns at once; threads leave by themselves.
    func stop() {
        let first = state.withLock { state in
            defer { state.stopped = true }
            for socket in state.connections.values { socket.interrupt() }
            return !state.stopped
        }
        if first { closeDescriptor(wakeUp.write) }
    }

    private func accept(_ serve: @escaping @Sendable (Socket, Int) -> Socket.Ending) {
        var watched = [
            pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard poll(&watched, 2, -1) >= 0 || errno == EINTR else { break }
            if watched[1].revents != 0 { break }
            guard watched[0].revents != 0, let peer = socket.accepted() else { continue }
            guard let number = register(peer) else { break }
            Thread.detachNewThread { [self] in
                let ending = serve(peer, number)
                // Taken off the list before the descriptor is free for reuse, so that `stop` never hits a stranger.
                state.withLock { state in
                    state.connections[number] = nil
                    peer.close(ending)
                }
            }
        }
        socket.close()
        closeDescriptor(wakeUp.read)
    }

    private func register(_ peer: Socket) -> Int? {
        state.withLock { state in
            guard !state.stopped else {
                peer.close()
                return nil
            }
            state.count += 1
            state.connections[state.count] = peer
            return state.count
        }
    }
}

/// `close` of the C library.
private func closeDescriptor(_ descriptor: Int32) {
    _ = close(descriptor)
}
