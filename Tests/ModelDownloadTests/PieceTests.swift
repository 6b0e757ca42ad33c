import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

/// Pieces of a file that another file on this disk has at another place.
@Suite struct PieceTests {
    private static let size = 8 << 20
    /// Where the pieces begin in the wanted file and in the other one: no block boundary in either.
    private static let (start, startThere) = (Int64(100_001), Int64(7))
    private static let length: Int64 = 1 << 20
    private static let count = 7

    private struct Case {
        let file: RemoteFile
        let other: FilePath
        let local: LocalPieces
    }

    /// A served file of 8 MiB, of which another file has seven pieces of 1 MiB, changed by `damage` in bytes of its own.
    private func make(
        _ fixture: DownloadFixture, damage: [Int] = [], cutTo end: Int? = nil
    ) throws -> Case {
        let content = Content.model(size: Self.size)
        let file = fixture.serve("m.gguf", content)
        var bytes = [UInt8](repeating: 9, count: Int(Self.startThere))
        let range = Int(Self.start)..<Int(Self.start + Self.length * Int64(Self.count))
        bytes += try content.bytes(range)
        for offset in damage { bytes[offset] ^= 0xFF }
        let other = fixture.folder.appending("other.gguf")
        try other.write(Array(bytes.prefix(end ?? bytes.count)))
        return Case(file: file, other: other, local: Self.pieces(of: other))
    }

    private static func pieces(of other: FilePath, fetched: Int64 = 0) -> LocalPieces {
        LocalPieces(
            (0..<Int64(count)).map { index in
                LocalPiece(
                    path: other, offset: startThere + index * length,
                    range: start + index * length..<start + (index + 1) * length)
            }, of: Int64(size), fetched: fetched)
    }

    private func get(_ fixture: DownloadFixture, _ file: RemoteFile, _ local: LocalPieces) async throws -> VerifiedFile
    {
        let plan = try DownloadPlan([file], in: fixture.partials, free: nil, reusing: [file.name: local])
        return try #require(try await fixture.downloader().run(plan).first)
    }

    private static var rest: Int { size - Int(length) * count }

    @Test func `what another file has is not fetched, except for samples`() async throws {
        try await withDownloader { fixture in
            let made = try make(fixture)
            let arrived = try await get(fixture, made.file, made.local)
            #expect(arrived.digest == made.file.digest)
            #expect(try sha256(of: arrived.path) == made.file.digest?.hex)
            #expect(arrived.fetched == Int64(Self.rest + Self.count * 4096))
            #expect(fixture.hub.bytesSent(for: "*m.gguf") == Self.rest + Self.count * 4096)
        }
    }

    @Test func `a piece whose sample differs is fetched, and its sample is not fetched twice`() async throws {
        try await withDownloader { fixture in
            // In the middle of the second piece, where one sample is taken.
            let middle = Int(Self.startThere + Self.length + Self.length / 2)
            let made = try make(fixture, damage: Array(middle - 6144..<middle + 4096))
            let arrived = try await get(fixture, made.file, made.local)
            #expect(arrived.digest == made.file.digest)
            #expect(arrived.fetched == Int64(Self.rest + (Self.count - 1) * 4096) + Self.length)
        }
    }

    @Test func `what samples do not tell the digest does, and nothing is fetched twice`() async throws {
        try await withDownloader { fixture in
            // One byte in the fifth piece, which no sample of either round meets.
            let made = try make(fixture, damage: [Int(Self.startThere + Self.length * 4 + 200_000)])
            let arrived = try await get(fixture, made.file, made.local)
            #expect(arrived.digest == made.file.digest)
            #expect(try sha256(of: arrived.path) == made.file.digest?.hex)
            // The samples of two rounds come on top.
            #expect(arrived.fetched <= Self.size / 100 * 102)
        }
    }

    @Test func `a tensor of which some rows differ is found by closer samples`() async throws {
        try await withDownloader { fixture in
            let rows = Int(Self.startThere + Self.length * 4)..<Int(Self.startThere + Self.length * 4) + 100_000
            let made = try make(fixture, damage: Array(rows))
            let arrived = try await get(fixture, made.file, made.local)
            #expect(arrived.digest == made.file.digest)
            #expect(fixture.hub.bytesSent(for: "*m.gguf") < Self.rest + Int(Self.length) + Self.count * 7 * 4096)
        }
    }

    @Test(arguments: [0, 5_000_000])
    func `a file that is gone or shorter is no loss`(length: Int) async throws {
        try await withDownloader { fixture in
            let made = try make(fixture, cutTo: length)
            if length == 0 { try FileManager.default.removeItem(atPath: made.other.string) }
            let arrived = try await get(fixture, made.file, made.local)
            #expect(arrived.digest == made.file.digest)
            #expect(arrived.fetched <= Int64(Self.size))
        }
    }

    @Test func `a server that sends everything is taken as it is`() async throws {
        try await withDownloader { fixture in
            let made = try make(fixture)
            fixture.hub.script("*m.gguf", .ignoreRange)
            let arrived = try await get(fixture, made.file, made.local)
            #expect(arrived.digest == made.file.digest)
            #expect(try sha256(of: arrived.path) == made.file.digest?.hex)
        }
    }

    @Test func `ranges that are answered wrongly cost nothing but time`() async throws {
        try await withDownloader { fixture in
            let made = try make(fixture)
            fixture.hub.script("*m.gguf", .wrongContentRange(by: 1), times: 3)
            fixture.hub.script("*m.gguf", .corrupt(offset: Int(Self.start) + 5, length: 2), times: 2)
            let arrived = try await get(fixture, made.file, made.local)
            #expect(arrived.digest == made.file.digest)
            #expect(try sha256(of: arrived.path) == made.file.digest?.hex)
        }
    }

    @Test func `a digest that is not of those bytes ends with both, and the other file stays`() async throws {
        try await withDownloader { fixture in
            let made = try make(fixture)
            let before = try made.other.readBytes()
            var file = made.file
            file.digest = Digest(hex: String(repeating: "ab", count: 32))
            let error = await failure { try await get(fixture, file, made.local) }
            #expect(error?.code == "digest-mismatch")
            #expect(try made.other.readBytes() == before)
            #expect(fixture.hub.bytesSent(for: "*m.gguf") <= 3 * Self.size)
        }
    }

    @Test func `a run that was broken off goes on, also without the other file`() async throws {
        try await withDownloader { fixture in
            let made = try make(fixture)
            fixture.hub.script("*m.gguf", .drop(after: 0), skip: 6)
            #expect(await failure { try await get(fixture, made.file, made.local) }?.code == "given-up")
            let kept = DownloadPlan.kept(at: fixture.partials.appending("\(made.file.digest?.hex ?? "").part"))
            #expect(kept > 0)
            fixture.hub.clear()
            let sent = fixture.hub.bytesSent(for: "*m.gguf")
            try FileManager.default.removeItem(atPath: made.other.string)
            let arrived = try await get(fixture, made.file, made.local)
            #expect(arrived.digest == made.file.digest)
            #expect(arrived.resumed == kept)
            #expect(fixture.hub.bytesSent(for: "*m.gguf") - sent == Self.size - Int(kept))
        }
    }

    @Test func `the head that came with the header is not fetched again`() async throws {
        try await withDownloader { fixture in
            let made = try make(fixture)
            let head = try Content.model(size: Self.size).bytes(0..<100_001)
            let local = LocalPieces(made.local.pieces, of: Int64(Self.size), head: Data(head), fetched: 100_001)
            let arrived = try await get(fixture, made.file, local)
            #expect(arrived.digest == made.file.digest)
            #expect(arrived.fetched == Int64(Self.rest + Self.count * 4096))
            #expect(fixture.hub.bytesSent(for: "*m.gguf") == Self.rest + Self.count * 4096 - 100_001)
        }
    }

    @Test func `pieces that no file can have are not believed`() {
        let path = FilePath("/nowhere")
        func piece(_ range: Range<Int64>, at offset: Int64 = 0) -> LocalPiece {
            LocalPiece(path: path, offset: offset, range: range)
        }
        let size: Int64 = 1 << 20
        let pieces = LocalPieces(
            [
                piece(0..<200_000), piece(100_000..<150_000), piece(size - 10..<size + 100_000),
                piece(300_000..<300_100),
                piece(400_000..<500_000, at: -1), piece(500_000..<600_000, at: 7),
            ], of: size
        ).pieces
        #expect(pieces.map(\.range) == [0..<200_000, 500_000..<600_000])
        let many = (0..<60_000).map { piece($0 * 20_000..<$0 * 20_000 + 20_000) }
        #expect(LocalPieces(many, of: .max).pieces.count == LocalPieces.most)
    }
}
