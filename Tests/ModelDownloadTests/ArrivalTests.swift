import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

@Suite struct ArrivalTests {
    @Test(arguments: [0, 1, 3, 4096, 1 << 20, (1 << 20) + 1, 40 << 20])
    func `a file of any size arrives whole and proven`(size: Int) async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: size)
            let file = fixture.serve("m.bin", content)
            let arrived = try await fixture.get(file)
            #expect(arrived.size == Int64(size))
            #expect(arrived.proof == .sha256)
            #expect(arrived.digest == file.digest)
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.fetched == Int64(size))
            #expect(arrived.resumed == 0)
            #expect(arrived.blocks.hashes.count == (size + BlockHashes.blockSize - 1) / BlockHashes.blockSize)
        }
    }

    @Test(arguments: [0, 5, 3 << 20])
    func `a file of which nobody knows size and digest arrives and says that nothing proves it`(
        size: Int
    ) async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: size)
            let arrived = try await fixture.get(RemoteFile(name: "m.bin", url: fixture.hub.addFile("m.bin", content)))
            #expect(arrived.proof == .none)
            #expect(try sha256(of: arrived.path) == content.sha256)
        }
    }

    @Test func `a known size alone is a proof of its own kind`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 100_000)
            var file = fixture.serve("m.bin", content)
            file.digest = nil
            let arrived = try await fixture.get(file)
            #expect(arrived.proof == .size)
            #expect(arrived.digest.hex == content.sha256)
        }
    }

    @Test func `a large file comes over several connections in ranges and each byte once`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 64 << 20)
            let file = fixture.serve("m.bin", content)
            let options = Downloader.Options(connections: 4, connectionsAreFixed: true, retry: .hasty)
            let arrived = try await fixture.get(file, options)
            #expect(try sha256(of: arrived.path) == content.sha256)
            let requests = fixture.hub.requests(for: "m.bin")
            #expect(Set(requests.map(\.connection)).count > 1)
            #expect(requests.allSatisfy { $0.range != nil })
            #expect(fixture.hub.bytesSent(for: "m.bin") == 64 << 20)
        }
    }

    @Test func `a file of the hub comes from its content network and the hub is asked once`() async throws {
        try await withDownloader { fixture in
            let content = Content.model(size: 24 << 20)
            fixture.hub.add(repo: "owner/model", files: ["m.gguf": content])
            let file = RemoteFile(
                name: "m.gguf", url: fixture.hub.url(for: "/owner/model/resolve/main/m.gguf"),
                size: Int64(content.size),
                digest: Digest(hex: content.sha256))
            let arrived = try await fixture.get(file)
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.source == file.url)
            let requests = fixture.hub.requests(for: "owner/model/m.gguf")
            #expect(requests.filter { $0.side == .hub }.count == 1)
            #expect(requests.filter { $0.side == .cdn }.count >= 2)
        }
    }

    @Test func `several files of one plan arrive in its order`() async throws {
        try await withDownloader { fixture in
            let contents = (1...3).map { Content.pattern(size: 5 << 20, seed: UInt64($0)) }
            let files = contents.enumerated().map { fixture.serve("m-\($0.offset).bin", $0.element) }
            let arrived = try await fixture.downloader().run(fixture.plan(files))
            #expect(arrived.map(\.name) == files.map(\.name))
            #expect(arrived.map(\.digest) == files.map(\.digest))
        }
    }

    @Test func `forty small files arrive at once under one budget of connections`() async throws {
        try await withDownloader { fixture in
            let files = (0..<40).map {
                fixture.serve("s-\($0).bin", .pattern(size: 20_000 + $0, seed: UInt64($0)))
            }
            let options = Downloader.Options(connections: 6, retry: .hasty)
            let arrived = try await fixture.downloader(options).run(fixture.plan(files))
            #expect(arrived.map(\.digest) == files.map(\.digest))
            #expect(Set(fixture.hub.requests.map(\.connection)).count <= 6)
        }
    }

    @Test func `two files with the same digest in one plan are two files`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 3 << 20)
            let files = [fixture.serve("a.bin", content), fixture.serve("b.bin", content)]
            let arrived = try await fixture.downloader().run(fixture.plan(files))
            #expect(Set(arrived.map(\.path)).count == 2)
            for file in arrived { #expect(try sha256(of: file.path) == content.sha256) }
        }
    }

    @Test func `a token goes to the hub and never to the host that sends the bytes`() async throws {
        try await withDownloader { fixture in
            let content = Content.model(size: 3 << 20)
            fixture.hub.add(repo: "owner/model", files: ["m.gguf": content], info: RepositoryInfo(gate: .manual))
            let file = RemoteFile(name: "m.gguf", url: fixture.hub.url(for: "/owner/model/resolve/main/m.gguf"))
            try await fixture.get(file, token: fixture.hub.token)
            let requests = fixture.hub.requests(for: "owner/model/m.gguf")
            #expect(requests.contains { $0.side == .cdn })
            for request in requests { #expect(request.hasAuthorization == (request.side == .hub)) }
        }
    }

    @Test func `the source is named without credentials and signatures`() async throws {
        try await withDownloader { fixture in
            let plain = fixture.hub.addFile("m.bin", .pattern(size: 1000))
            var parts = try #require(URLComponents(url: plain, resolvingAgainstBaseURL: true))
            parts.user = "someone"
            parts.password = "secret"
            parts.queryItems = [
                URLQueryItem(name: "Revision", value: "master"), URLQueryItem(name: "X-Amz-Signature", value: "abc"),
                URLQueryItem(name: "Expires", value: "12"),
            ]
            let arrived = try await fixture.get(RemoteFile(name: "m.bin", url: #require(parts.url)))
            #expect(arrived.source.absoluteString == plain.absoluteString + "?Revision=master")
        }
    }
}
