import Foundation
import GGUF
import LlamaMemory
import MeasuredModels
import ModelCatalog
import ModelFit
import Testing

@Suite struct RefusalVerdictTests {
    private let budget = Budget(now: 1 << 36, afterClosing: 1 << 36, reserve: 0, gpu: nil)

    private func variant(_ quantization: String, shape: ModelShape? = .smallLlama) throws -> Variant {
        let url = try #require(URL(string: "https://example.org/m-\(quantization).gguf"))
        let file = RemoteFile(name: "m-\(quantization).gguf", url: url, size: 1 << 30)
        return Variant(
            ref: "m:\(quantization)", publisher: "p", repository: "r", quantization: quantization, files: [file],
            shape: shape)
    }

    @Test(arguments: [("Q4_0_4_4", "tensor-type-removed"), ("IQ4_KS", "tensor-type-unknown")])
    func `a form that llama.cpp refuses cannot run, whatever memory there is`(name: String, code: String) throws {
        for shape in [nil, ModelShape.smallLlama] {
            let report = FitReport(try variant(name, shape: shape), budget: budget, workload: Workload())
            #expect(report.verdict == .cannotRun)
            #expect(report.reasons.map(\.code) == [code])
            #expect(report.changes().isEmpty)
            #expect(report.longestContext == nil)
        }
    }

    @Test func `such a form is not chosen where there is another`() throws {
        let offer = Offer(
            reference: .catalog(family: "m", size: nil, quantization: nil), name: "m",
            models: [[try variant("Q4_0_4_4"), try variant("Q8_0")]])
        #expect(offer.best(within: budget, for: Workload()).variant.quantization == "Q8_0")
    }

    @Test func `a context that nobody asked for is no longer than the model's own`() throws {
        let trained = ModelShape.smallLlama.contextLength
        let habit = FitReport(
            try variant("Q8_0"), budget: budget, workload: Workload(contextLength: trained * 2, contextMayShrink: true))
        #expect(habit.contextLength == trained)
        #expect(!habit.reasons.contains(.beyondTraining(trained)))
        let wish = FitReport(try variant("Q8_0"), budget: budget, workload: Workload(contextLength: trained * 2))
        #expect(wish.contextLength == trained * 2)
        #expect(wish.reasons.contains(.beyondTraining(trained)))
        #expect(wish.verdict == .fits)
    }
}
