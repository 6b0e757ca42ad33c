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
        #expect(settings.proxy(for: plain)?.address == given.http)
        #expect(settings.proxy(for: safe)?.address == given.https)
        #expect(settings.exceptions == given.exceptions)
    }

    @Test(arguments: [
        ("hub.example", true), ("other.example,hub.example", true), (".example", true), ("*.example", true),
        ("EXAMPLE", true), ("b.example", false), ("*", true), ("http://hub.example/", true), ("hub.example:443", true),
        ("hub.example:8080", false), ("ub.example", false), ("hub.example.", true), ("10.0.0.0/8", false),
        (" other.example  hub.example ", true), (",,", false), ("*.", false),
    ])
    func `exceptions are written in many ways`(exceptions: String, isDirect: Bool) throws {
        let settings = ProxySettings(https: "http://p:1", exceptions: exceptions)
        let url = try #require(URL(string: "https://hub.example/x"))
        #expect((settings.proxy(for: url) == nil) == isDirect)
    }

    @Test(arguments: [
        ("https://10.1.2.3/x", "10.0.0.0/8", true), ("https://11.1.2.3/x", "10.0.0.0/8", false),
        ("https://[::1]/x", "[::1]", true), ("https://[::1]/x", "::1", true), ("https://[fd00::1]/x", "fd00::/8", true),
        ("https://[::1]:8443/x", "[::1]:8443", true), ("https://[::1]/x", "[::1]:8443", false),
    ])
    func `an exception may be an address or a block of them`(text: String, exceptions: String, isDirect: Bool) throws {
        let settings = ProxySettings(https: "http://p:1", exceptions: exceptions)
        let url = try #require(URL(string: text))
        #expect((settings.proxy(for: url) == nil) == isDirect)
    }

    @Test(arguments: [
        ("http://p:3128", true), ("p:3128", true), ("p", true), ("socks5h://u:w@p:1", true), ("http://p:99999", false),
        ("http://p:0", false), ("http://p:port", false), ("ftp://p:1", false), ("http://", false),
        ("http://p/x", false),
    ])
    func `a proxy that cannot be one is known as such`(value: String, isUsable: Bool) {
        #expect(ProxySettings.isUsable("HTTPS_PROXY", in: ["HTTPS_PROXY": value]) == isUsable)
    }
}
