import Foundation
import GGUF
import HostHardware
import LlamaMemory
import MeasuredModels
import ModelCatalog
import Testing

@testable import ModelFit

@Suite struct SpeedEstimateTests {
    static let machine = MachineSpeed(memoryBandwidth: 20e9, multiplyAdds: 100e9, isMeasured: true)

    private func speed(bytes: Int64, of type: TensorType, on machine: MachineSpeed? = machine) -> SpeedEstimate? {
        SpeedEstimate(TokenWork(bytes: bytes, of: type), layers: 1, steps: StepCount(), cache: 0, on: machine)
    }

    @Test func `what a token reads bounds its speed`() throws {
        let estimate = try #require(speed(bytes: 2_000_000_000, of: .q4K))
        #expect(estimate.tokensPerSecond.contains(8))
        // Reading alone allows ten.
        #expect(estimate.tokensPerSecond.upperBound < 10)
        #expect((1_999_000_000...2_000_000_000).contains(estimate.bytesPerToken))
    }

    @Test func `multiplying bounds it where memory is fast`() throws {
        let fast = MachineSpeed(memoryBandwidth: 1e12, multiplyAdds: 10e9, isMeasured: true)
        let estimate = try #require(speed(bytes: 1_000_000_000, of: .q80, on: fast))
        // A billion bytes are 940 million weights of 8 bits.
        #expect(estimate.tokensPerSecond.contains(10))
        #expect(estimate.tokensPerSecond.upperBound < 15)
    }

    @Test func `unknown rates give no speed`() {
        #expect(speed(bytes: 1_000_000, of: .q4K, on: nil) == nil)
        #expect(speed(bytes: 1_000_000, of: .q4K, on: MachineSpeed(memoryBandwidth: 0)) == nil)
        #expect(speed(bytes: 1_000_000, of: .q4K, on: MachineSpeed(memoryBandwidth: .nan)) == nil)
        #expect(speed(bytes: 0, of: .q4K) == nil)
        #expect(speed(bytes: .max, of: .q80).map { $0.tokensPerSecond.lowerBound < 1 } != false)
    }

    @Test func `a specification promises more than is reached`() throws {
        let promised = MachineSpeed(memoryBandwidth: 20e9)
        let estimate = try #require(speed(bytes: 2_000_000_000, of: .q4K, on: promised))
        #expect(estimate.tokensPerSecond.upperBound < 10)
        #expect(estimate.tokensPerSecond.lowerBound > 4)
        #expect(estimate.promptTokensPerSecond == nil)
    }

    /// What llama.cpp wrote on phones whose memory is known, in tokens a second.
    private static let phones: [(what: String, model: String, type: String, bandwidth: Double, measured: [Double])] = [
        // https://github.com/ggml-org/llama.cpp/issues/26957
        ("Galaxy S23 Ultra, Snapdragon 8 Gen 2", "qwen3.5:2b", "Q4_K_M", 67.2e9, [13.92, 14.26, 15.48]),
        // https://pt13762104.github.io
        ("Dimensity 9000+", "gemma4:e2b", "Q4_0", 60e9, [15.10, 17.87]),
    ]

    @Test(arguments: phones)
    func `what phones write lies in their range`(
        what: String, model: String, type: String, bandwidth: Double, measured: [Double]
    ) throws {
        let shape = try #require(try Catalog.builtIn().entry(ref: model)?.shape)
        let quantization = try #require(Quantization(parsing: type))
        let work = try #require(TokenWork(shape, quantization))
        let phone = MachineSpeed(memoryBandwidth: bandwidth, slowestBandwidth: bandwidth)
        let speed = try #require(
            SpeedEstimate(work, layers: shape.blockCount, steps: StepCount(), cache: 0, on: phone))
        for rate in measured { #expect(speed.tokensPerSecond.contains(rate), "\(what): \(speed.tokensPerSecond)") }
    }

    @Test func `a class of devices is as fast as its fastest and as slow as its slowest`() throws {
        let kind = MachineSpeed(memoryBandwidth: 80e9, slowestBandwidth: 20e9)
        let range = try #require(speed(bytes: 2_000_000_000, of: .q4K, on: kind)).tokensPerSecond
        #expect(range.contains(3) && range.contains(20) && !range.contains(25))
        #expect(!MachineSpeed(memoryBandwidth: 20e9, slowestBandwidth: 80e9).isPlausible)
    }

    @Test func `a graphics card's part runs at its own speed`() throws {
        let work = TokenWork(bytes: 2_000_000_000, of: .q4K)
        func speed(_ share: Double, _ bandwidth: Double?) -> SpeedEstimate? {
            SpeedEstimate(
                work, layers: 30, steps: StepCount(plainLayers: 30), cache: 0, on: Self.machine, gpu: (share, bandwidth)
            )
        }
        let none = try #require(speed(0, nil))
        let half = try #require(speed(0.5, 500e9))
        let whole = try #require(speed(1, 500e9))
        #expect(none.tokensPerSecond.upperBound < half.tokensPerSecond.lowerBound)
        #expect(half.tokensPerSecond.upperBound < whole.tokensPerSecond.lowerBound)
        #expect(speed(0.5, nil) == nil)
    }

    /// One line of llama-bench.
    private struct Bench: Decodable {
        var slmFile: String
        var nGen: Int
        var avgTs: Double
    }

    private func middle(_ range: ClosedRange<Double>) -> Double { (range.lowerBound + range.upperBound) / 2 }

    private func onTheH100(_ name: String) throws -> ClosedRange<Double> {
        let file = try Fixtures.header(name)
        let memory = try MemoryEstimate(file, workload: Workload(contextLength: 640))
        let speed = SpeedEstimate(
            TokenWork(file), layers: 1, steps: memory.steps, cache: 0, on: nil, gpu: (1, 3.35e12),
            isMeasuredCard: true)
        return try #require(speed).tokensPerSecond
    }

    @Test func `a card writes as fast as llama-bench measured it`() throws {
        var count = 0
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        for line in try Fixtures.lines("bench_gpu", "jsonl") {
            let bench = try decoder.decode(Bench.self, from: Data(line.utf8))
            guard bench.nGen > 0 else { continue }
            let said = middle(try onTheH100(bench.slmFile))
            #expect(abs(said / bench.avgTs - 1) <= 0.2, "\(bench.slmFile): \(said), not \(bench.avgTs)")
            count += 1
        }
        #expect(count == 11)
    }

    @Test func `a card writes as fast as it was measured with 40 architectures`() throws {
        var all = 0
        for row in try Fixtures.table("bench_cards") {
            let (name, measured) = (try #require(row["file"]), try #require(row["tg_ts"].flatMap(Double.init)))
            let said = middle(try onTheH100(name))
            #expect(abs(said / measured - 1) <= 0.2, "\(name): \(said), not \(measured)")
            all += 1
        }
        #expect(all == 66)
    }

    @Test func `other cards write within what is said of them`() throws {
        let file = try Fixtures.header("llama-3.1-8b.Q4_K_M")
        let steps = try MemoryEstimate(file, workload: Workload(contextLength: 1024)).steps
        // The same weights in 16 bits.
        let plain = TokenWork(bytes: 15_010_000_000, of: .f16)
        for row in try Fixtures.table("cards_2024") {
            let bandwidth = try #require(row["gb_per_s"].flatMap(Double.init)) * 1e9
            for (column, work) in [("q4_k_m", TokenWork(file)), ("f16", plain)] {
                guard let measured = row[column].flatMap(Double.init) else { continue }
                let range = try #require(
                    SpeedEstimate(work, layers: 1, steps: steps, cache: 0, on: nil, gpu: (1, bandwidth))
                )
                .tokensPerSecond
                let name = "\(row["card"] ?? "") \(column): \(range), not \(measured)"
                #expect(range.contains(measured), "\(name)")
            }
        }
    }

    @Test func `small models wait for orders, not for memory`() throws {
        // Of 111 million weights in ten layers, on an RTX 4090.
        let work = TokenWork(bytes: 77_000_000, of: .q4K)
        let estimate = try #require(
            SpeedEstimate(work, layers: 10, steps: StepCount(plainLayers: 10), cache: 0, on: nil, gpu: (1, 1.008e12)))
        #expect(estimate.tokensPerSecond.upperBound <= 1000)
    }

    @Test func `a prompt is read faster than an answer is written`() throws {
        let estimate = try #require(speed(bytes: 1_000_000_000, of: .q4K))
        let reading = try #require(estimate.promptTokensPerSecond)
        #expect(reading.upperBound > estimate.tokensPerSecond.upperBound)
    }

    @Test func `experts that are not chosen cost nothing`() throws {
        let file = try Fixtures.header("olmoe-1b-7b.Q4_K_M")
        let work = TokenWork(file)
        // 1.3 of 6.9 billion weights work for a token (OLMoE, arXiv 2409.02060), a tenth of a billion of which are the
        // table that is looked up.
        #expect((1_100_000_000...1_300_000_000).contains(work.parts.reduce(0) { $0 + $1.count }))
        let shape = try #require(ModelShape(file))
        let quantization = try #require(Quantization(parsing: "Q4_K_M"))
        let computed = try #require(TokenWork(shape, quantization))
        #expect(abs(Double(computed.bytes) / Double(work.bytes) - 1) < 0.02)
        let share = SpeedEstimate.activeWeights(shape, weights: 4_000_000_000)
        #expect((600_000_000...900_000_000).contains(share), "\(share)")
    }
}
