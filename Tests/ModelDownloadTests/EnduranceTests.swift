import CurlHTTP
import Foundation
import ModelCatalog
import ModelDownload
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct EnduranceTests {
    @Test func `an outage that all connections meet is one outage: one of them tries, the others wait`() async throws {
        try await withDownloader { fixture in
            let hub = fixture.hub
            let content = Content.pattern(size: 32 << 20)
            let file = fixture.serve("m.bin", content)
            // Eight answers break in the middle, and from then on every connection is refused.
            hub.script("m.bin", .drop(after: 300_000))
            hub.script("m.bin", .reset, skip: 8)
            let options = Downloader.Options(
                connections: 8, connectionsAreFixed: true,
                retry: RetryPolicy(tries: 1000, firstDelay: 0.2, longestDelay: 0.2))
            let seen = Mutex(0)
            let arrived = try await fixture.get(file, options) { event in
                guard case .waiting(_, _, let attempt, _, _) = event.phase, attempt >= 5 else { return }
                // The network is back.
                hub.clear()
                seen.withLock { $0 = attempt }
            }
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.fetched == Int64(content.size))
            // Each connection on its own would have asked eight times as often. What is met while the first eight still
            // break comes on top.
            let refused = hub.requests(for: "m.bin").count { $0.status == 0 }
            #expect(refused >= 4)
            #expect(refused <= 2 * seen.withLock(\.self) + 8)
        }
    }

    @Test(arguments: [Fault.reset, .status(503), .drop(after: 0), .truncate(after: 0)])
    func `an origin that fails for good is asked as often as the policy says, not once for each connection`(
        fault: Fault
    ) async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 32 << 20))
            fixture.hub.script("m.bin", fault)
            let options = Downloader.Options(
                connections: 8, connectionsAreFixed: true,
                retry: RetryPolicy(tries: 5, firstDelay: 0.01, longestDelay: 0.02))
            #expect(await failure { try await fixture.get(file, options) }?.code == "given-up")
            #expect(fixture.hub.requests(for: "m.bin").count == 5)
        }
    }

    @Test func `one connection that breaks holds up no other`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 24 << 20)
            let file = fixture.serve("m.bin", content)
            // The first connection goes on all the while, however late the others come.
            fixture.hub.script("m.bin", .slow(bytesPerSecond: 50_000), times: 1)
            fixture.hub.script("m.bin", .drop(after: 100_000), skip: 1, times: 1)
            // Whoever waited for the broken one would wait for an hour.
            let options = Downloader.Options(
                connections: 4, connectionsAreFixed: true,
                retry: RetryPolicy(tries: 2, firstDelay: 3600, longestDelay: 3600, totalWait: 7200))
            let (received, noted) = AsyncStream.makeStream(of: Int64.self)
            let task = Task { try await fixture.get(file, options) { noted.yield($0.received) } }
            // All but the stretches of the slow and the broken one, each at most an eighth of what was missing.
            _ = await received.first { $0 > 16 << 20 }
            task.cancel()
            #expect(await failure { try await task.value }?.code == "interrupted")
        }
    }

    @Test(arguments: [Fault.status(401), .status(404), .status(500), .reset])
    func `a refusal leaves no file of full length`(fault: Fault) async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 9 << 20))
            fixture.hub.script("m.bin", fault)
            #expect(await failure { try await fixture.get(file) } != nil)
            let partial = try fixture.plan([file]).files[0].partial
            #expect(try partial.readBytes().isEmpty)
        }
    }

    @Test func `a size that only the origin names takes no room before its bytes come`() async throws {
        try await withDownloader { fixture in
            let url = fixture.hub.addFile("m.bin", .pattern(size: 64 << 20))
            fixture.hub.script("m.bin", .stall(after: 64 << 10))
            let file = RemoteFile(name: "m.bin", url: url)
            let options = Downloader.Options(connections: 1, retry: .hasty)
            let task = Task { try await fixture.get(file, options) }
            try await fixture.hub.waitUntilSent("m.bin", 64 << 10)
            task.cancel()
            #expect(await failure { try await task.value }?.code == "interrupted")
            let partial = try fixture.plan([file]).files[0].partial
            #expect(try partial.readBytes().count <= 64 << 10)
        }
    }
}
