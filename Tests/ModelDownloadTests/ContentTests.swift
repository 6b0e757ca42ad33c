import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

@Suite struct ContentTests {
    @Test func `bytes that stay wrong end with both digests and nothing is kept`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 9 << 20)
            let file = fixture.serve("m.bin", content)
            fixture.hub.script("m.bin", .corrupt(offset: 5_000_000))
            let error = await failure { try await fixture.get(file) }
            let wrong = content.patched([Patch(offset: 5_000_000)]).sha256
            let (expected, actual) = try (#require(file.digest), #require(Digest(hex: wrong)))
            #expect(error == .digestMismatch(file: "m.bin", expected: expected, actual: actual))
            let left = try FileManager.default.contentsOfDirectory(atPath: fixture.partials.string)
            #expect(left.isEmpty)
        }
    }

    @Test func `bytes that were wrong once are fetched again over another connection`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 9 << 20)
            let file = fixture.serve("m.bin", content)
            fixture.hub.script("m.bin", .corrupt(offset: 5_000_000, length: 3), times: 1)
            fixture.hub.script("m.bin", .corrupt(offset: 5_000_000, length: 3), skip: 1, times: 1)
            let options = Downloader.Options(connections: 1, retry: .hasty)
            let arrived = try await fixture.get(file, options)
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.fetched > 9 << 20 && arrived.fetched < 18 << 20)
            #expect(Set(fixture.hub.requests(for: "m.bin").map(\.connection)).count == 2)
        }
    }

    @Test func `bytes that were wrong are fetched from the next mirror`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 9 << 20)
            var file = fixture.serve("bad.bin", content, named: "m.bin")
            file.mirrors = [fixture.hub.addFile("good.bin", content)]
            fixture.hub.script("bad.bin", .corrupt(offset: 8_000_000))
            let arrived = try await fixture.get(file)
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.source.lastPathComponent == "good.bin")
        }
    }

    @Test(arguments: [[5_000_000], [5_000_000, 5_000_001, 9_000_000], [20_000_000, 33_554_431], [63 << 20]])
    func `what a mirror shows to be damaged is fetched, and then no more`(offsets: [Int]) async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 64 << 20)
            var file = fixture.serve("bad.bin", content, named: "m.bin")
            file.mirrors = [fixture.hub.addFile("good.bin", content)]
            for offset in offsets { fixture.hub.script("bad.bin", .corrupt(offset: offset, length: 100)) }
            let log = EventLog()
            let arrived = try await fixture.get(
                file, .init(connections: 1, retry: .hasty, patience: .infinity), onEvent: log.note)
            #expect(try sha256(of: arrived.path) == content.sha256)
            // Up to the end of the segment with the last damage, and what was on its way when that was noticed.
            let last = try #require(offsets.max())
            #expect(arrived.fetched - (64 << 20) <= Int64(last + (33 << 20)))
            #expect(arrived.fetched - (64 << 20) > Int64(last))
            #expect(log.all.contains { $0.phase == .mending || $0.phase == .verifying })
            #expect(arrived.source.lastPathComponent == "good.bin")
        }
    }

    @Test func `damage that is not in one place only is found all the same`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 48 << 20)
            var file = fixture.serve("bad.bin", content, named: "m.bin")
            file.mirrors = [fixture.hub.addFile("good.bin", content)]
            for place in 0..<40 { fixture.hub.script("bad.bin", .corrupt(offset: place << 20, length: 10)) }
            let arrived = try await fixture.get(file)
            #expect(try sha256(of: arrived.path) == content.sha256)
        }
    }

    @Test func `a partial damaged on this disk between two runs is mended`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 9 << 20)
            let file = fixture.serve("m.bin", content)
            let first = try await fixture.get(file)
            var bytes = try first.path.readBytes()
            bytes[4_500_000] ^= 1
            try first.path.write(bytes)
            let again = try await fixture.get(file)
            #expect(try sha256(of: again.path) == content.sha256)
        }
    }

    @Test func `content that changes in flight is never mixed when nothing else could tell`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 24 << 20)
            let file = RemoteFile(name: "m.bin", url: fixture.hub.addFile("m.bin", content))
            fixture.hub.script("m.bin", .change, skip: 2)
            let arrived = try await fixture.get(file)
            let changed = content.patched([Patch(offset: 4, length: content.size - 4, xor: 0x5A)])
            #expect(try sha256(of: arrived.path) == changed.sha256)
        }
    }

    @Test func `content that changes at every request is given up as changing`() async throws {
        try await withDownloader { fixture in
            let file = RemoteFile(name: "m.bin", url: fixture.hub.addFile("m.bin", .pattern(size: 40 << 20)))
            for round in 0..<60 {
                fixture.hub.script("m.bin", .header("ETag", "\"v\(round)\""), skip: round, times: 1)
            }
            let error = await failure { try await fixture.get(file) }
            guard case .changing("m.bin", _) = error else { throw Surprise(what: "\(String(describing: error))") }
        }
    }

    @Test func `another content than the one promised ends with both digests`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 24 << 20)
            let file = fixture.serve("m.bin", content)
            fixture.hub.script("m.bin", .change, skip: 2)
            let error = await failure { try await fixture.get(file) }
            guard case .digestMismatch(_, let expected, let actual) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            #expect(expected == file.digest && actual != file.digest)
        }
    }

    @Test(arguments: [-1, 1, 5 << 20])
    func `another size than the one promised is said before the bytes come`(difference: Int) async throws {
        try await withDownloader { fixture in
            var file = fixture.serve("m.bin", .pattern(size: 6 << 20))
            file.size = Int64((6 << 20) + difference)
            let error = await failure { try await fixture.get(file) }
            #expect(error == .sizeMismatch(file: "m.bin", expected: Int64((6 << 20) + difference), actual: 6 << 20))
        }
    }

    @Test func `a body in chunks that is longer than promised is another size`() async throws {
        try await withDownloader { fixture in
            var file = fixture.serve("m.bin", .pattern(size: 6 << 20))
            file.size = 5 << 20
            // Cut far behind the promise, so that the server says no length.
            fixture.hub.script("m.bin", .ignoreRange)
            fixture.hub.script("m.bin", .truncate(after: (6 << 20) - 1, chunked: true))
            let error = await failure { try await fixture.get(file) }
            guard case .sizeMismatch("m.bin", 5_242_880, let actual) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            #expect(actual > 5 << 20)
        }
    }

    @Test func `a page for people is no model, whatever its status says`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.gguf", .model(size: 3 << 20))
            let url = file.url
            fixture.hub.script("m.gguf", .html())
            #expect(
                await failure { try await fixture.get(file) } == .notAModel(file: "m.gguf", url: url, html: true))
        }
    }

    @Test(arguments: [("<html>please sign in</html>", true), ("PK\u{3}\u{4} something else", false)])
    func `a body that is no model is told from one that is`(text: String, html: Bool) async throws {
        try await withDownloader { fixture in
            let url = fixture.hub.addFile("m.gguf", .text(text))
            let error = await failure { try await fixture.get(RemoteFile(name: "m.gguf", url: url)) }
            #expect(error == .notAModel(file: "m.gguf", url: url, html: html))
        }
    }

    @Test func `a digest that belongs to an error page is refused before and after the transfer`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .text("<html>"))
            let bad = try #require(file.digest)
            #expect(throws: DownloadError.knownBadDigest(file: "m.bin", digest: bad)) {
                try fixture.plan([file], refusing: [bad])
            }
            let unknown = RemoteFile(name: "m.bin", url: file.url)
            let error = await failure { try await fixture.downloader().run(fixture.plan([unknown], refusing: [bad])) }
            #expect(error == .knownBadDigest(file: "m.bin", digest: bad))
            let left = try FileManager.default.contentsOfDirectory(atPath: fixture.partials.string)
            #expect(left.isEmpty)
        }
    }
}
