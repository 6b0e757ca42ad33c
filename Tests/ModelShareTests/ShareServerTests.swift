import CurlHTTP
import Foundation
import ModelCatalog
import ModelShare
import SystemPackage
import TestSupport
import Testing

@Suite struct ShareServerTests {
    /// A server on loopback with one file of some size, and what belongs to it.
    private struct Served {
        let port: Int
        let site: PageSite
        let file: SharedFile
        let bytes: [UInt8]
        let events: AsyncStream<ShareServer.Event>

        var base: String { "http://127.0.0.1:\(port)/\(site.secret)" }

        func fetch(
            _ path: String, method: HTTPRequest.Method = .get, headers: [(name: String, value: String)] = [],
            range: (first: Int64, last: Int64?)? = nil
        ) async throws -> HTTPResponse {
            let client = HTTPClient(
                options: HTTPClient.Options(userAgent: "test", proxies: ProxySettings(environment: [:])))
            let url = try #require(URL(string: "http://127.0.0.1:\(port)" + path))
            return try await client.fetch(
                HTTPRequest(url, method: method, headers: headers, range: range), limit: 1 << 26)
        }

        /// The path of the file.
        var path: String { "/\(site.secret)/\(percentEncoded(file.name))" }
    }

    private func withServer(
        size: Int = 3_000_000, limits: ShareServer.Limits = ShareServer.Limits(),
        _ body: @escaping (Served) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            var random = SystemRandomNumberGenerator()
            let bytes = (0..<size / 8).flatMap { _ in
                withUnsafeBytes(of: UInt64.random(in: 0 ... .max, using: &random)) { Array($0) }
            }
            let path = folder.appending("model ñ.gguf")
            try path.write(bytes)
            let file = SharedFile(
                name: "model ñ.gguf", path: path, size: Int64(bytes.count), digest: Digest(hex: sha256(of: bytes)))
            let site = PageSite(files: [file]) { language, base in "<p>\(language) \(base)</p>" }
            let (ports, portFeed) = AsyncStream.makeStream(of: Int.self)
            let (events, feed) = AsyncStream.makeStream(of: ShareServer.Event.self)
            let server = ShareServer(address: "127.0.0.1", port: 0, site: site, limits: limits) { feed.yield($0) }
            let running = Task {
                defer { portFeed.finish() }
                try await server.run { portFeed.yield($0) }
            }
            let port = try #require(await ports.first { _ in true })
            let outcome = await Result.catching {
                try await body(Served(port: port, site: site, file: file, bytes: bytes, events: events))
            }
            running.cancel()
            _ = await running.result
            // It has stopped: nobody listens there any more.
            #expect(throws: RawClient.Refused.self) { try RawClient(to: port) }
            try outcome.get()
        }
    }

    // MARK: What it gives

    @Test func `the page comes in the language that is asked for, and loads nothing`() async throws {
        try await withServer { served in
            let page = try await served.fetch("/\(served.site.secret)", headers: [("Accept-Language", "es-AR")])
            #expect(page.head.status == 200)
            #expect(String(decoding: page.body, as: UTF8.self) == "<p>es-AR /\(served.site.secret)/</p>")
            #expect(page.head.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
        }
    }

    @Test func `a file comes whole, by its name, as a download`() async throws {
        try await withServer { served in
            let answer = try await served.fetch(served.path)
            #expect(answer.head.status == 200)
            #expect([UInt8](answer.body) == served.bytes)
            #expect(answer.head.headers["content-type"] == "application/octet-stream")
            #expect(
                answer.head.headers["content-disposition"]
                    == "attachment; filename=\"model _.gguf\"; filename*=UTF-8''model%20%C3%B1.gguf")
            #expect(answer.head.headers["etag"] == "\"\(sha256(of: served.bytes))\"")
            let head = try await served.fetch(served.path, method: .head)
            #expect(head.head.headers["content-length"] == "\(served.bytes.count)")
            #expect(head.body.isEmpty)
        }
    }

    @Test func `ranges come as asked, and only of the content that somebody has`() async throws {
        try await withServer { served in
            let part = try await served.fetch(served.path, range: (first: 1000, last: 1999))
            #expect(part.head.status == 206)
            #expect([UInt8](part.body) == Array(served.bytes[1000..<2000]))
            #expect(part.head.headers["content-range"] == "bytes 1000-1999/\(served.bytes.count)")
            let same = [(name: "If-Range", value: "\"\(sha256(of: served.bytes))\"")]
            #expect(try await served.fetch(served.path, headers: same, range: (first: 5, last: 9)).head.status == 206)
            let other = [(name: "If-Range", value: "\"other\"")]
            #expect(try await served.fetch(served.path, headers: other, range: (first: 5, last: 9)).head.status == 200)
            let past = try await served.fetch(served.path, range: (first: 1 << 40, last: nil))
            #expect(past.head.status == 416)
            #expect(past.head.headers["content-range"] == "bytes */\(served.bytes.count)")
        }
    }

    @Test func `who was cut and comes back has the file in the end`() async throws {
        try await withServer { served in
            let total = Int64(served.bytes.count)
            _ = try await served.fetch(served.path, range: (first: 0, last: 1_234_567))
            _ = try await served.fetch(served.path, range: (first: 1_234_568, last: nil))
            for await case .sent(_, let client, let sent) in served.events where sent == total {
                #expect(client == "127.0.0.1")
                break
            }
        }
    }

    @Test func `nothing else is there`() async throws {
        try await withServer { served in
            let secret = served.site.secret
            for path in [
                "/", "/favicon.ico", "/\(secret.lowercased())", "/\(secret)x", "/\(secret)/other.gguf",
                "/\(secret)/x/y",
                "/\(secret)/%2E%2E/%2E%2E/etc/passwd", "/\(secret)/..%2F..%2Fetc%2Fpasswd", "//\(secret)",
                "/%", "/\(secret)/%00",
            ] {
                #expect(try await served.fetch(path).head.status == 404, "\(path)")
            }
            let raw = try RawClient(to: served.port)
            raw.send("GET /\(secret)/../../../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(await String(decoding: raw.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 404"))
            let post = try RawClient(to: served.port)
            post.send("DELETE \(served.path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(await String(decoding: post.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 405"))
        }
    }

    @Test func `a file that has changed its size is not given`() async throws {
        try await withServer { served in
            try served.file.path.write([1, 2, 3])
            #expect(try await served.fetch(served.path).head.status == 404)
        }
    }

    // MARK: Who means no good

    @Test func `a request that does not come is not waited for`() async throws {
        var limits = ShareServer.Limits()
        limits.requestTime = .milliseconds(200)
        try await withServer(limits: limits) { served in
            let slow = try RawClient(to: served.port)
            slow.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            // Returns when the server closes.
            #expect(await slow.receive().isEmpty)
            #expect(try await served.fetch(served.path).head.status == 200)
        }
    }

    @Test func `headers and addresses without an end are refused`() async throws {
        try await withServer { served in
            for start in ["GET / HTTP/1.1\r\nHost: a\r\nX: ", "GET /"] {
                let client = try RawClient(to: served.port)
                client.send(start)
                let piece = [UInt8](repeating: 0x61, count: 1 << 16)
                // Far less is taken than is offered: the connection ends.
                let taken = await client.flood(piece, atMost: 1000)
                #expect(taken < 1000)
            }
            let many = try RawClient(to: served.port)
            many.send("GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 5000) + "\r\n")
            #expect(await !String(decoding: many.receive(), as: UTF8.self).contains("200 OK"))
            #expect(try await served.fetch(served.path).head.status == 200)
        }
    }

    @Test func `many ranges at once are answered with the whole, once`() async throws {
        try await withServer(size: 80_000) { served in
            let client = try RawClient(to: served.port)
            let ranges = (0..<1000).map { "\($0)-\($0)" }.joined(separator: ",")
            client.send("GET \(served.path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRange: bytes=\(ranges)\r\n\r\n")
            let answer = await client.receive()
            #expect(answer.starts(with: Array("HTTP/1.1 200".utf8)))
            #expect(answer.count < 90_000)
        }
    }

    @Test func `a crowd that waits stops nobody, nor does one that takes nothing`() async throws {
        try await withServer(size: 8_000_000) { served in
            // They ask for the file, and then do not read it.
            let greedy = try (0..<24).map { _ in
                let client = try RawClient(to: served.port, from: 9)
                client.send("GET \(served.path) HTTP/1.1\r\nHost: a\r\nRange: bytes=0-\r\n\r\n")
                return client
            }
            var crowd: [RawClient] = []
            for _ in 0..<60 { if let client = try? RawClient(to: served.port) { crowd.append(client) } }
            let answer = try await served.fetch(served.path)
            #expect([UInt8](answer.body) == served.bytes)
            #expect(greedy.count == 24)
        }
    }
}

extension Result where Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
