import Foundation
import ModelHub
import SystemPackage
import TestSupport
import Testing

@Suite struct CredentialsTests {
    @Test(arguments: [
        (nil, "https://huggingface.co"), ("", "https://huggingface.co"),
        ("https://mirror.example/", "https://mirror.example"),
        (" http://127.0.0.1:8080/hf// ", "http://127.0.0.1:8080/hf"), ("mirror.example", "https://huggingface.co"),
        ("ftp://mirror.example", "https://huggingface.co"), ("https://", "https://huggingface.co"),
        ("https://a\nb", "https://huggingface.co"),
    ])
    func `the endpoint is an address of the web, or the public hub`(given: String?, endpoint: String) {
        let credentials = Credentials(environment: given.map { ["HF_ENDPOINT": $0] } ?? [:], home: "/nowhere")
        #expect(credentials.endpoint.absoluteString == endpoint)
    }

    @Test(
        arguments: [
            (["HF_TOKEN": "hf_a"], "hf_a"), (["HF_TOKEN": " hf_a\n"], "hf_a"),
            (["HF_TOKEN": "", "HUGGING_FACE_HUB_TOKEN": "hf_b"], "hf_b"),
            (["HF_TOKEN": "hf_a", "HUGGING_FACE_HUB_TOKEN": "hf_b"], "hf_a"),
            (["HF_TOKEN": "hf_a\r\nX-Evil: 1"], "hf_file"), ([:], "hf_file"),
            (["HF_TOKEN": "hf_a", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"], nil),
            (["HF_HUB_DISABLE_IMPLICIT_TOKEN": "YES"], nil), (["HF_HUB_DISABLE_IMPLICIT_TOKEN": "0"], "hf_file"),
        ] as [([String: String], String?)])
    func `the environment comes before the file`(environment: [String: String], token: String?) throws {
        try withTemporaryFolder { home in
            try home.appending(".cache/huggingface/token").write(Array("hf_file\n".utf8))
            #expect(Credentials(environment: environment, home: home.string).token == token)
        }
    }

    @Test(arguments: [
        ("HF_TOKEN_PATH", "x/mine", "x/mine"), ("HF_HOME", "x", "x/token"),
        ("XDG_CACHE_HOME", "x", "x/huggingface/token"), ("HF_HOME", "~/x", "x/token"),
    ])
    func `the file is where the official client keeps it`(name: String, value: String, path: String) throws {
        try withTemporaryFolder { home in
            try home.appending(path).write(Array("hf_there".utf8))
            let value = value.hasPrefix("~") ? value : home.appending(value).string
            #expect(Credentials(environment: [name: value], home: home.string).token == "hf_there")
        }
    }

    @Test func `a token file that is none is no token`() throws {
        try withTemporaryFolder { home in
            let folder = home.appending(".cache/huggingface/token")
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
            #expect(Credentials(environment: [:], home: home.string).token == nil)
            let large = home.appending("large")
            try large.write([UInt8](repeating: 10, count: 1 << 20))
            #expect(Credentials(environment: ["HF_TOKEN_PATH": large.string], home: home.string).token == nil)
        }
    }

    @Test(arguments: [
        ("https://hub.example/o/m", true), ("https://HUB.example:443/x", true), ("http://hub.example/o/m", false),
        ("https://hub.example:8443/o/m", false), ("https://cdn.hub.example/o/m", false),
        ("https://hub.example.evil.example/", false), ("file:///o/m", false),
    ])
    func `the token goes to its own origin only`(address: String, isSent: Bool) throws {
        let credentials = Credentials(endpoint: try #require(URL(string: "https://hub.example")), token: "hf_a")
        let url = try #require(URL(string: address))
        #expect(credentials.authorization(for: url) == (isSent ? "Bearer hf_a" : nil))
    }

    @Test func `the host that sends the bytes never sees the token`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model()], info: RepositoryInfo(gate: .auto))
            let asking = client(of: hub, token: hub.token)
            let file = try await asking.resolve("o/m").variants[0].files[0]
            _ = try await asking.header(of: file)
            #expect(hub.requests.contains { $0.side == .cdn })
            #expect(hub.requests.allSatisfy { $0.hasAuthorization == ($0.side == .hub) })
        }
    }
}
