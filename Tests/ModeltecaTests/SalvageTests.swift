import CurlHTTP
import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

/// What is sound of a damaged file becomes the beginning of a download of it.
@Suite struct SalvageTests {
    private static let whole = model(5, bytes: 3 << 20)

    /// The outcome of a download that starts from `damaged`, taken for wrong in `ranges` only.
    private func mended(
        _ damaged: [UInt8], wrongIn ranges: [Range<Int64>], knownDigest: Bool = true
    ) async throws -> (bytes: [UInt8], file: VerifiedFile) {
        try await withPlace { place in
            let url = place.hub.addFile("m.gguf", Self.whole)
            let digest = knownDigest ? try digest(of: Self.whole) : nil
            let file = RemoteFile(name: "m.gguf", url: url, size: Int64(Self.whole.count), digest: digest)
            let stored = place.folder.appending("stored.gguf")
            try stored.write(damaged)
            let partials = place.folder.appending("partial")
            try await DownloadPlan.salvage(file, from: stored, damaged: ranges, in: partials, free: nil)
            let downloader = Downloader(http: HTTPClient(options: HTTPClient.Options(userAgent: "tests")))
            let plan = try DownloadPlan([file], in: partials, free: nil)
            let verified = try #require(try await downloader.run(plan).first)
            #expect(try stored.readBytes() == damaged)
            return (try verified.path.readBytes(), verified)
        }
    }

    private static func flipped(_ offsets: Int...) -> [UInt8] {
        var bytes = whole
        for offset in offsets { bytes[offset] ^= 0xFF }
        return bytes
    }

    @Test(arguments: [[0..<100], [1000..<5000, 2_000_000..<2_000_001], [3_000_000..<Int64.max]] as [[Range<Int64>]])
    func `only what is wrong is fetched`(ranges: [Range<Int64>]) async throws {
        let end = Int64(Self.whole.count)
        let wrong = ranges.map { $0.clamped(to: 0..<end) }
        var damaged = Self.whole
        for range in wrong { for offset in range { damaged[Int(offset)] = 0 } }
        let (bytes, file) = try await mended(damaged, wrongIn: ranges)
        #expect(bytes == Self.whole)
        #expect(file.fetched == wrong.reduce(0) { $0 + Int64($1.count) })
        #expect(file.resumed == end - file.fetched)
        #expect(file.proof == .sha256)
    }

    @Test func `damage that nobody knew of shows in the proof, and bytes come until it is found`() async throws {
        let (bytes, file) = try await mended(Self.flipped(10, 2_500_000), wrongIn: [0..<1000])
        #expect(bytes == Self.whole)
        // More than the damage that was known; how much more depends on which part comes first.
        #expect(file.fetched > 1000)
    }

    @Test func `a file that is shorter than it should be is continued`() async throws {
        let (bytes, file) = try await mended(Array(Self.whole.prefix(1_000_000)), wrongIn: [])
        #expect(bytes == Self.whole)
        #expect(file.resumed == 1_000_000)
    }

    @Test func `a sound file costs no byte`() async throws {
        let (bytes, file) = try await mended(Self.whole, wrongIn: [])
        #expect(bytes == Self.whole)
        #expect(file.fetched == 0)
    }

    @Test func `without a digest to prove it nothing is reused`() async throws {
        let (bytes, file) = try await mended(Self.flipped(77), wrongIn: [], knownDigest: false)
        #expect(bytes == Self.whole)
        #expect(file.resumed == 0)
    }

    @Test func `room is checked before anything is copied`() async throws {
        try await withTemporaryFolder { folder in
            let stored = folder.appending("stored.gguf")
            try stored.write(Self.whole)
            let url = try #require(URL(string: "http://127.0.0.1:1/m.gguf"))
            let file = RemoteFile(
                name: "m.gguf", url: url, size: Int64(Self.whole.count), digest: try digest(of: Self.whole))
            let partials = folder.appending("partial")
            await #expect {
                try await DownloadPlan.salvage(file, from: stored, damaged: [], in: partials, free: 1000)
            } throws: {
                ($0 as? DownloadError)?.code == "no-space"
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: partials.string)
            #expect(left.isEmpty)
        }
    }
}
