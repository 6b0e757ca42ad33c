import Foundation
import GGUF
import LlamaMemory
import MeasuredModels
import ModelCatalog
import ModelFit
import Testing

@Suite struct FitReportTests {
    private static let gibibyte: Int64 = 1 << 30

    private func variant(_ quantization: String, gigabytes: Double? = nil, shape: ModelShape?) throws -> Variant {
        let url = try #require(URL(string: "https://example.org/m-\(quantization).gguf"))
        let file = RemoteFile(
            name: "m-\(quantization).gguf", url: url, size: gigabytes.map { Int64($0 * 1e9) })
        return Variant(
            ref: "m:\(quantization.lowercased())", publisher: "p", repository: "r", quantization: quantization,
            files: [file], shape: shape)
    }

    private func offer(_ variants: [Variant]) -> Offer {
        Offer(reference: .catalog(family: "m", size: nil, quantization: nil), name: "m", models: [variants])
    }

    private func budget(_ now: Double?, later: Double? = nil, gpu: Double? = nil) -> Budget {
        let bytes = { (gibibytes: Double) in Int64(gibibytes * Double(Self.gibibyte)) }
        return Budget(
            now: now.map(bytes), afterClosing: (later ?? now).map(bytes), reserve: 0, gpu: gpu.map(bytes))
    }

    private let shape = ModelShape.smallLlama

    @Test(
        arguments: [
            (4.0, 4.0, nil, FitReport.Verdict.fits), (1.05, 8.0, nil, .tight), (0.8, 8.0, nil, .tight),
            (0.8, 0.9, nil, .tooLarge), (0.8, 0.9, 4.0, .fits), (0.8, 0.9, 0.8, .partial),
        ] as [(Double, Double, Double?, FitReport.Verdict)])
    func `a verdict follows the room there is`(now: Double, later: Double, gpu: Double?, verdict: FitReport.Verdict)
        throws
    {
        let report = FitReport(
            try variant("Q4_K_M", shape: shape), budget: budget(now, later: later, gpu: gpu),
            workload: Workload(contextLength: 4096))
        #expect(report.verdict == verdict, "\(report.required ?? 0)")
        #expect(!report.reasons.isEmpty)
        #expect(report.contextLength == 4096)
        #expect(report.memory != nil)
    }

    @Test func `the first variant is kept when it fits, else the largest smaller one`() throws {
        let variants = try ["Q4_K_M", "Q8_0", "Q3_K_M", "Q2_K"].map { try variant($0, shape: shape) }
        let workload = Workload(contextLength: 4096)
        let roomy = offer(variants).best(within: budget(8), for: workload)
        #expect(roomy.variant.quantization == "Q4_K_M")
        let sizes = try ["Q4_K_M", "Q3_K_M", "Q2_K"].map { name in
            try #require(FitReport(try variant(name, shape: shape), budget: budget(8), workload: workload).required)
        }
        let between = Double(sizes[1]) / Double(Self.gibibyte) / 0.89
        let small = offer(variants).best(within: budget(between), for: workload)
        #expect(small.variant.quantization == "Q3_K_M")
        let none = offer(variants).best(within: budget(0.1), for: workload)
        #expect(none.variant.quantization == "Q4_K_M")
        #expect(none.verdict == .tooLarge)
        // And why is told, where there was a choice.
        let choices = [roomy, small, none].map(\.choice)
        #expect(choices.map { $0?.reason } == [.usual, .largestThatFits, .noneRuns])
        #expect(choices.map { $0?.usual } == [nil, "Q4_K_M", nil] && choices.allSatisfy { $0?.count == 4 })
        #expect(offer([variants[1]]).best(within: budget(8), for: workload).choice == nil)
    }

    @Test func `a context that was not asked for is lowered until the model fits`() throws {
        let report = FitReport(try variant("Q4_K_M", shape: shape), budget: budget(2), workload: Workload())
        #expect(report.verdict == .fits || report.verdict == .tight)
        let context = try #require(report.contextLength)
        #expect(context >= 4096 && context < shape.contextLength)
        #expect(report.reasons.contains(.contextLowered(from: 131_072, to: context)))
        #expect(report.longestContext == context)
    }

    @Test func `a context that was asked for stays, and a shorter one is named`() throws {
        let report = FitReport(
            try variant("Q4_K_M", shape: shape), budget: budget(2), workload: Workload(contextLength: 131_072))
        #expect(report.verdict == .tooLarge)
        let longest = try #require(report.longestContext)
        #expect(report.reasons.contains(.shorterContextFits(longest)))
        let shorter = FitReport(
            try variant("Q4_K_M", shape: shape), budget: budget(2), workload: Workload(contextLength: longest))
        #expect(shorter.verdict == .tight)
        let longer = FitReport(
            try variant("Q4_K_M", shape: shape), budget: budget(2), workload: Workload(contextLength: longest + 256))
        #expect(longer.verdict == .tooLarge)
    }

    @Test func `without numbers the size decides, and without a size nothing does`() throws {
        let sized = FitReport(try variant("Q4_K_M", gigabytes: 4, shape: nil), budget: budget(8), workload: Workload())
        #expect(sized.verdict == .fits)
        #expect(sized.reasons.contains(.estimatedFromSize))
        let unknown = FitReport(try variant("Q4_K_M", shape: nil), budget: budget(8), workload: Workload())
        #expect(unknown.verdict == .unknown)
        #expect(unknown.reasons == [.unknownSize])
        let nowhere = FitReport(try variant("Q4_K_M", shape: shape), budget: budget(nil), workload: Workload())
        #expect(nowhere.verdict == .unknown)
    }

    @Test func `settings that llama.cpp refuses are said to be the reason`() throws {
        let report = FitReport(
            try variant("Q4_K_M", shape: shape), budget: budget(8),
            workload: Workload(cacheTypeV: .q80, flashAttention: .off))
        #expect(report.reasons == [.cannotRun(.quantizedValuesNeedFlashAttention(type: .q80))])
    }
}
