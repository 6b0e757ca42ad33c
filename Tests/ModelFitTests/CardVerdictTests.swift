import Foundation
import GGUF
import LlamaMemory
import MeasuredModels
import ModelCatalog
import ModelFit
import Testing

/// Verdicts on devices with a card of their own.
@Suite struct CardVerdictTests {
    private let shape = ModelShape.smallLlama

    private func report(now: Int64, gpu: Int64?, gpuLayers: Int? = nil) throws -> FitReport {
        let url = try #require(URL(string: "https://example.org/m-Q4_K_M.gguf"))
        let variant = Variant(
            ref: "m:q4_k_m", publisher: "p", repository: "r", quantization: "Q4_K_M",
            files: [RemoteFile(name: "m-Q4_K_M.gguf", url: url)], shape: shape)
        let budget = Budget(now: now, afterClosing: now, reserve: 0, gpu: gpu)
        return FitReport(
            variant, budget: budget, workload: Workload(contextLength: 4096, gpuLayers: gpuLayers))
    }

    @Test func `the card takes as many layers as it has room for, and not one more`() throws {
        let full = try #require(try report(now: 4 << 30, gpu: 4 << 30).offload)
        #expect(full.isWhole)
        for count in 1...full.places {
            let room = try #require(try report(now: 4 << 30, gpu: 4 << 30, gpuLayers: count).offload).vram.total
            #expect(try report(now: 4 << 30, gpu: room).offload?.gpuLayers == count)
            #expect(try report(now: 4 << 30, gpu: room - 1).offload?.gpuLayers == (count > 1 ? count - 1 : nil))
        }
    }

    @Test func `whole on the card it needs what the card holds, and memory for the rest`() throws {
        let whole = try report(now: 4 << 30, gpu: 4 << 30)
        let offload = try #require(whole.offload)
        #expect(whole.verdict == .fits)
        #expect(whole.reasons == [.wholeOnGPU, .spare((4 << 30) - offload.vram.total)])
        #expect(whole.required == offload.vram.total)
        #expect(whole.budgetBytes == 4 << 30)
        let starved = try report(now: offload.ram.total - 1, gpu: 4 << 30)
        #expect(starved.verdict == .tooLarge)
        #expect(try report(now: offload.ram.total, gpu: 4 << 30).verdict == .fits)
    }

    @Test func `what neither holds alone is divided, where memory holds the rest`() throws {
        let needed = try #require(try report(now: 4 << 30, gpu: nil).required)
        let part = try report(now: needed - 1, gpu: 600_000_000)
        let offload = try #require(part.offload)
        #expect(part.verdict == .partial)
        #expect(part.reasons.first == .layersOnGPU(offload.gpuLayers, of: 17))
        #expect(try report(now: offload.ram.total, gpu: 600_000_000).verdict == .partial)
        #expect(try report(now: offload.ram.total - 1, gpu: 600_000_000).verdict == .tooLarge)
    }

    @Test func `as few experts as need be stay in memory, where a card holds the rest`() throws {
        let file = try Fixtures.header("qwen3moe-30b.Q8_0")
        let url = try #require(URL(string: "https://example.org/m-Q8_0.gguf"))
        let variant = Variant(
            ref: "m", publisher: "p", repository: "r", quantization: "Q8_0",
            files: [RemoteFile(name: "m-Q8_0.gguf", url: url)], shape: ModelShape(file))
        func report(_ gpu: Int64, now: Int64 = 64 << 30) -> FitReport {
            FitReport(
                variant, layers: LayerWeights(file),
                budget: Budget(now: now, afterClosing: now, reserve: 0, gpu: gpu),
                workload: Workload(contextLength: 4096))
        }
        let split = try #require(report(8 << 30).expertOffload)
        #expect(split.isWhole)
        #expect((1..<48).contains(split.expertsInMemory))
        #expect(split.vram.total <= 8 << 30)
        #expect(report(split.vram.total).expertOffload?.expertsInMemory == split.expertsInMemory)
        #expect(report(split.vram.total - 1).expertOffload?.expertsInMemory == split.expertsInMemory + 1)
        #expect(report(8 << 30, now: split.ram.total - 1).expertOffload == nil)
        #expect(report(64 << 30).expertOffload == nil)
        #expect(report(1 << 30).expertOffload == nil)
        #expect(try self.report(now: 4 << 30, gpu: 600_000_000).expertOffload == nil)
    }

    @Test func `layers that were asked for are taken at their word`() throws {
        let few = try report(now: 4 << 30, gpu: 4 << 30, gpuLayers: 3)
        #expect(few.verdict == .fits)
        #expect(few.reasons.contains(.layersOnGPU(3, of: 17)))
        let none = try report(now: 4 << 30, gpu: 4 << 30, gpuLayers: 0)
        #expect(none.offload?.gpuLayers == 0)
        #expect(none.placement == .memory)
        #expect(none.verdict == .fits)
        let many = try report(now: 4 << 30, gpu: 500_000_000, gpuLayers: 17)
        #expect(many.verdict == .tooLarge)
        let lacking = try #require(many.offload).vram.total - 500_000_000
        #expect(many.reasons.first == .missing(lacking))
        let nowhere = try report(now: 4 << 30, gpu: nil, gpuLayers: 17)
        #expect(nowhere.verdict == .fits)
        #expect(nowhere.reasons.last == .noGPU)
    }
}
