import CurlHTTP
import Foundation
import ModelCatalog
import ModelHub
import TestSupport
import Testing

@Suite struct HubErrorTests {
    @Test(arguments: [
        ("o/m:Q2_K", HubError.noQuantization(id: "o/m", quantization: "Q2_K", available: ["Q8_0"])),
        ("o/m/other.gguf", .noFile(id: "o/m", path: "other.gguf")),
        ("o/m@v9", .noRevision(id: "o/m", revision: "v9")),
        ("o/none", .noRepository(id: "o/none", hasToken: false)),
        ("o/text", .noModelFiles(id: "o/text")),
    ])
    func `what is not there is said by its kind`(text: String, error: HubError) async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()])
            hub.add(repo: "o/text", files: ["README.md": Array("no model".utf8)])
            await #expect(throws: error) { try await client(of: hub).resolve(text) }
        }
    }

    @Test func `a private repository is hidden from strangers and open to its members`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()], info: RepositoryInfo(isPrivate: true))
            await #expect(throws: HubError.noRepository(id: "o/m", hasToken: false)) {
                try await client(of: hub).resolve("o/m")
            }
            await #expect(throws: HubError.noRepository(id: "o/m", hasToken: true)) {
                try await client(of: hub, token: hub.tokenWithoutAccess).resolve("o/m")
            }
            let offer = try await client(of: hub, token: hub.token).resolve("o/m")
            #expect(offer.variants.count == 1)
        }
    }

    @Test func `a gate is told from a missing file, with and without a token`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()], info: RepositoryInfo(gate: .manual))
            let file = try await client(of: hub).resolve("o/m").variants[0].files[0]
            await #expect(throws: HubError.gated(id: "o/m", hasToken: false)) {
                try await client(of: hub).header(of: file)
            }
            await #expect(throws: HubError.gated(id: "o/m", hasToken: true)) {
                try await client(of: hub, token: hub.tokenWithoutAccess).header(of: file)
            }
            let header = try await client(of: hub, token: hub.token).header(of: file)
            #expect(header.file.tensors.count > 3)
        }
    }

    @Test func `metadata behind a gate is told as such`() async throws {
        try await withLoopbackHub { hub in
            hub.script("/api/models/o/m", .status(401, errorCode: "GatedRepo"))
            await #expect(throws: HubError.gated(id: "o/m", hasToken: false)) {
                try await client(of: hub).resolve("o/m")
            }
        }
    }

    @Test func `what is public can be had in spite of a token that the hub does not know`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()])
            let credentials = Credentials(endpoint: hub.url, token: "hf_stale")
            let http = HTTPClient(
                options: .init(userAgent: "tests", authorization: { credentials.authorization(for: $0) }))
            let hub = Hub(http: http, credentials: credentials, retry: .hasty)
            let offer = try await hub.resolve("o/m")
            #expect(offer.variants.count == 1)
            // Whoever fetches the file afterwards leaves it out too.
            #expect(credentials.isRefused && credentials.authorization(for: credentials.endpoint) == nil)
        }
    }

    @Test func `a page for people is no answer of a hub`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()])
            hub.script("/api/models/o/m", .html(status: 200))
            let error = await #expect(throws: HubError.self) { try await client(of: hub).resolve("o/m") }
            #expect(error?.code == "web-page")
        }
    }

    @Test func `a token that the hub does not know is named as the cause`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()], info: RepositoryInfo(isPrivate: true))
            await #expect(throws: HubError.tokenRefused(id: "o/m", source: "HF_TOKEN")) {
                try await client(of: hub, token: "hf_madeup").resolve("o/m")
            }
        }
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func `what passes by itself is asked again`(status: Int) async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()])
            hub.script("/api/*", .status(status), times: 2)
            let offer = try await client(of: hub).resolve("o/m")
            #expect(offer.variants.count == 1)
            #expect(hub.requests.count == 3)
        }
    }

    @Test func `a connection that breaks is asked again`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()])
            hub.script("/api/*", .reset, times: 1)
            let offer = try await client(of: hub).resolve("o/m")
            #expect(offer.variants.count == 1)
        }
    }

    @Test func `patience ends with what the server said`() async throws {
        try await withLoopbackHub { hub in
            hub.script("/api/*", .status(503))
            await #expect { try await client(of: hub).resolve("o/m") } throws: { error in
                guard case .unexpectedAnswer(_, 503, _) = error as? HubError else { return false }
                return true
            }
            #expect(hub.requests.count == 3)
        }
    }

    @Test(arguments: [Fault.RetryAfter.seconds(3600), .date(secondsFromNow: 3600)])
    func `a long wait is left to the user`(wait: Fault.RetryAfter) async throws {
        try await withLoopbackHub { hub in
            hub.script("/api/*", .status(429, retryAfter: wait))
            await #expect { try await client(of: hub).resolve("o/m") } throws: { error in
                guard case .rateLimited("127.0.0.1", let seconds?) = error as? HubError else { return false }
                return (3500...3600).contains(seconds)
            }
            #expect(hub.requests.count == 1)
        }
    }

    @Test func `the hub's own way of saying how long to wait is understood`() async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/m") { _ in
                .json("{}", status: 429, headers: [("RateLimit", "\"api\";r=0;t=172")])
            }
            await #expect(throws: HubError.rateLimited(host: "127.0.0.1", retryAfter: 173)) {
                try await client(of: hub).resolve("o/m")
            }
        }
    }

    @Test(arguments: [
        "", "null", "[]", "{", "<!doctype html>", "{\"id\":\"o/m\"}", "{\"id\":7,\"sha\":true}",
        "{\"id\":\"o/m\",\"sha\":\"../../x\",\"siblings\":[]}", "{\"id\":\"o/m\",\"sha\":\"\",\"siblings\":[]}",
        "{\"id\":\"o/m\",\"sha\":\"0123456789abcdef\",\"siblings\":[{\"rfilename\":\"m.gguf\",\"lfs\":{\"sha256\":\"x\"}}]}",
    ])
    func `an answer that is no hub's is refused`(text: String) async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/m") { _ in .json(text) }
            await #expect { try await client(of: hub).resolve("o/m") } throws: {
                ($0 as? HubError)?.code == "unexpected-answer"
            }
        }
    }

    @Test func `an answer of absurd size is not read`() async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/m") { _ in .file(.pattern(size: 40 << 20), type: "application/json") }
            await #expect { try await client(of: hub).resolve("o/m") } throws: {
                if case .tooLarge = $0 as? HTTPError { true } else { false }
            }
        }
    }

    @Test func `a host that nobody answers at is not asked twice`() async throws {
        // A port that a stopped hub had may be another's a moment later.
        let nobody = try #require(URL(string: "http://127.0.0.1:1"))
        let asking = client(at: nobody, retry: RetryPolicy(tries: 3, firstDelay: 600, longestDelay: 600))
        await #expect { try await asking.resolve("o/m") } throws: {
            if case .unreachable = $0 as? HTTPError { true } else { false }
        }
    }

    @Test func `offline nothing is asked, and not twice either`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("m.gguf", model())
            let http = HTTPClient(options: HTTPClient.Options(userAgent: "tests", isOffline: true))
            let asking = Hub(
                http: http, credentials: Credentials(endpoint: hub.url, token: nil),
                retry: RetryPolicy(tries: 3, firstDelay: 600, longestDelay: 600))
            let file = RemoteFile(name: "m.gguf", url: url, mirrors: [hub.url(for: "/files/mirror.gguf")])
            await #expect { try await asking.resolve("o/m") } throws: { ($0 as? HTTPError)?.code == "offline" }
            await #expect { try await asking.header(of: file) } throws: { ($0 as? HTTPError)?.code == "offline" }
            #expect(hub.requests.isEmpty)
        }
    }

    @Test(arguments: ["\"api\";r=10;t=172", "\"api\";r=0"])
    func `what is left of a quota asks for no wait`(limit: String) async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/m") { _ in .json("{}", status: 429, headers: [("RateLimit", limit)]) }
            await #expect(throws: HubError.rateLimited(host: "127.0.0.1", retryAfter: nil)) {
                try await client(of: hub).resolve("o/m")
            }
            #expect(hub.requests.count == RetryPolicy.hasty.tries)
        }
    }

    @Test func `an entry that is not what it should be hides itself, not the repository`() async throws {
        try await withLoopbackHub { hub in
            let rows = #"""
                {"rfilename": 7}, null, {"rfilename": "b-Q8_0.gguf", "size": "large"}, [],
                {"rfilename": "a-Q4_0.gguf", "size": 10}
                """#
            hub.handle("/api/models/o/m") { _ in
                .json(#"{"id": "o/m", "sha": "0123456789abcdef", "siblings": [\#(rows)]}"#)
            }
            let digest = String(repeating: "ab", count: 32)
            hub.handle("/api/models/o/m/tree/0123456789abcdef") { _ in
                .json(#"[{"path": []}, {"path": "a-Q4_0.gguf", "size": 10, "lfs": {"oid": "\#(digest)", "size": 10}}]"#)
            }
            let offer = try await client(of: hub).resolve("o/m")
            #expect(offer.names == [["a-Q4_0.gguf"]] && offer.unreadable == 4)
            #expect(offer.variants.first?.files.first?.digest?.hex == digest)
            hub.handle("/api/models") { _ in .json(#"[{"id": 1}, {"id": "o/m", "downloads": 3}]"#) }
            #expect(try await client(of: hub).search("m").map(\.id) == ["o/m"])
        }
    }

    @Test(arguments: [
        "../x.gguf", "a/../../x.gguf", "/etc/x.gguf", "x\\y.gguf", ".x.gguf", "NUL.gguf", "x\\u0007y.gguf",
        "x\\u202ey.gguf",
    ])
    func `a name that no disk should hold is left out, and said when it is all there is`(name: String) async throws {
        let json = name.replacing("x\\y", with: "x\\\\y")
        @Sendable func document(_ names: String...) -> String {
            let rows = names.map { "{\"rfilename\":\"\($0)\",\"size\":10}" }.joined(separator: ",")
            return "{\"id\":\"o/m\",\"sha\":\"0123456789abcdef\",\"siblings\":[\(rows)]}"
        }
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/one") { _ in .json(document(json)) }
            hub.handle("/api/models/o/two") { _ in .json(document(json, "fine-Q8_0.gguf")) }
            await #expect { try await client(of: hub).resolve("o/one") } throws: {
                ($0 as? HubError)?.code == "unsafe-name"
            }
            let names = try await client(of: hub).resolve("o/two").names
            #expect(names == [["fine-Q8_0.gguf"]])
        }
    }

    @Test func `sizes that no file has are not believed`() async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/m") { _ in
                let rows = (1...2).map {
                    "{\"rfilename\":\"m-0000\($0)-of-00002.gguf\",\"size\":\(Int64.max)}"
                }
                return .json(
                    "{\"id\":\"o/m\",\"sha\":\"0123456789abcdef\",\"siblings\":[\(rows.joined(separator: ","))]}")
            }
            let variant = try await client(of: hub).resolve("o/m").variants[0]
            #expect(variant.files.map(\.size) == [nil, nil])
            #expect(variant.size == nil)
        }
    }
}
