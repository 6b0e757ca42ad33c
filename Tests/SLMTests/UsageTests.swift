import TestSupport
import Testing

@testable import slm

/// A command that cannot work, and what is said in both languages.
struct WrongCommand: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var status: Int32
    var english: String
    var spanish: String

    var testDescription: String { arguments.joined(separator: " ") }
}

@Suite struct UsageTests {
    static let cases = [
        WrongCommand(
            arguments: ["lst"], status: 64, english: "there is no command `lst`", spanish: "no existe el comando `lst`"),
        WrongCommand(
            arguments: ["list", "--fast"], status: 64, english: "there is no option `--fast`",
            spanish: "no existe la opción `--fast`"),
        WrongCommand(
            arguments: ["get"], status: 64, english: "missing: `<model>`", spanish: "falta: `<modelo>`"),
        WrongCommand(
            arguments: ["list", "--context"], status: 64, english: "`--context` needs a value",
            spanish: "`--context` necesita un valor"),
        WrongCommand(
            arguments: ["--store=", "ls"], status: 64, english: "`--store` needs a value",
            spanish: "`--store` necesita un valor"),
        WrongCommand(
            arguments: ["list", "--max-size", "big"], status: 64, english: "`--max-size` cannot be `big`",
            spanish: "`--max-size` no puede ser `big`"),
        WrongCommand(
            arguments: ["doctor", "surplus"], status: 64, english: "not expected here: `surplus`",
            spanish: "sobra aquí: `surplus`"),
        WrongCommand(
            arguments: ["fit", "tinyllama", "--runtime", "x"], status: 64, english: "`--runtime` cannot be `x`",
            spanish: "`--runtime` no puede ser `x`"),
        WrongCommand(
            arguments: ["get", "tinyllama", "--sha256", "abc"], status: 64, english: "64 hexadecimal digits",
            spanish: "64 cifras hexadecimales"),
        WrongCommand(
            arguments: ["list", "--vram", "8GB"], status: 64, english: "`--vram` goes with `--ram`",
            spanish: "`--vram` va con `--ram`"),
        WrongCommand(
            arguments: ["list", "--bandwidth", "51GB/s"], status: 64, english: "`--bandwidth` goes with `--ram`",
            spanish: "`--bandwidth` va con `--ram`"),
        WrongCommand(
            arguments: ["list", "--ram", "8GB", "--vram-bandwidth", "51GB/s"], status: 64,
            english: "`--vram-bandwidth` goes with `--vram`", spanish: "`--vram-bandwidth` va con `--vram`"),
        WrongCommand(
            arguments: ["fit", "tinyllama", "--ram", "8GB", "--bandwidth", "51"], status: 64,
            english: "`--bandwidth` cannot be `51`", spanish: "`--bandwidth` no puede ser `51`"),
        WrongCommand(
            arguments: ["fit", "tinyllama", "--parallel", "257"], status: 64,
            english: "`--parallel` is from 1 to 256, as in llama.cpp: 257",
            spanish: "`--parallel` va de 1 a 256, como en llama.cpp: 257"),
        WrongCommand(
            arguments: ["fit", "tinyllama", "--ubatch", "100000"], status: 64,
            english: "`--ubatch` is from 1 to 65,536: 100000", spanish: "`--ubatch` va de 1 a 65.536: 100000"),
        WrongCommand(
            arguments: ["show", "qwen2:1b"], status: 66, english: "there is no model `qwen2:1b`",
            spanish: "no existe el modelo `qwen2:1b`"),
        WrongCommand(
            arguments: ["path", "tinyllama"], status: 66, english: "`tinyllama` is not stored here",
            spanish: "`tinyllama` no está guardado aquí"),
        WrongCommand(
            arguments: ["show", "./nothing.gguf"], status: 66, english: "nothing.gguf", spanish: "nothing.gguf"),
        WrongCommand(
            arguments: ["catalog", "lint", "nowhere.json"], status: 66, english: "there is no readable file",
            spanish: "no hay un archivo legible"),
    ]

    @Test(arguments: cases, ["en", "es"])
    func `a wrong command says what is wrong and what to do`(wrong: WrongCommand, language: String) async throws {
        try await withProgram { program in
            let said = try await RunningCommand.run(
                builtProgram("slm"), wrong.arguments + ["--lang", language],
                environment: ["HOME": program.folder.string, "HF_ENDPOINT": program.hub.address])
            #expect(said.status == wrong.status)
            #expect(said.standardOutput.isEmpty)
            let lines = said.standardError.split(separator: "\n")
            #expect(lines.first?.hasPrefix("error: ") == true)
            #expect(
                said.standardError.contains(language == "es" ? wrong.spanish : wrong.english), "\(said.standardError)")
        }
    }

    /// A command line for each sentence of the argument parser that is said again.
    private static let sentences = [
        "unknown-option": ["list", "--surprise-me"], "unknown-option-near": ["list", "--max-siz", "1GB"],
        "unexpected-argument": ["doctor", "surplus"], "unexpected-arguments": ["doctor", "one", "two"],
        "missing-argument": ["show"], "missing-arguments": ["rm"], "missing-value": ["list", "--family"],
        "flag-with-value": ["list", "--fits=yes"], "bad-value": ["list", "--max-size", "big"],
        "bad-value-of-few": ["get", "x", "--progress", "bar"], "bad-value-of-many": ["list", "--class", "toaster"],
        "bad-number": ["fit", "x", "--batch", "many"],
    ]

    @Test(arguments: sentences.keys.sorted())
    func `what the argument parser says is said in both languages`(name: String) throws {
        let arguments = Self.sentences[name] ?? []
        let error = try #require(throws: (any Error).self) { _ = try SLM.parseAsRoot(arguments) }
        var text = "slm \(arguments.joined(separator: " "))\n\n\(SLM.message(for: error))\n"
        for language in Language.allCases {
            let words = try Language.$current.withValue(language) {
                // The names of values are words, too.
                let error = try #require(throws: (any Error).self) { _ = try SLM.parseAsRoot(arguments) }
                return try #require(UsageWords.words(for: error, of: ["slm"] + arguments))
            }
            text += "\n\(language): \(words.message)\n\(language): \(words.hint ?? "–")\n"
        }
        try expectGolden(text, named: "parser/\(name).txt")
    }

    @Test(arguments: cases)
    func `with --json the error is the one document on standard output`(wrong: WrongCommand) async throws {
        try await withProgram { program in
            let said = try await RunningCommand.run(
                builtProgram("slm"), wrong.arguments + ["--json"],
                environment: ["HOME": program.folder.string, "HF_ENDPOINT": program.hub.address])
            #expect(said.status == wrong.status)
            let error = try JSON(parsing: said.standardOutput)["error"]
            #expect(error?.keys == ["code", "message", "hint"])
            #expect(error?["message"]?.text?.contains(wrong.english) == true)
        }
    }

    @Test func `global options may stand before the command`() async throws {
        try await withProgram { program in
            let said = try await program.run("--json", "--offline", "ls")
            #expect(
                try JSON(parsing: said.standardOutput)
                    == .object(["models": .array([]), "store": .text(program.store.string)]))
        }
    }

    @Test func `an answer that cannot be written is an error`() async throws {
        try await withProgram { program in
            let said = try await RunningCommand.run(
                "/bin/sh", ["-c", "'\(try builtProgram("slm"))' ls > /dev/full"],
                environment: ["HOME": program.folder.string, "PATH": "/usr/bin:/bin"])
            #expect(said.status == 74)
            #expect(said.standardError.contains("error: the answer could not be written"))
        }
    }

    @Test func `an answer that nobody can read is no success, and what was done all the same is`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            func status(_ command: String) async throws -> Int32? {
                let slm = try builtProgram("slm")
                return try await RunningCommand.run(
                    "/bin/sh", ["-c", "'\(slm)' \(command) >&-"],
                    environment: [
                        "HOME": program.folder.string, "PATH": "/usr/bin:/bin", "SLM_STORE": program.store.string,
                        "HF_ENDPOINT": program.hub.address, "NO_PROXY": "127.0.0.1",
                    ]
                ).status
            }
            let statuses = [
                try await status("get hf:demo/tiny-GGUF"), try await status("ls"),
                try await status("path hf:demo/tiny-GGUF --json"), try await status("verify"),
                try await status("rm --yes hf:demo/tiny-GGUF"),
            ]
            #expect(statuses == [0, 74, 74, 0, 0])
        }
    }

    @Test func `a limit on open files is told as what it is`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            func run(_ limit: String, _ command: String) async throws -> RunningCommand.Result {
                try await RunningCommand.run(
                    "/bin/sh", ["-c", "ulimit \(limit); exec '\(try builtProgram("slm"))' \(command)"],
                    environment: [
                        "HOME": program.folder.string, "PATH": "/usr/bin:/bin", "SLM_STORE": program.store.string,
                        "HF_ENDPOINT": program.hub.address, "NO_PROXY": "127.0.0.1",
                    ])
            }
            let few = try await run("-n 10", "ls")
            #expect(few.status == 75 && few.standardError.contains("ulimit -n"))
            // What only the soft limit forbids the program may have.
            let raised = try await run("-Sn 10", "get hf:demo/tiny-GGUF")
            #expect(raised.status == 0)
            for limit in [16, 18, 20, 22] {
                let some = try await run("-n \(limit)", "verify")
                #expect(some.status == 0 || some.standardError.contains("ulimit -n"), "\(limit): \(some.standardError)")
            }
        }
    }

    @Test func `a name that is no text is told, and names no other file`() async throws {
        try await withProgram { program in
            let slm = try builtProgram("slm")
            let result = try await RunningCommand.run(
                "/bin/sh", ["-c", "exec '\(slm)' ls --store \"$(printf '\(program.folder)/se\\361al')\""],
                environment: ["HOME": program.folder.string])
            #expect(result.status == 64 && result.standardError.contains("UTF-8"))
        }
    }

    @Test func `a program that is started without standard streams does its work`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            let said = try await RunningCommand.run(
                "/bin/sh", ["-c", "'\(try builtProgram("slm"))' get hf:demo/tiny-GGUF <&- >&- 2>&-"],
                environment: [
                    "HOME": program.folder.string, "PATH": "/usr/bin:/bin", "SLM_STORE": program.store.string,
                    "HF_ENDPOINT": program.hub.address, "NO_PROXY": "127.0.0.1",
                ])
            #expect(said.status == 0)
            #expect(try await program.json("ls")["models"]?.elements.count == 1)
        }
    }

    @Test func `a command that reports to a reader that went away ends quietly`() async throws {
        try await withProgram { program in
            let said = try await RunningCommand.run(
                "/bin/sh", ["-c", "'\(try builtProgram("slm"))' list | head -n 1"],
                environment: ["HOME": program.folder.string, "PATH": "/usr/bin:/bin"])
            #expect(said.status == 0)
            #expect(said.standardError.isEmpty)
        }
    }
}
