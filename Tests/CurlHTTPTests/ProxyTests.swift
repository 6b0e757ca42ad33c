import CurlHTTP
import Foundation
import TestSupport
import Testing

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

    @Test func `https asks the proxy for a tunnel, and a proxy that gives none is named`() async throws {
        try await withLoopbackHub { hub in
            let error = await #expect(throws: HTTPError.self) {
                try await client(ProxySettings(https: hub.address)).fetch(HTTPRequest(address("https")), limit: 100)
            }
            #expect(error?.code == "proxy-refused")
        }
    }

    @Test(arguments: [(407, [:]), (403, ["Via": "1.1 gate"])] as [(Int, [String: String])])
    func `what a proxy refuses is not taken for the server's answer`(status: Int, headers: [String: String])
        async throws
    {
        try await withLoopbackHub { hub in
            hub.addFile("a.txt", .text("never"))
            hub.script("a.txt", .status(status))
            for (name, value) in headers { hub.script("a.txt", .header(name, value)) }
            let settings = ProxySettings(environment: ["HTTP_PROXY": "http://u:secret@127.0.0.1:\(hub.url.port ?? 0)"])
            let error = await #expect(throws: HTTPError.self) {
                try await client(settings).fetch(HTTPRequest(address("http")), limit: 100)
            }
            let proxy = "127.0.0.1:\(hub.url.port ?? 0)"
            #expect(
                error
                    == .proxyRefused(proxy: proxy, variable: "HTTP_PROXY", host: "models.invalid", status: status))
        }
    }

    @Test func `a proxy that is not there is named, with the variable that names it`() async throws {
        let settings = ProxySettings(environment: ["all_proxy": "http://127.0.0.1:1"])
        let error = await #expect(throws: HTTPError.self) {
            try await client(settings).fetch(HTTPRequest(address("https")), limit: 100)
        }
        guard case .proxyUnreachable("127.0.0.1:1", "all_proxy", "models.invalid", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
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
            let proxy = try SOCKSProxy()
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

    /// nginx behind a proxy: with TLS the proxy sees nothing but the name of the host.
    private func withTunnel(
        credentials: String? = nil, user: String = "", scheme: String = "http",
        _ body: (HTTPClient, Nginx, TunnelProxy) async throws -> Void
    ) async throws {
        try await withNginx(["a.txt": .text("through the tunnel")]) { nginx in
            let proxy = try TunnelProxy(credentials: credentials)
            defer { proxy.stop() }
            let client = HTTPClient(
                options: HTTPClient.Options(
                    userAgent: "modelteca-tests/1", authorization: { _ in "Bearer secret" },
                    caFile: nginx.caFile.string,
                    proxies: ProxySettings(https: "http://\(user)127.0.0.1:\(proxy.port)")))
            try await body(client, nginx, proxy)
        }
    }

    @Test(.enabled(if: Nginx.isInstalled, "nginx and openssl are needed (Scripts/deps.sh --tests)"))
    func `https goes through a tunnel, and the token with it, unseen by the proxy`() async throws {
        try await withTunnel { client, nginx, proxy in
            let answer = try await client.fetch(HTTPRequest(nginx.url(.http2, "/a.txt")), limit: 100)
            #expect(String(decoding: answer.body, as: UTF8.self) == "through the tunnel")
            // The head is the server's, not the proxy's.
            #expect(answer.head.status == 200 && answer.head["server"]?.hasPrefix("nginx") == true)
            let head = try #require(proxy.requests.first)
            #expect(head.first == "CONNECT 127.0.0.1:\(nginx.number(.http2)) HTTP/1.1")
            #expect(head.contains("User-Agent: modelteca-tests/1"))
            #expect(!head.contains { $0.lowercased().hasPrefix("authorization") })
            let requests = try await nginx.finish()
            #expect(requests.map(\.version) == ["HTTP/2.0"])
            #expect(requests.map(\.authorization) == ["Bearer secret"])
        }
    }

    @Test(.enabled(if: Nginx.isInstalled, "nginx and openssl are needed (Scripts/deps.sh --tests)"))
    func `a tunnel spares nobody the certificate`() async throws {
        try await withTunnel { client, nginx, _ in
            let error = await #expect(throws: HTTPError.self) {
                try await client.fetch(HTTPRequest(nginx.url(.otherHost, "/a.txt")), limit: 100)
            }
            #expect(error?.code == "tls-refused")
        }
    }

    @Test(
        .enabled(if: Nginx.isInstalled, "nginx and openssl are needed (Scripts/deps.sh --tests)"),
        arguments: [("me:secret@", true), ("me:wrong@", false), ("", false)])
    func `a proxy that wants a password gets the one of its address`(user: String, isRight: Bool) async throws {
        try await withTunnel(credentials: "me:secret", user: user) { client, nginx, _ in
            if isRight {
                let answer = try await client.fetch(HTTPRequest(nginx.url(.http1, "/a.txt")), limit: 100)
                #expect(answer.head.status == 200)
            } else {
                let error = await #expect(throws: HTTPError.self) {
                    try await client.fetch(HTTPRequest(nginx.url(.http1, "/a.txt")), limit: 100)
                }
                #expect(error?.code == "proxy-refused")
            }
            let requests = try await nginx.finish()
            #expect(requests.count == (isRight ? 1 : 0))
        }
    }

    @Test(.enabled(if: Nginx.isInstalled, "nginx and openssl are needed (Scripts/deps.sh --tests)"))
    func `https goes through a SOCKS proxy, which is asked for the name`() async throws {
        try await withNginx(["a.txt": .text("there")]) { nginx in
            let proxy = try SOCKSProxy()
            defer { proxy.stop() }
            let client = HTTPClient(
                options: HTTPClient.Options(
                    userAgent: "modelteca-tests", caFile: nginx.caFile.string,
                    proxies: ProxySettings(https: "socks5h://127.0.0.1:\(proxy.port)")))
            let answer = try await client.fetch(
                HTTPRequest(nginx.url(.http2, "/a.txt", host: "localhost")), limit: 100)
            #expect(answer.head.status == 200)
            #expect(proxy.hosts == ["localhost"])
            let requests = try await nginx.finish()
            #expect(requests.map(\.version) == ["HTTP/2.0"])
        }
    }

    @Test(
        .enabled(if: Nginx.isInstalled, "nginx and openssl are needed (Scripts/deps.sh --tests)"),
        arguments: [(Nginx.Port.http1, true), (.http1, false), (.expired, true)])
    func `a proxy that is reached with TLS has to show a certificate that holds`(
        port: Nginx.Port, isTrusted: Bool
    ) async throws {
        try await withLoopbackHub { hub in
            hub.addFile("a.txt", .text("through the proxy"))
            try await withNginx([:], Nginx.Site(origins: [.http1: hub.address])) { nginx in
                let client = HTTPClient(
                    options: HTTPClient.Options(
                        userAgent: "modelteca-tests", caFile: isTrusted ? nginx.caFile.string : nil,
                        proxies: ProxySettings(http: nginx.address(port))))
                let request = try HTTPRequest(address("http"))
                guard port == .http1, isTrusted else {
                    let error = await #expect(throws: HTTPError.self) { try await client.fetch(request, limit: 100) }
                    #expect(error?.code == "tls-refused")
                    return
                }
                let answer = try await client.fetch(request, limit: 100)
                #expect(String(decoding: answer.body, as: UTF8.self) == "through the proxy")
                #expect(hub.requests.first?.headers["host"] == "models.invalid")
            }
        }
    }
}
