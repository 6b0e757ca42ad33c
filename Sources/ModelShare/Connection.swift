internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import SystemPackage

/// One connection: requests in, answers out, one after the other.
struct Connection: Sendable {
    typealias Client = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Read, and handed on, at a time.
    private static let piece: Int64 = 256 << 10

    /// The address at the other end.
    let client: String
    let site: any SharedSite
    let limits: ShareServer.Limits
    let deliveries: Deliveries
    let onEvent: @Sendable (ShareServer.Event) -> Void
    /// Says whether a request is awaited.
    let rest: @Sendable (Bool) -> Void

    /// Answers until one side has had enough; whatever goes wrong ends the connection.
    func serve(_ channel: Client) async {
        try? await channel.executeThenClose { input, _ in
            var head: HTTPRequestHead?
            var clock = deadline(limits.requestTime, channel.channel)
            defer { clock.cancel() }
            for try await part in input {
                switch part {
                case .head(let next): head = next
                // Nobody has anything to send us.
                case .body: return
                case .end:
                    guard let request = head else { return }
                    clock.cancel()
                    rest(false)
                    try await answer(request, channel.channel)
                    guard request.isKeepAlive else { return }
                    rest(true)
                    head = nil
                    clock = deadline(limits.requestTime, channel.channel)
                }
            }
        }
    }

    private func deadline(_ time: Duration, _ channel: any Channel) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }

    // MARK: Answers

    private func answer(_ head: HTTPRequestHead, _ channel: any Channel) async throws {
        guard head.method == .GET || head.method == .HEAD else {
            let refusal = SharedDocument("", type: "text/plain", status: 405, headers: ["Allow": "GET, HEAD"])
            return try await write(refusal, to: head, channel)
        }
        let fields = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        switch SharedRequest(target: head.uri, headers: fields).map(site.answer) ?? .missing {
        case .document(let document):
            if document.status == 200 { onEvent(.asked(client: client)) }
            try await write(document, to: head, channel)
        case .file(let file, let headers):
            guard let descriptor = try? await open(file) else {
                return try await write(Self.nothing, to: head, channel)
            }
            defer { try? descriptor.close() }
            try await write(file, descriptor, headers, to: head, fields, channel)
        case .missing: try await write(Self.nothing, to: head, channel)
        }
    }

    /// Returns once the system has taken it: what was said to have gone has left this program.
    private func write(_ part: HTTPServerResponsePart, _ channel: any Channel) async throws {
        let clock = deadline(limits.pieceTime, channel)
        defer { clock.cancel() }
        try await channel.writeAndFlush(part).get()
    }

    private static let nothing = SharedDocument("404\n", type: "text/plain", status: 404)

    private func write(_ document: SharedDocument, to head: HTTPRequestHead, _ channel: any Channel) async throws {
        let body = ByteBuffer(string: document.body)
        var headers = HTTPHeaders([
            ("Content-Type", document.type), ("Content-Length", "\(body.readableBytes)"),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
        ])
        for (name, value) in document.headers.sorted(by: { $0.key < $1.key }) {
            headers.replaceOrAdd(name: name, value: value)
        }
        let status = HTTPResponseStatus(statusCode: document.status)
        try await write(.head(HTTPResponseHead(version: head.version, status: status, headers: headers)), channel)
        if head.method != .HEAD { try await write(.body(.byteBuffer(body)), channel) }
        try await write(.end(nil), channel)
    }

    private func write(
        _ file: SharedFile, _ descriptor: SystemPackage.FileDescriptor, _ more: [String: String],
        to head: HTTPRequestHead,
        _ fields: [String: String], _ channel: any Channel
    ) async throws {
        var headers = HTTPHeaders([
            ("Content-Type", "application/octet-stream"), ("Accept-Ranges", "bytes"),
            ("X-Content-Type-Options", "nosniff"),
        ])
        if let tag = file.tag { headers.add(name: "ETag", value: tag) }
        for (name, value) in more.sorted(by: { $0.key < $1.key }) { headers.replaceOrAdd(name: name, value: value) }
        // Bytes of another content must not be joined to what somebody has (RFC 9110, 13.1.5).
        let isSame = fields["if-range"].map { $0 == file.tag } ?? true
        var range = 0..<file.size
        var status = HTTPResponseStatus.ok
        switch RangeHeader(isSame ? fields["range"] : nil, size: file.size) {
        case .whole: break
        case .part(let part):
            (range, status) = (part, .partialContent)
            headers.add(name: "Content-Range", value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)")
        case .notSatisfiable:
            (range, status) = (0..<0, .rangeNotSatisfiable)
            headers.add(name: "Content-Range", value: "bytes */\(file.size)")
        }
        headers.add(name: "Content-Length", value: "\(range.count)")
        try await write(.head(HTTPResponseHead(version: head.version, status: status, headers: headers)), channel)
        if head.method != .HEAD, !range.isEmpty { try await stream(range, of: file, descriptor, channel) }
        try await write(.end(nil), channel)
    }

    /// Sends bytes of a file in pieces, the next once the one before has gone.
    private func stream(
        _ range: Range<Int64>, of file: SharedFile, _ descriptor: SystemPackage.FileDescriptor,
        _ channel: any Channel
    ) async throws {
        var position = range.lowerBound
        var sent: Int64 = 0
        do {
            while position < range.upperBound {
                let start = position
                let count = Int(min(Self.piece, range.upperBound - start))
                let piece = try await NIOThreadPool.singleton.runIfActive {
                    var buffer = ByteBuffer()
                    try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                        try descriptor.read(
                            fromAbsoluteOffset: start, into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]))
                    }
                    return buffer
                }
                // It has become shorter: the length that was promised cannot be kept.
                guard piece.readableBytes > 0 else { throw Errno.ioError }
                position += Int64(piece.readableBytes)
                try await write(.body(.byteBuffer(piece)), channel)
                sent = deliveries.add(start..<position, of: file, to: client)
                onEvent(.sent(file, client: client, sent: sent))
            }
        } catch {
            onEvent(.cut(file, client: client, sent: sent))
            throw error
        }
    }

    /// Opens a file that still has the size it is known with.
    private func open(_ file: SharedFile) async throws -> SystemPackage.FileDescriptor {
        try await NIOThreadPool.singleton.runIfActive {
            let descriptor = try SystemPackage.FileDescriptor.open(
                file.path, .readOnly, options: [.closeOnExec, .noFollow])
            guard try descriptor.seek(offset: 0, from: .end) == file.size else {
                try descriptor.close()
                throw Errno.ioError
            }
            return descriptor
        }
    }
}
