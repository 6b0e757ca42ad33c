import Foundation
import Synchronization

/// A registry that takes every upload in pieces and, when one shall be finished, answers that it knows none such.
public final class ForgetfulRegistry: Sendable {
    /// `127.0.0.1:PORT`.
    public let host: String
    private let listener: Listener
    private let memory: Memory

    fileprivate final class Memory: Sendable {
        let state: Mutex<State>

        init(_ state: State) { self.state = Mutex(state) }
    }

    fileprivate struct State {
        let keepsBlobs: Bool
        var begun = 0
        var blobs: Set<String> = []
    }

    /// - Parameter keepsBlobs: Whether it has the content all the same, as when the answer to a first try was lost.
    public init(keepingBlobs keepsBlobs: Bool) throws {
        let memory = Memory(State(keepsBlobs: keepsBlobs))
        self.memory = memory
        listener = try Listener(port: 0) { socket, _ in
            var reader = RequestReader(socket: socket)
            while let request = try? reader.next() {
                let answer = memory.state.withLock { $0.answer(request.head) }
                guard socket.writeAll(Array(answer.utf8)) else { break }
            }
            return .fin
        }
        host = "127.0.0.1:\(listener.port)"
    }

    /// How many uploads were begun.
    public var begun: Int { memory.state.withLock { $0.begun } }

    /// Ends it.
    public func stop() { listener.stop() }
}

extension ForgetfulRegistry.State {
    fileprivate mutating func answer(_ head: RequestHead) -> String {
        func answer(_ status: String, _ headers: String = "") -> String {
            "HTTP/1.1 \(status)\r\n\(headers)Content-Length: 0\r\n\r\n"
        }
        let last = head.path.split(separator: "/").last.map(String.init) ?? ""
        switch head.method {
        case "POST":
            begun += 1
            return answer("202 Accepted", "Location: \(head.path)/\(begun)\r\n")
        case "PATCH": return answer("202 Accepted", "Location: \(head.path)\r\n")
        case "PUT" where head.path.contains("/manifests/"): return answer("201 Created")
        case "PUT":
            if keepsBlobs { blobs.insert(String(head.query.dropFirst("digest=".count))) }
            return answer("404 Not Found")
        default: return answer(blobs.contains(last) || last == "v2" ? "200 OK" : "404 Not Found")
        }
    }
}
