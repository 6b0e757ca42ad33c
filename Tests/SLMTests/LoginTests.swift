import Foundation
import SystemPackage
import TestSupport
import Testing

/// A token of the Hub that is kept, and given up.
@Suite struct LoginTests {
    private static func text(of file: FilePath) -> String? {
        FileManager.default.contents(atPath: file.string).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `a token that the Hub knows is kept for its owner alone, and removed again`() async throws {
        try await withProgram { program in
            program.hub.add(
                repo: "demo/gated-GGUF", files: ["gated-Q8_0.gguf": GGUFBuilder.tinyLlama().build()],
                info: RepositoryInfo(gate: .manual))
            let file = program.folder.appending("home/.cache/huggingface/token")
            let elsewhere = program.folder.appending("elsewhere")
            try elsewhere.write(Array("not ours".utf8))
            try file.write([])
            try FileManager.default.removeItem(atPath: file.string)
            try FileManager.default.createSymbolicLink(
                atPath: file.string, withDestinationPath: elsewhere.string)

            let said = try await program.run("login", input: "  \(program.hub.token)\n")
            #expect(said.status == 0, "\(said.standardError)")
            #expect(said.standardOutput.contains("loopback"))
            #expect(!(said.standardOutput + said.standardError).contains(program.hub.token))
            #expect(Self.text(of: file) == program.hub.token)
            let mode = try FileManager.default.attributesOfItem(atPath: file.string)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            // The link was replaced, not followed.
            #expect(Self.text(of: elsewhere) == "not ours")
            #expect(try await program.run("get", "hf:demo/gated-GGUF:Q8_0").status == 0)
            #expect(try await program.run("doctor").standardOutput.contains("loopback's"))

            let gone = try await program.json("logout")
            #expect(gone["removed"] == .truth(true))
            #expect(FileManager.default.fileExists(atPath: file.string) == false)
            #expect(try await program.json("logout")["removed"] == .truth(false))
        }
    }

    @Test func `what is no token, or none that the Hub knows, is not kept`() async throws {
        try await withProgram { program in
            let cases = [("hf_wrong", 77, "token-refused"), ("two words", 64, "usage"), ("", 64, "usage")]
            for (text, status, code) in cases {
                let said = try await program.run(["login", "--json"], input: text)
                #expect(said.status == Int32(status))
                #expect(try JSON(parsing: said.standardOutput)["error"]?["code"]?.text == code)
            }
            let home = program.folder.appending("home/.cache/huggingface/token")
            #expect(!FileManager.default.fileExists(atPath: home.string))
            try FileManager.default.createDirectory(atPath: home.string, withIntermediateDirectories: true)
            let said = try await program.run("login", input: program.hub.token)
            #expect(said.status == 73 && said.standardError.contains("it is a folder"))
            #expect(!said.standardError.contains("store") && said.standardError.contains("HF_TOKEN"))
        }
    }

    @Test func `a token in the environment comes first, and is said to`() async throws {
        try await withProgram { program in
            let environment = ["HF_TOKEN": "hf_other"]
            let said = try await program.run(
                ["login", "--json"], input: program.hub.token, environment: environment)
            #expect(try JSON(parsing: said.standardOutput)["overriddenBy"]?.text == "HF_TOKEN")
            let settings = try await program.json("env", environment: environment)["settings"]?.elements
            #expect(settings?.first { $0["name"]?.text == "token" }?["from"]?.text == "HF_TOKEN")
        }
    }
}
