import Foundation
import GGUF
import ModelCatalog
import ModelHub
import TestSupport
import Testing

@Suite struct RemoteHeaderTests {
    /// A header of more than one piece: a vocabulary of 1.5 MB in front of the tensors.
    private static func large(_ count: Int = 60_000) -> [UInt8] {
        var builder = GGUFBuilder.tinyLlama(tensorBytes: 4 << 20)
        builder.metadata.append(("test.words", .strings((0..<count).map { "a word of a vocabulary \($0)" })))
        return builder.build()
    }

    @Test func `a small header costs one request and one piece`() async throws {
        try await withLoopbackHub { hub in
            let bytes = GGUFBuilder.tinyLlama(tensorBytes: 8 << 20).build()
            let url = hub.addFile("m.gguf", bytes)
            let header = try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url))
            let whole = try GGUFFile(bytes: bytes)
            #expect(header.file.tensors == whole.tensors)
            #expect(header.file.headerLength == whole.headerLength)
            #expect(header.fetched == 1 << 20)
            #expect(hub.requests.map(\.range) == ["bytes=0-1048575"])
        }
    }

    @Test func `a file smaller than a piece is read to its end`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("m.gguf", model())
            let header = try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url))
            #expect(header.fetched == Int64(model().count))
        }
    }

    @Test func `a large header is read on from where it was, and the tensors stay where they are`() async throws {
        try await withLoopbackHub { hub in
            let bytes = Self.large()
            let url = hub.addFile("m.gguf", bytes)
            let header = try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url))
            #expect(header.file.headerLength > 1 << 20)
            #expect(header.fetched < Int64(bytes.count))
            #expect(header.fetched == Int64(hub.bytesSent(for: "m.gguf")))
            #expect(hub.requests.count == 2)
            #expect(hub.requests.last?.range?.hasPrefix("bytes=1048576-") == true)
        }
    }

    @Test func `a redirect is followed once, and again when its address has expired`() async throws {
        try await withLoopbackHub { hub in
            hub.add(repo: "o/m-GGUF", files: ["m-Q8_0.gguf": Self.large(300_000)])
            let asked = client(of: hub)
            let file = try #require(try await asked.resolve("o/m-GGUF:Q8_0").variants.first?.files.first)
            let header = try await asked.header(of: file)
            #expect(header.file.headerLength > 8 << 20)
            let paths = hub.requests.map(\.path)
            #expect(paths.count { $0.hasPrefix("/api/") } == 1)
            #expect(paths.count { $0.contains("/resolve/") } == 1)
            #expect(paths.count == hub.requests.count { $0.range != nil } + 1)
            #expect(paths.count <= 6)
            hub.script("m-Q8_0.gguf", .expired, side: .cdn, skip: 1, times: 1)
            let again = try await asked.header(of: file)
            #expect(again.file.headerLength == header.file.headerLength)
            #expect(hub.requests.dropFirst(paths.count).count { $0.path.contains("/resolve/") } == 2)
        }
    }

    @Test func `a server that ignores ranges is stopped, and what it sent is counted`() async throws {
        try await withLoopbackHub { hub in
            let bytes = Self.large()
            let url = hub.addFile("m.gguf", bytes)
            hub.script("m.gguf", .ignoreRange)
            let header = try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url))
            #expect(header.file.headerLength > 1 << 20)
            #expect(header.fetched > header.file.headerLength + 1 << 20)
        }
    }

    @Test func `other bytes than asked are not taken for a header`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("m.gguf", Self.large())
            hub.script("m.gguf", .wrongContentRange(by: 1))
            await #expect(throws: HubError.unexpectedAnswer(url: url, status: 206, detail: "other bytes than asked")) {
                try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url))
            }
        }
    }

    @Test func `a busy server is asked again, and a mirror after it`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("m.gguf", model())
            let mirror = hub.addFile("mirror/m.gguf", model())
            hub.script("/files/m.gguf", .status(503), times: 1)
            let file = RemoteFile(name: "m.gguf", url: url, mirrors: [mirror])
            _ = try await client(of: hub).header(of: file)
            #expect(hub.requests(for: "/files/mirror/m.gguf").isEmpty)
            hub.script("/files/m.gguf", .status(404))
            _ = try await client(of: hub).header(of: file)
            #expect(hub.requests(for: "/files/mirror/m.gguf").count == 1)
        }
    }

    @Test func `a file that ends within its header is told as such`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("m.gguf", Array(model().prefix(2000)))
            await #expect { try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url)) } throws: {
                ($0 as? GGUFError)?.code == "gguf-truncated"
            }
            #expect(hub.requests.count == 1)
        }
    }

    @Test func `a header that claims absurd sizes costs little`() async throws {
        try await withLoopbackHub { hub in
            var bytes = Array("GGUF".utf8) + [3, 0, 0, 0]
            bytes += [UInt8](repeating: 0, count: 8) + [1, 0, 0, 0, 0, 0, 0, 0]
            bytes += [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
            bytes += [UInt8](repeating: 7, count: 2 << 20)
            let url = hub.addFile("m.gguf", bytes)
            await #expect(throws: GGUFError.self) {
                try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url))
            }
            #expect(hub.bytesSent(for: "m.gguf") <= 2 << 20)
        }
    }

    @Test func `what is no model is told as such`() async throws {
        try await withLoopbackHub { hub in
            let url = hub.addFile("m.gguf", Array("<html>".utf8) + [UInt8](repeating: 32, count: 100))
            await #expect { try await client(of: hub).header(of: RemoteFile(name: "m.gguf", url: url)) } throws: {
                ($0 as? GGUFError)?.code == "not-gguf"
            }
        }
    }
}
