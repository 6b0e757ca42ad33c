import CurlHTTP
import Foundation
import ModelShare
import SystemPackage
import TestSupport
import Testing

@testable import slm

@Suite struct ShareTests {
    private static let ref = StoreCommandTests.ref
    private static let repository = "demo/tiny-GGUF"

    /// A program whose store has one small model.
    private func withStored(_ body: (Program) async throws -> Void) async throws {
        try await withProgram { program in
            program.hub.add(repo: Self.repository, files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            #expect(try await program.run("get", Self.ref).status == 0)
            try await body(program)
        }
    }

    private func fetch(_ address: String, language: String = "en") async throws -> HTTPResponse {
        let client = HTTPClient(options: .init(userAgent: "test", proxies: ProxySettings(environment: [:])))
        let url = try #require(URL(string: address))
        return try await client.fetch(HTTPRequest(url, headers: [("Accept-Language", language)]), limit: 1 << 26)
    }

    @Test func `a phone opens the page, fetches the file, and the program ends`() async throws {
        try await withStored { program in
            let picture = program.folder.appending("code.png")
            let share = try program.start(
                "share", Self.ref, "--json", "--address", "127.0.0.1", "--port", "0", "--png", picture.string)
            try await share.waitForOutput(containing: "\n}")
            let answer = try JSON(parsing: share.standardOutput)
            let address = try #require(answer["url"]?.text)
            let page = try await fetch(address, language: "es-AR,es;q=0.9,en;q=0.8")
            let html = String(decoding: page.body, as: UTF8.self)
            let digest = program.hub.digest(of: "\(Self.repository)/tiny-Q8_0.gguf")
            #expect(html.contains("<html lang=\"es\">"))
            #expect(html.contains(digest))
            #expect(html.contains("Descargar"))
            #expect(try await String(decoding: fetch(address).body, as: UTF8.self).contains("Leave the context"))
            let link = try #require(html.firstMatch(of: /href="([^"]+)"/)?.1)
            let origin = try #require(address.firstMatch(of: /^http:..[^\/]+/)?.0)
            #expect(try await sha256(of: fetch(String(origin) + String(link)).body) == digest)
            let end = try await share.wait()
            #expect(end.status == 0)
            #expect(end.standardError.contains("127.0.0.1 has tiny-Q8_0.gguf"))
            #expect(try picture.readBytes().starts(with: [0x89, 0x50, 0x4E, 0x47]))
        }
    }

    @Test func `files of one name are given each as what it is`() async throws {
        try await withStored { program in
            program.hub.add(repo: "demo/other-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama(seed: 7).build()])
            #expect(try await program.run("get", "hf:demo/other-GGUF").status == 0)
            let share = try program.start(
                "share", Self.ref, "hf:demo/other-GGUF", "--json", "--address", "127.0.0.1", "--port", "0")
            try await share.waitForOutput(containing: "\n}")
            let answer = try JSON(parsing: share.standardOutput)
            let address = try #require(answer["url"]?.text)
            let files = (answer["models"]?.elements ?? []).flatMap { $0["files"]?.elements ?? [] }
            #expect(files.compactMap { $0["name"]?.text } == ["tiny-Q8_0.gguf", "other-GGUF-tiny-Q8_0.gguf"])
            for file in files {
                let body = try await fetch("\(address)/\(file["name"]?.text ?? "")").body
                #expect(sha256(of: body) == file["sha256"]?.text)
            }
            // Who has fetched both has fetched all.
            #expect(try await share.wait().status == 0)
        }
    }

    @Test func `the code on the screen leads to the page`() async throws {
        guard let reader = installedProgram("zbarimg") else { return }
        try await withStored { program in
            let share = try program.start("share", Self.ref, "--address", "127.0.0.1", "--port", "0", "--keep")
            try await share.waitForOutput(containing: "Ctrl-C")
            let lines = share.standardOutput.split(separator: "\n").map(String.init)
            let code = lines.prefix { line in line.allSatisfy { "█▀▄ ".contains($0) } }
            #expect(code.count == 15)
            let path = program.folder.appending("code.pgm")
            try path.write(Self.picture(of: Array(code)))
            let read = try await RunningCommand.run(
                reader, ["--quiet", "--raw", path.string], environment: ["LC_ALL": "C.UTF-8"])
            let address = read.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
            #expect(lines.contains { $0.uppercased() == address })
            #expect(try await fetch(address).head.status == 200)
            share.send(SIGINT)
            #expect(try await share.wait().status == 130)
        }
    }

    /// As a terminal shows it that writes light on dark.
    private static func picture(of lines: [String]) -> [UInt8] {
        let scale = 6
        var dots: [UInt8] = []
        for line in lines {
            for upper in [true, false] {
                let row = line.flatMap { cell -> [UInt8] in
                    let isLight = cell == "█" || cell == (upper ? "▀" : "▄")
                    return Array(repeating: isLight ? 255 : 0, count: scale)
                }
                for _ in 0..<scale { dots += row }
            }
        }
        return Array("P5\n\((lines.first?.count ?? 0) * scale) \(lines.count * 2 * scale)\n255\n".utf8) + dots
    }

    @Test func `another store fetches from the mirror, and the digest decides`() async throws {
        try await withStored { program in
            let share = try program.start("share", "--hub", "--address", "127.0.0.1", "--port", "0")
            try await share.waitForOutput(containing: "Ctrl-C")
            let address = try #require(share.standardOutput.split(separator: "\n").first.map(String.init))
            let other = program.folder.appending("other-store").string
            let got = try await program.json(
                "get", Self.ref, "--store", other, environment: ["HF_ENDPOINT": address])
            let row = got["installed"]?.elements.first
            #expect(row?["sha256"]?.text == program.hub.digest(of: "\(Self.repository)/tiny-Q8_0.gguf"))
            #expect(row?["verified"]?.text == "sha256")
            #expect(row?["source"]?.text?.hasPrefix(address) == true)
            for path in [
                "/", "/.slm/index.sqlite", "/demo/tiny-GGUF/resolve/main/..%2F..%2F.slm", "/api/models/demo/x",
            ] {
                #expect(try await fetch(address + path).head.status == 404, "\(path)")
            }
            share.send(SIGINT)
            _ = try await share.wait()
        }
    }

    @Test func `what cannot be shared is said`() async throws {
        try await withStored { program in
            #expect(try await program.run("share", "none:1b", "--address", "127.0.0.1").status == 66)
            #expect(try await program.run("share").status == 64)
            #expect(try await program.run("share", Self.ref, "--address", "0.0.0.0").status == 64)
            #expect(try await program.run("share", Self.ref, "--address", "8.8.8.8").status == 64)
            #expect(try await program.run("share", Self.ref, "--hub").status == 64)
            let elsewhere = try await program.run(
                "share", Self.ref, "--address", "127.0.0.1", "--port", "0", "--png", "/nowhere/code.png")
            #expect(elsewhere.status == 73)
        }
    }

    @Test(arguments: [
        ("es-AR,es;q=0.9,en;q=0.8", Language.es), ("en-GB,es;q=0.9", .en), ("de,es;q=0.7,en;q=0.3", .es), ("de", .en),
        ("", .en), ("es;q=0, en;q=0.1", .en), ("est", .en),
    ])
    func `a browser's languages are heard by their weight`(header: String, language: Language) {
        #expect(Language(accepted: header) == language)
    }
}
