import GGUF
package import HostHardware
package import LlamaMemory

/// How fast a model writes and reads: tokens per second, as ranges.
///
/// On a processor a token takes the time of reading its weights, some of the time of multiplying with them, and for each
/// layer a fixed time. For what a graphics card takes see `CardTime`.
///
/// The shares are measured, not derived: `Benchmarks/speed.sh` holds them against llama.cpp on the machine at hand.
public struct SpeedEstimate: Hashable, Sendable {
    /// Tokens written in a second, from slow to fast.
    public let tokensPerSecond: ClosedRange<Double>
    /// Tokens of a prompt read in a second; nil where the processor's arithmetic was not measured, or a graphics
    /// processor does part of it.
    public let promptTokensPerSecond: ClosedRange<Double>?
    /// What is read for one token, in bytes.
    public let bytesPerToken: Int64

    /// Estimates some work on a processor.
    ///
    /// - Parameters:
    ///   - layers: How many the model has.
    ///   - steps: What is calculated for a token.
    ///   - cache: What is read of the cache for one token, in bytes.
    ///   - gpu: The part of the work that a graphics processor does, 0 to 1, and its memory's bandwidth in bytes per
    ///     second.
    ///   - isMeasuredCard: It is of the kind that was measured, in a server like that.
    ///   - isUnified: The graphics processor works in the same memory.
    /// - Returns: Nil when a rate that matters is unknown, or nothing would be read.
    package init?(
        _ work: TokenWork, layers: Int, steps: StepCount, cache: Int64, on machine: MachineSpeed?,
        gpu: (share: Double, bandwidth: Double?)? = nil, isMeasuredCard: Bool = false, isUnified: Bool = false
    ) {
        let (bytes, overflow) = work.bytes.addingReportingOverflow(max(0, cache))
        guard bytes > 0, !overflow else { return nil }
        let share = min(max(gpu?.share ?? 0, 0), 1)
        var (least, most) = (0.0, 0.0)
        if share > 0 {
            guard let bandwidth = gpu?.bandwidth, bandwidth > 0, bandwidth.isFinite else { return nil }
            let time = CardTime(work, steps, bytes: bytes, bandwidth: bandwidth)
            let seconds = time.seconds(onMeasuredCard: isMeasuredCard)
            (least, most) = (share * seconds.lowerBound, share * seconds.upperBound)
        }
        if share < 1 {
            guard let machine, machine.isPlausible else { return nil }
            var slowest = machine
            slowest.memoryBandwidth = machine.slowestBandwidth ?? machine.memoryBandwidth
            let seconds = [machine, slowest].map {
                (1 - share) * Self.seconds(work, layers: layers, cache: max(0, cache), $0)
            }
            let specified =
                machine.slowestBandwidth != nil
                ? Self.specifiedPhones : isUnified ? Self.specifiedUnified : Self.specified
            let reached = machine.isMeasured ? Self.measured : specified
            (least, most) = (least + seconds[0] / reached.upperBound, most + seconds[1] / reached.lowerBound)
        }
        guard least > 0, most.isFinite else { return nil }
        bytesPerToken = bytes
        tokensPerSecond = 1 / most...1 / least
        promptTokensPerSecond = share > 0 ? nil : machine.flatMap { Self.reading(work, $0) }
    }

    /// Of what a specification promises, processors reach between half and nine tenths.
    private static let specified = 0.5...0.9
    /// The same of Macs, whose graphics processor takes part: four came to 0.40, 0.44, 0.58 and 0.66 with a Llama 3 of
    /// 8B in Q4_K_M (https://github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference, May 2024).
    private static let specifiedUnified = 0.4...0.9
    /// The same of phones, whose memory is made for cameras and screens too, and which grow warm: a Galaxy S23 Ultra came
    /// to 0.29 to 0.31 (Qwen3.5 2B, Q4_K_M, of 67.2 GB/s: ggml-org/llama.cpp issue 26957), a Dimensity 9000+ to a
    /// little more (Gemma 4 E2B, Q4_0, of 60 GB/s: pt13762104.github.io), another program on a Galaxy S22 and S24 to 0.6
    /// (Llama 2 7B at four bits: pytorch/executorch pull request 2929).
    private static let specifiedPhones = 0.25...0.6
    /// Around what follows from measured rates.
    private static let measured = 0.8...1.2

    /// For one token on a processor, in seconds.
    private static func seconds(_ work: TokenWork, layers: Int, cache: Int64, _ machine: MachineSpeed) -> Double {
        var seconds = Double(cache) / machine.memoryBandwidth
        for part in work.parts {
            let reading = Double(part.count) * part.type.bitsPerWeight / 8 / machine.memoryBandwidth
            let multiplying = machine.multiplyAdds.map { Double(part.count) * part.type.singleEffort / $0 } ?? 0
            // Half of it happens while memory is read: processors look ahead, but not across the end of a row.
            seconds += max(reading + multiplying / 2, multiplying)
        }
        return machine.isMeasured ? seconds / sustained + Double(min(max(layers, 0), 4096)) * perLayer : seconds
    }

    /// Of the rates that a short loop reaches when it is measured, what remains from one matrix to the next.
    private static let sustained = 0.87
    /// Normalizing, attending and waiting for each other's threads a dozen times, in seconds.
    private static let perLayer = 60e-6

    /// A prompt's tokens meet each weight while it is in the caches, so multiplying is all that counts; and only the
    /// last of them meets the output matrix.
    private static func reading(_ work: TokenWork, _ machine: MachineSpeed) -> ClosedRange<Double>? {
        guard let rate = machine.multiplyAdds, rate > 0 else { return nil }
        let effort = work.parts.reduce(0.0) { $0 + Double($1.count - $1.inOutput) * $1.type.effort }
        guard effort > 0 else { return nil }
        let tokens = rate / effort
        return tokens * measured.lowerBound...tokens * measured.upperBound
    }
}

extension TensorType {
    /// What multiplying with one weight takes for many tokens at a time, where a plain 8-bit product takes 1. Formats
    /// that llama.cpp packs anew for the processor, in its releases of 2026 K-quants among them, go several rows at a time.
    fileprivate var effort: Double {
        switch self {
        case .q5K, .q6K: 0.4
        case .q40, .q4K, .iq4NL, .mxfp4: 0.5
        case .f16, .bf16, .f32: 0.8
        case .q80: 1
        case .q41, .q50, .q51, .q2K, .q3K: 1.25
        default: 2.5
        }
    }

    /// The same for a single token. Floating point needs no unpacking.
    fileprivate var singleEffort: Double {
        switch self {
        case .f16, .bf16, .f32: 0.5
        case .q80, .q40, .q4K, .iq4NL, .mxfp4: 1
        case .q41, .q50, .q51, .q5K, .q6K, .q2K, .q3K: 1.5
        default: 2.5
        }
    }
}

extension SpeedEstimate {
    /// Estimates what a report is about, on the device that it is about; the cache counts as half full.
    ///
    /// - Parameters:
    ///   - work: What a token goes through, from the header; else it is worked out from the model's numbers.
    ///   - machine: Rates of the device's processor; nil when unknown.
    /// - Returns: Nil when the model cannot run, or a rate that matters is unknown.
    package init?(_ report: FitReport, work: TokenWork? = nil, device: Device, machine: MachineSpeed?) {
        guard let memory = report.memory, let shape = report.variant.shape else { return nil }
        let quantization = report.variant.quantization.flatMap { Quantization(parsing: $0) }
        let work =
            work ?? quantization.flatMap { TokenWork(shape, $0) }
            ?? TokenWork(
                bytes: Self.activeWeights(shape, weights: memory.weights),
                of: quantization?.fileType.baseType ?? .q80)
        let share =
            switch report.placement {
            case .gpu: 1.0
            // Of experts in memory only some are read, so this says a little less than it will be.
            case .layersOnGPU where report.offload?.expertsInMemory ?? 0 > 0:
                min(1, Double(report.offload?.vram.weights ?? 0) / Double(max(1, memory.weights)))
            case .layersOnGPU(let some, let all) where all > 0: Double(some) / Double(all)
            case .layersOnGPU, .memory, nil: 0.0
            }
        // Cards work one after the other: the slowest is a fair guess for all.
        let cards = device.gpus.filter { !$0.isUnified }
        let bandwidths = cards.map { $0.bandwidth ?? CardBandwidth.named($0.name) }
        let slowest = bandwidths.contains(nil) ? nil : bandwidths.compactMap(\.self).min()
        self.init(
            work, layers: shape.blockCount, steps: memory.steps,
            cache: memory.kvCacheFull / 2 + memory.kvCacheWindow + memory.recurrentState, on: machine,
            gpu: share > 0 ? (share, slowest) : nil,
            isMeasuredCard: cards.allSatisfy { $0.name.firstRange(of: "H100") != nil },
            isUnified: device.gpus.contains(where: \.isUnified))
    }

    /// Weights that one token goes through, in bytes: without the table of embeddings, of which one row is read (where
    /// the output does not share it), and without the experts that are not chosen.
    static func activeWeights(_ shape: ModelShape, weights: Int64) -> Int64 {
        guard shape.isSensible, weights > 0 else { return max(weights, 0) }
        let width = Double(shape.embeddingLength)
        let table = Double(shape.vocabularySize) * width
        var expertCount = 0.0
        if shape.expertCount > 0 {
            for layer in shape.leadingDenseBlockCount..<max(shape.leadingDenseBlockCount, shape.blockCount) {
                let inner = shape.expertFeedForwardLength?[layer] ?? shape.feedForwardLength[layer]
                expertCount += 3 * width * Double(inner) * Double(shape.expertCount)
            }
        }
        // Where the number of weights is not known, experts and tables are nearly all of it.
        let all = shape.parameterCount.map(Double.init) ?? expertCount + 2 * table
        guard all > 0 else { return weights }
        let idle = shape.expertCount > 0 ? 1 - Double(shape.expertUsedCount) / Double(shape.expertCount) : 0
        let unread = (shape.tiedEmbeddings ?? true ? 0 : table) + expertCount * max(0, idle)
        let share = 1 - unread / all
        return Int64(Double(weights) * (shape.parameterCount == nil && expertCount == 0 ? 1 : min(max(share, 0.02), 1)))
    }
}
