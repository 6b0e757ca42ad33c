import Foundation
import TestSupport
import Testing

@Suite struct PruneCommandTests {
    @Test func `prune says what it frees, and removes it`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            _ = try await program.json("get", "hf:demo/tiny-GGUF:Q8_0")
            let left = program.store.pushing(".slm/partial/adopt-dead.part")
            try left.write([UInt8](repeating: 1, count: 5000))

            let dry = try await program.json("prune", "--dry-run")
            #expect(dry["dryRun"] == .truth(true))
            #expect(dry.keys == ["dryRun", "freedBytes", "inUse", "removed"])
            let row = dry["removed"]?.elements.first
            #expect(row?["kind"]?.text == "leftover" && row?["ref"] == .null)
            #expect(row?["files"]?.elements.map(\.text) == [left.string])
            #expect(row?["freedBytes"]?.integer == 5000 && dry["freedBytes"]?.integer == 5000)
            let page = try await program.run("prune", "--dry-run", language: "es")
            #expect(page.standardOutput.contains("sobras") && page.standardOutput.contains("se liberarían 5"))
            #expect(FileManager.default.fileExists(atPath: left.string))

            let done = try await program.json("prune", "--yes")
            #expect(done["dryRun"] == .truth(false) && done["freedBytes"]?.integer == 5000)
            #expect(!FileManager.default.fileExists(atPath: left.string))
            let again = try await program.run("prune", "--yes")
            #expect(again.status == 0 && again.standardOutput == "There is nothing to remove.\n")
            #expect(try await program.run("ls", "-q").standardOutput == "hf:demo/tiny-GGUF:Q8_0\n")
        }
    }
}
