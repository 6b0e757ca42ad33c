import Foundation
import Testing

@testable import CurlHTTP

@Suite struct SafetyTests {
    @Test(arguments: [
        ("https://a.example", "http://a.example", false), ("HTTPS://a.example", "http://b.example", false),
        ("https://a.example", "HTTPS://b.example", true), ("http://a.example", "https://a.example", true),
        ("http://a.example", "http://b.example", true), ("https://a.example", "file:///x", false),
    ])
    func `https never leads to anything less`(from: String, to: String, isSafe: Bool) throws {
        let (from, to) = try (#require(URL(string: from)), #require(URL(string: to)))
        #expect(to.isAsSafe(as: from) == isSafe)
    }

    /// A set of variables and what they mean for an http and an https address.
    struct Surroundings: Sendable {
        var variables: [String: String]
        var http: String?
        var https: String?
        var exceptions: String?
    }

    @Test(arguments: [
        Surroundings(variables: [:]),
        Surroundings(variables: ["http_proxy": "http://p:1"], http: "http://p:1"),
        Surroundings(variables: ["HTTP_PROXY": "http://p:1"], http: "http://p:1"),
        Surroundings(variables: ["HTTP_PROXY": "http://p:1", "GATEWAY_INTERFACE": "CGI/1.1"]),
        Surroundings(variables: ["HTTPS_PROXY": "http://p:2"], https: "http://p:2"),
        Surroundings(variables: ["ALL_PROXY": "socks5h://p:3"], http: "socks5h://p:3", https: "socks5h://p:3"),
        Surroundings(
            variables: ["https_proxy": "http://p:2", "HTTPS_PROXY": "http://q:2", "all_proxy": "socks5://p:3"],
            http: "socks5://p:3", https: "http://p:2"),
        Surroundings(variables: ["http_proxy": "", "NO_PROXY": "a.example,.b"], exceptions: "a.example,.b"),
    ])
    func `proxies are read from the environment`(_ given: Surroundings) throws {
        let settings = ProxySettings(environment: given.variables)
        let (plain, safe) = try (#require(URL(string: "http://x.example")), #require(URL(string: "https://x.example")))
        #expect(settings.proxy(for: plain) == given.http)
        #expect(settings.proxy(for: safe) == given.https)
        #expect(settings.exceptions == given.exceptions)
    }
}
