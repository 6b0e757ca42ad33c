import Foundation
import TestSupport
import Testing

@testable import slm

/// What fingers type that know other tools.
@Suite struct HabitsTests {
    /// One command line each.
    private static let typed = [
        "pull qwen2:0.5b", "install qwen2:0.5b", "download qwen2:0.5b", "add qwen2:0.5b", "--store d pull qwen2:0.5b",
        "remove qwen2", "uninstall qwen2", "delete qwen2", "rm -f qwen2", "info qwen2", "inspect qwen2", "tags qwen2",
        "run qwen2", "chat qwen2", "serve qwen2", "upgrade", "cache", "gc", "du", "clean", "login", "auth", "ps",
        "lst", "lsit", "gte", "isntall", "tinyllama", "qwen2:0.5b", "version", "-V", "env", "config", "list -a",
        "ls -l", "list -l",
        "list --format json", "list --color never", "list --device pixel", "list --device raspberrypi5", "ls -q",
        "get -", "get --dry-run qwen2", "help pull", "prune",
        "logout", "whoami", "settings", "cleanup", "import model.gguf", "adopt", "help get", "-h", "get -h",
        "--lang es_AR list", "owner/repo", "get owner/repo", "get TinyLlama", "list --sort size --limit 3",
        "doctor --fix", "completion zsh",
    ]

    @Test func `what other tools call it is done, or said how it is done here`() throws {
        var text = ""
        for line in Self.typed {
            text += "slm \(line)\n"
            for language in Language.allCases {
                try Language.$current.withValue(language) { text += "  \(language): \(try Self.answer(to: line))\n" }
            }
        }
        try expectGolden(text, named: "habits.txt")
    }

    private static func answer(to line: String) throws -> String {
        let typed = line.split(separator: " ").map(String.init)
        let arguments = OtherNames.replaced(in: typed)
        do {
            try UsageWords.checkCommandName(in: arguments, among: SLM.commands)
            _ = try SLM.parseAsRoot(arguments)
        } catch let error as UsageError {
            return "\(error.words.message); \(error.words.hint ?? "–")"
        } catch  where SLM.exitCode(for: error) != .success {
            let words = try #require(UsageWords.words(for: error, of: ["slm"] + typed))
            return "\(words.message); \(words.hint ?? "–")"
        } catch {}
        return "slm \(arguments.joined(separator: " "))"
    }

    @Test func `names go through pipes`() async throws {
        try await withProgram { program in
            for name in ["one", "two"] {
                program.hub.add(
                    repo: "demo/\(name)-GGUF", files: ["\(name)-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            }
            let names = "hf:demo/one-GGUF:Q8_0\n\n  hf:demo/two-GGUF:Q8_0  \n"
            let planned = try await program.run("get", "--dry-run", "-v", "-", input: names)
            #expect(planned.standardError.contains("GET 200 ") && planned.standardError.contains(program.hub.address))
            #expect(planned.status == 0, "\(planned.standardError)")
            #expect(planned.standardOutput.contains("one-Q8_0.gguf") && planned.standardOutput.contains("in all"))
            #expect(try await program.run("ls", "-q").standardOutput.isEmpty)
            let got = try await program.run("get", "-q", "-", input: names)
            let paths = ["one", "two"].map { program.store.appending("demo/\($0)-GGUF/\($0)-Q8_0.gguf").string + "\n" }
            #expect(got.status == 0)
            #expect(got.standardOutput == paths.joined())
            #expect(got.standardError.isEmpty)
            #expect(
                try await program.run("ls", "-q").standardOutput == "hf:demo/one-GGUF:Q8_0\nhf:demo/two-GGUF:Q8_0\n")
            let again = try await program.json("get", "--dry-run", "hf:demo/one-GGUF:Q8_0")
            #expect(again["planned"]?.elements.first?["alreadyThere"] == .truth(true))
            let listed = try await program.run("list", "-q", "--family", "qwen2")
            #expect(
                listed.standardOutput.split(separator: "\n").allSatisfy { $0.hasPrefix("qwen2:") && !$0.contains(" ") })
            #expect(!listed.standardOutput.isEmpty)
            for (input, words) in [
                ("\n", "no name came"), (String(repeating: "x", count: 1 << 21), "no list of models"),
            ] {
                let refused = try await program.run("get", "-", input: input)
                #expect(refused.status == 64 && refused.standardError.contains(words))
            }
        }
    }

    @Test func `a dry run says what would come, and writes nothing`() async throws {
        try await withProgram { program in
            let model = GGUFBuilder.tinyLlama().build()
            program.hub.add(repo: "demo/one-GGUF", files: ["one-Q8_0.gguf": model])
            let answer = try await program.json("get", "--dry-run", "hf:demo/one-GGUF")
            let row = answer["planned"]?.elements.first
            #expect(row?["ref"]?.text == "hf:demo/one-GGUF:Q8_0")
            #expect(row?["path"]?.text == program.store.appending("demo/one-GGUF/one-Q8_0.gguf").string)
            #expect(row?["sizeBytes"]?.integer == model.count && row?["fetchBytes"]?.integer == model.count)
            #expect(row?["alreadyThere"] == .truth(false))
            #expect(try FileManager.default.contentsOfDirectory(atPath: program.store.string).isEmpty)
            let several = try await program.run(
                "get", "--dry-run", "hf:demo/none-GGUF", "hf:demo/one-GGUF", language: "es")
            #expect(several.status == 66)
            #expect(several.standardOutput.contains("por descargar"))
            // A store is made by the download, not by asking.
            let fresh = program.folder.appending("fresh")
            #expect(try await program.run("get", "--dry-run", "hf:demo/one-GGUF", "--store", fresh.string).status == 0)
            #expect(!FileManager.default.fileExists(atPath: fresh.string))
        }
    }

    @Test func `env tells each setting and who has set it, and never a secret`() async throws {
        try await withProgram { program in
            let variables = [
                "HF_TOKEN": "hf_secret", "HTTPS_PROXY": "http://me:secret@127.0.0.1:9", "NO_PROXY": "*",
                "SSL_CERT_FILE": program.folder.appending("none.pem").string,
            ]
            let answer = try await program.json("env", "--lang", "en", environment: variables)
            var settings: [String: JSON] = [:]
            for row in answer["settings"]?.elements ?? [] { settings[row["name"]?.text ?? ""] = row }
            func said(_ name: String) -> [String?] {
                ["value", "origin", "from"].map { settings[name]?[$0]?.text }
            }
            #expect(said("store") == [program.store.string, "variable", "SLM_STORE"])
            #expect(said("catalog") == [nil, "default", nil])
            #expect(said("language") == ["en", "option", "--lang"])
            #expect(said("endpoint") == [program.hub.address, "variable", "HF_ENDPOINT"])
            #expect(said("httpsProxy") == ["http://127.0.0.1:9", "variable", "HTTPS_PROXY"])
            #expect(said("token") == ["yes", "variable", "HF_TOKEN"])
            #expect(said("offline") == ["no", "default", nil])
            #expect(answer["faults"]?.elements.first?["code"]?.text == "bad-environment")
            let page = try await program.run("env", "--store", "~/models", language: "es", environment: variables)
            #expect(page.status == 0)
            #expect(page.standardOutput.contains("~/models  --store") && page.standardOutput.contains("por defecto"))
            #expect(!page.standardOutput.contains("secret"))
        }
    }
}
