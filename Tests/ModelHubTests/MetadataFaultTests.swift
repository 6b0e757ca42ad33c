import CurlHTTP
import Foundation
import ModelHub
import TestSupport
import Testing

/// What goes wrong while the Hub is asked about a repository.
@Suite struct MetadataFaultTests {
    struct Trouble: Sendable, CustomTestStringConvertible {
        var name: String
        var fault: Fault
        /// How it ends when it lasts.
        var code: String
        /// Whether asking again helps when it happened once.
        var passes = true
        /// In seconds; short only where nothing else ends the request.
        var stallTimeout = 60
        var testDescription: String { name }
    }

    static let troubles = [
        Trouble(name: "dropped", fault: .drop(after: 20), code: "connection-lost"),
        Trouble(name: "reset in the middle", fault: .drop(after: 20, rst: true), code: "connection-lost"),
        Trouble(name: "reset instead of an answer", fault: .reset, code: "connection-lost"),
        Trouble(name: "a stall", fault: .stall(after: 20), code: "stalled", stallTimeout: 4),
        Trouble(name: "a hang", fault: .hang, code: "stalled", stallTimeout: 4),
        Trouble(name: "a length too large", fault: .wrongLength(by: 3), code: "connection-lost"),
        Trouble(name: "a length too small", fault: .wrongLength(by: -3), code: "unexpected-answer", passes: false),
        Trouble(name: "short", fault: .truncate(after: 20), code: "unexpected-answer", passes: false),
        Trouble(
            name: "short, in chunks", fault: .truncate(after: 20, chunked: true), code: "unexpected-answer",
            passes: false),
        Trouble(name: "gzip", fault: .gzip, code: "unexpected-answer", passes: false),
        Trouble(name: "a page", fault: .html(), code: "web-page", passes: false),
        Trouble(name: "a page of a failing server", fault: .html(status: 502), code: "unexpected-answer"),
        Trouble(name: "a page of a firewall", fault: .html(status: 403), code: "web-page", passes: false),
        Trouble(name: "403 without a word", fault: .status(403), code: "unexpected-answer", passes: false),
        Trouble(name: "500", fault: .status(500), code: "unexpected-answer"),
        Trouble(name: "429", fault: .status(429), code: "rate-limited"),
        Trouble(name: "429 with seconds", fault: .status(429, retryAfter: .seconds(0)), code: "rate-limited"),
        Trouble(
            name: "429 with a date", fault: .status(429, retryAfter: .date(secondsFromNow: 1)), code: "rate-limited"),
        Trouble(name: "in circles", fault: .redirectLoop, code: "too-many-redirects", passes: false),
        Trouble(
            name: "to a file of this machine", fault: .redirect(to: "file:///etc/passwd"), code: "stray-redirect",
            passes: false),
    ]

    /// A Hub that knows one repository; its answer is a file's, so that faults of bodies strike it.
    private func withHub(stallTimeout: Int = 60, _ body: (LoopbackHub, Hub) async throws -> Void) async throws {
        try await withLoopbackHub { hub in
            let (digest, size) = (sha256(of: model()), model().count)
            let json = """
                {"id": "o/m", "sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [
                  {"rfilename": "m-Q8_0.gguf", "size": \(size), "lfs": {"sha256": "\(digest)", "size": \(size)}}]}
                """
            hub.handle("/api/models/o/m") { _ in .file(.text(json), type: "application/json") }
            let http = HTTPClient(options: HTTPClient.Options(userAgent: "tests", stallTimeout: stallTimeout))
            let asking = Hub(
                http: http, credentials: Credentials(endpoint: hub.url, token: nil),
                retry: RetryPolicy(tries: 2, firstDelay: 0.001, longestRequestedDelay: 20))
            try await body(hub, asking)
        }
    }

    private func code(of work: () async throws -> some Sendable) async -> String? {
        do {
            _ = try await work()
            return nil
        } catch {
            return (error as? HubError)?.code ?? (error as? HTTPError)?.code
        }
    }

    @Test(arguments: troubles)
    func `a trouble that lasts has a name`(_ trouble: Trouble) async throws {
        try await withHub(stallTimeout: trouble.stallTimeout) { hub, asking in
            hub.script("/api/*", trouble.fault)
            #expect(await code { try await asking.resolve("o/m") } == trouble.code)
        }
    }

    @Test(arguments: troubles)
    func `a trouble that happens once is asked about again where that may help`(_ trouble: Trouble) async throws {
        try await withHub(stallTimeout: trouble.stallTimeout) { hub, asking in
            hub.script("/api/*", trouble.fault, times: 1)
            guard trouble.passes else {
                // A circle that opens leads to the answer.
                let code = await code { try await asking.resolve("o/m") }
                #expect(code == trouble.code || trouble.name == "in circles" && code == nil)
                return
            }
            let offer = try await asking.resolve("o/m")
            #expect(offer.names == [["m-Q8_0.gguf"]])
            #expect(hub.requests.count == 2)
        }
    }

    @Test(arguments: [
        Fault.latency(milliseconds: 200), .noLength(), .noLength(chunked: false), .close, .slow(bytesPerSecond: 2000),
        .stall(after: 20, milliseconds: 200), .noEtag,
    ])
    func `what is only unusual is no trouble`(fault: Fault) async throws {
        try await withHub { hub, asking in
            hub.script("/api/*", fault)
            let offer = try await asking.resolve("o/m")
            #expect(offer.names == [["m-Q8_0.gguf"]])
            #expect(hub.requests.count == 1)
        }
    }
}
