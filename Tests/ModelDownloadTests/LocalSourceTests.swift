import CurlHTTP
import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

@Suite struct LocalSourceTests {
    private func local(_ fixture: DownloadFixture, _ content: Content, named name: String = "m.bin") throws
        -> RemoteFile
    {
        let path = fixture.folder.appending("elsewhere").appending("a file \(name)")
        try path.write(content.allBytes())
        return RemoteFile(
            name: name, url: URL(filePath: path.string), size: Int64(content.size), digest: Digest(hex: content.sha256))
    }

    @Test(arguments: [0, 1, 4096, 3 << 20, (40 << 20) + 5])
    func `a file of this machine is copied and proven`(size: Int) async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: size)
            let file = try local(fixture, content)
            let log = EventLog()
            let arrived = try await fixture.get(file) { log.note($0) }
            #expect(arrived.digest == file.digest)
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.source == file.url)
            #expect(arrived.fetched == Int64(size))
            #expect(log.all.last?.phase == .done)
        }
    }

    @Test func `without size and digest it is copied just as well`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 20 << 20)
            let file = RemoteFile(name: "m.bin", url: try local(fixture, content).url)
            let arrived = try await fixture.get(file)
            #expect(arrived.proof == .none)
            #expect(arrived.digest.hex == content.sha256)
        }
    }

    @Test func `a local file with other bytes ends with both digests`() async throws {
        try await withDownloader { fixture in
            var file = try local(fixture, .pattern(size: 3 << 20))
            let expected = try #require(file.digest)
            let other = Content.pattern(size: 3 << 20, seed: 9)
            try FilePath(file.url.path(percentEncoded: false)).write(other.allBytes())
            let error = await failure { try await fixture.get(file) }
            let actual = try #require(Digest(hex: other.sha256))
            #expect(error == .digestMismatch(file: "m.bin", expected: expected, actual: actual))
            file.size = 5
            #expect(
                await failure { try await fixture.get(file) }
                    == .sizeMismatch(file: "m.bin", expected: 5, actual: 3 << 20))
        }
    }

    @Test func `a local file that is no model is no model`() async throws {
        try await withDownloader { fixture in
            let file = try local(fixture, .text("<html>"), named: "m.gguf")
            #expect(
                await failure { try await fixture.get(file) } == .notAModel(file: "m.gguf", url: file.url, html: true))
        }
    }

    @Test func `what is not there is missing, and so is a folder`() async throws {
        try await withDownloader { fixture in
            for path in [fixture.folder.appending("nowhere"), fixture.folder] {
                let url = URL(filePath: path.string)
                let error = await failure { try await fixture.get(RemoteFile(name: "m.bin", url: url)) }
                #expect(error == .missing(file: "m.bin", url: url, status: 0))
            }
        }
    }

    @Test func `a local mirror takes over where the network fails`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 5 << 20)
            var file = try local(fixture, content)
            file.mirrors = [file.url]
            file.origin = .address(fixture.hub.url(for: "/files/nowhere.bin"))
            let arrived = try await fixture.get(file)
            #expect(arrived.digest == file.digest)
        }
    }

    @Test func `offline a file of this machine is copied all the same, and no other is asked for`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 100_000)
            var file = try local(fixture, content)
            file.mirrors = [file.url]
            file.origin = .address(fixture.hub.addFile("m.bin", content))
            // Whoever tried twice would wait for an hour.
            let options = Downloader.Options(retry: RetryPolicy(tries: 2, firstDelay: 3600, longestDelay: 3600))
            let offline = fixture.downloader(options, isOffline: true)
            let arrived = try await offline.run(fixture.plan([file]))
            #expect(arrived[0].digest == file.digest)
            var remote = file
            (remote.mirrors, remote.digest) = ([], nil)
            await #expect(throws: HTTPError.offline(url: remote.url)) {
                try await offline.run(fixture.plan([remote]))
            }
            #expect(fixture.hub.requests.isEmpty)
        }
    }
}
