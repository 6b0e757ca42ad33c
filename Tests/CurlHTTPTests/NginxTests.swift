import CurlHTTP
import Foundation
import TestSupport
import Testing

/// Against nginx: what TLS, ALPN and HTTP/2 make of a request is not for our own server to say.
@Suite(.enabled(if: Nginx.isInstalled, "nginx and openssl are needed (Scripts/deps.sh --tests)"))
struct NginxTests {
    private static let content = Content.pattern(size: 300_000)

    private func client(
        _ nginx: Nginx, trusting: Bool = true, authorization: @escaping @Sendable (URL) -> String? = { _ in nil }
    ) -> HTTPClient {
        HTTPClient(
            options: HTTPClient.Options(
                userAgent: "modelteca-tests/1", authorization: authorization,
                caFile: trusting ? nginx.caFile.string : nil, proxies: ProxySettings()))
    }

    @Test(arguments: [(Nginx.Port.http2, "HTTP/2.0"), (.http1, "HTTP/1.1"), (.plain, "HTTP/1.1")])
    func `the server's best protocol is spoken, on one connection for requests that follow each other`(
        port: Nginx.Port, version: String
    ) async throws {
        try await withNginx(["a.bin": Self.content]) { nginx in
            let client = client(nginx)
            for _ in 0..<5 {
                let answer = try await client.fetch(HTTPRequest(nginx.url(port, "/a.bin")), limit: 1 << 20)
                #expect(answer.head.status == 200)
                #expect(sha256(of: answer.body) == Self.content.sha256)
            }
            let part = try await client.fetch(
                HTTPRequest(nginx.url(port, "/a.bin"), range: (1000, 1999)), limit: 1000)
            #expect(try [UInt8](part.body) == Self.content.bytes(1000..<2000))
            let requests = try await nginx.finish()
            #expect(requests.map(\.version) == Array(repeating: version, count: 6))
            #expect(requests.map(\.status) == [200, 200, 200, 200, 200, 206])
            #expect(requests.last?.range == "bytes=1000-1999")
            #expect(requests.allSatisfy { $0.userAgent == "modelteca-tests/1" })
            #expect(Set(requests.map(\.connection)).count == 1)
            #expect(requests.map(\.ordinal) == Array(1...6))
        }
    }

    @Test func `requests at the same time have a connection each, with HTTP 2 too`() async throws {
        try await withNginx(["a.bin": Self.content]) { nginx in
            let client = client(nginx)
            let url = try nginx.url(.http2, "/slow/a.bin")
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await client.fetch(HTTPRequest(url), limit: 1 << 20).body.count } }
                for try await count in group { #expect(count == Self.content.size) }
            }
            let requests = try await nginx.finish()
            #expect(requests.allSatisfy { $0.version == "HTTP/2.0" })
            #expect(Set(requests.map(\.connection)).count == 4)
        }
    }

    @Test(arguments: [Nginx.Port.expired, .otherHost])
    func `a certificate that does not hold is refused before anything is asked`(port: Nginx.Port) async throws {
        try await withNginx(["a.bin": Self.content]) { nginx in
            let error = await #expect(throws: HTTPError.self) {
                try await client(nginx, authorization: { _ in "Bearer secret" })
                    .fetch(HTTPRequest(nginx.url(port, "/a.bin")), limit: 1 << 20)
            }
            #expect(error?.code == "tls-refused")
            let requests = try await nginx.finish()
            #expect(requests.isEmpty)
        }
    }

    @Test func `an authority that nobody named is not trusted`() async throws {
        try await withNginx(["a.bin": Self.content]) { nginx in
            let error = await #expect(throws: HTTPError.self) {
                try await client(nginx, trusting: false)
                    .fetch(HTTPRequest(nginx.url(.http2, "/a.bin")), limit: 1 << 20)
            }
            #expect(error?.code == "tls-refused")
            let requests = try await nginx.finish()
            #expect(requests.isEmpty)
        }
    }

    @Test(arguments: ["none.pem", "nginx.conf"])
    func `a file that holds no certificates is a failure of TLS`(name: String) async throws {
        try await withNginx(["a.bin": Self.content]) { nginx in
            let path = nginx.caFile.removingLastComponent().appending(name).string
            let client = HTTPClient(
                options: HTTPClient.Options(userAgent: "modelteca-tests", caFile: path, proxies: ProxySettings()))
            let error = await #expect(throws: HTTPError.self) {
                try await client.fetch(HTTPRequest(nginx.url(.http2, "/a.bin")), limit: 1 << 20)
            }
            #expect(error?.code == "tls-refused")
        }
    }

    @Test func `https never leads to http`() async throws {
        let site = Nginx.Site(redirects: ["/down": "http://127.0.0.1:{plain}/a.bin"])
        try await withNginx(["a.bin": Self.content], site) { nginx in
            let (from, to) = try (nginx.url(.http2, "/down"), nginx.url(.plain, "/a.bin"))
            await #expect(throws: HTTPError.insecureRedirect(from: from, to: to)) {
                try await client(nginx).fetch(HTTPRequest(from), limit: 1 << 20)
            }
            let requests = try await nginx.finish()
            #expect(requests.map(\.port) == [nginx.number(.http2)])
        }
    }

    @Test func `a token goes to its own origin only`() async throws {
        let site = Nginx.Site(redirects: [
            "/port": "https://127.0.0.1:{other}/a.bin", "/name": "https://localhost:{http2}/a.bin", "/own": "/a.bin",
        ])
        try await withNginx(["a.bin": Self.content], site) { nginx in
            let home = try nginx.url(.http2, "/")
            let client = client(nginx) { $0.hasSameOrigin(as: home) ? "Bearer secret" : nil }
            for path in ["/port", "/name", "/own"] {
                let answer = try await client.fetch(HTTPRequest(nginx.url(.http2, path)), limit: 1 << 20)
                #expect(sha256(of: answer.body) == Self.content.sha256)
            }
            let requests = try await nginx.finish()
            #expect(requests.map(\.path) == ["/port", "/a.bin", "/name", "/a.bin", "/own", "/a.bin"])
            let (own, none) = ("Bearer secret", "")
            #expect(requests.map(\.authorization) == [own, none, own, none, own, own])
        }
    }
}
