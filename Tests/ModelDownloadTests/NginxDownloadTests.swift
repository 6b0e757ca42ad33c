import CurlHTTP
import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage
import TestSupport
import Testing

/// Whole downloads from nginx, mostly with TLS and HTTP/2.
@Suite(.enabled(if: Nginx.isInstalled, "nginx and openssl are needed (Scripts/deps.sh --tests)"))
struct NginxDownloadTests {
    private static let content = Content.pattern(size: 24 << 20)

    /// A downloader that trusts the test's own authority unless told otherwise.
    private func downloader(
        _ nginx: Nginx, connections: Int = 4, tries: Int = 4, trusting: Bool = true
    ) -> Downloader {
        let client = HTTPClient(
            options: HTTPClient.Options(
                userAgent: "modelteca-tests/1", caFile: trusting ? nginx.caFile.string : nil, proxies: ProxySettings()))
        var retry = RetryPolicy.hasty
        retry.tries = tries
        return Downloader(
            http: client,
            options: Downloader.Options(connections: connections, connectionsAreFixed: true, retry: retry))
    }

    private func file(_ url: URL, _ content: Content = Self.content, isKnown: Bool = true) -> RemoteFile {
        RemoteFile(
            name: "m.bin", url: url, size: isKnown ? Int64(content.size) : nil,
            digest: isKnown ? Digest(hex: content.sha256) : nil)
    }

    private func withServer(
        _ site: Nginx.Site = Nginx.Site(), _ body: (Nginx, FilePath) async throws -> Void
    ) async throws {
        try await withNginx(["m.bin": Self.content], site) { nginx in
            try await withTemporaryFolder { folder in try await body(nginx, folder) }
        }
    }

    @Test(arguments: [(Nginx.Port.http2, "HTTP/2.0"), (.http1, "HTTP/1.1"), (.plain, "HTTP/1.1")])
    func `a file arrives proven over several connections, each byte once`(
        port: Nginx.Port, version: String
    ) async throws {
        try await withServer { nginx, folder in
            let plan = try DownloadPlan([file(nginx.url(port, "/m.bin"))], in: folder, free: nil)
            let arrived = try await downloader(nginx).run(plan)
            #expect(try sha256(of: arrived[0].path) == Self.content.sha256)
            #expect(arrived[0].proof == .sha256)
            let requests = try await nginx.finish()
            #expect(requests.allSatisfy { $0.version == version && $0.status == 206 && !$0.range.isEmpty })
            #expect(requests.allSatisfy { $0.userAgent == "modelteca-tests/1" })
            #expect(requests.reduce(0) { $0 + $1.sent } == Self.content.size)
            let connections = Set(requests.map(\.connection))
            #expect(connections.count > 1 && connections.count <= 4)
            // There are more stretches than connections: who is done with one takes the next on the same connection.
            #expect(requests.contains { $0.ordinal > 1 })
        }
    }

    /// Lets some bytes come, slowly, and stops; gives how many are kept.
    private func begin(_ wanted: RemoteFile, at nginx: Nginx, in folder: FilePath) async throws -> Int64 {
        let (events, noted) = AsyncStream.makeStream(of: Int64.self)
        let client = HTTPClient(
            options: HTTPClient.Options(
                userAgent: "modelteca-tests/1", caFile: nginx.caFile.string, proxies: ProxySettings()))
        let slow = Downloader(http: client, options: Downloader.Options(bytesPerSecond: 4 << 20))
        let run = Task {
            try await slow.run(DownloadPlan([wanted], in: folder, free: nil)) { noted.yield($0.received) }
        }
        _ = await events.first { $0 > 500_000 }
        run.cancel()
        guard case .interrupted("m.bin", let kept)? = await failure(of: { try await run.value }) else {
            throw Surprise(what: "not interrupted")
        }
        return kept
    }

    @Test(arguments: [true, false], [Nginx.Port.http2, .http1])
    func `what was interrupted goes on where it stopped`(isKnown: Bool, port: Nginx.Port) async throws {
        try await withServer { nginx, folder in
            let wanted = try file(nginx.url(port, "/m.bin"), isKnown: isKnown)
            let kept = try await begin(wanted, at: nginx, in: folder)
            let arrived = try await downloader(nginx).run(DownloadPlan([wanted], in: folder, free: nil))
            #expect(try sha256(of: arrived[0].path) == Self.content.sha256)
            #expect(arrived[0].resumed == kept)
            #expect(arrived[0].fetched == Int64(Self.content.size) - kept)
        }
    }

    @Test func `a file that was replaced between two runs is never glued to old bytes`() async throws {
        try await withServer { nginx, folder in
            let wanted = try file(nginx.url(.http2, "/m.bin"), isKnown: false)
            #expect(try await begin(wanted, at: nginx, in: folder) > 0)
            // One byte longer: nginx names a content by its time, in whole seconds, and its size.
            let new = Content.pattern(size: Self.content.size + 1, seed: 2)
            try nginx.put("m.bin", new)
            let arrived = try await downloader(nginx).run(DownloadPlan([wanted], in: folder, free: nil))
            #expect(arrived[0].digest.hex == new.sha256)
            #expect(try sha256(of: arrived[0].path) == new.sha256)
        }
    }

    @Test(arguments: [Nginx.Port.http2, .http1])
    func `a server that allows two connections is not asked over eight for long`(port: Nginx.Port) async throws {
        try await withServer { nginx, folder in
            let plan = try DownloadPlan([file(nginx.url(port, "/two/m.bin"))], in: folder, free: nil)
            let arrived = try await downloader(nginx, connections: 8, tries: 20).run(plan)
            #expect(try sha256(of: arrived[0].path) == Self.content.sha256)
            let requests = try await nginx.finish()
            let refused = requests.count { $0.status == 503 }
            #expect(refused + requests.count { $0.status == 206 } == requests.count)
            // The refusals of the first moment, and not one at every turn.
            #expect(refused <= 12)
        }
    }

    @Test func `a server that ends connections after two requests costs no byte`() async throws {
        try await withServer { nginx, folder in
            let plan = try DownloadPlan([file(nginx.url(.other, "/m.bin"))], in: folder, free: nil)
            let arrived = try await downloader(nginx).run(plan)
            #expect(try sha256(of: arrived[0].path) == Self.content.sha256)
            let requests = try await nginx.finish()
            #expect(requests.reduce(0) { $0 + $1.sent } == Self.content.size)
            #expect(requests.allSatisfy { $0.version == "HTTP/2.0" && $0.ordinal <= 2 })
            #expect(Set(requests.map(\.connection)).count > 4)
        }
    }

    @Test(arguments: [Nginx.Port.expired, .otherHost, .http2])
    func `a certificate that does not hold ends it at once, and nothing is asked`(port: Nginx.Port) async throws {
        try await withServer { nginx, folder in
            let plan = try DownloadPlan([file(nginx.url(port, "/m.bin"))], in: folder, free: nil)
            // The third is good, and nobody named its authority.
            let error = await failure {
                try await downloader(nginx, tries: 8, trusting: port != .http2).run(plan)
            }
            guard case .givenUp("m.bin", "127.0.0.1", let tries, 0, .tls, let cause)? = error else {
                throw Surprise(what: "\(String(describing: error))")
            }
            #expect(tries <= 2)
            #expect(cause.lowercased().contains("certificate"))
            let requests = try await nginx.finish()
            #expect(requests.isEmpty)
        }
    }

    @Test func `a mirror with a certificate that holds takes over`() async throws {
        try await withServer { nginx, folder in
            var wanted = try file(nginx.url(.expired, "/m.bin"))
            wanted.mirrors = [try nginx.url(.http2, "/m.bin")]
            let arrived = try await downloader(nginx).run(DownloadPlan([wanted], in: folder, free: nil))
            #expect(try sha256(of: arrived[0].path) == Self.content.sha256)
            #expect(arrived[0].source == wanted.mirrors[0])
        }
    }

    @Test func `https never leads to http`() async throws {
        let site = Nginx.Site(redirects: ["/down": "http://127.0.0.1:{plain}/m.bin"])
        try await withServer(site) { nginx, folder in
            let (from, to) = try (nginx.url(.http2, "/down"), nginx.url(.plain, "/m.bin"))
            let error = await failure {
                try await downloader(nginx).run(DownloadPlan([file(from)], in: folder, free: nil))
            }
            #expect(error == .insecureRedirect(file: "m.bin", from: from, to: to))
            let requests = try await nginx.finish()
            #expect(requests.map(\.port) == [nginx.number(.http2)])
        }
    }

    @Test(arguments: [Nginx.Port.http2, .http1])
    func `a server that dies and comes back costs a few tries`(port: Nginx.Port) async throws {
        try await withServer { nginx, folder in
            let (events, noted) = AsyncStream.makeStream(of: Int64.self)
            let client = HTTPClient(
                options: HTTPClient.Options(
                    userAgent: "modelteca-tests/1", caFile: nginx.caFile.string, proxies: ProxySettings()))
            let slow = Downloader(
                http: client,
                options: Downloader.Options(
                    connections: 4, connectionsAreFixed: true, bytesPerSecond: 12 << 20,
                    retry: RetryPolicy(tries: 40, firstDelay: 0.05, longestDelay: 0.5)))
            let plan = try DownloadPlan([file(nginx.url(port, "/m.bin"))], in: folder, free: nil)
            let run = Task { try await slow.run(plan) { noted.yield($0.received) } }
            _ = await events.first { $0 > 2 << 20 }
            try await nginx.die()
            let again = try await nginx.restarted()
            let arrived = try await run.value
            #expect(try sha256(of: arrived[0].path) == Self.content.sha256)
            // What had come before is not asked for again.
            let requests = try await again.finish()
            #expect(requests.contains { $0.status == 206 })
            #expect(!requests.contains { $0.range.hasPrefix("bytes=0-") })
        }
    }

    @Test func `what goes wrong behind a proxy that speaks HTTP 2 is survived too`() async throws {
        try await withLoopbackHub { hub in
            let content = Content.pattern(size: 6 << 20)
            let site = Nginx.Site(origins: [.http2: hub.address])
            try await withServer(site) { nginx, folder in
                await withTaskGroup(of: (String, Result<[VerifiedFile], any Error>).self) { group in
                    for (number, passing) in OriginFaultTests.passing.enumerated() {
                        let path = hub.addFile("\(number).bin", content).path()
                        // That one leads to an origin without TLS.
                        if case .redirect = passing.fault { continue }
                        for fault in [passing.fault] + (passing.also.map { [$0] } ?? []) {
                            hub.script(path, fault, skip: passing.skip, times: passing.times)
                        }
                        group.addTask {
                            do {
                                let client = HTTPClient(
                                    options: HTTPClient.Options(
                                        userAgent: "modelteca-tests", caFile: nginx.caFile.string,
                                        proxies: ProxySettings(), stallTimeout: passing.stallTimeout))
                                let plan = try DownloadPlan(
                                    [file(nginx.url(.http2, path), content)], in: folder.appending("\(number)"),
                                    free: nil)
                                let options = Downloader.Options(connections: 4, retry: .hasty)
                                let files = try await Downloader(http: client, options: options).run(plan)
                                return (passing.name, .success(files))
                            } catch {
                                return (passing.name, .failure(error))
                            }
                        }
                    }
                    for await (name, result) in group {
                        let digest = try? result.get().first.map { try sha256(of: $0.path) }
                        #expect(digest == content.sha256, "\(name): \(result)")
                    }
                }
                let requests = try await nginx.finish()
                #expect(requests.count > OriginFaultTests.passing.count)
                #expect(requests.allSatisfy { $0.version == "HTTP/2.0" })
            }
        }
    }
}
