import CurlHTTP
import Foundation
import Synchronization
import Testing

@testable import TestSupport

@Suite struct ProxyTests {
    private func client(_ proxies: ProxySettings) -> HTTPClient {
        HTTPClient(options: HTTPClient.Options(userAgent: "modelteca-tests", proxies: proxies))
    }

    /// No such host exists: only a proxy can answer for it.
    private func address(_ scheme: String) throws -> URL {
        try #require(URL(string: "\(scheme)://models.invalid/files/a.txt"))
    }

    @Test func `an http proxy is given the whole address`() async throws {
        try await withLoopbackHub { hub in
            hub.addFile("a.txt", .text("through the proxy"))
            let answer = try await client(ProxySettings(http: hub.address)).fetch(
                HTTPRequest(address("http")), limit: 100)
            #expect(String(decoding: answer.body, as: UTF8.self) == "through the proxy")
            #expect(hub.requests.first?.headers["host"] == "models.invalid")
        }
    }

    @Test func `https asks the proxy for a tunnel, and a proxy that gives none is no answer`() async throws {
        try await withLoopbackHub { hub in
            let error = await #expect(throws: HTTPError.self) {
                try await client(ProxySettings(https: hub.address)).fetch(HTTPRequest(address("https")), limit: 100)
            }
            #expect(error?.code == "connection-lost")
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost,127.0.0.0/8", "*"])
    func `an exception is reached directly`(exceptions: String) async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.txt", .text("directly"))
            let nobody = "http://127.0.0.1:1"
            let answer = try await client(ProxySettings(http: nobody, exceptions: exceptions)).fetch(
                HTTPRequest(url), limit: 100)
            #expect(answer.head.status == 200)
            await #expect(throws: HTTPError.self) {
                try await client(ProxySettings(http: nobody)).fetch(HTTPRequest(url), limit: 100)
            }
        }
    }

    @Test(arguments: ["socks5", "socks5h"])
    func `a SOCKS proxy carries the connection`(scheme: String) async throws {
        try await withLoopbackHub { hub in
            let proxy = try TinySOCKS()
            defer { proxy.stop() }
            var url = hub.addFile("a.bin", .pattern(size: 300_000))
            if scheme == "socks5h" {
                // The name is the proxy's to look up; this one takes every name for this machine.
                url = try #require(URL(string: url.absoluteString.replacing("127.0.0.1", with: "models.invalid")))
            }
            let answer = try await client(ProxySettings(http: "\(scheme)://127.0.0.1:\(proxy.port)")).fetch(
                HTTPRequest(url), limit: 1 << 20)
            #expect(answer.body.count == 300_000)
            #expect(proxy.hosts == [scheme == "socks5h" ? "models.invalid" : "127.0.0.1"])
        }
    }
}

/// A SOCKS 5 proxy (RFC 1928) without authentication; every host it is asked for is this machine.
private final class TinySOCKS: Sendable {
    private let asked: Watched<[String]>
    private let listener: Listener

    init() throws {
        let asked = Watched<[String]>([])
        self.asked = asked
        listener = try Listener(port: 0) { socket, _ in
            Self.serve(socket) { host in asked.update { $0.append(host) } }
            return .fin
        }
    }

    var port: UInt16 { listener.port }
    var hosts: [String] { asked.value }
    func stop() { listener.stop() }

    private static func serve(_ client: Socket, onHost: (String) -> Void) {
        guard let greeting = read(2, from: client), greeting[0] == 5, read(Int(greeting[1]), from: client) != nil,
            client.writeAll([5, 0]), let request = read(4, from: client), request[1] == 1,
            let host = host(kind: request[3], from: client), let port = read(2, from: client)
        else { return }
        onHost(host)
        guard let server = try? Socket.connected(to: UInt16(port[0]) << 8 | UInt16(port[1])) else { return }
        defer { server.close() }
        guard client.writeAll([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]) else { return }
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

    private static func host(kind: UInt8, from socket: Socket) -> String? {
        switch kind {
        case 1: read(4, from: socket).map { $0.map(String.init).joined(separator: ".") }
        case 3:
            read(1, from: socket).flatMap { read(Int($0[0]), from: socket) }.map { String(decoding: $0, as: UTF8.self) }
        default: nil
        }
    }

    private static func read(_ count: Int, from socket: Socket) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes {
                socket.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[done...]))
            }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }

    private static func carry(from source: Socket, to target: Socket) {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = bytes.withUnsafeMutableBytes { source.read(into: $0) }
            guard count > 0, target.writeAll(Array(bytes[..<count])) else { return }
        }
    }
}
