import Foundation
import Testing

@testable import TestSupport

@Suite struct FaultTests {
    let bytes = PseudoRandom.bytes(count: 100_000, seed: 5)
    let hub: LoopbackHub
    let client: RawClient

    init() throws {
        hub = try LoopbackHub()
        hub.addFile("m.gguf", bytes)
        client = try RawClient(hub.address)
    }

    private func fetch(_ headers: [String: String] = [:]) -> RawClient.Reply {
        client.request("/files/m.gguf", headers)
    }

    @Test(arguments: [0, 1, 99_999], [false, true])
    func `a dropped body ends where it should, after those that were let through`(after: Int, rst: Bool) throws {
        hub.script("/m.gguf", .drop(after: after, rst: rst), skip: 1, times: 1)
        #expect(fetch().isWhole)
        // HEAD and a missing file have no body: they do not use the fault up.
        #expect(client.request("/files/m.gguf", method: "HEAD").status == 200)
        #expect(client.request("/files/none").status == 404)
        let cut = fetch()
        #expect(!cut.isWhole && cut.headers["content-length"] == "100000")
        // With RST the system may throw away what has not been read yet.
        #expect(rst ? cut.body.count <= after : cut.body.count == after)
        #expect(client.isClosedByServer())
        #expect(try RawClient(hub.address).request("/files/m.gguf").isWhole)
        #expect(hub.requests.map(\.aborted) == [false, false, false, true, false])
    }

    @Test func `wrong bytes are wrong in every range and nowhere else`() {
        hub.script("*", .corrupt(offset: 500, length: 2, xor: 1))
        var damaged = bytes
        damaged[500] ^= 1
        damaged[501] ^= 1
        #expect(fetch().body == damaged)
        #expect(fetch(["Range": "bytes=501-600"]).body == Array(damaged[501...600]))
        #expect(fetch(["Range": "bytes=502-"]).body == Array(bytes[502...]))
    }

    @Test func `a truncated body looks complete`() {
        let fault = hub.script("*", .truncate(after: 10))
        #expect(fetch().body == Array(bytes[..<10]))
        #expect(fetch(["Range": "bytes=5-"]).isWhole)
        hub.clear(fault)
        hub.script("*", .truncate(after: 10, chunked: true), times: 1)
        let chunked = fetch()
        #expect(chunked.isWhole && chunked.body.count == 10 && chunked.headers["content-length"] == nil)
        #expect(fetch().body == bytes)
    }

    @Test(arguments: [5, -5])
    func `a wrong length is announced`(difference: Int) {
        hub.script("*", .wrongLength(by: difference))
        let reply = fetch()
        #expect(reply.headers["content-length"] == String(100_000 + difference))
        #expect(reply.isWhole == (difference < 0))
    }

    @Test func `headers of ranges lie`() {
        hub.script("*", .wrongContentRange(by: 3), times: 1)
        let reply = fetch(["Range": "bytes=10-19"])
        #expect(reply.headers["content-range"] == "bytes 13-22/100000" && reply.body == Array(bytes[10..<20]))
        hub.script("*", .ignoreRange, times: 1)
        #expect(fetch(["Range": "bytes=10-19"]).status == 200)
        #expect(fetch(["Range": "bytes=10-19"]).status == 206)
    }

    @Test func `validators change, weaken and vanish`() throws {
        let etag = try #require(fetch().headers["etag"])
        hub.script("*", .weakEtag, times: 2)
        #expect(fetch().headers["etag"] == "W/\(etag)")
        #expect(fetch(["Range": "bytes=1-1", "If-Range": etag]).status == 200)
        hub.script("*", .noEtag, times: 1)
        #expect(fetch().headers["etag"] == nil)
        hub.script("*", .change)
        let changed = fetch(["Range": "bytes=1-1", "If-Range": etag])
        #expect(changed.status == 200 && changed.headers["etag"] != etag && changed.body != bytes)
        #expect(changed.body.prefix(4) == bytes.prefix(4) && changed.body.count == bytes.count)
    }

    @Test func `gzip that other programs can unpack`() async throws {
        hub.script("*", .gzip)
        let raw = fetch(["Range": "bytes=1-1"])
        #expect(raw.status == 200 && raw.headers["content-encoding"] == "gzip" && raw.isWhole)
        try await withTemporaryFolder { folder in
            let file = folder.appending("m.gguf")
            try folder.appending("m.gguf.gz").write(raw.body)
            let result = try await RunningCommand.run("/usr/bin/env", ["gzip", "-d", file.string + ".gz"])
            #expect(result.status == 0)
            #expect(try file.readBytes() == bytes)
        }
    }

    @Test func `answers are replaced`() throws {
        hub.script("*", .html(), times: 1)
        #expect(fetch().text.hasPrefix("<!DOCTYPE html>"))
        hub.script("*", .status(429, retryAfter: .seconds(7), errorCode: "X"), times: 1)
        let busy = fetch()
        #expect(busy.status == 429 && busy.headers["retry-after"] == "7" && busy.headers["x-error-code"] == "X")
        hub.script("*", .status(503, retryAfter: .date(secondsFromNow: 60)), times: 1)
        #expect(fetch().headers["retry-after"]?.hasSuffix("GMT") == true)
        hub.script("*", .redirect(to: "{cdn}{path}", status: 307), times: 1)
        #expect(fetch().headers["location"] == "\(hub.cdnAddress)/files/m.gguf")
        hub.script("*", .redirectLoop, times: 1)
        #expect(fetch().headers["location"] == "/files/m.gguf")
        hub.script("*", .header("ETag", nil), times: 1)
        hub.script("*", .header("X-More", "1"), times: 1)
        let changed = fetch()
        #expect(changed.headers["etag"] == nil && changed.headers["x-more"] == "1")
        hub.script("*", .reset, times: 1)
        #expect(fetch().status == 0)
    }

    @Test func `a stall keeps the connection until the client leaves`() async throws {
        hub.script("m.gguf", .stall(after: 5000))
        do {
            let client = try RawClient(hub.address)
            client.start("/files/m.gguf")
            try await hub.waitUntilSent("m.gguf", 5000)
            #expect(hub.bytesSent(for: "m.gguf") == 5000 && hub.requests.last?.finished == false)
        }
        try await hub.wait { $0.last?.finished == true }
        #expect(hub.requests.last?.aborted == true)
    }

    @Test func `a stall of some time ends, and the body comes whole`() {
        hub.script("m.gguf", .stall(after: 5000, milliseconds: 20))
        #expect(fetch().body == bytes)
    }

    @Test(arguments: [true, false])
    func `a body without a length comes in chunks or ends with the connection`(chunked: Bool) {
        hub.script("m.gguf", .noLength(chunked: chunked), times: 1)
        let reply = fetch()
        #expect(reply.body == bytes && reply.headers["content-length"] == nil)
        #expect((reply.headers["transfer-encoding"] == "chunked") == chunked)
    }

    @Test func `an origin that closes after an answer says so`() {
        hub.script("m.gguf", .close, skip: 1)
        #expect(fetch().headers["connection"] == nil)
        let last = fetch()
        #expect(last.isWhole && last.headers["connection"] == "close")
        #expect(client.isClosedByServer())
    }

    @Test func `a hanging origin sends nothing at all`() async throws {
        hub.script("*", .hang)
        client.start("/files/m.gguf")
        try await hub.wait { $0.count == 1 }
        #expect(hub.requests[0].status == 0)
        hub.stop()
        #expect(client.reply().status == 0)
    }

    @Test func `more transfers than allowed are refused until one ends`() async throws {
        let stall = hub.script("*", .stall(after: 10))
        hub.script("*", .limitConnections(1))
        do {
            let first = try RawClient(hub.address)
            first.start("/files/m.gguf")
            try await hub.waitUntilSent("m.gguf", 10)
            #expect(fetch().status == 503)
        }
        try await hub.waitUntilIdle()
        hub.clear(stall)
        #expect(fetch().isWhole)
    }

    @Test func `a slow origin sends all the same`() {
        hub.script("*", .slow(bytesPerSecond: 2_000_000))
        #expect(fetch().body == bytes)
    }

    @Test func `faults keep to their port, method and name`() {
        hub.script("*", .status(500), side: .cdn)
        hub.script("*", .status(500), method: "HEAD")
        hub.script("other.gguf", .status(500))
        #expect(fetch().status == 200)
        #expect(client.request("/files/m.gguf", method: "HEAD").status == 500)
    }

    @Test(arguments: [
        ("*", true), ("/files/m.gguf", true), ("m.gguf", true), ("/m.gguf", true), ("*.gguf", true), ("?.gguf", true),
        ("o/r/x-*-Q?.gguf", true), ("r/x-*", true), (".gguf", false), ("gguf", false), ("", false), ("*x", false),
    ])
    func `patterns fit names`(pattern: String, fits: Bool) {
        #expect(namesMatch(["/files/m.gguf", "o/r/x-1-2-Q8.gguf"], pattern) == fits)
    }

    @Test func `who waits in vain is sent away`() async throws {
        let hub = hub
        let waiting = Task { try await hub.waitUntilSent("m.gguf", 1) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let another = Task { try await hub.waitUntilSent("m.gguf", 1) }
        hub.stop()
        await #expect(throws: CancellationError.self) { try await another.value }
    }
}
