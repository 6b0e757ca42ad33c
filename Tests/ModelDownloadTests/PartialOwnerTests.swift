import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

/// Whose a partial file is, and what of it counts.
@Suite struct PartialOwnerTests {
    @Test func `a link or a second name in place of a partial file is not written through`() async throws {
        for isLink in [true, false] {
            try await withDownloader { fixture in
                let file = fixture.serve("m.bin", .pattern(size: 1 << 20))
                let partial = try fixture.plan([file]).files[0].partial
                let mine = fixture.folder.appending("mine")
                try mine.write(Array("mine".utf8))
                if isLink {
                    try FileManager.default.createSymbolicLink(
                        atPath: partial.string, withDestinationPath: mine.string)
                } else {
                    try FileManager.default.linkItem(atPath: mine.string, toPath: partial.string)
                }
                try await fixture.get(file)
                #expect(try mine.readBytes() == Array("mine".utf8))
            }
        }
    }

    @Test func `a model without bytes is none, whatever digest is published for it`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.gguf", .bytes([]))
            await #expect { try await fixture.get(file) } throws: { ($0 as? DownloadError)?.code == "not-a-model" }
        }
    }
}
