import Foundation
import ModelCatalog
import ModelDownload
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct StressTests {
    /// What may go wrong at any moment, each a few times.
    private static func randomFault(_ random: inout PseudoRandom, size: Int) -> Fault {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: .drop(after: .random(in: 0..<size, using: &random))
        case 1: .drop(after: .random(in: 0..<size, using: &random), rst: true)
        case 2: .truncate(after: .random(in: 0..<size, using: &random))
        case 3: .status(503)
        case 4: .status(429, retryAfter: .seconds(0))
        case 5: .reset
        case 6: .ignoreRange
        case 7: .wrongContentRange(by: 3)
        case 8: .expired
        case 9: .weakEtag
        case 10: .corrupt(offset: .random(in: 5..<size, using: &random))
        default: .wrongLength(by: .random(in: 0..<2, using: &random) == 0 ? -1 : 1)
        }
    }

    @Test(arguments: 1...12)
    func `under random faults and interruptions the file arrives with the right digest`(seed: Int) async throws {
        try await withDownloader { fixture in
            var random = PseudoRandom(seed: UInt64(seed))
            let size = Int.random(in: 1..<(20 << 20), using: &random)
            let content = Content.model(size: max(8, size), seed: UInt64(seed))
            fixture.hub.add(repo: "owner/model", files: ["m.gguf": content])
            let file = RemoteFile(
                name: "m.gguf", url: fixture.hub.url(for: "/owner/model/resolve/main/m.gguf"),
                size: Int64(content.size),
                digest: Digest(hex: content.sha256))
            var options = Downloader.Options(
                connections: Int.random(in: 1...8, using: &random), connectionsAreFixed: true, retry: .hasty)
            options.retry.tries = 6
            for _ in 0..<8 {
                let fault = Self.randomFault(&random, size: content.size)
                fixture.hub.script("m.gguf", fault, side: .cdn, skip: .random(in: 0..<6, using: &random), times: 2)
            }
            for _ in 0..<3 {
                let stop = Int.random(in: 0..<content.size, using: &random)
                let task = Task { try await fixture.get(file, options) }
                let watch = Task {
                    try await fixture.hub.waitUntilSent("m.gguf", stop)
                    task.cancel()
                }
                _ = await task.result
                watch.cancel()
            }
            // A file whose last round was spoilt is discarded; the next run brings it anew.
            fixture.hub.clear()
            let arrived = try await fixture.get(file, options)
            #expect(try sha256(of: arrived.path) == content.sha256)
        }
    }

    @Test func `downloads leave neither descriptors nor threads behind`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 2 << 20))
            let downloader = fixture.downloader()
            func run() async throws {
                _ = try await downloader.run(fixture.plan([file]))
                try FileManager.default.removeItem(atPath: fixture.partials.string)
            }
            try await run()
            fixture.hub.script("m.bin", .stall(after: 1 << 20))
            let task = Task { try await downloader.run(fixture.plan([file])) }
            try await fixture.hub.waitUntilSent("m.bin", 1 << 20)
            task.cancel()
            _ = await task.result
            fixture.hub.clear()
            for _ in 0..<20 { try await run() }
            // Other tests open files and threads at the same time: only what lies in this folder is counted.
            let own = fixture.folder.string
            let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            let left = open.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
            }
            .filter { $0.hasPrefix(own) }
            // The journal's thread of the last run may still be closing its file.
            #expect(left.count <= 2)
        }
    }
}
