import Foundation
import TestSupport
import Testing

/// `slm fit` of a file on this disk.
@Suite struct FitFileTests {
    @Test func `a file on this disk is judged without the catalog and without the network`() async throws {
        try await withProgram { program in
            try program.folder.appending("model.gguf").write(GGUFBuilder.tinyLlama().build())
            let fit = try await program.json(
                "fit", "./model.gguf", environment: ["SLM_CATALOG": program.folder.appending("missing.json").string])
            #expect(fit["memory"]?["weightsBytes"]?.integer ?? 0 > 0)
            #expect(program.hub.requests.isEmpty)
            let byName = try await program.run(
                "fit", "qwen2:0.5b", environment: ["SLM_CATALOG": program.folder.appending("missing.json").string])
            #expect(byName.status == 66)
        }
    }
}
