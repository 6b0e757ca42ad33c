import Foundation
import GGUF
import LlamaMemory
import MeasuredModels
import ModelCatalog
import ModelFit
import Testing

@Suite struct FitChangeTests {
    private let shape = ModelShape.smallLlama
    private let workload = Workload(contextLength: 32_768)

    private func variant(_ quantization: String, shape: ModelShape? = nil) throws -> Variant {
        let url = try #require(URL(string: "https://example.org/m-\(quantization).gguf"))
        return Variant(
            ref: "m:\(quantization.lowercased())", publisher: "p", repository: "r", quantization: quantization,
            files: [RemoteFile(name: "m-\(quantization).gguf", url: url)], shape: shape ?? self.shape)
    }

    private func budget(_ now: Int64, later: Int64? = nil, gpu: Int64? = nil) -> Budget {
        Budget(now: now, afterClosing: later ?? now, reserve: 0, gpu: gpu)
    }

    private func report(_ quantization: String, _ budget: Budget, _ workload: Workload? = nil) throws -> FitReport {
        FitReport(try variant(quantization), budget: budget, workload: workload ?? self.workload)
    }

    private func required(_ quantization: String, _ workload: Workload? = nil) throws -> Int64 {
        try #require(try report(quantization, budget(1 << 40), workload).required)
    }

    /// So much that the rest is a tenth.
    private func roomy(_ bytes: Int64) -> Int64 { bytes * 10 / 9 + 9 }

    @Test func `where it fits nothing is to change`() throws {
        let all = try ["Q4_K_M", "Q2_K"].map { try variant($0) }
        #expect(try report("Q4_K_M", budget(1 << 40)).changes(among: all).isEmpty)
    }

    @Test func `the largest smaller quantization that fits is named, with what it needs`() throws {
        let all = try ["Q8_0", "Q4_K_M", "Q2_K", "Q3_K_M"].map { try variant($0) }
        let three = try required("Q3_K_M")
        let changes = try report("Q4_K_M", budget(roomy(three))).changes(among: all)
        let change = try #require(changes.first { $0.code == "quantization" })
        #expect(change.kind == .quantization("Q3_K_M", ref: "m:q3_k_m"))
        #expect(change.required == three)
        #expect(change.verdict == .fits)
        // One that leaves room is better than a larger one that hardly does.
        let scarce = try report("Q4_K_M", budget(three)).changes(among: all)
        #expect(scarce.first?.kind == .quantization("Q2_K", ref: "m:q2_k") || scarce.first?.verdict == .tight)
    }

    @Test func `where no smaller file is known its quantization is worked out`() throws {
        let large = try variant("Q8_0")
        let changes = try report("Q8_0", budget(roomy(try required("Q5_K_M")))).changes(among: [large])
        let change = try #require(changes.first)
        #expect(change.kind == .quantization("Q5_K_M", ref: nil))
        #expect(change.required == (try required("Q5_K_M")))
    }

    @Test func `a cache of half the size is named where it helps`() throws {
        var half = workload
        (half.cacheTypeK, half.cacheTypeV) = (.q80, .q80)
        let needed = try required("Q4_K_M", half)
        let change = try #require(
            try report("Q4_K_M", budget(roomy(needed))).changes().first { $0.code == "cache-type" })
        #expect(change.kind == .cacheType(.q80))
        #expect(change.required == needed)
        #expect(change.verdict == .fits)
        let hopeless = try report("Q4_K_M", budget(needed - 1)).changes()
        #expect(!hopeless.contains { $0.code == "cache-type" })
    }

    @Test func `a cache that llama.cpp would refuse is not named`() throws {
        // Heads of 80 numbers are no multiple of a block of 32.
        var odd = shape
        (odd.embeddingLength, odd.headCountKV, odd.vocabularySize) = (2560, 32, 50_000)
        let large = try variant("Q4_K_M", shape: odd)
        let needed = try #require(FitReport(large, budget: budget(1 << 40), workload: workload).required)
        let report = FitReport(large, budget: budget(needed), workload: workload)
        #expect(report.verdict == .tight)
        #expect(!report.changes().contains { $0.code == "cache-type" })
        #expect(report.changes().contains { $0.code == "context-length" })
        // Without flash attention values cannot be quantized.
        var plain = workload
        plain.flashAttention = .off
        let tight = try self.report("Q4_K_M", budget(try required("Q4_K_M", plain)), plain)
        #expect(!tight.changes().contains { $0.code == "cache-type" })
    }

    @Test func `the longest context that leaves room is named, and no longer one does`() throws {
        let room = try required("Q4_K_M")
        let change = try #require(
            try report("Q4_K_M", budget(room)).changes().first { $0.code == "context-length" })
        guard case .contextLength(let length) = change.kind else { return #expect(Bool(false)) }
        #expect(change.required == (try required("Q4_K_M", Workload(contextLength: length))))
        #expect(try report("Q4_K_M", budget(room), Workload(contextLength: length)).verdict == .fits)
        #expect(try report("Q4_K_M", budget(room), Workload(contextLength: length + 256)).verdict == .tight)
        #expect(try report("Q4_K_M", budget(room)).comfortableContext == length)
        // Where not even a page fits comfortably no context is named.
        let little = try required("Q4_K_M", Workload(contextLength: 512))
        #expect(try !report("Q4_K_M", budget(little)).changes().contains { $0.code == "context-length" })
    }

    @Test func `a context that was lowered unasked stays when something else changes`() throws {
        let report = FitReport(
            try variant("Q4_K_M"), budget: budget(try required("Q4_K_M")), workload: Workload())
        let context = try #require(report.contextLength)
        #expect(report.reasons.contains(.contextLowered(from: 131_072, to: context)))
        var half = Workload(contextLength: context)
        (half.cacheTypeK, half.cacheTypeV) = (.q80, .q80)
        let change = try #require(report.changes().first { $0.code == "cache-type" })
        #expect(change.required == (try required("Q4_K_M", half)))
    }

    @Test func `closing programs is named where it is enough`() throws {
        let needed = try required("Q4_K_M")
        let short = try report("Q4_K_M", budget(needed - 1, later: roomy(needed)))
        #expect(short.verdict == .tight)
        let change = try #require(short.changes().first { $0.code == "closing-programs" })
        #expect(change.verdict == .fits)
        #expect(change.required == needed)
        let never = try report("Q4_K_M", budget(needed - 2, later: needed - 1))
        #expect(!never.changes().contains { $0.code == "closing-programs" })
    }

    @Test func `another number of layers is named where those asked for do not fit`() throws {
        var asked = workload
        asked.gpuLayers = 17
        let card = budget(try required("Q4_K_M"), gpu: 900_000_000)
        let report = try report("Q4_K_M", card, asked)
        #expect(report.verdict == .tooLarge)
        let change = try #require(report.changes().first { $0.code == "gpu-layers" })
        guard case .gpuLayers(let count, 17) = change.kind else { return #expect(Bool(false)) }
        #expect((1..<17).contains(count))
        asked.gpuLayers = count
        #expect(try self.report("Q4_K_M", card, asked).verdict == change.verdict)
    }
}
