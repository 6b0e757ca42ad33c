import CurlHTTP
import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

@Suite struct OriginFaultTests {
    static let size = 12 << 20

    /// Something that goes wrong for a while, and that the file survives.
    struct Passing: Sendable, CustomTestStringConvertible {
        var name: String
        var fault: Fault
        /// Strikes together with the other.
        var also: Fault?
        var skip = 0
        var times: Int? = 1
        var stallTimeout = 30
        var testDescription: String { name }
    }

    static let passing = [
        Passing(name: "dropped at once", fault: .drop(after: 0), times: 2),
        Passing(name: "dropped in the middle", fault: .drop(after: 700_000), times: 5),
        Passing(name: "always dropped after a while", fault: .drop(after: 700_000), times: nil),
        Passing(name: "reset in the middle", fault: .drop(after: 700_000, rst: true), times: 5),
        Passing(name: "reset instead of an answer", fault: .reset, times: 3),
        Passing(name: "a short body that looks complete", fault: .truncate(after: 1_000_000), times: 3),
        Passing(name: "a short body in chunks", fault: .truncate(after: 1_000_000, chunked: true), times: 3),
        Passing(name: "a length that is too small", fault: .wrongLength(by: -1), times: 2),
        Passing(name: "a length that is too large", fault: .wrongLength(by: 1), times: 2),
        Passing(name: "ranges ignored once", fault: .ignoreRange),
        Passing(name: "ranges ignored later", fault: .ignoreRange, skip: 1),
        Passing(name: "ranges always ignored", fault: .ignoreRange, times: nil),
        Passing(
            name: "no ranges at all, and said so", fault: .ignoreRange, also: .header("Accept-Ranges", "none"),
            times: nil),
        Passing(name: "a wrong Content-Range", fault: .wrongContentRange(by: 5)),
        Passing(name: "always a wrong Content-Range", fault: .wrongContentRange(by: 5), times: nil),
        Passing(name: "a part that does not say which", fault: .header("Content-Range", nil)),
        Passing(name: "never says which part", fault: .header("Content-Range", nil), times: nil),
        Passing(name: "an absurd Content-Range", fault: .header("Content-Range", "bytes 9-1/-7"), times: nil),
        Passing(name: "416 once", fault: .status(416)),
        Passing(name: "416 to every range", fault: .status(416), times: 3),
        Passing(name: "429", fault: .status(429), times: 2),
        Passing(name: "500", fault: .status(500), times: 2),
        Passing(name: "503", fault: .status(503), skip: 1, times: 3),
        Passing(name: "503 and the end of the connection", fault: .status(503), also: .close, times: 2),
        Passing(name: "gzip once", fault: .gzip),
        Passing(name: "another tag for the same bytes", fault: .header("ETag", "\"other\""), skip: 1),
        Passing(name: "no tag", fault: .noEtag, times: nil),
        Passing(name: "a weak tag", fault: .weakEtag, times: nil),
        Passing(name: "one connection at a time", fault: .limitConnections(1), times: nil),
        Passing(name: "two connections at a time", fault: .limitConnections(2, status: 429), times: nil),
        Passing(name: "no length, in chunks", fault: .noLength(), times: nil),
        Passing(name: "no length, to the end of the connection", fault: .noLength(chunked: false), times: nil),
        Passing(name: "neither length nor ranges", fault: .noLength(), also: .ignoreRange, times: nil),
        Passing(
            name: "neither length nor ranges, to the end of the connection", fault: .noLength(chunked: false),
            also: .ignoreRange, times: nil),
        Passing(name: "a connection for each request", fault: .close, times: nil),
        Passing(name: "answers that take long", fault: .latency(milliseconds: 150), times: nil),
        Passing(name: "a slow line", fault: .slow(bytesPerSecond: 8 << 20), times: nil),
        Passing(name: "a pause within the body", fault: .stall(after: 300_000, milliseconds: 300), times: 3),
        Passing(name: "429 with seconds to wait", fault: .status(429, retryAfter: .seconds(1))),
        Passing(name: "429 with the date to come back", fault: .status(429, retryAfter: .date(secondsFromNow: 1))),
        Passing(name: "503 with seconds to wait", fault: .status(503, retryAfter: .seconds(1)), skip: 1),
        Passing(name: "a redirect to the same file on another host", fault: .redirect(to: "{cdn}/moved/m.bin")),
        Passing(name: "a stall", fault: .stall(after: 300_000), stallTimeout: 4),
        Passing(name: "a hang", fault: .hang, stallTimeout: 4),
    ]

    private static func script(_ passing: Passing, _ fixture: DownloadFixture, _ content: Content) {
        fixture.hub.handle("/moved/m.bin", side: .cdn) { _ in .file(content) }
        for fault in [passing.fault] + (passing.also.map { [$0] } ?? []) {
            fixture.hub.script("/files/m.bin", fault, skip: passing.skip, times: passing.times)
        }
    }

    @Test(arguments: passing)
    func `a file arrives whole in spite of a passing fault`(_ passing: Passing) async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: Self.size)
            let file = fixture.serve("m.bin", content)
            Self.script(passing, fixture, content)
            let arrived = try await fixture.get(file, stallTimeout: passing.stallTimeout)
            #expect(try sha256(of: arrived.path) == content.sha256)
            #expect(arrived.proof == .sha256)
        }
    }

    @Test(arguments: passing.filter { !["a short body in chunks", "gzip once"].contains($0.name) })
    func `a file that nobody can prove arrives whole in spite of a passing fault`(_ passing: Passing) async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: Self.size)
            let file = RemoteFile(name: "m.bin", url: fixture.hub.addFile("m.bin", content))
            Self.script(passing, fixture, content)
            let arrived = try await fixture.get(file, stallTimeout: passing.stallTimeout)
            #expect(try sha256(of: arrived.path) == content.sha256)
        }
    }

    /// Something that stays wrong, and the error it ends with.
    struct Lasting: Sendable, CustomTestStringConvertible {
        var name: String
        var fault: Fault
        /// Strikes together with the other.
        var also: Fault?
        var code: String
        var trouble: DownloadError.Trouble?
        var stallTimeout = 30
        var testDescription: String { name }
    }

    @Test(arguments: [
        Lasting(name: "always 500", fault: .status(500), code: "given-up", trouble: .server),
        Lasting(name: "always 503", fault: .status(503), code: "given-up", trouble: .throttled),
        Lasting(name: "always reset", fault: .reset, code: "given-up", trouble: .cutOff),
        Lasting(name: "always 429", fault: .status(429), code: "given-up", trouble: .throttled),
        Lasting(
            name: "a date far away", fault: .status(503, retryAfter: .date(secondsFromNow: 100_000)), code: "given-up",
            trouble: .throttled),
        Lasting(
            name: "416 and another size", fault: .status(416), also: .header("Content-Range", "bytes */1000"),
            code: "size-mismatch"),
        Lasting(name: "always 416", fault: .status(416), code: "given-up", trouble: .badAnswer),
        Lasting(name: "always short", fault: .truncate(after: 0), code: "given-up", trouble: .cutOff),
        Lasting(name: "always short, in chunks", fault: .truncate(after: 0, chunked: true), code: "given-up"),
        Lasting(
            name: "always a length too large", fault: .wrongLength(by: 1), also: .ignoreRange, code: "size-mismatch"),
        Lasting(name: "a page instead of a refusal", fault: .html(status: 403), code: "refused"),
        Lasting(name: "a page instead of a failure", fault: .html(status: 502), code: "given-up", trouble: .server),
        Lasting(name: "always gzip", fault: .gzip, code: "given-up", trouble: .badAnswer),
        Lasting(name: "dropped at the same place", fault: .drop(after: 0), code: "given-up", trouble: .cutOff),
        Lasting(name: "silent", fault: .hang, code: "given-up", trouble: .silent, stallTimeout: 4),
        Lasting(name: "in circles", fault: .redirectLoop, code: "redirect-loop"),
        Lasting(name: "gone", fault: .status(410), code: "file-missing"),
        Lasting(name: "not found", fault: .status(404), code: "file-missing"),
        Lasting(name: "no credentials", fault: .status(401), code: "refused"),
        Lasting(name: "not allowed", fault: .status(403), code: "refused"),
        Lasting(name: "for legal reasons", fault: .status(451), code: "refused"),
        Lasting(
            name: "too long a pause", fault: .status(429, retryAfter: .seconds(100_000)), code: "given-up",
            trouble: .throttled),
    ])
    func `a lasting fault ends with an error of its own`(_ lasting: Lasting) async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 3 << 20))
            for fault in [lasting.fault] + (lasting.also.map { [$0] } ?? []) { fixture.hub.script("m.bin", fault) }
            var options = Downloader.Options(retry: .hasty)
            options.retry.tries = 2
            let error = await failure { try await fixture.get(file, options, stallTimeout: lasting.stallTimeout) }
            #expect(error?.code == lasting.code)
            if case .givenUp(let name, let host, let tries, _, let trouble, _) = error {
                #expect(name == "m.bin" && host == "127.0.0.1" && tries <= 2)
                #expect(lasting.trouble == nil || trouble == lasting.trouble)
            }
        }
    }

    @Test(arguments: ["ftp://127.0.0.1/m.bin", "file:///etc/passwd"])
    func `a redirect out of the web ends the download`(target: String) async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 1 << 20))
            fixture.hub.script("m.bin", .redirect(to: target))
            let error = await #expect(throws: HTTPError.self) { try await fixture.get(file) }
            #expect(error?.code == "stray-redirect")
        }
    }

    @Test(arguments: [204, 203, 304, 999]) func `an answer that makes no sense is not asked for all night`(
        status: Int
    ) async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 1 << 20))
            fixture.hub.script("m.bin", .status(status))
            var options = Downloader.Options(connections: 1, retry: .hasty)
            options.retry.tries = 14
            let error = await failure { try await fixture.get(file, options) }
            guard case .givenUp(_, _, 4, 0, .badAnswer, _) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
        }
    }

    @Test func `when the origin fails for ever what has come is kept for another run`() async throws {
        try await withDownloader { fixture in
            let content = Content.pattern(size: Self.size)
            let file = fixture.serve("m.bin", content)
            fixture.hub.script("m.bin", .drop(after: 600_000), times: 1)
            fixture.hub.script("m.bin", .status(500), skip: 1)
            let options = Downloader.Options(connections: 1, retry: .hasty)
            let error = await failure { try await fixture.get(file, options) }
            guard case .givenUp(_, _, _, let kept, _, let cause) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            #expect(kept == 600_000)
            #expect(cause == "HTTP 500")
            fixture.hub.clear()
            let arrived = try await fixture.get(file)
            #expect(arrived.resumed == 600_000)
            #expect(arrived.fetched == Int64(Self.size) - 600_000)
        }
    }

    @Test func `a server that breaks without ranges at the same place is given up`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 3 << 20))
            fixture.hub.script("m.bin", .ignoreRange)
            fixture.hub.script("m.bin", .drop(after: 1 << 20))
            let error = await failure { try await fixture.get(file) }
            #expect(error?.code == "given-up")
            let unknown = RemoteFile(name: "m.bin", url: file.url)
            #expect(await failure { try await fixture.get(unknown) }?.code == "given-up")
        }
    }

    @Test(arguments: [Fault.RetryAfter.seconds(200), .date(secondsFromNow: 200)])
    func `a server that asks to wait is obeyed and the wait is told`(after: Fault.RetryAfter) async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 1 << 20))
            fixture.hub.script("m.bin", .status(429, retryAfter: after), times: 1)
            let (waits, noted) = AsyncStream.makeStream(of: TransferEvent.Phase.self)
            let task = Task {
                try await fixture.get(file) { event in
                    if case .waiting = event.phase { noted.yield(event.phase) }
                }
            }
            guard case .waiting(_, let seconds, 1, 4, "HTTP 429")? = await waits.first(where: { _ in true }) else {
                throw Surprise(what: "no wait was told")
            }
            // Our own wait would have been over after a hundredth of a second.
            #expect(seconds > 100 && seconds <= 200)
            task.cancel()
            #expect(await failure { try await task.value }?.code == "interrupted")
        }
    }

    @Test func `patience has an end however often the origin sends a little more`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 8 << 20))
            fixture.hub.script("m.bin", .drop(after: 1000))
            var options = Downloader.Options(connections: 1, retry: .hasty)
            options.retry.totalWait = 0.2
            let error = await failure { try await fixture.get(file, options) }
            #expect(error?.code == "given-up")
        }
    }

    @Test func `the time allowed for a plan ends it and keeps what has come`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 8 << 20))
            fixture.hub.script("m.bin", .stall(after: 100_000))
            let options = Downloader.Options(maxTime: 0, retry: .hasty)
            let error = await failure { try await fixture.get(file, options) }
            guard case .timeIsUp("m.bin", 0, _) = error else { throw Surprise(what: "\(String(describing: error))") }
        }
    }

    @Test func `nobody listening is said to be unreachable`() async throws {
        try await withDownloader { fixture in
            let file = RemoteFile(name: "m.bin", url: try #require(URL(string: "http://127.0.0.1:1/m.bin")))
            let error = await failure { try await fixture.get(file) }
            guard case .givenUp(_, _, _, 0, .unreachable, _) = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
        }
    }
}
