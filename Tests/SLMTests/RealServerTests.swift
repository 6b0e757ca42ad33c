import Foundation
import SystemPackage
import TestSupport
import Testing

/// The program against a Hub and a content network behind nginx: TLS, HTTP/2, two hosts.
@Suite(.enabled(if: Nginx.isInstalled, "nginx and openssl are needed (Scripts/deps.sh --tests)"))
struct RealServerTests {
    private static let ref = "hf:demo/gated-GGUF:Q8_0"

    /// A gated model, and the environment in which the program finds its Hub.
    private func withHub(
        renamed: String = "https://localhost:{other}",
        _ body: (Program, Nginx, _ environment: [String: String]) async throws -> Void
    ) async throws {
        try await withProgram { program in
            program.hub.add(
                repo: "demo/gated-GGUF", files: ["gated-Q8_0.gguf": .bytes(GGUFBuilder.tinyLlama().build())],
                info: RepositoryInfo(gate: .manual))
            let site = Nginx.Site(
                origins: [.http2: program.hub.address, .other: program.hub.cdnAddress, .plain: program.hub.cdnAddress],
                renamed: [program.hub.cdnAddress: renamed])
            try await withNginx([:], site) { nginx in
                try await body(
                    program, nginx,
                    [
                        "HF_ENDPOINT": nginx.address(.http2), "HF_TOKEN": program.hub.token,
                        "SSL_CERT_FILE": nginx.caFile.string,
                    ])
            }
        }
    }

    /// What a run that went wrong says to programs.
    private func code(_ result: RunningCommand.Result) throws -> String? {
        try JSON(parsing: result.standardOutput)["error"]?["code"]?.text
    }

    @Test func `a gated model comes over HTTP 2, and the token stays with the Hub`() async throws {
        try await withHub { program, nginx, environment in
            let got = try await program.json("get", Self.ref, environment: environment)
            #expect(got["installed"]?.elements.first?["verified"]?.text == "sha256")
            let requests = try await nginx.finish()
            #expect(requests.allSatisfy { $0.version == "HTTP/2.0" && $0.userAgent.hasPrefix("modelteca/") })
            #expect(requests.contains { $0.port == nginx.number(.other) })
            for request in requests {
                let isHub = request.port == nginx.number(.http2)
                #expect(request.authorization == (isHub ? "Bearer \(program.hub.token)" : ""))
            }
        }
    }

    @Test func `a Hub that points to http is not followed there`() async throws {
        try await withHub(renamed: "http://127.0.0.1:{plain}") { program, nginx, environment in
            let said = try await program.run("get", Self.ref, "--json", environment: environment)
            #expect(said.status == 69)
            #expect(try code(said) == "insecure-redirect")
            #expect(try await program.json("ls")["models"]?.elements.isEmpty == true)
            let requests = try await nginx.finish()
            #expect(requests.allSatisfy { $0.port == nginx.number(.http2) })
        }
    }

    @Test(arguments: [nil, Nginx.Port.expired, .otherHost])
    func `a certificate that does not hold is said, and no token is sent`(port: Nginx.Port?) async throws {
        try await withHub { program, nginx, environment in
            var environment = environment
            if let port { environment["HF_ENDPOINT"] = nginx.address(port) } else { environment["SSL_CERT_FILE"] = nil }
            let said = try await program.run("get", Self.ref, "--json", environment: environment)
            #expect(said.status == 69)
            #expect(try code(said) == "tls-refused")
            let requests = try await nginx.finish()
            #expect(requests.isEmpty)
        }
    }

    @Test func `a proxy of the environment gives the tunnel, and sees no token`() async throws {
        try await withHub { program, nginx, environment in
            let proxy = try TunnelProxy()
            defer { proxy.stop() }
            let surroundings = ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)", "NO_PROXY": ""]
            let got = try await program.json(
                "get", Self.ref, environment: environment.merging(surroundings) { _, new in new })
            #expect(got["installed"]?.elements.first?["verified"]?.text == "sha256")
            let asked = proxy.requests
            #expect(
                Set(asked.compactMap(\.first)) == [
                    "CONNECT 127.0.0.1:\(nginx.number(.http2)) HTTP/1.1",
                    "CONNECT localhost:\(nginx.number(.other)) HTTP/1.1",
                ])
            #expect(!asked.joined().contains { $0.contains(program.hub.token) })
        }
    }
}
