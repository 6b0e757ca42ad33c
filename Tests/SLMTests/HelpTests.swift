import TestSupport
import Testing

@Suite struct HelpTests {
    @Test(arguments: ["en", "es"])
    func `the page of all commands can be read`(language: String) async throws {
        try await withProgram { program in
            let page = try await program.run("--help", language: language)
            #expect(page.status == 0)
            try expectGolden(page.standardOutput, named: "help.\(language).txt")
            let alone = try await program.run(language: language)
            #expect(alone.status == 0)
            #expect(alone.standardOutput.contains("`slm list`") && alone.standardOutput.contains("`slm get "))
        }
    }

    @Test(arguments: ["en", "es"], ["list", "get", "fit", "catalog"])
    func `a command explains itself`(language: String, command: String) async throws {
        try await withProgram { program in
            let page = try await program.run(command, "--help", language: language)
            #expect(page.status == 0)
            try expectGolden(page.standardOutput, named: "help-\(command).\(language).txt")
        }
    }

    @Test(arguments: ["en", "es"])
    func `no help is wider than 100 columns`(language: String) async throws {
        try await withProgram { program in
            for command in [
                "list", "search", "show", "recommend", "get", "ls", "path", "verify", "rm", "outdated", "update",
                "rollback", "prune", "import", "export", "store",
                "device",
                "fit", "catalog", "doctor", "adopt", "link", "push", "share", "run", "completion", "env", "login",
                "logout",
            ] {
                let page = try await program.run(command, "--help", language: language)
                #expect(page.status == 0)
                #expect(page.standardOutput.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(command)")
            }
            let whole = try await program.run("--help", language: language).standardOutput
            #expect(whole.split(separator: "\n").allSatisfy { $0.count <= 80 })
            let narrow = try await program.run("--help", language: language, columns: 48).standardOutput
            #expect(narrow.split(separator: "\n").allSatisfy { $0.count <= 48 }, "\(narrow)")
            #expect(narrow.split(whereSeparator: \.isWhitespace) == whole.split(whereSeparator: \.isWhitespace))
            // Nothing is wider than the screen but a command that is to be copied.
            for (command, columns) in [("fit", 40), ("fit", 60), ("get", 80), ("catalog", 40)] {
                let page = try await program.run(command, "--help", language: language, columns: columns)
                for line in page.standardOutput.split(separator: "\n") where !line.hasPrefix("  slm ") {
                    #expect(line.count <= columns, "\(line)")
                }
            }
        }
    }

    @Test func `help about what there is not is an error that names what is near`() async throws {
        try await withProgram { program in
            for (asked, hint) in [
                (["bogus"], "`slm --help` shows all commands; words are explained by `slm help gguf`"),
                (["quantisation"], "did you mean `slm help quantization`?"), (["shw"], "did you mean `slm help show`?"),
                (["catalog", "lnt"], "did you mean `slm help catalog lint`?"),
                (["catalog", "lint", "x"], "`slm --help` shows all commands"),
            ] {
                let said = try await program.run(["help"] + asked)
                #expect(said.status == 64 && said.standardOutput.isEmpty, "\(asked)")
                #expect(said.standardError.contains("there is no help about `\(asked.last ?? "")`"))
                #expect(said.standardError.contains(hint), "\(said.standardError)")
            }
            for asked in [["get"], ["gguf"], ["catalog", "lint"], ["help"]] {
                #expect(try await program.run(["help"] + asked).status == 0, "\(asked)")
            }
            let spanish = try await program.run("help", "cuantizasion", language: "es")
            #expect(spanish.standardError.contains("¿quiso decir `slm help cuantización`?"))
        }
    }

    @Test func `the option for the language wins over the environment`() async throws {
        try await withProgram { program in
            let page = try await program.run("--lang", "es", "--help", language: "en")
            #expect(page.standardOutput.contains("modelos de lenguaje pequeños"))
        }
    }

    @Test func `the version is one line`() async throws {
        try await withProgram { program in
            let said = try await program.run("--version")
            #expect(said.status == 0)
            #expect(said.standardOutput.hasPrefix("slm "))
            #expect(said.standardOutput.split(separator: "\n").count == 1)
        }
    }
}
