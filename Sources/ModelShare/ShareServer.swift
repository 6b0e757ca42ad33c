internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// An HTTP server for one address of this machine. It listens while ``run(onListening:)`` does, and no longer.
///
/// Everything that strangers can cause has a limit: how many there are, how long a request may take to come and an
/// answer to be taken, how long its lines may be. Files are read in pieces as fast as they are taken.
package struct ShareServer: Sendable {
    /// What strangers may take.
    package struct Limits: Sendable {
        /// Connections at a time.
        package var connections = 128
        /// Connections of one address at a time; browsers open six, `slm get` up to sixteen.
        package var connectionsPerAddress = 24
        /// How long a request may take to come, from the connection or from the answer before.
        package var requestTime = Duration.seconds(10)
        /// How long nobody may take a piece of an answer.
        package var pieceTime = Duration.seconds(60)
        /// Of one header field, and of the request's address, in bytes.
        package var headerField = 8 << 10
        /// Of all header fields together, in bytes.
        package var headers = 32 << 10

        package init() {}
    }

    /// What is happening.
    package enum Event: Sendable {
        /// A document was asked for.
        case asked(client: String)
        /// A piece of a file went out; `sent` counts every byte of it that this client has by now.
        case sent(SharedFile, client: String, sent: Int64)
        /// A file's answer ended before its last byte was taken.
        case cut(SharedFile, client: String, sent: Int64)
    }

    private let address: String
    private let port: Int
    private let site: any SharedSite
    private let limits: Limits
    private let onEvent: @Sendable (Event) -> Void

    /// - Parameters:
    ///   - address: Of this machine, in numbers.
    ///   - port: 0 takes a free one.
    package init(
        address: String, port: Int, site: any SharedSite, limits: Limits = Limits(),
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.address = address
        self.port = port
        self.site = site
        self.limits = limits
        self.onEvent = onEvent
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onListening: Gets the port.
    /// - Throws: `ShareError` when the address and port cannot be had.
    package func run(onListening: @Sendable (_ port: Int) -> Void = { _ in }) async throws {
        let guests = Guests(most: limits.connections, mostPerAddress: limits.connectionsPerAddress)
        let server = try await bind(for: guests)
        onListening(server.localAddress?.port ?? port)
        await withTaskCancellationHandler {
            try? await server.closeFuture.get()
        } onCancel: {
            server.close(promise: nil)
        }
        guests.closeAll()
        try Task.checkCancellation()
    }

    private func bind(for guests: Guests) async throws -> any Channel {
        let deliveries = Deliveries()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8 << 10))
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try receive(channel, guests, deliveries) }
            }
        do {
            return try await bootstrap.bind(host: address, port: port).get()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw ShareError.portTaken(port)
        } catch let error as IOError where error.errnoCode == EACCES {
            throw ShareError.portNotAllowed(port)
        } catch {
            throw ShareError.noSuchAddress(address)
        }
    }

    /// Begins to serve a new connection, on its own thread.
    ///
    /// - Throws: When there is no place; the connection is closed then.
    private func receive(_ channel: any Channel, _ guests: Guests, _ deliveries: Deliveries) throws {
        let name = channel.remoteAddress?.ipAddress ?? "?"
        guard let number = guests.admit(name, close: { channel.close(promise: nil) }) else {
            throw ChannelError.operationUnsupported
        }
        channel.closeFuture.whenComplete { _ in guests.leave(number) }
        var headers = NIOHTTPDecoderLimitConfiguration()
        headers.maxHeaderFieldSize = limits.headerField
        headers.maxHeaderListSize = limits.headers
        headers.maxHeaderFieldCount = 100
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withEncoderConfiguration: .init(), withDecoderLimitConfiguration: headers)
        try channel.pipeline.syncOperations.addHandler(Bouncer())
        let client = try Connection.Client(wrappingChannelSynchronously: channel)
        let connection = Connection(
            client: name, site: site, limits: limits, deliveries: deliveries, onEvent: onEvent,
            rest: { guests.note(number, isResting: $0) })
        // It lives as long as the connection, which `guests` closes in the end.
        Task { await connection.serve(client) }
    }
}

/// Sends whoever breaks the protocol away on the connection's own thread: the tasks of the pool may be busy, and until
/// one of them heard of it more would be read, only to be dropped.
private final class Bouncer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }
}

/// Why nothing could be given away.
package enum ShareError: Error, Equatable, Sendable {
    /// Another program listens there.
    case portTaken(Int)
    /// Ports below 1024 are the system's.
    case portNotAllowed(Int)
    /// This machine does not have that address.
    case noSuchAddress(String)
    /// It is an address of the whole Internet's.
    case publicAddress(String)
    /// This machine is in no network.
    case noNetwork
    /// Nobody came in time.
    case nobodyCame

    /// Name for `--json`. Scripts match on it, so it is never translated.
    package var code: String {
        switch self {
        case .portTaken: "port-taken"
        case .portNotAllowed: "port-not-allowed"
        case .noSuchAddress: "no-such-address"
        case .publicAddress: "public-address"
        case .noNetwork: "no-network"
        case .nobodyCame: "nobody-came"
        }
    }
}
