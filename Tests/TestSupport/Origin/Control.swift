import Foundation

/// `POST /__control` and `GET /__log`, for scripts that drive the origin with curl.
///
/// An operation is `{"op": NAME, …}`, or a list of them. Faults are named as in `Fault`, with `match` (default `*`), `server`,
/// `method`, `skip` and `times`; the others are `clear`, `commit`, `touch`, `expire` and `shutdown`.
struct Control {
    let origin: Origin

    /// An operation that is not understood; the text goes to the script's author.
    struct Refusal: Error { let text: String }

    /// Nil for a request that is none of control's.
    func answer(_ request: OriginRequest) -> Answer? {
        switch (request.head.method, request.head.path) {
        case ("POST", "/__control"):
            guard let value = try? JSONDecoder().decode(JSON.self, from: Data(request.body)) else {
                return .json(["error": "not JSON"], status: 400)
            }
            do throws(Refusal) {
                var results: [JSON] = []
                for operation in value.array ?? [value] { results.append(try run(operation)) }
                return .json(value.array == nil ? results.first ?? .null : .array(results))
            } catch {
                return .json(["error": .text(error.text)], status: 400)
            }
        case ("GET", "/__log"):
            let pattern = request.head.parameter("path") ?? "*"
            return .json(.array(origin.log.all.filter { namesMatch($0.names, pattern) }.map(Self.line)))
        default:
            return nil
        }
    }

    func run(_ operation: JSON) throws(Refusal) -> JSON {
        guard let name = operation["op"]?.text else {
            throw Refusal(text: "an operation needs \"op\"")
        }
        switch name {
        case "clear": origin.faults.clear(operation["id"]?.integer)
        case "expire": origin.with { $0.generation += 1 }
        case "commit": return ["commit": .text(try commit(operation))]
        case "touch": try touch(operation)
        case "shutdown": exit(0)
        default: return ["id": .integer(try script(operation, name))]
        }
        return ["ok": true]
    }

    private func script(_ operation: JSON, _ name: String) throws(Refusal) -> Int {
        guard let fault = Fault(named: name, operation) else {
            throw Refusal(text: "no operation or fault `\(name)`, or it lacks a number")
        }
        return origin.faults.add(
            FaultRule(
                fault: fault, pattern: operation["match"]?.text ?? "*",
                side: operation["server"]?.text.flatMap(Side.init(rawValue:)),
                method: operation["method"]?.text,
                skip: operation["skip"]?.integer ?? 0, times: operation["times"]?.integer))
    }

    /// A new state of a repository: the files named, or else its first GGUF file, uploaded anew.
    private func commit(_ operation: JSON) throws(Refusal) -> String {
        guard let id = operation["repo"]?.text, let repository = origin.with({ $0.repositories[id] }),
            let present = repository.main?.files
        else { throw Refusal(text: "no repository of that name") }
        var files: [String: Content] = [:]
        if let wanted = operation["files"]?.object {
            for (path, what) in wanted { files[path] = try changed(present[path], what) }
        } else {
            let path =
                operation["file"]?.text ?? present.keys.sorted().first { $0.hasSuffix(".gguf") } ?? ""
            guard let content = present[path] else { throw Refusal(text: "no file of that name") }
            let reupload = origin.with { $0.reuploads["\(id)/\(path)"] }
            files[path] =
                reupload?(repository.commits.count)
                ?? content.patched([Patch(offset: content.size / 4 * 3)])
        }
        let new = files
        return origin.with { state in
            let all = (state.repositories[id]?.main?.files ?? [:]).merging(new) { _, new in new }
            return state.repositories[id]?.add(files: all, title: "commit by control", branch: "main")
                ?? ""
        }
    }

    /// Text, `{"copy": PATH}` of another file that is served, or `{"patch": [{"offset": n, "hex": "…"}]}` on what was there.
    private func changed(_ content: Content?, _ what: JSON) throws(Refusal) -> Content {
        if let text = what.text { return .text(text) }
        if let path = what["copy"]?.text {
            guard let copied = origin.content(path) else { throw Refusal(text: "no file at that path") }
            return copied
        }
        guard let patches = what["patch"]?.array, var bytes = try? content?.allBytes() else {
            throw Refusal(text: "a file is text, or a patch of an existing one")
        }
        for patch in patches {
            guard let offset = patch["offset"]?.integer,
                let new = patch["hex"]?.text.flatMap(TestSupport.bytes(hexadecimal:)),
                offset >= 0, offset <= bytes.count, new.count <= bytes.count - offset
            else { throw Refusal(text: "a patch needs an offset inside the file and hex digits") }
            bytes.replaceSubrange(offset..<offset + new.count, with: new)
        }
        return .bytes(bytes)
    }

    /// A plain file gets another ETag and date, and other bytes if a patch is given.
    private func touch(_ operation: JSON) throws(Refusal) {
        guard let path = operation["path"]?.text, let content = origin.content(path) else {
            throw Refusal(text: "no file at that path")
        }
        _ = origin.put(operation["patch"] == nil ? content : try changed(content, operation), at: path)
    }

    /// A request as one object, without its other headers: they may hold credentials.
    private static func line(_ record: RequestRecord) -> JSON {
        [
            "n": .integer(record.number), "server": .text(record.side.rawValue),
            "conn": .integer(record.connection),
            "method": .text(record.method), "path": .text(record.path),
            "query": .text(record.query),
            "name": .text(record.names.last ?? record.path),
            "range": record.range.map { .text($0) } ?? .null,
            "if_range": record.ifRange.map { .text($0) } ?? .null,
            "auth": .truth(record.hasAuthorization),
            "user_agent": record.headers["user-agent"].map { .text($0) } ?? .null,
            "status": .integer(record.status), "sent": .integer(record.sent),
            "aborted": .truth(record.aborted),
            "finished": .truth(record.finished),
        ]
    }
}

extension Fault {
    /// A fault as a control operation names it; nil when there is none of that name or a number is missing.
    init?(named name: String, _ operation: JSON) {
        func number(_ key: String) -> Int? { operation[key]?.integer }
        switch name {
        case "drop": self = .drop(after: number("after") ?? 0, rst: operation["how"]?.text == "rst")
        case "truncate":
            self = .truncate(after: number("after") ?? 0, chunked: operation["mode"]?.text == "chunked")
        case "stall":
            self = .stall(after: number("after") ?? 0, milliseconds: number("ms"))
        case "slow":
            guard let speed = number("bps") else { return nil }
            self = .slow(bytesPerSecond: speed)
        case "corrupt":
            guard let offset = number("offset") else { return nil }
            let xor = UInt8(truncatingIfNeeded: number("xor") ?? 255)
            self = .corrupt(offset: offset, length: number("length") ?? 1, xor: xor)
        case "wrong_length": self = .wrongLength(by: number("delta") ?? 1)
        case "no_length": self = .noLength(chunked: operation["mode"]?.text != "close")
        case "ignore_range": self = .ignoreRange
        case "wrong_range": self = .wrongContentRange(by: number("delta") ?? 1)
        case "change": self = .change
        case "no_etag": self = .noEtag
        case "weak_etag": self = .weakEtag
        case "gzip": self = .gzip
        case "html": self = .html(status: number("code") ?? 200)
        case "status":
            guard let code = number("code") else { return nil }
            self = .status(
                code, retryAfter: number("retry_after").map { .seconds($0) },
                errorCode: operation["error_code"]?.text)
        case "expired": self = .expired
        case "limit_conns": self = .limitConnections(number("max") ?? 1, status: number("code") ?? 503)
        case "reset": self = .reset
        case "hang": self = .hang
        case "redirect":
            self = .redirect(to: operation["to"]?.text ?? "{cdn}{path}", status: number("code") ?? 302)
        case "redirect_loop": self = .redirectLoop
        case "close": self = .close
        case "latency": self = .latency(milliseconds: number("ms") ?? 0)
        case "header":
            guard let header = operation["name"]?.text else { return nil }
            self = .header(header, operation["value"]?.text)
        default: return nil
        }
    }
}
