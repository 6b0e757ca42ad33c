import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

@Suite struct OriginTests {
    @Test func `signed addresses that expire in flight are asked for anew and nothing is fetched twice`() async throws {
        try await withDownloader { fixture in
            let content = Content.model(size: 48 << 20)
            fixture.hub.add(repo: "owner/model", files: ["m.gguf": content])
            let file = Self.hubFile(fixture, content)
            fixture.hub.script("m.gguf", .slow(bytesPerSecond: 60 << 20), side: .cdn)
            let options = Downloader.Options(connections: 8, connectionsAreFixed: true, retry: .hasty)
            let task = Task { try await fixture.get(file, options) }
            try await fixture.hub.waitUntilSent("m.gguf", 8 << 20)
            fixture.hub.expireAddresses()
            fixture.hub.clear()
            let arrived = try await task.value
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(fixture.hub.requests(for: "m.gguf").contains { $0.status == 403 })
            #expect(fixture.hub.bytesSent(for: "m.gguf") == content.size)
        }
    }

    @Test func `an address that is refused every time is given up as refused`() async throws {
        try await withDownloader { fixture in
            let content = Content.model(size: 2 << 20)
            fixture.hub.add(repo: "owner/model", files: ["m.gguf": content])
            fixture.hub.script("m.gguf", .expired, side: .cdn)
            let error = await failure { try await fixture.get(Self.hubFile(fixture, content)) }
            guard case .refused("m.gguf", let refuser, 403, _) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            // It is the storage host that refuses, and not the Hub; its address has lost its signature.
            #expect(refuser.port != fixture.hub.url.port && refuser.query == nil)
        }
    }

    @Test func `a network that refuses ranges with 403 is asked for the whole`() async throws {
        try await withDownloader { fixture in
            let content = Content.model(size: 2 << 20)
            fixture.hub.add(repo: "owner/model", files: ["m.gguf": content])
            let body = try content.allBytes()
            fixture.hub.handle("/xet-bridge/*", side: .cdn) { request in
                request.head["Range"] == nil
                    ? .bytes(body) : .text("Auth failed: invalid range", status: 403)
            }
            let arrived = try await fixture.get(Self.hubFile(fixture, content))
            #expect(try sha256(of: arrived.path) == content.sha256)
        }
    }

    @Test func `a gated model is refused in the words of the hub`() async throws {
        try await withDownloader { fixture in
            let content = Content.model(size: 1 << 20)
            fixture.hub.add(repo: "owner/model", files: ["m.gguf": content], info: RepositoryInfo(gate: .manual))
            let file = Self.hubFile(fixture, content)
            let stranger = await failure { try await fixture.get(file) }
            #expect(stranger == .refused(file: "m.gguf", url: file.url, status: 401, reason: "GatedRepo"))
            let outsider = await failure { try await fixture.get(file, token: fixture.hub.tokenWithoutAccess) }
            #expect(outsider == .refused(file: "m.gguf", url: file.url, status: 403, reason: "GatedRepo"))
        }
    }

    @Test func `a mirror takes over where the first address fails and is asked for the rest only`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 20 << 20)
            var file = fixture.serve("bad.bin", content, named: "m.bin")
            file.mirrors = [fixture.hub.addFile("good.bin", content)]
            fixture.hub.script("bad.bin", .drop(after: 3 << 20), times: 1)
            fixture.hub.script("bad.bin", .status(404), skip: 1)
            let arrived = try await fixture.get(
                file, Downloader.Options(connections: 1, retry: .hasty, patience: .infinity))
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.source.lastPathComponent == "good.bin")
            #expect(fixture.hub.bytesSent(for: "good.bin") == content.size - (3 << 20))
        }
    }

    @Test(arguments: [
        Fault.status(404), .status(403), .status(500), .html(), .reset, .redirectLoop, .gzip, .drop(after: 0),
    ])
    func `many connections that meet the same bad mirror drop one mirror and not the next`(fault: Fault) async throws {
        try await withDownloader { fixture in
            let content = Content.model(size: 9 << 20)
            var file = fixture.serve("bad.gguf", content, named: "m.gguf")
            file.mirrors = [fixture.hub.addFile("worse.gguf", content), fixture.hub.addFile("good.gguf", content)]
            fixture.hub.script("bad.gguf", fault, skip: 1)
            fixture.hub.script("worse.gguf", fault, skip: 1)
            let options = Downloader.Options(
                connections: 8, connectionsAreFixed: true, retry: .hasty, patience: .infinity)
            let arrived = try await fixture.get(file, options)
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(!fixture.hub.requests(for: "worse.gguf").isEmpty)
        }
    }

    @Test(arguments: [Fault.hang, .slow(bytesPerSecond: 500), .stall(after: 1000)])
    func `a mirror that is faster takes over from an address that is slow`(fault: Fault) async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 3 << 20)
            var file = fixture.serve("slow.bin", content, named: "m.bin")
            file.mirrors = [fixture.hub.addFile("quick.bin", content)]
            fixture.hub.script("slow.bin", fault)
            // Hours from the first address alone.
            let arrived = try await fixture.get(file, Downloader.Options(retry: .hasty, patience: 0.05))
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.source.lastPathComponent == "quick.bin")
        }
    }

    @Test func `an address that is quick is not raced, and none is without a digest`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 2 << 20)
            var file = fixture.serve("first.bin", content, named: "m.bin")
            file.mirrors = [fixture.hub.addFile("second.bin", content)]
            try await fixture.get(file, Downloader.Options(retry: .hasty, patience: 60))
            #expect(fixture.hub.requests(for: "second.bin").isEmpty)
            file.digest = nil
            file.name = "n.bin"
            fixture.hub.script("first.bin", .slow(bytesPerSecond: 2 << 20))
            try await fixture.get(file, Downloader.Options(retry: .hasty, patience: 0.001))
            #expect(fixture.hub.requests(for: "second.bin").isEmpty)
        }
    }

    @Test func `when every address fails the first one's failure is told`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 1 << 20)
            var file = fixture.serve("m.bin", content)
            file.mirrors = [fixture.hub.url(for: "/files/nowhere.bin")]
            fixture.hub.script("m.bin", .status(403))
            let error = await failure { try await fixture.get(file) }
            #expect(error == .refused(file: "m.bin", url: file.url, status: 403, reason: nil))
        }
    }

    @Test func `bytes of two mirrors are not mixed when no digest proves them`() async throws {
        try await withDownloader { fixture in
            let old = Content.pattern(size: 20 << 20, seed: 1)
            let new = Content.pattern(size: 20 << 20, seed: 2)
            let file = RemoteFile(
                name: "m.bin", url: fixture.hub.addFile("bad.bin", old), mirrors: [fixture.hub.addFile("good.bin", new)]
            )
            fixture.hub.script("bad.bin", .drop(after: 3 << 20), times: 1)
            fixture.hub.script("bad.bin", .status(404), skip: 1)
            let arrived = try await fixture.get(file, Downloader.Options(connections: 1, retry: .hasty))
            #expect(try sha256(of: arrived.path) == new.sha256)
        }
    }

    private static func hubFile(_ fixture: DownloadFixture, _ content: Content) -> RemoteFile {
        RemoteFile(
            name: "m.gguf", url: fixture.hub.url(for: "/owner/model/resolve/main/m.gguf"), size: Int64(content.size),
            digest: Digest(hex: content.sha256))
    }
}
