import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

@Suite struct DiskTests {
    @Test func `a plan that does not fit is refused before anything is asked`() async throws {
        try await withDownloader { fixture in
            let files = [
                fixture.serve("a.bin", .pattern(size: 3 << 20)), fixture.serve("b.bin", .pattern(size: 4 << 20)),
            ]
            #expect(throws: DownloadError.noSpace(path: fixture.partials.string, needed: 7 << 20, free: (7 << 20) - 1))
            {
                try fixture.plan(files, free: (7 << 20) - 1)
            }
            #expect(throws: Never.self) { try fixture.plan(files, free: 7 << 20) }
            #expect(fixture.hub.requests.isEmpty)
        }
    }

    @Test func `what an earlier run has left needs no room again`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 4 << 20))
            try await fixture.get(file)
            #expect(throws: Never.self) { try fixture.plan([file], free: 0) }
        }
    }

    @Test(arguments: [Int64.max, Int64.max - 1, -5])
    func `sizes out of this world are counted without harm`(size: Int64) async throws {
        try await withDownloader { fixture in
            let url = fixture.hub.addFile("m.bin", .pattern(size: 10))
            let file = RemoteFile(name: "m.bin", url: url, size: size)
            let plan = try fixture.plan([file, file])
            #expect(size < 0 ? plan.missing == nil : plan.missing == .max)
            if size > 0 {
                #expect(throws: DownloadError.self) { try fixture.plan([file, file], free: 1 << 40) }
            }
        }
    }

    @Test func `a folder that cannot be made or written is said so`() async throws {
        try await withDownloader { fixture in
            try fixture.folder.appending("taken").write([1])
            let file = fixture.serve("m.bin", .pattern(size: 10))
            let error = #expect(throws: DownloadError.self) {
                try DownloadPlan([file], in: fixture.folder.appending("taken").appending("below"), free: nil)
            }
            #expect(error?.code == "cannot-write")
            let plan = try fixture.plan([file])
            try FileManager.default.createDirectory(
                atPath: plan.files[0].partial.string, withIntermediateDirectories: true)
            let later = await failure { try await fixture.downloader().run(plan) }
            #expect(later?.code == "cannot-write")
        }
    }

    @Test func `a partial file that is a link is not followed`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 10))
            let plan = try fixture.plan([file])
            let victim = fixture.folder.appending("victim")
            try victim.write([1, 2, 3])
            try FileManager.default.createSymbolicLink(
                atPath: plan.files[0].partial.string, withDestinationPath: victim.string)
            #expect(await failure { try await fixture.downloader().run(plan) }?.code == "cannot-write")
            let untouched = try victim.readBytes()
            #expect(untouched == [1, 2, 3])
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible))
    func `a disk that is too small shows before the bytes come`() async throws {
        try await withDownloader { fixture in
            try await SmallDisk.with(bytes: 4 << 20) { disk in
                let file = fixture.serve("m.bin", .pattern(size: 8 << 20))
                let plan = try DownloadPlan([file], in: disk, free: nil)
                let error = await failure { try await fixture.downloader().run(plan) }
                guard case .noSpace(_, let needed, let free) = error else {
                    throw Surprise(what: "\(String(describing: error))")
                }
                #expect(needed > free)
                #expect(fixture.hub.bytesSent(for: "m.bin") == 0)
            }
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible))
    func `a disk that fills up in flight keeps what has come for another run`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: 8 << 20)
            let file = RemoteFile(name: "m.bin", url: fixture.hub.addFile("m.bin", content))
            try await SmallDisk.with(bytes: 4 << 20) { disk in
                // A size that nobody tells cannot be set aside.
                fixture.hub.script("m.bin", .ignoreRange)
                fixture.hub.script("m.bin", .truncate(after: content.size - 1, chunked: true))
                let plan = try DownloadPlan([file], in: disk, free: nil)
                let error = await failure { try await fixture.downloader().run(plan) }
                guard case .noSpace(_, let needed, _) = error else {
                    throw Surprise(what: "\(String(describing: error))")
                }
                #expect(needed > 0)
                #expect(try DownloadPlan([file], in: disk, free: nil).files[0].kept > 3 << 20)
            }
        }
    }
}
