import CurlHTTP
import Foundation
import ModelShare
import SystemPackage
import TestSupport
import Testing

@testable import slm

@Suite struct WebTests {
    /// Three models, one of which has a name that would like to be a script.
    private static let catalog = #"""
        {"schema_version": 1, "revision": 1, "licenses": {
            "MIT": {"name": "MIT", "commercial_use": "yes"}, "X": {"name": "</script><b>", "commercial_use": "no"}},
         "families": [
            {"id": "small", "name": "</script><script>alert(1)</script>", "license": "X", "type": "chat", "sizes": [
                {"id": "1b", "label": "1B", "upstream": {"instruct": "o/small"}, "parameters": 1000000000,
                 "device_class": "phone", "default_quant": "Q4_K_M", "files": [
                    {"repo": "o/small", "file": "small-Q4_K_M.gguf", "quant": "Q4_K_M", "bytes": 700000000, "sources": []},
                    {"repo": "o/small", "file": "small-Q8_0.gguf", "quant": "Q8_0", "bytes": 1100000000, "sources": []}]},
                {"id": "9b", "label": "9B", "upstream": {"instruct": "o/small9"}, "parameters": 9000000000,
                 "device_class": "laptop", "default_quant": "Q4_K_M", "files": [
                    {"repo": "o/small9", "file": "small9-Q4_K_M.gguf", "quant": "Q4_K_M", "bytes": 5500000000,
                     "sources": []}]}]},
            {"id": "large", "name": "Large", "license": "MIT", "type": "code", "sizes": [
                {"id": "70b", "label": "70B", "upstream": {"instruct": "o/large"}, "parameters": 70000000000,
                 "device_class": "server", "default_quant": "Q4_K_M", "files": [
                    {"repo": "o/large", "file": "large-Q4_K_M.gguf", "quant": "Q4_K_M", "bytes": 42000000000,
                     "sources": []}]}]}]}
        """#

    private func withCatalog(_ body: (Program, [String: String]) async throws -> Void) async throws {
        try await withProgram { program in
            let file = program.folder.appending("catalog.json")
            try file.write(Array(Self.catalog.utf8))
            try await body(program, ["SLM_CATALOG": file.string])
        }
    }

    private func data(of page: String) throws -> JSON {
        let start = try #require(page.range(of: "id=\"data\">"))
        let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
        return try JSON(parsing: String(page[start.upperBound..<end.lowerBound]))
    }

    @Test func `the page says what fit says, and a catalog's words stay words`() async throws {
        try await withCatalog { program, environment in
            let result = try await program.run(
                "web", "--output", "site", "--device", "phone-4gb", "--device", "pc-16gb-rtx3060-12gb",
                language: "es", environment: environment)
            #expect(result.status == 0, "\(result.standardError)")
            #expect(result.standardOutput.contains("un solo archivo"))
            let page = String(decoding: try program.folder.appending("site/index.html").readBytes(), as: UTF8.self)
            // Its data, its script, and no third.
            #expect(page.components(separatedBy: "</script>").count == 3)
            #expect(!page.contains("alert(1)</script>"))
            let data = try data(of: page)
            #expect(data["language"] == .null)
            #expect(data["devices"]?.elements.compactMap { $0["id"]?.text } == ["phone-4gb", "pc-16gb-rtx3060-12gb"])
            let models = data["models"]?.elements ?? []
            let columns = data["columns"]?.elements.compactMap(\.text) ?? []
            #expect(models.compactMap { $0["name"]?.text } == ["small:1b", "small:9b", "large:70b"])
            #expect(models[0]["forms"]?.elements.first?["code"]?.text?.isEmpty == false)
            for (index, device) in (data["devices"]?.elements ?? []).enumerated() {
                let fit = try await program.json(
                    "list", "--all", "--device", device["id"]?.text ?? "",
                    environment: environment)
                let step = try #require(device["context"]?.integer)
                let column = columns[device["columns"]?.elements[step].integer ?? 0]
                for (place, model) in models.enumerated() {
                    let digits = column.dropFirst(place * 2).prefix(2)
                    let outcome = model["outcomes"]?.elements[step].elements[Int(digits, radix: 36) ?? 0].elements ?? []
                    let listed = fit["models"]?.elements.first {
                        $0["ref"]?.text?.hasPrefix(model["name"]?.text ?? "-") == true
                    }
                    let verdict = data["verdicts"]?.elements[outcome[1].integer ?? 0]
                    #expect(verdict == listed?["fit"]?["verdict"], "\(index) \(place)")
                    #expect(outcome[3] == listed?["fit"]?["requiredBytes"], "\(index) \(place)")
                }
            }
            // What is no page of ours is left alone.
            let other = program.folder.appending("other/index.html")
            try other.write(Array("<p>mine".utf8))
            #expect(try await program.run("web", "--output", "other", environment: environment).status == 73)
            #expect(try other.readBytes() == Array("<p>mine".utf8))
            let again = try await program.json(
                "web", "--output", "site", "--device", "phone-4gb", environment: environment)
            #expect(again["path"]?.text?.hasSuffix("site/index.html") == true)
            #expect(try await program.run("web", "--output", "", environment: environment).status == 64)
        }
    }

    @Test func `it is shown to this machine alone, and to no name but its own`() async throws {
        try await withCatalog { program, environment in
            let web = try program.start(
                "web", "--port", "0", "--no-open", "--device", "phone-4gb", environment: environment)
            try await web.waitForOutput(containing: "Ctrl-C")
            let address = try #require(web.standardOutput.split(separator: "\n").first.map(String.init))
            #expect(address.hasPrefix("http://127.0.0.1:"))
            let client = HTTPClient(options: .init(userAgent: "test", proxies: ProxySettings(environment: [:])))
            func status(_ path: String, host: String? = nil) async throws -> Int {
                let url = try #require(URL(string: address + path))
                let headers = host.map { [("Host", $0)] } ?? []
                return try await client.fetch(HTTPRequest(url, headers: headers), limit: 1 << 26).head.status
            }
            #expect(try await status("") == 200)
            #expect(try await status("index.sqlite") == 404)
            #expect(try await status("", host: "evil.example") == 404)
            web.send(SIGINT)
            #expect(try await web.wait().status == 130)
        }
    }
}
