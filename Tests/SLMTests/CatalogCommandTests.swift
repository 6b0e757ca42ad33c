import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct CatalogCommandTests {
    @Test(arguments: ["en", "es"])
    func `a model is shown with its licence, the guide's words and its files`(language: String) async throws {
        try await withProgram { program in
            let page = try await program.run("show", "gemma2:2b", language: language)
            #expect(page.status == 0)
            let parts =
                language == "es"
                ? ["La guía: «", "uso comercial con condiciones", "VEREDICTO", "8.192 tokens"]
                : ["The guide: “", "commercial use on conditions", "VERDICT", "8,192 tokens"]
            for part in parts + ["Q4_K_M", "bartowski", "google/gemma-2-2b-it"] {
                #expect(page.standardOutput.contains(part), "\(part)")
            }
            #expect(page.standardOutput.split(separator: "\n").allSatisfy { $0.count <= 100 })
            let answer = try await program.json("show", "gemma2:2b")
            #expect(answer["ref"]?.text == "gemma2:2b")
            #expect(answer["variants"]?.elements.first?["files"]?.elements.first?["sha256"]?.text?.count == 64)
            #expect(answer["memory"]?.elements.isEmpty == false)
        }
    }

    @Test func `a family with several sizes is shown as their table`() async throws {
        try await withProgram { program in
            let refs = try await program.json("show", "qwen2")["models"]?.elements.compactMap { $0["size"]?.text }
            #expect(Set(refs ?? []) == ["0.5b", "1.5b", "7b"])
        }
    }

    @Test(arguments: ["español", "espanol", "Spanish"])
    func `search finds words of both languages, with and without accents`(word: String) async throws {
        try await withProgram { program in
            let models = try await program.json("search", word)["models"]?.elements ?? []
            #expect(models.contains { $0["family"]?.text == "qwen2" })
        }
    }

    @Test func `search that finds nothing says so and where to look`() async throws {
        try await withProgram { program in
            let said = try await program.run("search", "xyzzyx")
            #expect(said.status == 1)
            #expect(said.standardOutput.contains("--hub"))
            let near = try await program.run("search", "tinylama")
            #expect(near.standardOutput.contains("tinyllama"))
            let hub = try await program.run("search", "--hub", "--offline", "xyzzyx")
            #expect(hub.status == 69)
        }
    }

    @Test func `search on the Hub lists what it has`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "someone/Odd-GGUF", files: ["odd-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            let found = try await program.json("search", "--hub", "odd")["hub"]?.elements ?? []
            #expect(found.first?["ref"]?.text == "hf:someone/Odd-GGUF")
        }
    }

    private static let ladder = [
        "odd-Q8_0.gguf": GGUFBuilder.tinyLlama(tensorBytes: 3 << 20).build(),
        "odd-Q4_K_M.gguf": GGUFBuilder.tinyLlama(tensorBytes: 2 << 20).build(),
        "odd-Q2_K.gguf": GGUFBuilder.tinyLlama(tensorBytes: 1 << 20).build(),
    ]

    @Test(arguments: ["en", "es"], [80, 100])
    func `what the Hub has is told by size, with a word and a verdict for each`(language: String, columns: Int)
        async throws
    {
        try await withProgram { program in
            program.hub.add(repo: "someone/Odd-GGUF", files: Self.ladder)
            let pages = [
                ("search-hub", ["search", "--hub", "odd", "--device", "laptop-8gb"]),
                ("show-hub", ["show", "hf:someone/Odd-GGUF", "--device", "laptop-8gb"]),
                ("search", ["search", "código", "--device", "laptop-8gb"]),
            ]
            for (name, arguments) in pages {
                let page = try await program.run(arguments, language: language, columns: columns)
                for line in page.standardOutput.split(separator: "\n") { #expect(line.count <= columns, "\(line)") }
                try expectGolden(page.standardOutput, named: "\(name).\(language).\(columns).txt")
            }
        }
    }

    @Test func `a model of the Hub keeps its page when it is stored, and when the Hub is gone`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "someone/Odd-GGUF", files: Self.ladder)
            let ref = "hf:someone/Odd-GGUF"
            let before = try await program.json("show", ref, "--device", "laptop-8gb")
            #expect(before["variants"]?.elements.compactMap { $0["quant"]?.text } == ["Q2_K", "Q4_K_M", "Q8_0"])
            #expect(
                before["variants"]?.elements.compactMap { $0["quality"]?.text } == ["rough", "usual", "nearly-exact"])
            #expect(
                before["variants"]?.elements.filter { $0["default"] == .truth(true) }.compactMap { $0["quant"]?.text }
                    == ["Q4_K_M"])
            #expect(try await program.run("get", ref).status == 0)
            let after = try await program.json("show", ref)
            #expect(after["variants"]?.elements.count == 3 && after["metadata"] == nil)
            #expect(after["variants"]?.elements.filter { $0["installed"] == .truth(true) }.count == 1)
            let offline = try await program.json("show", ref, "--offline")
            #expect(offline["variants"]?.elements.count == 1)
            let header = try await program.json("show", ref, "--header")
            #expect(header["metadata"]?.elements.isEmpty == false)
            let missing = try await program.run("show", "gemma2:2b", "--header")
            #expect(missing.status == 66)
        }
    }

    @Test func `completion in an editor is a use, a word and a field`() async throws {
        try await withProgram { program in
            let picks = try await program.json("recommend", "--use", "editor", "--device", "laptop-16gb", "--top", "2")
            let models = picks["recommendations"]?.elements ?? []
            #expect(models.first?["use"]?.text == "editor")
            #expect(models.first?["model"]?["family"]?.text?.contains("coder") == true)
            #expect(models.allSatisfy { $0["model"]?["fillsInTheMiddle"] == .truth(true) })
            let found = try await program.json("search", "autocompletar")["models"]?.elements ?? []
            #expect(!found.isEmpty && found.allSatisfy { $0["fillsInTheMiddle"] == .truth(true) })
            let page = try await program.json("show", "gemma4:e2b")
            #expect(page["phoneApps"]?.elements.first?["minMemoryBytes"]?.integer == 8 << 30)
        }
    }

    @Test func `recommendations name a use each, and fit`() async throws {
        try await withProgram { program in
            let picks = try await program.json("recommend", "--ram", "16GB")["recommendations"]?.elements ?? []
            #expect(!picks.isEmpty)
            #expect(Set(picks.compactMap { $0["use"]?.text }).count == picks.count)
            #expect(picks.allSatisfy { $0["model"]?["fit"]?["verdict"]?.text == "fits" })
            let three = try await program.json("recommend", "--ram", "16GB", "--use", "code", "--top", "3")
            let coders = three["recommendations"]?.elements ?? []
            #expect(coders.count == 3 && coders.allSatisfy { $0["use"]?.text == "code" })
            #expect(coders.compactMap { $0["place"]?.integer } == [1, 2, 3])
            let french = try await program.json("recommend", "--ram", "16GB", "--language", "french")
            #expect((french["recommendations"]?.elements ?? []).contains { $0["language"]?.text == "fr" })
        }
    }

    @Test(arguments: ["en", "es"], [80, 100])
    func `a recommendation says why`(language: String, columns: Int) async throws {
        try await withProgram { program in
            for (name, more) in [("recommend", []), ("recommend-explained", ["--explain", "--use", "chat"])] {
                let page = try await program.run(
                    ["recommend", "--device", "laptop-16gb"] + more, language: language, columns: columns)
                #expect(page.status == 0)
                for line in page.standardOutput.split(separator: "\n") { #expect(line.count <= columns, "\(line)") }
                try expectGolden(page.standardOutput, named: "\(name).\(language).\(columns).txt")
            }
        }
    }

    @Test(arguments: ["en", "es"], [80, 100])
    func `the page of a model says what it is for and what it takes`(language: String, columns: Int) async throws {
        try await withProgram { program in
            let pages = [
                ("show-gemma4", ["gemma4:e4b", "--device", "laptop-16gb"]),
                ("show-two", ["qwen2.5-coder:3b", "--device", "phone-8gb", "--device", "laptop-8gb"]),
                ("show-family", ["gemma3", "--device", "laptop-8gb"]),
            ]
            for (name, arguments) in pages {
                let page = try await program.run(["show"] + arguments, language: language, columns: columns)
                #expect(page.status == 0)
                for line in page.standardOutput.split(separator: "\n") { #expect(line.count <= columns, "\(line)") }
                try expectGolden(page.standardOutput, named: "\(name).\(language).\(columns).txt")
            }
        }
    }

    @Test func `a model without known files shows whose files the Hub has, and takes one when told to`() async throws {
        try await withProgram { program in
            let upstream = try await program.json("show", "fox-1")["upstream"]?.elements.first?.text ?? ""
            program.hub.add(
                repo: "someone/Fox-GGUF", files: ["fox-Q8_0.gguf": GGUFBuilder.tinyLlama().build()],
                info: RepositoryInfo(baseModel: upstream, downloads: 7))
            let asked = try await program.run("get", "fox-1")
            #expect(asked.status == 64)
            #expect(asked.standardError.contains("someone/Fox-GGUF"))
            let taken = try await program.run("get", "fox-1", "--yes")
            #expect(taken.status == 0)
            #expect(taken.standardError.contains("someone/Fox-GGUF"))
            #expect(taken.standardOutput.contains("fox-Q8_0.gguf"))
        }
    }

    @Test func `lint passes the built-in catalog and names the faults of another`() async throws {
        try await withProgram { program in
            let own = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            let good = try await program.run("catalog", "lint", own.appending("catalog.json").string)
            #expect(good.status == 0)
            let file = program.folder.appending("broken.json")
            try file.write(Array(#"{"schema_version": 1, "families": [{"id": "Bad Name"}]}"#.utf8))
            let bad = try await program.run("catalog", "lint", file.string, "--json")
            #expect(bad.status == 1)
            #expect(try JSON(parsing: bad.standardOutput)["faults"]?.elements.isEmpty == false)
        }
    }

    private static let top = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    private static let facts = top.removingLastComponent().appending("shared/facts")

    @Test(.enabled(if: FileManager.default.fileExists(atPath: facts.appending("found_digests.json").string)))
    func `the catalog agrees with the facts that were collected apart from it`() async throws {
        try await withProgram { program in
            let check = try await RunningCommand.run(
                "/usr/bin/env",
                ["python3", Self.top.appending("Scripts/check-catalog-facts.py").string, Self.facts.string],
                environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"],
                folder: program.folder)
            #expect(check.status == 0, "\(check.standardOutput.suffix(600)) \(check.standardError.suffix(600))")
        }
    }

    @Test func `a catalog of one's own is used instead of the built-in one`() async throws {
        try await withProgram { program in
            let file = program.folder.appending("mine.json")
            try file.write(Array("not a catalog".utf8))
            let said = try await program.run("list", environment: ["SLM_CATALOG": file.string])
            #expect(said.status == 65)
        }
    }

    @Test func `an entry is drafted from a file's header, without faults, and serves as a catalog`() async throws {
        try await withProgram { program in
            program.hub.add(
                repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()],
                info: RepositoryInfo(baseModel: "demo/tiny-chat"))
            let draft = try await program.run("catalog", "add", "demo/tiny-GGUF/tiny-Q8_0.gguf", "--size", "1m")
            #expect(draft.status == 0)
            #expect(draft.standardError.contains("released"))
            let json = try JSON(parsing: draft.standardOutput)
            let size = json["families"]?.elements.first?["sizes"]?.elements.first
            #expect(json["families"]?.elements.first?["id"]?.text == "tiny-llama")
            #expect(json["families"]?.elements.first?["license"]?.text?.lowercased() == "apache-2.0")
            #expect(size?["upstream"]?["instruct"]?.text == "demo/tiny-chat")
            #expect(size?["architecture"]?["general.architecture"]?.text == "llama")
            #expect(size?["context_length"]?.integer == 2048)
            let file = size?["files"]?.elements.first
            #expect(file?["sha256"]?.text == program.hub.digest(of: "demo/tiny-GGUF/tiny-Q8_0.gguf"))
            #expect(file?["revision"]?.text?.count == 40)

            let mine = program.folder.appending("mine.json")
            try mine.write(Array(draft.standardOutput.utf8))
            let lint = try await program.run("catalog", "lint", mine.string)
            #expect(lint.status == 0, "\(lint.standardOutput)")
            let list = try await program.run("list", "-q", environment: ["SLM_CATALOG": mine.string])
            #expect(list.standardOutput.contains("tiny-llama:1m"))
            let got = try await program.run("get", "tiny-llama", environment: ["SLM_CATALOG": mine.string])
            #expect(got.status == 0, "\(got.standardError)")

            let none = try await program.run("catalog", "add", "demo/tiny-GGUF")
            #expect(none.status == 64)
        }
    }

    @Test func `a catalog may be at an address`() async throws {
        try await withProgram { program in
            let own = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            let address = program.hub.addFile("/mine.json", try own.appending("catalog.json").readBytes())
            let good = try await program.run("catalog", "show", environment: ["SLM_CATALOG": address.absoluteString])
            #expect(good.status == 0)
            #expect(good.standardOutput.contains(address.absoluteString))
            for (path, status) in [("/files/none.json", Int32(66)), ("/files/broken.json", 65)] {
                program.hub.addFile("/broken.json", Array("{}".utf8))
                let place = program.hub.address + path
                let bad = try await program.run("list", environment: ["SLM_CATALOG": place])
                #expect(bad.status == status)
                #expect(bad.standardError.contains("hint: "))
            }
            let offline = try await program.run(
                "list", "--offline", environment: ["SLM_CATALOG": address.absoluteString])
            #expect(offline.status == 69)
        }
    }

    @Test func `the doctor finds a well machine well, and a Hub that is gone not`() async throws {
        try await withProgram { program in
            let well = try await program.run("doctor")
            #expect(well.status == 0)
            // A disk may be nearly full.
            #expect(well.standardOutput.contains("All is well.") != well.standardOutput.contains("  !"))
            #expect(!well.standardOutput.contains("✗"))
            let ill = try await program.run(
                "doctor", "--json", environment: ["HF_ENDPOINT": "http://127.0.0.1:1"])
            #expect(ill.status == 1)
            let checks = try JSON(parsing: ill.standardOutput)["checks"]?.elements ?? []
            #expect(checks.contains { $0["name"]?.text == "network" && $0["state"]?.text == "bad" })
        }
    }
}
