import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct ImportCommandTests {
    @Test func `files go out with a manifest and come in again`() async throws {
        try await withProgram { program in
            let file = program.folder.pushing("files/some-Q8_0.gguf")
            try file.write(GGUFBuilder.tinyLlama().build())
            let imported = try await program.json("import", file.string)["imported"]?.elements.first
            #expect(
                imported?.keys == [
                    "outcome", "ref", "path", "sizeBytes", "sha256", "sources", "moved", "knownBy", "lacks", "error",
                ])
            #expect(imported?["ref"]?.text == "local/files/some-Q8_0.gguf")
            #expect(imported?["moved"] == .truth(false) && imported?["outcome"]?.text == "imported")
            let stick = program.folder.appending("stick")
            let exported = try await program.json("export", "local/files/some-Q8_0.gguf", stick.string)
            #expect(exported["exported"]?.elements.first?["writtenBytes"]?.integer == imported?["sizeBytes"]?.integer)

            let other = program.folder.appending("other").string
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            let page = try await program.run("import", stick.string, "--store", other, "--offline", language: "es")
            #expect(page.status == 0, "\(page.standardError)")
            #expect(page.standardOutput.contains("comprobado con su manifiesto"))
            let bad = try await program.run("import", "--move", program.folder.appending("none").string, "--json")
            #expect(bad.status == 66)
            let row = try JSON(parsing: bad.standardOutput)["imported"]?.elements.first
            #expect(row?["error"]?["code"]?.text == "no-such-file")
            for wrong in [["import", "--move", "--copy", "x"], ["export", "x"]] {
                #expect(try await program.run(wrong).status == 64)
            }
        }
    }
}
