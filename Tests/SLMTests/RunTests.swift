import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct RunTests {
    private static let ref = StoreCommandTests.ref

    /// A program whose store has one small model, and a folder of programs that say with what they were started.
    private func withStored(_ body: (Program, FilePath) async throws -> Void) async throws {
        try await withProgram { program in
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            #expect(try await program.run("get", Self.ref).status == 0)
            try await body(program, program.folder.appending("bin"))
        }
    }

    private func install(_ name: String, in folder: FilePath) throws {
        let path = folder.appending(name)
        try path.write(Array("#!/bin/sh\necho \"\(name) $*\"\nexit 7\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.string)
    }

    @Test func `the installed program gets the model, a context that fits, and what stands after the dashes`()
        async throws
    {
        try await withStored { program, bin in
            try install("llama-cli", in: bin)
            try install("llama-server", in: bin)
            let result = try await program.run(
                "run", Self.ref, "--", "--temp", "0", environment: ["PATH": bin.string])
            #expect(result.status == 7)
            #expect(result.standardOutput.hasPrefix("llama-cli -m \(program.store)/demo/tiny-GGUF/tiny-Q8_0.gguf -c "))
            #expect(result.standardOutput.hasSuffix(" --temp 0\n"))
            let planned = try await program.run(
                "run", Self.ref, "--server", "--context", "512", "--dry-run", environment: ["PATH": bin.string])
            #expect(planned.status == 0)
            #expect(planned.standardOutput.contains("/llama-server -m "))
            #expect(planned.standardOutput.hasSuffix(" -c 512\n"))
        }
    }

    @Test func `on a terminal a model that is not stored is offered, then run`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            let bin = program.folder.appending("bin")
            try install("llama-cli", in: bin)
            for (answer, status) in [("n\n", Int32(66)), ("y\n", 7)] {
                let command = try program.startInTerminal("run", Self.ref, environment: ["PATH": bin.string])
                try await command.waitForOutput(containing: "[y/N]")
                try command.type(answer)
                let result = try await command.wait()
                #expect(result.status == status, "\(result.standardError)")
                #expect(result.standardOutput.hasPrefix("llama-cli -m ") == (status == 7))
            }
        }
    }

    @Test func `where nothing runs a model that sees, its projector's path is told`() async throws {
        try await withProgram { program in
            let bytes = GGUFBuilder.tinyLlama().build()
            program.hub.add(
                repo: "demo/vision-GGUF", files: ["vision-Q8_0.gguf": bytes, "mmproj-vision-F16.gguf": bytes])
            let empty = program.folder.appending("bin")
            let got = try await program.run("get", "hf:demo/vision-GGUF:Q8_0", environment: ["PATH": empty.string])
            #expect(got.status == 0)
            #expect(got.standardOutput.contains("--mmproj"))
            #expect(got.standardOutput.contains("\(program.store)/demo/vision-GGUF/mmproj-vision-F16.gguf"))
        }
    }

    @Test func `without a program it says how to get one`() async throws {
        try await withStored { program, bin in
            let result = try await program.run("run", Self.ref, environment: ["PATH": bin.string])
            #expect(result.status == 69)
            #expect(result.standardError.contains("llama.cpp"))
            #expect(try await program.run("run", "none:1b", environment: ["PATH": bin.string]).status == 66)
        }
    }

    @Test func `after a download the steps are those of the programs that are here`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            let bin = program.folder.appending("bin")
            let nothing = try await program.run("get", Self.ref, environment: ["PATH": bin.string])
            #expect(nothing.standardOutput.contains("install llama.cpp"))
            #expect(nothing.standardOutput.contains("slm share \(Self.ref)"))
            for name in ["llama-cli", "ollama", "adb"] { try install(name, in: bin) }
            try program.folder.appending("home/.lmstudio/x").write([])
            let full = try await program.run("get", Self.ref, environment: ["PATH": bin.string])
            let listed = try await program.run("ls", Self.ref, environment: ["PATH": bin.string])
            for step in [
                "slm run \(Self.ref)", "llama-cli -m \"$(slm path \(Self.ref))\" -c ",
                "slm link \(Self.ref) --to ollama", "My Models",
                "adb push",
            ] {
                #expect(full.standardOutput.contains(step), "\(step)")
                #expect(listed.standardOutput.contains(step), "\(step)")
            }
            let bare = try await program.run("ls", Self.ref, "-q", environment: ["PATH": bin.string])
            #expect(bare.standardOutput == "\(Self.ref)\n")
            #expect(try await program.run("ls", "none:1b", environment: ["PATH": bin.string]).status == 66)
        }
    }
}
