import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct FitTests {
    private static let workload = Workload(contextLength: 1024)

    @Test func `a local file, a stored model and a remote header give one answer`() async throws {
        try await withPlace { place in
            let bytes = model(1, bytes: 3 << 20)
            place.hub.add(repo: "o/m", files: ["m-Q8_0.gguf": bytes])
            let file = place.folder.appending("m-Q8_0.gguf")
            try file.write(bytes)
            let shelf = try place.shelf()
            func fit(_ text: String) async throws -> FitAnswer {
                try await shelf.fit(shelf.reference(text), device: shelf.device, workload: Self.workload)
            }
            let local = try await fit(file.string)
            let remote = try await fit("hf:o/m")
            #expect(place.stored.isEmpty)
            try await shelf.get("hf:o/m")
            let asked = place.hub.requests.count
            let stored = try await fit("hf:o/m")
            #expect(place.hub.requests.count == asked)

            #expect(local.fetched == 0)
            #expect(stored.fetched == 0)
            #expect((1...2 << 20).contains(remote.fetched))
            #expect(local.report.memory?.total != nil)
            #expect(local.report.memory?.total == remote.report.memory?.total)
            #expect(local.report.memory?.total == stored.report.memory?.total)
            #expect(local.shape?.architecture == "llama")
            #expect(remote.ref == "hf:o/m:Q8_0")
        }
    }

    @Test func `a file that is cut after its header will do`() async throws {
        try await withPlace { place in
            let builder = GGUFBuilder.tinyLlama(tensorBytes: 1 << 20)
            let (whole, cut) = (place.folder.appending("whole.gguf"), place.folder.appending("cut.gguf"))
            try whole.write(builder.build())
            try cut.write(builder.header())
            let shelf = try place.shelf()
            let first = try await shelf.fit(.file(whole), device: shelf.device, workload: Self.workload)
            let second = try await shelf.fit(.file(cut), device: shelf.device, workload: Self.workload)
            #expect(first.report.required == second.report.required)
        }
    }

    @Test(arguments: ["tinyllama", "qwen2:0.5b", "gemma2:2b:q4_k_m", "fox-1", "cerebras-gpt:111m"])
    func `a catalog model is judged without a network`(text: String) async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let answer = try await shelf.fit(shelf.reference(text), device: shelf.device, workload: Self.workload)
            #expect(answer.fetched == 0)
            #expect((answer.report.required ?? 0) > 10_000_000)
            #expect(answer.report.verdict == .fits)
            #expect(place.hub.requests.isEmpty)
        }
    }

    @Test func `a smaller form in the same repository is named, also where one file was asked for`() async throws {
        try await withPlace { place in
            let large = GGUFBuilder.tinyLlama(tensorBytes: 24 << 20, type: .f16).build()
            let small = GGUFBuilder.tinyLlama(tensorBytes: 12 << 20, type: .q80).build()
            place.hub.add(
                repo: "o/m", files: ["m-F16.gguf": large, "m-Q8_0.gguf": small, "other-Q4_0.gguf": model(3)])
            let shelf = try place.shelf()
            func fit(_ text: String, memory: Int64) async throws -> FitAnswer {
                // Half of so little is kept for the system.
                let device = Device(ramTotal: memory, ramAvailable: memory, deviceClass: .server)
                return try await shelf.fit(shelf.reference(text), device: device, workload: Self.workload)
            }
            let roomy = try await fit("hf:o/m:F16", memory: 1 << 40)
            #expect(roomy.changes.isEmpty)
            let needed = try #require(roomy.report.required)
            for text in ["hf:o/m:F16", "hf:o/m/m-F16.gguf"] {
                let answer = try await fit(text, memory: 2 * needed)
                #expect(answer.report.verdict == .tight)
                let change = try #require(answer.changes.first)
                #expect(change.code == "quantization")
                #expect(change.verdict == .fits)
                #expect(change.required < needed)
                guard case .quantization("Q8_0", let ref?) = change.kind else { return #expect(Bool(false)) }
                #expect(ref.hasPrefix("hf:o/m"))
            }
        }
    }

    @Test func `who asks for a file without its projector is not told of others with one`() async throws {
        try await withPlace { place in
            let large = GGUFBuilder.tinyLlama(tensorBytes: 24 << 20, type: .f16).build()
            let small = GGUFBuilder.tinyLlama(tensorBytes: 12 << 20, type: .q80).build()
            place.hub.add(
                repo: "o/m",
                files: [
                    "m-F16.gguf": large, "m-Q8_0.gguf": small,
                    // Larger than what the smaller file saves.
                    "mmproj-m-F16.gguf": GGUFBuilder.tinyLlama(tensorBytes: 48 << 20).build(),
                ])
            let shelf = try place.shelf()
            func fit(_ text: String, memory: Int64) async throws -> FitAnswer {
                let device = Device(ramTotal: memory, ramAvailable: memory, deviceClass: .server)
                return try await shelf.fit(shelf.reference(text), device: device, workload: Self.workload)
            }
            let needed = try #require(await fit("hf:o/m/m-F16.gguf", memory: 1 << 40).report.required)
            let withEyes = try #require(await fit("hf:o/m:F16", memory: 1 << 40).report.required)
            #expect(withEyes > needed + (48 << 20))
            let change = try #require(await fit("hf:o/m/m-F16.gguf", memory: 2 * needed).changes.first)
            guard case .quantization("Q8_0", _?) = change.kind else { return #expect(Bool(false)) }
            #expect(change.required < needed)
        }
    }

    @Test func `settings that llama.cpp refuses, and files that are none, are errors`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            var workload = Self.workload
            workload.flashAttention = .off
            workload.cacheTypeV = .q80
            let tiny = try shelf.reference("tinyllama")
            await #expect(throws: MemoryEstimateError.self) {
                try await shelf.fit(tiny, device: shelf.device, workload: workload)
            }
            let page = place.folder.appending("page.gguf")
            try page.write(Array("<html>".utf8))
            for path in [page, place.folder.appending("none.gguf"), place.folder] {
                await #expect(throws: GGUFError.self) {
                    try await shelf.fit(.file(path), device: shelf.device, workload: Self.workload)
                }
            }
        }
    }
}
