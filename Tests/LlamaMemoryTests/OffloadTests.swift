import GGUF
import LlamaMemory
import MeasuredModels
import Testing

/// What llama.cpp's source says of layers on a graphics card, worked out by hand for real headers.
@Suite struct OffloadTests {
    private let outside = OutsideMemory(process: 40_000_000, projector: 0)
    private let card = GraphicsCard(name: "card", backend: "cuda", free: 80 << 30, usable: 80 << 30)

    private func plan(
        _ header: String, _ workload: Workload, outside: OutsideMemory
    ) throws -> (OffloadPlan, MemoryEstimate, LayerWeights) {
        let file = try Fixtures.header(header)
        let memory = try MemoryEstimate(file, workload: workload)
        let weights = try #require(LayerWeights(file))
        let shape = try #require(ModelShape(file))
        return (
            OffloadPlan(memory, weights, shape: shape, workload: workload, outside: outside), memory, weights
        )
    }

    private func offload(_ header: String, context: Int, gpuLayers: Int) throws -> (Offload, MemoryEstimate) {
        let (plan, memory, _) = try plan(header, Workload(contextLength: context), outside: outside)
        return (plan.offload(gpuLayers: gpuLayers, to: [card]), memory)
    }

    /// Its table of embeddings takes 215,470,080 bytes and is the output matrix too; its last norm 8,192; layer 12
    /// takes 34,226,176 and each of 13 to 15 takes 38,821,888. A layer caches 4,096 × 8 × 64 × 2 (K and V) × 2 bytes.
    @Test func `five places take the output and the last four layers, with their caches`() throws {
        let (offload, memory) = try offload("llama-3.2-1b.Q4_K_M", context: 4096, gpuLayers: 5)
        #expect(offload.places == 17)
        // The turning factors lie on both sides.
        #expect(offload.vram.weights == 215_470_080 + 8192 + 128 + 34_226_176 + 3 * 38_821_888)
        #expect(offload.ram.weights == 799_862_912 - 8192 - 34_226_176 - 3 * 38_821_888)
        #expect(offload.vram.cache == 4 * 8_388_608)
        #expect(offload.ram.cache == 12 * 8_388_608)
        #expect(offload.ram.output == 128_256 * 4)
        #expect(offload.vram.output == 0)
        #expect(offload.vram.driver == 600 << 20)
        #expect(offload.ram.compute < memory.compute)
        #expect(offload.ram.process == 40_000_000)
        #expect(!offload.isWhole)
    }

    @Test(arguments: [17, 99])
    func `with all places on the card memory keeps what is looked up`(gpuLayers: Int) throws {
        let (offload, memory) = try offload("llama-3.2-1b.Q4_K_M", context: 4096, gpuLayers: gpuLayers)
        #expect(offload.isWhole)
        #expect(offload.gpuLayers == 17)
        #expect(offload.vram.cache == memory.kvCache)
        #expect(offload.ram.cache == 0)
        #expect(offload.ram.weights == 215_470_080)
        // Token numbers, vectors in and looked up (2 × 512 × 2,048 × 4), a mask (512 × 4,096 × 2), and small indices.
        #expect((8_388_608 + 4_194_304..<12_700_000).contains(offload.ram.compute))
    }

    @Test func `an output of its own leaves memory, and a window's cache goes with its layer`() throws {
        let (tiny, _) = try offload("tinyllama-1.1b.Q4_K_M", context: 2048, gpuLayers: 1)
        #expect(tiny.vram.weights == 53_760_000 + 8192)
        #expect(tiny.ram.weights == 667_078_656 - 53_760_000 - 8192)
        #expect(tiny.vram.cache == 0)
        // Layers 32 and 33 see a window of 1,024 and a micro-batch: 1,536 cells of 4 × 256 × 2 (K and V) × 2 bytes.
        let (gemma, _) = try offload("gemma-3-4b.Q8_0", context: 8192, gpuLayers: 3)
        #expect(gemma.vram.cache == 2 * 1536 * 4096)
        // Layer 29 is the last that sees everything.
        let (deeper, _) = try offload("gemma-3-4b.Q8_0", context: 8192, gpuLayers: 6)
        #expect(deeper.vram.cache == 4 * 1536 * 4096 + 8192 * 4096)
    }

    @Test func `with no place on the card it only calculates, and a projector follows the first place`() throws {
        let seeing = OutsideMemory(process: 1, projector: 5)
        let (plan, memory, _) = try plan("gemma-3-4b.Q8_0", Workload(contextLength: 512), outside: seeing)
        let none = plan.offload(gpuLayers: 0, to: [card])
        #expect(none.vram.weights == 0)
        #expect(none.vram.cache == 0)
        // Weights are sent there for a prompt.
        #expect(none.vram.compute > 0)
        #expect(none.ram.weights == memory.weights)
        #expect(none.ram.total < memory.total + 6)
        #expect(plan.offload(gpuLayers: 99, to: []).ram.total == memory.total + 6)
        let one = plan.offload(gpuLayers: 1, to: [card])
        #expect(one.vram.projector == 5)
        #expect(one.ram.projector == 0)
    }

    @Test func `the parts of every real header add up, whatever goes to the card`() throws {
        for header in Set(try TruthRow.read("truth_public").map(\.header)) {
            let (plan, memory, weights) = try plan(header, Workload(contextLength: 2048), outside: outside)
            #expect(weights.total == Int64(try Fixtures.header(header).dataSpan.count), "\(header)")
            var before: Int64 = -1
            for count in stride(from: 0, through: plan.places, by: 4) {
                let offload = plan.offload(gpuLayers: count, to: [card])
                let copied = count > 0 ? weights.copied : 0
                // Cards round up, and where files are in another order, more is mapped than used.
                let all = Double(memory.weights + copied)
                let apart = Double(offload.vram.weights + offload.ram.weights) - all
                #expect((-0.0005 * all...0.1 * all).contains(apart), "\(header) \(count)")
                #expect(offload.vram.cache + offload.ram.cache == memory.kvCache, "\(header) \(count)")
                let lying = offload.vram.weights + offload.vram.cache
                #expect(lying > before, "\(header) \(count)")
                before = lying
            }
        }
    }

    @Test func `layers worked out from a model's numbers are those of its header`() throws {
        for header in ["llama-3.2-1b.Q4_K_M", "qwen2-0.5b.Q4_K_M", "tinyllama-1.1b.Q4_K_M", "qwen3moe-30b.Q8_0"] {
            let file = try Fixtures.header(header)
            let real = try #require(LayerWeights(file))
            let shape = try #require(ModelShape(file))
            let quantization = try #require(FileName("\(header).gguf")?.quantization)
            let computed = LayerWeights(shape, quantization, total: real.total)
            #expect(computed.total == real.total)
            #expect(computed.copied == real.copied, "\(header)")
            for (mine, theirs) in zip(computed.layers + [computed.output], real.layers + [real.output]) {
                #expect(abs(Double(mine - theirs)) <= Double(theirs) * 0.005, "\(header): \(mine), not \(theirs)")
            }
        }
    }

    /// 48 layers, each with 128 experts of three matrices of 2,048 × 768 in blocks of 32 that take 34 bytes.
    @Test func `experts may stay in memory while their layers are on the card`() throws {
        let file = try Fixtures.header("qwen3moe-30b.Q8_0")
        let (plan, _, weights) = try plan("qwen3moe-30b.Q8_0", Workload(contextLength: 4096), outside: outside)
        let experts: Int64 = 128 * 3 * 2048 * 768 / 32 * 34
        #expect(weights.experts == Array(repeating: experts, count: weights.layers.count))
        let shape = try #require(ModelShape(file))
        #expect(LayerWeights(shape, Quantization(.q80), total: weights.total).experts == weights.experts)
        let all = plan.offload(gpuLayers: 99, to: [card])
        let some = plan.offload(gpuLayers: 99, expertsInMemory: 10, to: [card])
        // A card rounds the rows of 768 on the way down up by 272 bytes, and these to 384.
        #expect(all.vram.weights - some.vram.weights == 10 * (experts + 384))
        // What lies between them in the file is mapped too.
        #expect(some.ram.weights - all.ram.weights >= 10 * experts)
        #expect(some.vram.cache == all.vram.cache)
        let few = plan.offload(gpuLayers: 2, expertsInMemory: 10, to: [card])
        #expect(few.vram == plan.offload(gpuLayers: 2, to: [card]).vram)
    }

    @Test func `whole layers are divided by free memory, or as asked`() throws {
        let small = GraphicsCard(name: "small", backend: "cuda", free: 20 << 30, usable: 20 << 30)
        var workload = Workload(contextLength: 4096)
        let (plan, memory, _) = try plan("llama-3.1-8b.Q4_K_M", workload, outside: outside)
        let both = plan.offload(gpuLayers: 99, to: [card, small])
        #expect(both.devices.map(\.layers) == [27, 6])
        #expect(both.devices.map(\.name) == ["card", "small"])
        #expect(both.devices.allSatisfy { $0.share.compute > 0 && $0.share.driver > 0 })
        #expect(both.vram.cache == memory.kvCache)
        workload.tensorSplit = [1, 1]
        let asked = try self.plan("llama-3.1-8b.Q4_K_M", workload, outside: outside).0
        #expect(asked.offload(gpuLayers: 99, to: [card, small]).devices.map(\.layers) == [17, 16])
        #expect(asked.offload(gpuLayers: 10, to: [card, small]).devices.map(\.layers) == [5, 5])
    }

    @Test func `a cache may stay in memory while its layers are on the card`() throws {
        var workload = Workload(contextLength: 4096)
        workload.keepsCacheInMemory = true
        let (plan, memory, _) = try plan("llama-3.1-8b.Q4_K_M", workload, outside: outside)
        let offload = plan.offload(gpuLayers: 99, to: [card])
        #expect(offload.vram.cache == 0)
        #expect(offload.ram.cache == memory.kvCache)
    }

    @Test func `of an unknown architecture all layers take the same`() {
        let shape = ModelShape(
            architecture: "nobody-knows", blockCount: 4, embeddingLength: 64, vocabularySize: 100)
        let weights = LayerWeights(shape, Quantization(parsing: "Q8_0"), total: 4003)
        #expect(weights.layers == [1000, 1000, 1000, 1000])
        #expect(weights.input == 3)
        #expect(weights.output == 0)
    }
}
