import Foundation

/// Serves the requests of one connection, one after the other, until it ends.
struct Conversation {
    let socket: Socket
    let number: Int
    let side: Side
    let origin: Origin

    /// What becomes of the connection after an answer.
    enum Next {
        case anotherRequest
        case close(Socket.Ending)
    }

    func run() -> Socket.Ending {
        var reader = RequestReader(socket: socket)
        while true {
            do throws(RequestReader.Failure) {
                let (head, body) = try reader.next()
                let request = OriginRequest(head: head, body: body, side: side)
                if case .close(let ending) = serve(request) { return ending }
                if head["Connection"]?.lowercased() == "close" { return .fin }
            } catch {
                switch error {
                case .closed: return .fin
                case .malformed: refuse(400, "Bad Request")
                case .headTooLarge: refuse(431, "Request Header Fields Too Large")
                case .bodyTooLarge: refuse(413, "Content Too Large")
                }
                return .fin
            }
        }
    }

    private func refuse(_ status: Int, _ reason: String) {
        _ = socket.writeAll(
            Array("HTTP/1.1 \(status) \(reason)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
    }

    private func serve(_ request: OriginRequest) -> Next {
        let head = request.head
        if let answer = Control(origin: origin).answer(request) {
            return AnswerSender(socket: socket, head: head).send(answer, extra: [])
                ? .anotherRequest : .close(.fin)
        }
        let record = origin.log.begin(head, side: side, connection: number)
        let (answer, name) = origin.route(request)
        let names = [head.path] + (name.map { [$0] } ?? [])
        origin.log.update(record) { $0.names = names }
        let next = respond(to: request, with: answer, names: names, record: record)
        origin.log.update(record) { $0.finished = true }
        return next
    }

    private func respond(to request: OriginRequest, with answer: Answer, names: [String], record: Int)
        -> Next
    {
        let head = request.head
        var answer = answer
        var extra: [(name: String, value: String?)] = []
        for fault in origin.faults.strike(.request, side: side, method: head.method, names: names) {
            switch fault {
            case .latency(let milliseconds):
                guard !socket.waitForDeparture(milliseconds: Int32(clamping: milliseconds)) else {
                    return broken(record)
                }
            case .hang:
                _ = socket.waitForDeparture(milliseconds: -1)
                return broken(record)
            case .reset:
                return broken(record, .rst)
            case .limitConnections(let limit, let status):
                guard case .file = answer.body, head.method == "GET" else { continue }
                if !admit(record, names, limit: limit) {
                    answer = .text("Too many connections", status: status)
                }
            case .header(let name, let value):
                extra.append((name, value))
            case .close:
                extra.append(("Connection", "close"))
            default:
                answer = replacement(for: fault, head) ?? answer
            }
        }
        let following: Next = extra.contains { $0.name == "Connection" } ? .close(.fin) : .anotherRequest
        let sender = AnswerSender(socket: socket, head: head, log: origin.log, record: record)
        guard case .file(let file) = answer.body else {
            origin.log.update(record) { $0.status = answer.status }
            return sender.send(answer, extra: extra) ? following : broken(record)
        }
        let headFaults = origin.faults.strike(.fileHead, side: side, method: head.method, names: names)
        let outgoing = FileAnswer(file, to: head, headers: answer.headers, faults: headFaults)
        let hasBody = head.method == "GET" && (outgoing.status == 200 || outgoing.status == 206)
        let bodyFaults =
            hasBody ? origin.faults.strike(.fileBody, side: side, method: "GET", names: names) : []
        origin.log.update(record) { record in
            record.status = outgoing.status
            record.isFile = hasBody
        }
        switch sender.send(outgoing, bodyFaults, hasBody: hasBody, extra: extra) {
        case .whole: return following
        // The announced length does not fit: nothing that follows on this connection could be understood.
        case .wholeButOutOfStep: return .close(.fin)
        case .broken(let ending): return broken(record, ending)
        }
    }

    private func broken(_ record: Int, _ ending: Socket.Ending = .fin) -> Next {
        origin.log.update(record) { $0.aborted = true }
        return .close(ending)
    }

    /// Counts a transfer in, unless enough of the same file are under way.
    private func admit(_ number: Int, _ names: [String], limit: Int) -> Bool {
        origin.log.transaction { records in
            let running = records.count { $0.isFile && !$0.finished && $0.names == names }
            guard running < limit else { return false }
            records[number - 1].isFile = true
            return true
        }
    }

    /// The answer that a fault puts in place of the right one.
    private func replacement(for fault: Fault, _ head: RequestHead) -> Answer? {
        switch fault {
        case .html(let status):
            return .text(
                "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to this network</body></html>\n",
                status: status, type: "text/html; charset=utf-8")
        case .status(let status, let retryAfter, let errorCode):
            var headers: [(name: String, value: String)] = []
            switch retryAfter {
            case .seconds(let seconds)?: headers.append(("Retry-After", String(seconds)))
            case .date(let seconds)?:
                headers.append(("Retry-After", httpDate(Date(timeIntervalSinceNow: Double(seconds)))))
            case nil: break
            }
            if let errorCode { headers.append(("X-Error-Code", errorCode)) }
            return .json(["error": .text("status \(status)")], status: status, headers: headers)
        case .expired:
            return CDNRoutes.refusal(403, "AccessDenied", "Request has expired")
        case .redirect(let target, let status):
            let state = origin.with { ($0.hub, $0.cdn) }
            let address = target.replacing("{hub}", with: state.0).replacing("{cdn}", with: state.1)
                .replacing("{path}", with: head.rawPath)
            return .redirect(to: address, status: status)
        case .redirectLoop:
            return .redirect(to: head.rawPath + (head.query.isEmpty ? "" : "?\(head.query)"))
        default:
            return nil
        }
    }
}
