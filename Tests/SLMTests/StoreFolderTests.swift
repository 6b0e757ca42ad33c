import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct StoreFolderTests {
    @Test func `the store is shown, and moved; the program says how to keep it there`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            let got = try await program.json("get", "hf:demo/tiny-GGUF:Q8_0")["installed"]?.elements.first
            let shown = try await program.json("store", "show")
            #expect(shown["path"]?.text == program.store.string && shown["from"]?.text == "SLM_STORE")
            #expect(shown["models"]?.integer == 1 && shown["modelBytes"]?.integer == got?["sizeBytes"]?.integer)
            #expect(shown["diskFreeBytes"]?.integer ?? 0 > 0)
            let links = program.folder.appending("links")
            _ = try await program.run("link", "hf:demo/tiny-GGUF:Q8_0", "--to", links.string)

            let target = program.folder.appending("other")
            let moved = try await program.run("store", "move", target.string, language: "es")
            #expect(moved.status == 0, "\(moved.standardError)")
            #expect(moved.standardOutput.contains("export SLM_STORE='\(target.string)'"))
            #expect(moved.standardOutput.contains("store: \(target.string)"))
            let path = try await program.run("path", "hf:demo/tiny-GGUF:Q8_0", "--store", target.string)
            #expect(path.standardOutput == target.pushing("demo/tiny-GGUF/tiny-Q8_0.gguf").string + "\n")
            #expect(!FileManager.default.fileExists(atPath: program.store.string))
            // What other programs have leads to the new place.
            #expect(try sha256(of: links.appending("tiny-Q8_0.gguf").readBytes()) == got?["sha256"]?.text)
            // A second time, whether it is called by its old place or by the new one.
            let again = try await program.json("store", "move", target.string)
            #expect(again["wasThere"] == .truth(true) && again["models"]?.integer == 1)
            #expect(try await program.run("store", "move", target.string, "--store", target.string).status == 0)
            #expect(try await program.run("store", "move", links.string).status == 66)
        }
    }
}
