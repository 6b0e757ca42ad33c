import Foundation
import SystemPackage
import TestSupport
import Testing

/// What a user says about a transfer on the command line, and what comes of it.
@Suite struct TransferTests {
    private static let ref = "hf:demo/large-GGUF:Q8_0"
    private static let name = "demo/large-GGUF/large-Q8_0.gguf"

    /// A Hub with one model of some megabytes; gives its size.
    private func withModel(_ body: (Program, Int) async throws -> Void) async throws {
        try await withProgram { program in
            let bytes = GGUFBuilder.tinyLlama(tensorBytes: 6 << 20).build()
            program.hub.add(repo: "demo/large-GGUF", files: ["large-Q8_0.gguf": bytes])
            try await body(program, bytes.count)
        }
    }

    @Test(arguments: ["1", "4"])
    func `a limit on the rate holds however many connections share it`(connections: String) async throws {
        try await withModel { program, size in
            let start = ContinuousClock.now
            let got = try await program.json("get", Self.ref, "--limit-rate", "4MB", "--connections", connections)[
                "installed"]?.elements.first
            // What is above the limit may come at once only for a tenth of a second.
            #expect(ContinuousClock.now - start > .seconds(Double(size) / 4e6 * 0.8))
            #expect(got?["verified"]?.text == "sha256")
            #expect(got?["fetchedBytes"]?.integer == size)
            #expect(program.hub.bytesSent(for: Self.name) == size)
        }
    }

    @Test func `when the time is over it ends with its own status, and the next run goes on`() async throws {
        try await withModel { program, size in
            program.hub.script(Self.name, .slow(bytesPerSecond: 20_000), side: .cdn)
            var half: [JSON] = []
            // On a busy machine a second may pass before the first byte comes.
            for limit in ["1", "4", "16", "64"] where half.isEmpty {
                let late = try await program.run("get", Self.ref, "--max-time", limit, "--connections", "2", "--json")
                #expect(late.status == 75)
                #expect(try JSON(parsing: late.standardOutput)["error"]?["code"]?.text == "time-is-up")
                half = try await program.json("ls")["models"]?.elements ?? []
            }
            #expect(half.map { $0["state"]?.text } == ["partial"])
            #expect((half.first?["fetchedBytes"]?.integer ?? 0) > 0)
            program.hub.clear()
            let got = try await program.json("get", Self.ref)["installed"]?.elements.first
            let (kept, fetched) = (got?["resumedFromBytes"]?.integer ?? 0, got?["fetchedBytes"]?.integer ?? 0)
            #expect(kept > 0)
            #expect(kept + fetched == size)
            #expect(got?["verified"]?.text == "sha256")
        }
    }

    @Test(arguments: ["en", "es"])
    func `that the time is over is said to people too, with what to do`(language: String) async throws {
        try await withModel { program, _ in
            program.hub.script(Self.name, .slow(bytesPerSecond: 300_000), side: .cdn)
            let late = try await program.run("get", Self.ref, "--max-time", "1", language: language)
            #expect(late.status == 75)
            #expect(late.standardError.contains(language == "es" ? "pista: " : "hint: "))
        }
    }

    @Test func `no more connections are used than were asked for`() async throws {
        for wanted in [1, 3] {
            try await withModel { program, size in
                // Slow enough that each connection still has work when the next comes.
                program.hub.script(Self.name, .slow(bytesPerSecond: 4_000_000), side: .cdn)
                let got = try await program.json("get", Self.ref, "--connections", String(wanted))["installed"]
                #expect(got?.elements.first?["fetchedBytes"]?.integer == size)
                let requests = program.hub.requests(for: Self.name).filter { $0.side == .cdn }
                #expect(Set(requests.map(\.connection)).count == wanted)
                #expect(requests.allSatisfy { $0.headers["user-agent"]?.hasPrefix("modelteca/") == true })
            }
        }
    }

    @Test func `a proxy of the environment is used, except for what is excepted`() async throws {
        try await withModel { program, _ in
            // No such host exists: only a proxy can answer for it. The content network is excepted by `NO_PROXY`.
            let got = try await program.json(
                "get", Self.ref,
                environment: ["HF_ENDPOINT": "http://models.invalid", "http_proxy": program.hub.address])
            #expect(got["installed"]?.elements.first?["verified"]?.text == "sha256")
            let requests = program.hub.requests
            #expect(requests.contains { $0.side == .cdn })
            for request in requests {
                #expect((request.headers["host"] == "models.invalid") == (request.side == .hub))
            }
        }
    }

    @Test func `a SOCKS proxy of the environment carries hub and content network`() async throws {
        try await withModel { program, _ in
            let proxy = try SOCKSProxy()
            defer { proxy.stop() }
            let hub = program.hub.address.replacing("127.0.0.1", with: "models.invalid")
            let got = try await program.json(
                "get", Self.ref,
                environment: [
                    "HF_ENDPOINT": hub, "ALL_PROXY": "socks5h://127.0.0.1:\(proxy.port)", "NO_PROXY": "",
                ])
            #expect(got["installed"]?.elements.first?["verified"]?.text == "sha256")
            #expect(Set(proxy.hosts) == ["models.invalid", "127.0.0.1"])
        }
    }
}
