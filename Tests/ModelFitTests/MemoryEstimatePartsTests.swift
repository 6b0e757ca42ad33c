import Foundation
import GGUF
import ModelFit
import Testing

@Suite struct MemoryEstimatePartsTests {
    static let smallLlama = ModelShape(
        architecture: "llama", blockCount: 16, contextLength: 131_072, embeddingLength: 2048, feedForwardLength: 8192,
        headCount: 32, headCountKV: 8, vocabularySize: 128_256, tiedEmbeddings: true)

    @Test func `weights worked out from numbers are those of the measured files`() throws {
        var known: Set<String> = []
        for row in try TruthRow.read("truth_public") + TruthRow.read("truth_more") where row.repacked == nil {
            let file = try Fixtures.header(row.header)
            var shape = try #require(ModelShape(file))
            // A catalog has only the numbers.
            (shape.fusedQKV, shape.gatedFeedForward) = (nil, nil)
            let quantization = try #require(Quantization(parsing: row.quantization))
            guard let weights = quantization.weights(of: shape) else { continue }
            known.insert(row.architecture)
            let span = Int64(file.dataSpan.count)
            #expect(abs(Double(weights - span)) <= Double(span) * 0.0005, "\(row.header): \(weights), file \(span)")
            #expect(shape.parameterCount.map { abs($0 - file.parameterCount) <= 4096 } == true, "\(row.header)")
        }
        #expect(known.count >= 30, "\(known.sorted())")
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
        var shape = Self.smallLlama
        shape.keyLength = 80
        shape.valueLength = 80
        #expect(throws: MemoryEstimateError.cacheTypeNeedsHeadSize(type: .q80, headSize: 80)) {
            try MemoryEstimate(shape: shape, weights: 1, workload: Workload(contextLength: 512, cacheTypeK: .q80))
        }
        #expect(throws: MemoryEstimateError.quantizedValuesNeedFlashAttention(type: .q40)) {
            try MemoryEstimate(
                shape: Self.smallLlama, weights: 1,
                workload: Workload(contextLength: 512, cacheTypeV: .q40, flashAttention: .off))
        }
        #expect(throws: MemoryEstimateError.unsupportedCacheType(.q4K)) {
            try MemoryEstimate(
                shape: Self.smallLlama, weights: 1, workload: Workload(contextLength: 512, cacheTypeK: .q4K))
        }
    }

    @Test func `absurd numbers are refused instead of calculated with`() {
        var shape = Self.smallLlama
        shape.headCount = .same(1 << 40)
        #expect(throws: MemoryEstimateError.badShape) {
            try MemoryEstimate(shape: shape, weights: 1, workload: Workload(contextLength: 512))
        }
        let workload = Workload(contextLength: .max, batch: .max, microBatch: .max, parallel: .max)
        #expect(throws: Never.self) { try MemoryEstimate(shape: Self.smallLlama, weights: 1, workload: workload) }
    }

    @Test func `an architecture nobody knows gets a guess that says so`() throws {
        var shape = Self.smallLlama
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
            shape: Self.smallLlama, weights: 1, workload: Workload(contextLength: asked))
        #expect(estimate.contextLength == given)
    }

    @Test func `separate conversations have caches of their own`() throws {
        let one = try MemoryEstimate(shape: Self.smallLlama, weights: 1, workload: Workload(contextLength: 4096))
        let four = try MemoryEstimate(
            shape: Self.smallLlama, weights: 1, workload: Workload(contextLength: 4096, runtime: .server, parallel: 4))
        #expect(four.kvCache == one.kvCache)
        #expect(four.output == 4 * one.output)
    }

    @Test func `speed comes from what one token reads`() throws {
        let memory = try MemoryEstimate(
            shape: Self.smallLlama, weights: 800_000_000, workload: Workload(contextLength: 4096))
        let speed = try #require(SpeedEstimate(shape: Self.smallLlama, memory: memory, bandwidth: 20e9))
        #expect(speed.tokensPerSecond.lowerBound > 10)
        #expect(speed.tokensPerSecond.upperBound < 25)
        #expect(SpeedEstimate(shape: Self.smallLlama, memory: memory, bandwidth: nil) == nil)

        let mixture = try #require(ModelShape(Fixtures.header("olmoe-1b-7b.Q4_K_M")))
        let active = SpeedEstimate.activeWeights(mixture, weights: 4_000_000_000)
        // 1.3 of 6.9 billion weights work for a token.
        #expect((600_000_000...900_000_000).contains(active), "\(active)")
    }
}
