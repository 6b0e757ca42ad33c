import Foundation

/// Writes answers on a connection, damaged as the faults say.
struct AnswerSender {
    let socket: Socket
    let head: RequestHead
    var log: RequestLog?
    var record = 0

    enum Outcome {
        case whole, wholeButOutOfStep
        case broken(Socket.Ending)
    }

    /// Bytes read and sent at a time.
    private static let pieceLength = 256 << 10

    /// Sends an answer that is no file; false when the client has left.
    func send(_ answer: Answer, extra: [(name: String, value: String?)]) -> Bool {
        guard case .bytes(let body) = answer.body else { return false }
        var headers = answer.headers
        if answer.status != 304 { headers.append(("Content-Length", String(body.count))) }
        guard write(answer.status, headers, extra) else { return false }
        guard head.method != "HEAD", answer.status != 304, !body.isEmpty else { return true }
        log?.update(record) { $0.sent = body.count }
        return socket.writeAll(body)
    }

    /// Sends a file, or only what its headers would be.
    func send(
        _ answer: FileAnswer, _ faults: [Fault], hasBody: Bool, extra: [(name: String, value: String?)]
    ) -> Outcome {
        var answer = answer
        let plan = BodyPlan(faults, length: answer.range.count)
        answer.content = plan.patches.isEmpty ? answer.content : answer.content.patched(plan.patches)
        if let short = plan.truncated {
            answer.range = answer.range.prefix(short)
            answer.headers.removeAll { $0.name == "Content-Length" }
            answer.chunked = answer.chunked || plan.chunked
            if !answer.chunked { answer.headers.append(("Content-Length", String(short))) }
        }
        if answer.chunked { answer.headers.append(("Transfer-Encoding", "chunked")) }
        if !hasBody && answer.status == 416 { answer.headers.append(("Content-Length", "0")) }
        guard write(answer.status, answer.headers, extra) else { return .broken(.fin) }
        guard hasBody else { return .whole }

        let end = plan.stop.map { min($0.after, answer.range.count) } ?? answer.range.count
        guard send(answer, 0..<end, plan) else { return .broken(.fin) }
        switch plan.stop?.how {
        case .drop(let ending): return .broken(ending)
        case .stall(let milliseconds):
            let hasLeft = socket.waitForDeparture(milliseconds: milliseconds ?? -1)
            guard milliseconds != nil, !hasLeft, send(answer, end..<answer.range.count, plan) else {
                return .broken(.fin)
            }
        case nil: break
        }
        if answer.chunked { return socket.writeAll(Array("0\r\n\r\n".utf8)) ? .whole : .broken(.fin) }
        let announced = answer.headers.last { $0.name == "Content-Length" }?.value
        return announced == String(answer.range.count) ? .whole : .wholeButOutOfStep
    }

    /// Sends a part of the answer's range; false when the client left or the file cannot be read.
    private func send(_ answer: FileAnswer, _ part: Range<Int>, _ plan: BodyPlan) -> Bool {
        let length =
            plan.bytesPerSecond.map { max(1, min(Self.pieceLength, $0 / 20)) } ?? Self.pieceLength
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
        defer { piece.deallocate() }
        var done = part.lowerBound
        let end = part.upperBound
        while done < end {
            let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(length, end - done)])
            guard (try? answer.content.fill(answer.range.lowerBound + done, part)) != nil else {
                return false
            }
            if answer.chunked, !socket.writeAll(Array("\(String(part.count, radix: 16))\r\n".utf8)) {
                return false
            }
            // Counted before it leaves, so that who has received a byte finds it counted.
            log?.update(record) { $0.sent += part.count }
            var written = 0
            while written < part.count {
                guard let count = socket.write(UnsafeRawBufferPointer(rebasing: part[written...])) else {
                    log?.update(record) { $0.sent -= part.count - written }
                    return false
                }
                written += count
            }
            if answer.chunked, !socket.writeAll([13, 10]) { return false }
            done += part.count
            if let speed = plan.bytesPerSecond, done < end,
                socket.waitForDeparture(milliseconds: Int32(clamping: part.count * 1000 / max(1, speed)))
            {
                return false
            }
        }
        return true
    }

    private func write(
        _ status: Int, _ headers: [(name: String, value: String)],
        _ extra: [(name: String, value: String?)]
    ) -> Bool {
        var headers = headers
        for change in extra {
            headers.removeAll { $0.name.lowercased() == change.name.lowercased() }
            if let value = change.value { headers.append((change.name, value)) }
        }
        var text =
            "HTTP/1.1 \(status) \(Self.reason(status))\r\nServer: loopback\r\nDate: \(httpDate(Date()))\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return socket.writeAll(Array((text + "\r\n").utf8))
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 206: "Partial Content"
        case 302: "Found"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 416: "Range Not Satisfiable"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}

/// What the faults make of one body.
private struct BodyPlan {
    enum Stop {
        case drop(Socket.Ending)
        /// For ever when nil.
        case stall(milliseconds: Int32?)
    }

    var patches: [Patch] = []
    var bytesPerSecond: Int?
    var truncated: Int?
    var chunked = false
    /// The earliest of all stops; a stop behind the end is none.
    var stop: (after: Int, how: Stop)?

    init(_ faults: [Fault], length: Int) {
        for fault in faults {
            switch fault {
            case .drop(let after, let rst): halt(after, .drop(rst ? .rst : .fin), length)
            case .stall(let after, let milliseconds):
                halt(after, .stall(milliseconds: milliseconds.map { Int32(clamping: $0) }), length)
            case .truncate(let after, let inChunks):
                guard after < length else { continue }
                truncated = max(0, after)
                chunked = inChunks
            case .slow(let speed): bytesPerSecond = max(1, speed)
            case .corrupt(let offset, let length, let xor):
                patches.append(Patch(offset: offset, length: length, xor: xor))
            default: break
            }
        }
    }

    private mutating func halt(_ after: Int, _ how: Stop, _ length: Int) {
        let after = max(0, after)
        if after < length, after < stop?.after ?? .max { stop = (after, how) }
    }
}
