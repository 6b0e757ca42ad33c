import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

@Suite struct ResumeTests {
    static let size = 24 << 20

    @Test(arguments: [1, 4096, 999_999, 5 << 20, 20 << 20])
    func `a transfer cut after n bytes resumes and fetches no byte that was there`(cut: Int) async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: Self.size)
            let file = fixture.serve("m.bin", content)
            fixture.hub.script("m.bin", .slow(bytesPerSecond: 200 << 20))
            let error = try await fixture.getAndCancel(file, after: cut)
            fixture.hub.clear()
            guard case .interrupted("m.bin", let kept) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            let plan = try fixture.plan([file])
            #expect(plan.files[0].kept == kept)
            #expect(plan.missing == Int64(Self.size) - kept)
            let before = fixture.hub.bytesSent(for: "m.bin")
            let arrived = try await fixture.downloader().run(plan)
            #expect(try sha256(of: arrived[0].path) == content.sha256)
            #expect(arrived[0].resumed == kept)
            #expect(arrived[0].fetched == Int64(Self.size) - kept)
            #expect(fixture.hub.bytesSent(for: "m.bin") - before == Self.size - Int(kept))
        }
    }

    @Test func `what has come entirely is proven again without a request`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 3 << 20))
            try await fixture.get(file)
            let requests = fixture.hub.requests.count
            let again = try await fixture.get(file)
            #expect(again.fetched == 0)
            #expect(again.digest == file.digest)
            #expect(fixture.hub.requests.count == requests)
        }
    }

    @Test func `a file without a digest that has come entirely is asked for again before it counts`() async throws {
        try await withDownloader { fixture in
            let file = RemoteFile(name: "m.bin", url: fixture.hub.addFile("m.bin", .pattern(size: 3 << 20, seed: 1)))
            try await fixture.get(file)
            let new = Content.pattern(size: 3 << 20, seed: 2)
            fixture.hub.addFile("m.bin", new)
            let again = try await fixture.get(file)
            #expect(again.digest.hex == new.sha256)
        }
    }

    @Test(arguments: [Self.size, Self.size - 77, Self.size + 77, 0])
    func `a file that changed between two runs is never glued to old bytes`(newSize: Int) async throws {
        try await withDownloader { fixture in
            let file = RemoteFile(name: "m.bin", url: fixture.hub.addFile("m.bin", .pattern(size: Self.size, seed: 1)))
            fixture.hub.script("m.bin", .slow(bytesPerSecond: 100 << 20))
            _ = try await fixture.getAndCancel(file, after: 6 << 20)
            fixture.hub.clear()
            #expect(try fixture.plan([file]).files[0].kept > 0)
            let new = Content.pattern(size: newSize, seed: 2)
            fixture.hub.addFile("m.bin", new)
            let arrived = try await fixture.get(file)
            #expect(try sha256(of: arrived.path) == new.sha256)
            #expect(arrived.digest.hex == new.sha256)
        }
    }

    @Test func `a resume names the content it wants with If-Range`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: Self.size))
            fixture.hub.script("m.bin", .slow(bytesPerSecond: 100 << 20))
            _ = try await fixture.getAndCancel(file, after: 6 << 20)
            fixture.hub.clear()
            let before = fixture.hub.requests.count
            try await fixture.get(file)
            let later = fixture.hub.requests.dropFirst(before)
            #expect(!later.isEmpty)
            #expect(later.allSatisfy { $0.ifRange?.hasPrefix("\"") == true })
        }
    }

    @Test func `with a weak tag and no digest a resume starts over when the server cannot promise the content`()
        async throws
    {
        try await withDownloader { fixture in
            let file = RemoteFile(name: "m.bin", url: fixture.hub.addFile("m.bin", .pattern(size: Self.size, seed: 1)))
            fixture.hub.script("m.bin", .weakEtag)
            fixture.hub.script("m.bin", .header("Last-Modified", nil))
            let slow = fixture.hub.script("m.bin", .slow(bytesPerSecond: 100 << 20))
            _ = try await fixture.getAndCancel(file, after: 6 << 20)
            fixture.hub.clear(slow)
            let new = Content.pattern(size: Self.size, seed: 2)
            fixture.hub.addFile("m.bin", new)
            let arrived = try await fixture.get(file)
            #expect(try sha256(of: arrived.path) == new.sha256)
        }
    }

    @Test func `a cancelled download stops and says what is kept`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: Self.size))
            fixture.hub.script("m.bin", .stall(after: 2 << 20))
            let error = try await fixture.getAndCancel(file, after: 2 << 20)
            guard case .interrupted("m.bin", let kept) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            #expect(kept > 0)
            #expect(try fixture.plan([file]).files[0].kept == kept)
        }
    }

    @Test func `a partial whose journal is rubbish is fetched anew`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 3 << 20)
            let file = fixture.serve("m.bin", content)
            try await fixture.get(file)
            let partial = try fixture.plan([file]).files[0].partial
            try FilePath(partial.string + ".journal").write(Array("{\"version\":1,\"synced\":[[0,".utf8))
            let arrived = try await fixture.get(file)
            #expect(arrived.fetched == Int64(content.size))
        }
    }

    @Test func `discarding the journals leaves the files alone`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 1000))
            let plan = try fixture.plan([file])
            let arrived = try await fixture.downloader().run(plan)
            plan.discardJournals()
            let left = try FileManager.default.contentsOfDirectory(atPath: fixture.partials.string)
            #expect(left == [arrived[0].path.lastComponent?.string])
        }
    }
}
