import Foundation
import SystemPackage
import Testing

@testable import TestSupport

@Suite struct FileTests {
    static let bytes = PseudoRandom.bytes(count: 1000, seed: 5)

    struct RangeCase: CustomTestStringConvertible {
        let header: String
        var status = 206
        var range: Range<Int>
        var testDescription: String { header }
    }

    @Test(arguments: [
        RangeCase(header: "bytes=0-0", range: 0..<1),
        RangeCase(header: "bytes=10-19", range: 10..<20),
        RangeCase(header: "bytes=990-5000", range: 990..<1000),
        RangeCase(header: "bytes=0-9223372036854775807", range: 0..<1000),
        RangeCase(header: "bytes=400-", range: 400..<1000),
        RangeCase(header: "bytes=-1", range: 999..<1000),
        RangeCase(header: "bytes=-5000", range: 0..<1000),
        RangeCase(header: "bytes=1000-", status: 416, range: 0..<0),
        RangeCase(header: "bytes=5000-6000", status: 416, range: 0..<0),
        RangeCase(header: "bytes=-0", status: 416, range: 0..<0),
        RangeCase(header: "bytes=20-10", status: 200, range: 0..<1000),
        RangeCase(header: "bytes=1-2,5-6", status: 200, range: 0..<1000),
        RangeCase(header: "bytes=a-b", status: 200, range: 0..<1000),
        RangeCase(header: "bytes=5-99999999999999999999", status: 200, range: 0..<1000),
        RangeCase(header: "bytes=--5", status: 200, range: 0..<1000),
        RangeCase(header: "lines=1-2", status: 200, range: 0..<1000),
    ])
    func `a range is answered as RFC 9110 says`(row: RangeCase) throws {
        let hub = try LoopbackHub()
        hub.addFile("m.gguf", Self.bytes)
        let reply = try RawClient(hub.address).request("/files/m.gguf", ["Range": row.header])
        #expect(reply.status == row.status)
        #expect(reply.body == Array(Self.bytes[row.range]))
        #expect(reply.isWhole)
        let shown =
            switch row.status {
            case 206: "bytes \(row.range.lowerBound)-\(row.range.upperBound - 1)/1000"
            case 416: "bytes */1000"
            default: String?.none
            }
        #expect(reply.headers["content-range"] == shown)
        #expect(hub.bytesSent(for: "/m.gguf") == row.range.count)
    }

    @Test func `If-Range lets a range through only for the present content and a strong validator`() throws {
        let hub = try LoopbackHub()
        hub.addFile("m.gguf", Self.bytes)
        let client = try RawClient(hub.address)
        let plain = client.request("/files/m.gguf")
        let etag = try #require(plain.headers["etag"])
        let date = try #require(plain.headers["last-modified"])
        let table = [
            (etag, 206), (date, 206), ("W/\(etag)", 200), ("\"other\"", 200), ("Mon, 01 Jan 2001 00:00:00 GMT", 200),
        ]
        for (condition, status) in table {
            let reply = client.request("/files/m.gguf", ["Range": "bytes=1-2", "If-Range": condition])
            #expect(reply.status == status, "\(condition)")
        }
        #expect(client.request("/files/m.gguf", ["If-None-Match": "\"a\", W/\(etag)"]).status == 304)
        #expect(client.request("/files/m.gguf", ["If-None-Match": "\"a\""]).status == 200)
        hub.addFile("m.gguf", Self.bytes)
        #expect(client.request("/files/m.gguf", ["Range": "bytes=1-2", "If-Range": etag]).status == 200)
        #expect(Set(hub.requests.map(\.connection)).count == 1)
    }

    @Test func `HEAD tells the length and sends nothing`() throws {
        let hub = try LoopbackHub()
        hub.addFile("m.gguf", Self.bytes)
        let client = try RawClient(hub.address)
        let reply = client.request("/files/m.gguf", method: "HEAD")
        #expect(reply.headers["content-length"] == "1000")
        #expect(reply.headers["accept-ranges"] == "bytes")
        #expect(client.request("/files/none", method: "HEAD").status == 404)
        #expect(client.request("/files/m.gguf").body == Self.bytes)
        #expect(hub.requests.map(\.sent) == [0, 0, 1000])
    }

    @Test func `what is no request is refused, and its size is bounded`() throws {
        let hub = try LoopbackHub()
        let table = [
            ("nonsense\r\n\r\n", 400), ("GET x HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
            ("GET /%zz HTTP/1.1\r\n\r\n", 400), ("POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
            ("GET / HTTP/1.1\r\nA: \(String(repeating: "x", count: 70_000))", 431),
        ]
        for (text, status) in table {
            let client = try RawClient(hub.address)
            client.send(text)
            #expect(client.reply().status == status)
        }
        #expect(hub.requests.isEmpty)
    }

    @Test func `content on disk, made up or repeated arrives as it is`() throws {
        try withTemporaryFolder { folder in
            try folder.appending("a.bin").write(Self.bytes)
            let hub = try LoopbackHub()
            hub.addFile("disk", try .file(folder.appending("a.bin")))
            hub.addFile("pattern", .pattern(size: (3 << 20) + 17, seed: 9))
            hub.addFile(
                "made",
                Content(size: 300_000) { offset, buffer in
                    for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: (offset + index) / 1000) }
                })
            let client = try RawClient(hub.address)
            #expect(client.request("/files/disk").body == Self.bytes)
            let pattern = client.request("/files/pattern").body
            #expect(sha256(of: pattern) == hub.digest(of: "pattern"))
            #expect(pattern[..<8] != pattern[(1 << 20)..<(1 << 20) + 8])
            let middle = client.request("/files/pattern", ["Range": "bytes=1048570-2097160"]).body
            #expect(middle == Array(pattern[1_048_570...2_097_160]))
            #expect(client.request("/files/made", ["Range": "bytes=299999-"]).body == [UInt8(299 & 255)])
        }
    }

    @Test func `many connections at once each get their bytes`() async throws {
        let hub = try LoopbackHub()
        hub.addFile("m", .pattern(size: 4 << 20))
        let digest = hub.digest(of: "m")
        let address = hub.address
        try await withThrowingTaskGroup { group in
            for _ in 0..<24 {
                group.addTask { sha256(of: try RawClient(address).request("/files/m").body) }
            }
            for try await arrived in group { #expect(arrived == digest) }
        }
        #expect(hub.bytesSent(for: "m") == 24 * 4 << 20)
    }

    @Test func `an origin that nobody holds stops`() throws {
        var hub: LoopbackHub? = try LoopbackHub()
        let client = try RawClient(hub?.address ?? "")
        #expect(client.request("/files/none").status == 404)
        hub = nil
        #expect(client.isClosedByServer())
    }

    @Test func `a stopped origin ends connections and refuses new ones`() throws {
        let hub = try LoopbackHub()
        let client = try RawClient(hub.address)
        #expect(client.request("/files/none").status == 404)
        hub.stop()
        #expect(client.isClosedByServer())
    }
}
