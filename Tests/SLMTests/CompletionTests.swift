import ArgumentParser
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import slm

@Suite struct CompletionTests {
    @Test func `commands, options and values that need no catalog are completed`() async throws {
        for (words, expected) in [
            (["ge"], "get"), (["catalog", "li"], "lint"), (["help", "kv"], "kv-cache"),
            (["show", "--ten"], "--tensors"),
            (["list", "--device", "PHONE-4"], "phone-4gb"), (["list", "--device=phone-4"], "--device=phone-4gb"),
            (["--lang", "e"], "es"), (["fit", "x", "--cache-type-k", "q8"], "q8_0"), (["completion", "z"], "zsh"),
            (["list", "--fits", "--class", "sb"], "sbc"), (["get", "x", "--progress", "j"], "json"),
            (["link", "x", "--to", "lm"], "lmstudio"), (["adopt", "ollama", "lm"], "lmstudio"),
        ] {
            let found = await Completions(of: words).candidates.map(\.text)
            #expect(found.contains(expected), "\(words): \(found)")
        }
        for words in [[""], ["__"]] {
            let commands = await Completions(of: words).candidates.map(\.text)
            #expect(!commands.contains { $0.hasPrefix("_") }, "what is for shells is not for people")
        }
        // After `--` there are no options, and a command's one argument is not offered twice.
        #expect(await Completions(of: ["show", "--", "--ten"]).candidates.isEmpty)
        #expect(await Completions(of: ["path", "a", "b"]).candidates.isEmpty)
        #expect(await Completions(of: ["catalog", "lint", ""]).places == .files)
        #expect(await Completions(of: ["--store", ""]).places == .folders)
        #expect(await Completions(of: ["catalog", "update", "--key", ""]).places == .files)
        #expect(await Completions(of: ["show", "./mod"]).places == .files)
    }

    @Test func `models and their quantizations are completed, and what is stored`() async throws {
        try await withProgram { program in
            func complete(_ words: String...) async throws -> [Substring] {
                let answer = try await program.run(["__complete", "--"] + words)
                #expect(answer.status == 0 && answer.standardError.isEmpty)
                return answer.standardOutput.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "\t" } }
            }
            let sizes = try await complete("get", "Qwen2:")
            #expect(
                sizes.contains("qwen2:0.5b") && sizes.contains("qwen2:7b") && !sizes.contains { $0.hasPrefix("gemma") })
            #expect(try await complete("fit", "qwen2:0.5b:q8").contains("qwen2:0.5b:q8_0"))
            #expect(try await complete("rm", "").isEmpty)
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            let stored = try await program.run("get", "hf:demo/tiny-GGUF:Q8_0", "--quiet")
            try #require(stored.status == 0)
            #expect(try await complete("verify", "--repair", "hf:d") == ["hf:demo/tiny-GGUF:Q8_0"])
            // The folder comes last.
            for (words, places) in [([""], "none"), (["hf:demo/tiny-GGUF:Q8_0", ""], "folders"), (["./u"], "folders")] {
                let answer = try await program.run(["__complete", "--", "export"] + words).standardOutput
                #expect(answer.hasPrefix(places + "\n"), "\(words)")
                #expect(answer.contains("hf:demo") == (words.last == ""), "\(words)")
            }
            // Another store has nothing, a broken one says nothing.
            #expect(try await complete("--store", program.folder.appending("none").string, "rm", "").isEmpty)
        }
    }

    @Test func `bash completes a name with colons, and the parser's option gives our script`() async throws {
        try await withProgram { program in
            let slm = try builtProgram("slm").string
            let script = """
                source <(\(slm) completion bash)
                COMP_LINE="\(slm) show qwen2:0."; COMP_POINT=${#COMP_LINE}; _slm; echo "${COMPREPLY[@]}"
                COMP_LINE="\(slm) list --device=phone-4"; COMP_POINT=${#COMP_LINE}; _slm; echo "${COMPREPLY[@]}"
                """
            let answer = try await RunningCommand.run(
                "/bin/bash", ["-c", script], environment: ["HOME": program.folder.string], folder: program.folder)
            #expect(answer.standardOutput.split(separator: "\n").first?.contains("0.5b") == true)
            #expect(answer.standardOutput.split(separator: "\n").last == "phone-4gb")
            for shell in ["zsh", "fish"] {
                let ours = try await program.run("completion", shell)
                #expect(ours.standardOutput.contains("__complete"))
                #expect(
                    try await program.run("--generate-completion-script", shell).standardOutput == ours.standardOutput)
            }
        }
    }
}

@Suite struct ManualTests {
    @Test(arguments: [Language.en, .es])
    func `a page and the help name the same options`(language: Language) throws {
        /// `-q`, `--quiet` and `-ngl` in the words that name an option.
        func names(in words: Substring) -> [String] {
            words.split { " ,".contains($0) }.filter { $0.hasPrefix("-") && $0.count > 1 }.map(String.init)
        }
        try Language.$current.withValue(language) {
            let program = try #require(CommandFacts.program)
            let pages = ManualPage.all(of: program, date: "2026-11-27")
            func check(_ command: any ParsableCommand.Type, _ path: String) throws {
                let page = try #require(pages.first { $0.name == path }).source.replacing("\\-", with: "-")
                let told = Set(page.matches(of: /\.TP\n\\fB(-.*?)\\fR/).flatMap { names(in: $0.output.1) })
                let help = HelpPage.localized(SLM.helpMessage(for: command, columns: HelpPage.unfolded))
                let listed = help.split(separator: "\n").filter { $0.hasPrefix("  -") }.flatMap { line in
                    names(in: line.dropFirst(2).prefix(22))
                }
                #expect(!told.isEmpty && told.isSuperset(of: listed.filter { $0.count < 20 }), "\(path)")
                for name in told { #expect(help.contains(name), "\(path) \(name)") }
            }
            for command in SLM.commands where command.configuration.shouldDisplay {
                let name = "slm-\(command._commandName)"
                try check(command, name)
                for sub in command.configuration.subcommands { try check(sub, "\(name)-\(sub._commandName)") }
            }
        }
    }

    @Test(arguments: ["en", "es"])
    func `every command has a page`(language: String) async throws {
        try await withProgram { program in
            let folder = program.folder.appending("man")
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: false)
            let done = try await program.run("__manual", folder.string, "--date", "2026-11-26", "--lang", language)
            #expect(done.status == 0)
            let names = Set(try FileManager.default.contentsOfDirectory(atPath: folder.string))
            #expect(names.isSuperset(of: ["slm.1", "slm-get.1", "slm-catalog-lint.1", "slm-completion.1"]))
            #expect(!names.contains { $0.contains("__") })
            func page(_ name: String) throws -> String {
                try String(contentsOfFile: folder.appending(name).string, encoding: .utf8)
            }
            let get = try page("slm-get.1")
            #expect(get.hasPrefix(".TH SLM\\-GET 1 2026\\-11\\-26") || get.hasPrefix(".TH SLM\\-GET 1 2026-11-26"))
            #expect(get.contains("\\fB\\-\\-sha256\\fR"))
            let main = try page("slm.1")
            #expect(main.contains(language == "es" ? ".SH ESTADO DE SALIDA" : ".SH EXIT STATUS"))
            // A line of text that begins with a dot or a quote would be a request.
            for line in (main + get).split(separator: "\n") where line.hasPrefix(".") {
                #expect(line.firstMatch(of: /^\.(TH|SH|SS|PP|TP|RS|RE|nf|fi|B)\b/) != nil, "\(line)")
            }
        }
    }

    @Test(arguments: HelpTopic.allCases, [Language.en, .es])
    func `a word is explained under its name in both languages`(topic: HelpTopic, language: Language) {
        Language.$current.withValue(language) {
            for other in [Language.en, .es] {
                let name = Language.$current.withValue(other) { topic.name }
                #expect(HelpTopic(["help", "--lang", "es", name]) == topic)
            }
            #expect(topic.page(columns: 80).split(separator: "\n").allSatisfy { $0.count <= 80 })
        }
        #expect(HelpTopic(["help", "get"]) == nil && HelpTopic(["help"]) == nil && HelpTopic(["get", "gguf"]) == nil)
    }
}
