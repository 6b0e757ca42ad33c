import CurlHTTP
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct FetchTests {
    private func client(token: String? = nil, for home: URL? = nil, stallTimeout: Int = 30) -> HTTPClient {
        HTTPClient(
            options: HTTPClient.Options(
                userAgent: "modelteca-tests/1",
                authorization: { url in home.map(url.hasSameOrigin) == true ? token.map { "Bearer \($0)" } : nil },
                stallTimeout: stallTimeout))
    }

    @Test func `a document arrives with its headers, asked for by name and without compression`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.txt", .text("hello"))
            let answer = try await client().fetch(HTTPRequest(url, headers: [("X-Test", "1")]), limit: 100)
            #expect(answer.head.status == 200)
            #expect(String(decoding: answer.body, as: UTF8.self) == "hello")
            #expect(answer.head["Content-Type"] == "application/octet-stream")
            #expect(answer.head.url == url)
            let headers = try #require(hub.requests.first).headers
            #expect(headers["user-agent"] == "modelteca-tests/1")
            #expect(headers["accept-encoding"] == "identity")
            #expect(headers["x-test"] == "1")
        }
    }

    @Test func `each request is told once it is over, and no secret of it`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.txt", .text("hello"))
            let heard = Mutex<[HTTPExchange]>([])
            var options = HTTPClient.Options(userAgent: "modelteca-tests/1", authorization: { _ in "Bearer secret" })
            options.onExchange = { exchange in heard.withLock { $0.append(exchange) } }
            let client = HTTPClient(options: options)
            var parts = try #require(URLComponents(url: url, resolvingAgainstBaseURL: true))
            (parts.user, parts.password, parts.query) = ("me", "secret", "token=secret")
            _ = try await client.fetch(HTTPRequest(try #require(parts.url), range: (0, 1)), limit: 100)
            let nobody = try #require(URL(string: "http://127.0.0.1:1/x"))
            await #expect(throws: HTTPError.self) { try await client.fetch(HTTPRequest(nobody), limit: 100) }
            let told = heard.withLock { $0 }
            #expect(told.map(\.status) == [206, nil] && told.map(\.code) == [nil, "unreachable"])
            #expect(told.map(\.address) == [url.absoluteString + "?…", nobody.absoluteString])
            #expect(told.map(\.range) == ["0-1", nil])
        }
    }

    @Test(arguments: [200, 404, 429, 500])
    func `any status is an answer`(status: Int) async throws {
        try await withLoopbackHub { hub in
            hub.script("*", .status(status, errorCode: "Because"))
            let answer = try await client().fetch(HTTPRequest(hub.url(for: "/x")), limit: 1000)
            #expect(answer.head.status == status)
            #expect(answer.head["x-error-code"] == "Because")
        }
    }

    @Test func `a document larger than its bound is refused`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.bin", .pattern(size: 2000))
            let whole = try await client().fetch(HTTPRequest(url), limit: 2000)
            #expect(whole.body.count == 2000)
            await #expect(throws: HTTPError.tooLarge(url: url, limit: 1999)) {
                try await client().fetch(HTTPRequest(url), limit: 1999)
            }
        }
    }

    @Test(arguments: [
        (Int64(0), Int64(9) as Int64?), (5, 5), (990, nil), (0, nil),
    ])
    func `a range is asked for and answered`(first: Int64, last: Int64?) async throws {
        try await withLoopbackHub { hub in
            let content = Content.pattern(size: 1000)
            let url = hub.addFile("a.bin", content)
            let answer = try await client().fetch(HTTPRequest(url, range: (first, last)), limit: 2000)
            #expect(answer.head.status == 206)
            let expected = try content.bytes(Int(first)..<Int((last ?? 999) + 1))
            #expect([UInt8](answer.body) == expected)
        }
    }

    @Test func `HEAD brings headers and no body`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.bin", .pattern(size: 5000))
            let answer = try await client().fetch(HTTPRequest(url, method: .head), limit: 0)
            #expect(answer.head["content-length"] == "5000")
            #expect(answer.body.isEmpty)
        }
    }

    @Test func `a line break in a header sends no second header`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.txt", .text("x"))
            let request = HTTPRequest(url, headers: [("X-Test", "1\r\nX-Smuggled: 1"), ("X-Good", "1")])
            _ = try await client().fetch(request, limit: 10)
            let headers = try #require(hub.requests.first).headers
            #expect(headers["x-smuggled"] == nil && headers["x-test"] == nil && headers["x-good"] == "1")
        }
    }

    @Test func `redirects are followed and the token stays at its own origin`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.txt", .text("there"))
            hub.script("start.txt", .redirect(to: "/files/a.txt", status: 307))
            hub.script("away.txt", .redirect(to: "{cdn}/elsewhere"))
            hub.handle("/elsewhere", side: .cdn) { _ in .text("elsewhere") }
            let client = client(token: "secret", for: hub.url)
            let same = try await client.fetch(HTTPRequest(hub.url(for: "/files/start.txt")), limit: 100)
            #expect(same.head.url == url)
            let away = try await client.fetch(HTTPRequest(hub.url(for: "/files/away.txt")), limit: 100)
            #expect(String(decoding: away.body, as: UTF8.self) == "elsewhere")
            for request in hub.requests { #expect(request.hasAuthorization == (request.side == .hub)) }
        }
    }

    @Test func `how far redirects are followed is the caller's choice`() async throws {
        try await withLoopbackHub { hub in
            hub.script("away.txt", .redirect(to: "{cdn}/elsewhere"))
            hub.script("start.txt", .redirect(to: "/files/away.txt"))
            let start = hub.url(for: "/files/start.txt")
            let none = try await client().fetch(HTTPRequest(start, redirects: .none), limit: 1000)
            #expect(none.head.status == 302 && none.head.location == hub.url(for: "/files/away.txt"))
            let same = try await client().fetch(HTTPRequest(start, redirects: .sameOrigin), limit: 1000)
            #expect(same.head.status == 302 && same.head.location?.absoluteString == "\(hub.cdnAddress)/elsewhere")
            #expect(hub.requests.allSatisfy { $0.side == .hub })
        }
    }

    @Test func `a circle of redirects ends after ten`() async throws {
        try await withLoopbackHub { hub in
            hub.script("*", .redirectLoop)
            let url = hub.url(for: "/files/a.txt")
            await #expect(throws: HTTPError.tooManyRedirects(url: url)) {
                try await client().fetch(HTTPRequest(url), limit: 100)
            }
            #expect(hub.requests.count == HTTPClient.redirectLimit + 1)
        }
    }

    @Test func `a redirect to a file of this machine or another protocol is not followed`() async throws {
        try await withLoopbackHub { hub in
            for target in [
                "file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "http:///x", "javascript:alert(1)",
                "http://127.0.0.1:99999/x",
            ] {
                hub.clear()
                hub.script("*", .redirect(to: target))
                let before = hub.requests.count
                let error = await #expect(throws: HTTPError.self) {
                    try await client().fetch(HTTPRequest(hub.url(for: "/x")), limit: 100)
                }
                #expect(error?.code == "stray-redirect")
                #expect(hub.requests.count == before + 1)
            }
        }
    }

    @Test func `failures of the network have names`() async throws {
        let hub = try LoopbackHub()
        let url = hub.addFile("a.bin", .pattern(size: 100_000))
        func code(stallTimeout: Int = 60) async -> String? {
            let client = client(stallTimeout: stallTimeout)
            let error = await #expect(throws: HTTPError.self) {
                try await client.fetch(HTTPRequest(url), limit: 1 << 20)
            }
            hub.clear()
            return error?.code
        }
        hub.script("*", .drop(after: 1000))
        #expect(await code() == "connection-lost")
        hub.script("*", .drop(after: 1000, rst: true))
        #expect(await code() == "connection-lost")
        hub.script("*", .reset)
        #expect(await code() == "connection-lost")
        hub.script("*", .stall(after: 1000))
        #expect(await code(stallTimeout: 1) == "stalled")
        hub.script("*", .hang)
        #expect(await code(stallTimeout: 1) == "stalled")
        hub.script("*", .header("X-Long", String(repeating: "a", count: 300 * 1024)))
        #expect(await code() != nil)
        hub.stop()
    }

    @Test func `where nobody listens nothing can be reached`() async throws {
        let url = try #require(URL(string: "http://127.0.0.1:1/x"))
        let error = await #expect(throws: HTTPError.self) {
            try await client().fetch(HTTPRequest(url), limit: 100)
        }
        #expect(error?.code == "unreachable")
    }

    @Test func `a handshake that never ends is out of time`() async throws {
        try await withLoopbackHub { hub in
            let url = try #require(URL(string: hub.address.replacing("http:", with: "https:")))
            let error = await #expect(throws: HTTPError.self) {
                try await HTTPClient(options: HTTPClient.Options(userAgent: "modelteca-tests", connectTimeout: 1))
                    .fetch(HTTPRequest(url), limit: 100)
            }
            #expect(error?.code == "timed-out")
        }
    }

    @Test func `a document that drips for ever is out of time, redirects included, and a file is not`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.bin", .pattern(size: 1 << 20))
            hub.script("a.bin", .slow(bytesPerSecond: 8000))
            hub.script("start.bin", .redirect(to: "/files/a.bin"))
            let client = HTTPClient(options: HTTPClient.Options(userAgent: "modelteca-tests", documentTimeout: 1))
            await #expect(throws: HTTPError.tooSlow(url: url, seconds: 1)) {
                try await client.fetch(HTTPRequest(hub.url(for: "/files/start.bin")), limit: 2 << 20)
            }
            let task = Task {
                try await client.transfer(
                    HTTPRequest(url), to: HTTPReceiver(onHead: { _ in true }, onBody: { _ in true }))
            }
            // More than one second's worth.
            try await hub.waitUntilSent("a.bin", 24_000)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `an offline client refuses every request and sends nothing`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.txt", .text("hello"))
            let client = HTTPClient(options: HTTPClient.Options(userAgent: "modelteca-tests", isOffline: true))
            await #expect(throws: HTTPError.offline(url: url)) {
                try await client.fetch(HTTPRequest(url), limit: 100)
            }
            await #expect(throws: HTTPError.offline(url: url)) {
                try await client.transfer(
                    HTTPRequest(url), to: HTTPReceiver(onHead: { _ in true }, onBody: { _ in true }))
            }
            #expect(HTTPError.offline(url: url).code == "offline")
            #expect(hub.requests.isEmpty)
        }
    }

    @Test func `a receiver stops a transfer at the head or in the body`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.bin", .pattern(size: 10 << 20))
            let client = client()
            await #expect(throws: HTTPError.stoppedByReceiver) {
                try await client.transfer(
                    HTTPRequest(url), to: HTTPReceiver(onHead: { _ in false }, onBody: { _ in true }))
            }
            await #expect(throws: HTTPError.stoppedByReceiver) {
                try await client.transfer(
                    HTTPRequest(url), to: HTTPReceiver(onHead: { _ in true }, onBody: { _ in false }))
            }
        }
    }

    @Test func `requests under one limit arrive whole, and one that is stopped meanwhile ends`() async throws {
        try await withLoopbackHub { hub in
            let content = Content.pattern(size: 400_000)
            let url = hub.addFile("a.bin", content)
            let client = client()
            let rate = SharedRate(bytesPerSecond: 2_000_000)
            let stopped = Task {
                let taken = Mutex(0)
                let receiver = HTTPReceiver(
                    onHead: { _ in true },
                    onBody: { bytes in
                        taken.withLock {
                            $0 += bytes.count
                            return $0 < 100_000
                        }
                    })
                return try await client.transfer(HTTPRequest(url, rate: rate), to: receiver)
            }
            async let one = client.fetch(HTTPRequest(url, rate: rate), limit: 1 << 20)
            async let other = client.fetch(HTTPRequest(url, rate: rate), limit: 1 << 20)
            let bodies = try await [one.body, other.body]
            #expect(bodies.allSatisfy { sha256(of: $0) == content.sha256 })
            await #expect(throws: HTTPError.stoppedByReceiver) { try await stopped.value }
        }
    }

    @Test func `a cancelled task ends its request at once`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.bin", .pattern(size: 1 << 20))
            hub.script("*", .stall(after: 1000))
            let client = client()
            let task = Task { try await client.fetch(HTTPRequest(url), limit: 2 << 20) }
            try await hub.waitUntilSent("a.bin", 1000)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `tasks that are cancelled while they start all end`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.bin", .pattern(size: 1 << 20))
            hub.script("*", .hang)
            let client = client()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        let task = Task { try await client.fetch(HTTPRequest(url), limit: 2 << 20) }
                        await Task.yield()
                        task.cancel()
                        _ = await task.result
                    }
                }
            }
        }
    }

    @Test func `clients come and go without leaving threads or descriptors`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.txt", .text("x"))
            for _ in 0..<50 {
                let answer = try await client().fetch(HTTPRequest(url), limit: 10)
                #expect(answer.head.status == 200)
            }
        }
    }

    @Test func `one connection serves requests that follow each other`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("a.txt", .text("x"))
            let client = client()
            for _ in 0..<5 { _ = try await client.fetch(HTTPRequest(url), limit: 10) }
            #expect(Set(hub.requests.map(\.connection)).count == 1)
            _ = try await client.fetch(HTTPRequest(url, usesNewConnection: true), limit: 10)
            #expect(Set(hub.requests.map(\.connection)).count == 2)
        }
    }

    @Test(arguments: [
        ("https://a.example/x", "https://a.example:443/y", true), ("https://a.example", "http://a.example", false),
        ("https://A.example", "https://a.EXAMPLE", true), ("https://a.example", "https://b.a.example", false),
        ("http://a.example", "http://a.example:8080", false),
    ])
    func `an origin is scheme, host and port`(one: String, other: String, same: Bool) throws {
        let (one, other) = try (#require(URL(string: one)), #require(URL(string: other)))
        #expect(one.hasSameOrigin(as: other) == same)
        #expect(other.hasSameOrigin(as: one) == same)
    }
}
