import Foundation
import GGUF
import LlamaMemory
import MeasuredModels
import Testing

@Suite struct MemoryEstimatePartsTests {
    @Test func `weights worked out from numbers are those of the measured files`() throws {
        var known: Set<String> = []
        for row in try TruthRow.read("truth_public") + TruthRow.read("truth_more") where row.repacked == nil {
            let file = try Fixtures.header(row.header)
            var shape = try #require(ModelShape(file))
            // A catalog has only the numbers.
            (shape.fusedQKV, shape.gatedFeedForward) = (nil, nil)
            let quantization = try #require(Quantization(parsing: row.quantization))
            let weights = try #require(quantization.weights(of: shape), "\(row.architecture)")
            known.insert(row.architecture)
            // Biases of experts are quantized in this fixture alone, see WeightLayoutTests.
            if row.architecture == "gpt-oss" { continue }
            var span = Int64(file.dataSpan.count)
            // Gemma 3n's ways into and out of its streams are in 32 bits in this fixture, in 16 in published files.
            if row.architecture == "gemma3n" {
                span -= file.tensors.filter { $0.name.hasPrefix("altup_") }.reduce(0) { $0 + $1.byteCount / 2 }
            }
            #expect(abs(Double(weights - span)) <= Double(span) * 0.0005, "\(row.header): \(weights), file \(span)")
            #expect(shape.parameterCount.map { abs($0 - file.parameterCount) <= 4096 } == true, "\(row.header)")
        }
        #expect(known.count >= 54, "\(known.count)")
    }

    @Test func `copies for the processor have the measured size`() throws {
        for row in try TruthRow.read("truth_public") {
            guard let measured = row.repacked else { continue }
            let copy = RepackedWeights(try Fixtures.header(row.header), features: ["avx2"])
            #expect(abs(Double(copy.bytes) / 1_048_576 - measured) <= 0.02, "\(row.header)")
            #expect(abs(Double(copy.mapped) / 1_048_576 - row.mapped) <= 0.02, "\(row.header)")
        }
    }

    @Test func `what llama.cpp refuses is refused`() throws {
        var shape = ModelShape.smallLlama
        shape.keyLength = 80
        shape.valueLength = 80
        #expect(throws: MemoryEstimateError.cacheTypeNeedsHeadSize(type: .q80, headSize: 80)) {
            try MemoryEstimate(shape: shape, weights: 1, workload: Workload(contextLength: 512, cacheTypeK: .q80))
        }
        #expect(throws: MemoryEstimateError.quantizedValuesNeedFlashAttention(type: .q40)) {
            try MemoryEstimate(
                shape: .smallLlama, weights: 1,
                workload: Workload(contextLength: 512, cacheTypeV: .q40, flashAttention: .off))
        }
        #expect(throws: MemoryEstimateError.unsupportedCacheType(.q4K)) {
            try MemoryEstimate(
                shape: .smallLlama, weights: 1, workload: Workload(contextLength: 512, cacheTypeK: .q4K))
        }
    }

    @Test(arguments: ["llama4", "qwen2moe", "qwen3moe"])
    func `an architecture of experts is not loaded without any`(name: String) throws {
        var shape = ModelShape.smallLlama
        shape.architecture = name
        #expect(throws: MemoryEstimateError.needsExperts(architecture: name)) {
            try MemoryEstimate(shape: shape, weights: 1, workload: Workload(contextLength: 512))
        }
    }

    @Test func `absurd numbers are refused instead of calculated with`() {
        var shape = ModelShape.smallLlama
        shape.headCount = .same(1 << 40)
        #expect(throws: MemoryEstimateError.badShape) {
            try MemoryEstimate(shape: shape, weights: 1, workload: Workload(contextLength: 512))
        }
        #expect(Quantization(.q4KM).weights(of: shape) == nil)
        #expect(shape.parameterCount == nil)
        let workload = Workload(contextLength: .max, batch: .max, microBatch: .max, parallel: .max)
        #expect(throws: Never.self) { try MemoryEstimate(shape: .smallLlama, weights: 1, workload: workload) }
    }

    @Test func `no combination of numbers ends the process or takes long`() {
        var random = Shuffler(state: 7)
        let architectures = [
            "llama", "gpt2", "gemma3", "gemma3n", "gemma4", "mamba", "mamba2", "lfm2", "falcon-h1", "deepseek2",
            "minicpm3", "qwen35", "nemotron_h", "jamba", "gpt-oss", "phi3", "qwen2moe", "unheard-of",
        ]
        let sizes = [0, 1, 2, 3, 7, 31, 32, 64, 80, 128, 255, 1000, 4096, 16_384, 1 << 17, 1 << 20, 1 << 28, .max]
        var estimated = 0
        for _ in 0..<3000 {
            func pick(_ most: Int) -> Int {
                let value = sizes[Int(random.next() % UInt64(sizes.count))]
                return random.next() % 8 == 0 ? value : value % most
            }
            var shape = ModelShape(
                architecture: architectures[Int(random.next() % UInt64(architectures.count))], blockCount: pick(40),
                embeddingLength: pick(9000), vocabularySize: pick(300_000))
            shape.contextLength = pick(1 << 20)
            shape.feedForwardLength = .each([pick(9000), pick(9000)])
            shape.headCount = .each([pick(65), pick(65)])
            shape.headCountKV = random.next() % 3 == 0 ? nil : .each([pick(9), 0, pick(9)])
            (shape.keyLength, shape.valueLength, shape.keyLengthSWA) = (pick(300), pick(300), pick(300))
            shape.ropeDimensionCount = pick(130)
            (shape.slidingWindow, shape.slidingWindowPattern) = (pick(5000), .same(pick(9)))
            (shape.sharedKVLayers, shape.nextNLayers, shape.leadingDenseBlockCount) = (pick(50), pick(3), pick(9))
            (shape.expertCount, shape.expertUsedCount, shape.expertSharedCount) = (pick(130), pick(9), pick(3))
            (shape.convolutionKernel, shape.innerSize, shape.stateSize) = (pick(9), pick(9000), pick(130))
            (shape.timeStepRank, shape.groupCount, shape.shortConvolutionCache) = (pick(130), pick(9), pick(5))
            (shape.queryLoraRank, shape.keyValueLoraRank) = (pick(2000), pick(600))
            (shape.keyLengthMLA, shape.valueLengthMLA) = (pick(300), pick(300))
            (shape.embeddingLengthPerLayer, shape.alternatingUpdates) = (pick(300), pick(6))
            shape.fusedQKV = random.next() % 2 == 0
            let workload = Workload(
                contextLength: pick(1 << 20), runtime: Workload.Runtime.allCases[Int(random.next() % 3)],
                cacheTypeK: random.next() % 2 == 0 ? .f16 : .q80, flashAttention: random.next() % 2 == 0 ? .auto : .off,
                batch: pick(4096), microBatch: pick(4096), parallel: random.next() % 2 == 0 ? nil : pick(9))
            if let estimate = try? MemoryEstimate(shape: shape, weights: 1, workload: workload) {
                #expect(estimate.compute >= 0 && estimate.kvCache >= 0 && estimate.total > 0)
                estimated += 1
            }
            _ = Quantization(.q4KM).weights(of: shape)
        }
        #expect(estimated > 300)
    }

    @Test func `an architecture nobody knows gets a guess that says so`() throws {
        var shape = ModelShape.smallLlama
        let known = try MemoryEstimate(shape: shape, weights: 1, workload: Workload(contextLength: 4096))
        shape.architecture = "llama-9"
        let guess = try MemoryEstimate(shape: shape, weights: 1, workload: Workload(contextLength: 4096))
        #expect(guess.isGeneric)
        #expect(!known.isGeneric)
        #expect(guess.total == known.total)
    }

    @Test(arguments: [(1, 256), (256, 256), (257, 512), (4096, 4096), (5000, 5120)])
    func `contexts are rounded up to multiples of 256`(asked: Int, given: Int) throws {
        let estimate = try MemoryEstimate(
            shape: .smallLlama, weights: 1, workload: Workload(contextLength: asked))
        #expect(estimate.contextLength == given)
    }

    @Test func `separate conversations have caches of their own`() throws {
        let one = try MemoryEstimate(shape: .smallLlama, weights: 1, workload: Workload(contextLength: 4096))
        let four = try MemoryEstimate(
            shape: .smallLlama, weights: 1, workload: Workload(contextLength: 4096, runtime: .server, parallel: 4))
        #expect(four.kvCache == one.kvCache)
        #expect(four.output == 4 * one.output)
    }
}

/// Numbers that look random and are the same every time (xorshift, Marsaglia 2003).
struct Shuffler: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
