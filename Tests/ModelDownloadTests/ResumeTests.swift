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
        try await withBench { bench in
            let content = Content.pattern(size: Self.size)
            let file = bench.serve("m.bin", content)
            bench.hub.script("m.bin", .slow(bytesPerSecond: 200 << 20))
            let error = try await bench.getAndCancel(file, after: cut)
            bench.hub.clear()
            guard case .interrupted("m.bin", let kept) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            let plan = try bench.plan([file])
            #expect(plan.files[0].kept == kept)
            #expect(plan.missing == Int64(Self.size) - kept)
            let before = bench.hub.bytesSent(for: "m.bin")
            let arrived = try await bench.downloader().run(plan)
            #expect(try sha256(of: arrived[0].path) == content.sha256)
            #expect(arrived[0].resumed == kept)
            #expect(arrived[0].fetched == Int64(Self.size) - kept)
            #expect(bench.hub.bytesSent(for: "m.bin") - before == Self.size - Int(kept))
        }
    }

    @Test func `what has come entirely is proven again without a request`() async throws {
        try await withBench { bench in
            let file = bench.serve("m.bin", .pattern(size: 3 << 20))
            try await bench.get(file)
            let requests = bench.hub.requests.count
            let again = try await bench.get(file)
            #expect(again.fetched == 0)
            #expect(again.digest == file.digest)
            #expect(bench.hub.requests.count == requests)
        }
    }

    @Test func `a file without a digest that has come entirely is asked for again before it counts`() async throws {
        try await withBench { bench in
            let file = RemoteFile(name: "m.bin", url: bench.hub.addFile("m.bin", .pattern(size: 3 << 20, seed: 1)))
            try await bench.get(file)
            let new = Content.pattern(size: 3 << 20, seed: 2)
            bench.hub.addFile("m.bin", new)
            let again = try await bench.get(file)
            #expect(again.digest.hex == new.sha256)
        }
    }

    @Test(arguments: [Self.size, Self.size - 77, Self.size + 77, 0])
    func `a file that changed between two runs is never glued to old bytes`(newSize: Int) async throws {
        try await withBench { bench in
            let file = RemoteFile(name: "m.bin", url: bench.hub.addFile("m.bin", .pattern(size: Self.size, seed: 1)))
            bench.hub.script("m.bin", .slow(bytesPerSecond: 100 << 20))
            _ = try await bench.getAndCancel(file, after: 6 << 20)
            bench.hub.clear()
            #expect(try bench.plan([file]).files[0].kept > 0)
            let new = Content.pattern(size: newSize, seed: 2)
            bench.hub.addFile("m.bin", new)
            let arrived = try await bench.get(file)
            #expect(try sha256(of: arrived.path) == new.sha256)
            #expect(arrived.digest.hex == new.sha256)
        }
    }

    @Test func `a resume names the content it wants with If-Range`() async throws {
        try await withBench { bench in
            let file = bench.serve("m.bin", .pattern(size: Self.size))
            bench.hub.script("m.bin", .slow(bytesPerSecond: 100 << 20))
            _ = try await bench.getAndCancel(file, after: 6 << 20)
            bench.hub.clear()
            let before = bench.hub.requests.count
            try await bench.get(file)
            let later = bench.hub.requests.dropFirst(before)
            #expect(!later.isEmpty)
            #expect(later.allSatisfy { $0.ifRange?.hasPrefix("\"") == true })
        }
    }

    @Test func `with a weak tag and no digest a resume starts over when the server cannot promise the content`()
        async throws
    {
        try await withBench { bench in
            let file = RemoteFile(name: "m.bin", url: bench.hub.addFile("m.bin", .pattern(size: Self.size, seed: 1)))
            bench.hub.script("m.bin", .weakEtag)
            bench.hub.script("m.bin", .header("Last-Modified", nil))
            let slow = bench.hub.script("m.bin", .slow(bytesPerSecond: 100 << 20))
            _ = try await bench.getAndCancel(file, after: 6 << 20)
            bench.hub.clear(slow)
            let new = Content.pattern(size: Self.size, seed: 2)
            bench.hub.addFile("m.bin", new)
            let arrived = try await bench.get(file)
            #expect(try sha256(of: arrived.path) == new.sha256)
        }
    }

    @Test func `a cancelled download stops and says what is kept`() async throws {
        try await withBench { bench in
            let file = bench.serve("m.bin", .pattern(size: Self.size))
            bench.hub.script("m.bin", .stall(after: 2 << 20))
            let error = try await bench.getAndCancel(file, after: 2 << 20)
            guard case .interrupted("m.bin", let kept) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            #expect(kept > 0)
            #expect(try bench.plan([file]).files[0].kept == kept)
        }
    }

    @Test func `a partial whose journal is rubbish is fetched anew`() async throws {
        try await withBench { bench in
            let content = Content.pattern(size: 3 << 20)
            let file = bench.serve("m.bin", content)
            try await bench.get(file)
            let partial = try bench.plan([file]).files[0].partial
            try FilePath(partial.string + ".journal").write(Array("{\"version\":1,\"synced\":[[0,".utf8))
            let arrived = try await bench.get(file)
            #expect(arrived.fetched == Int64(content.size))
        }
    }

    @Test func `discarding the journals leaves the files alone`() async throws {
        try await withBench { bench in
            let file = bench.serve("m.bin", .pattern(size: 1000))
            let plan = try bench.plan([file])
            let arrived = try await bench.downloader().run(plan)
            plan.discardJournals()
            let left = try FileManager.default.contentsOfDirectory(atPath: bench.partials.string)
            #expect(left == [arrived[0].path.lastComponent?.string])
        }
    }
}
