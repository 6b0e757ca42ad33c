import TestSupport
import Testing

@testable import slm

/// A command that a hint tells to type looks into the store that was named.
@Suite struct GivenStoreTests {
    /// With `^` where the store belongs.
    private func marked(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for place in GivenStore.places(in: text).reversed() { bytes.insert(UInt8(ascii: "^"), at: place) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        "`slm ls^` shows what is, `slm get^ nope` downloads it", "`slm verify^ --repair a:b` downloads it",
        "  slm share^ hf:a/b", "llama-cli -m \"$(slm path^ a)\"", "`slm ls^ -q | xargs slm rm^`",
        "`slm store move^ DIR` moves it, `slm store^` shows it", "`slm store^`: where it is",
        "`slm help gguf`, `slm device`, `slm catalog update`, `slm get --help` and `slm`",
        "slm gets models, and slm get is a command", "slm 0.2.0",
    ])
    func `it stands behind the names of commands`(_ expected: String) {
        #expect(marked(expected.filter { $0 != "^" }) == expected)
    }

    @Test func `hints and next steps name it as a shell takes it`() async throws {
        try await withProgram { program in
            program.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama(seed: 1).build()])
            let other = program.folder.appending("an other")
            let got = try await program.run("get", "hf:o/tiny-GGUF", "--store", other.string)
            #expect(got.status == 0)
            #expect(got.standardOutput.contains("slm share --store '\(other)'\n"))
            let missing = try await program.run("path", "nope", "--store=\(other)", "--json")
            #expect(
                try JSON(parsing: missing.standardOutput)["error"]?["hint"]?.text?.contains(
                    "`slm get --store '\(other)' nope`") == true)
            #expect(
                try await !program.run("ls", "hf:o/tiny-GGUF", "--store", other.string, "--quiet")
                    .standardOutput.contains("--store"))
        }
    }
}
