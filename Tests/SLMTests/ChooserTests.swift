import Foundation
import TestSupport
import Testing

@testable import slm

/// What is picked with keys, in a terminal of the test's own.
@Suite struct ChooserTests {
    private static let down = "\u{1B}[B"

    @Test func `whoever names no model chooses one, and Esc leaves everything as it was`() async throws {
        try await withProgram { program in
            let command = try program.startInTerminal("get")
            try await command.waitForOutput(containing: "Esc")
            #expect(!command.terminalIsPlain)
            try command.type(Self.down + "\u{1B}")
            let result = try await command.wait()
            #expect(result.status == 75, "\(result.standardError)")
            // Who backs out made no error.
            #expect(result.standardError.contains("Nothing was chosen.") && !result.standardError.contains("error"))
            #expect(result.standardError.contains("`slm get MODEL` downloads one"))
            // The name, the quantization, the size, the licence, whose it is, the verdict.
            for part in ["MODEL", "QUANT", "SIZE", "LICENCE", "PUBLISHER", "VERDICT", "› "] {
                #expect(result.standardError.contains(part), "\(part)")
            }
            #expect(command.terminalIsPlain)
        }
    }

    @Test func `Ctrl-C while choosing gives the terminal back`() async throws {
        try await withProgram { program in
            let command = try program.startInTerminal("get")
            try await command.waitForOutput(containing: "Esc")
            command.send(SIGINT)
            let result = try await command.wait()
            #expect(result.status == 130, "\(result.standardError)")
            #expect(command.terminalIsPlain)
            #expect(result.standardError.contains("interrupted"))
        }
    }

    @Test(arguments: ["xterm", "dumb"])
    func `of what the Hub has by others any can be taken`(terminal: String) async throws {
        try await withProgram { program in
            let upstream = try await program.json("show", "fox-1")["upstream"]?.elements.first?.text ?? ""
            for publisher in ["first", "second"] {
                program.hub.add(
                    repo: "\(publisher)/\(upstream.split(separator: "/").last ?? "")-GGUF",
                    files: [
                        "fox-\(publisher)-Q8_0.gguf": GGUFBuilder.tinyLlama(seed: publisher == "first" ? 1 : 2).build()
                    ],
                    info: RepositoryInfo(baseModel: upstream, downloads: publisher == "first" ? 2 : 1))
            }
            let other = try program.startInTerminal("get", "fox-1", "--lang", "es", environment: ["TERM": terminal])
            try await other.waitForOutput(containing: terminal == "dumb" ? "Número" : "Esc")
            try other.type(terminal == "dumb" ? "\n" : "q")
            let none = try await other.wait()
            #expect(none.status == 75 && !none.standardError.contains("error"), "\(none.standardError)")
            #expect(none.standardError.contains("No se descargó nada de `fox-1"))
            let command = try program.startInTerminal("get", "fox-1", environment: ["TERM": terminal])
            try await command.waitForOutput(containing: terminal == "dumb" ? "Number" : "Esc")
            try command.type(terminal == "dumb" ? "9\n2\n" : Self.down + "\n")
            let result = try await command.wait()
            #expect(result.status == 0, "\(result.standardError)")
            #expect(result.standardOutput.contains("/second/"), "\(result.standardOutput) \(result.standardError)")
            #expect(result.standardError.contains("\u{1B}") == (terminal != "dumb"))
        }
    }

    @Test func `without a terminal nothing is asked`() async throws {
        try await withProgram { program in
            let result = try await program.run("get")
            #expect(result.status == 64)
            #expect(result.standardError.contains("missing: `<model>`"))
            let inJSON = try await program.json("get")
            #expect(inJSON["error"]?["code"]?.text == "usage")
        }
    }
}
