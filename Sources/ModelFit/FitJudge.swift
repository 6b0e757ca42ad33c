import GGUF
public import ModelCatalog

/// Holds one variant against a budget.
struct FitJudge {
    let variant: Variant
    /// From the header itself, in bytes; nil when that was not read.
    let weights: Int64?
    let budget: Budget
    let workload: Workload

    /// No file is larger, in bytes; what claims to be is cut to this before it is added to anything.
    private static let mostBytes: Int64 = 1 << 56

    /// A shorter context than this is not taken unasked (llama.cpp, `fit_params_min_ctx`).
    static let leastContext = 4096

    func report() -> FitReport {
        guard let shape = variant.shape, shape.isSensible, let weights = weights ?? weights(of: shape) else {
            return bySize()
        }
        let memory: MemoryEstimate
        do throws(MemoryEstimateError) {
            memory = try MemoryEstimate(shape: shape, weights: weights, workload: workload)
        } catch {
            return FitReport(
                variant: variant, verdict: .tooLarge, memory: nil, required: nil, budget: budget,
                contextLength: workload.contextLength, workload: workload, reasons: [.cannotRun(error)])
        }
        var report = judged(memory, shape)
        if report.verdict != .fits, let longest = longestContext(shape, weights), longest < memory.contextLength {
            if (workload.contextLength ?? 0) > 0 {
                report.reasons.append(.shorterContextFits(longest))
            } else if longest >= Self.leastContext, let shorter = try? estimate(shape, weights, context: longest) {
                report = judged(shorter, shape)
                report.reasons.append(.contextLowered(from: memory.contextLength, to: shorter.contextLength))
            }
        }
        if memory.isGeneric { report.reasons.append(.genericArchitecture) }
        return report
    }

    private func estimate(_ shape: ModelShape, _ weights: Int64, context: Int) throws(MemoryEstimateError)
        -> MemoryEstimate
    {
        var shorter = workload
        shorter.contextLength = context
        return try MemoryEstimate(shape: shape, weights: weights, workload: shorter)
    }

    /// What is needed beside llama.cpp's own allocations, in bytes.
    private func overhead(_ shape: ModelShape) -> Int64 {
        ProcessOverhead.bytes(vocabularySize: shape.vocabularySize) + projectors
    }

    private func judged(_ memory: MemoryEstimate, _ shape: ModelShape) -> FitReport {
        let required = memory.total + overhead(shape)
        let (verdict, reasons) = verdict(
            required, layers: shape.blockCount, movable: memory.weights + memory.kvCache)
        return FitReport(
            variant: variant, verdict: verdict, memory: memory, required: required, budget: budget,
            contextLength: memory.contextLength, workload: workload, reasons: reasons)
    }

    /// Only the files' size is known: the rest is taken as a sixth of it, at least 512 MiB.
    private func bySize() -> FitReport {
        guard let size = (fileSize ?? estimatedSize).map({ min(max($0, 0), Self.mostBytes) }) else {
            return FitReport(
                variant: variant, verdict: .unknown, memory: nil, required: nil, budget: budget,
                contextLength: workload.contextLength, workload: workload, reasons: [.unknownSize])
        }
        let required = size + max(512 << 20, size / 6)
        let (verdict, reasons) = verdict(required, layers: nil, movable: size)
        return FitReport(
            variant: variant, verdict: verdict, memory: nil, required: required, budget: budget,
            contextLength: workload.contextLength, workload: workload, reasons: reasons + [.estimatedFromSize])
    }

    private var estimatedSize: Int64? {
        guard let parameters = variant.parameters, parameters > 0, let name = variant.quantization,
            let quantization = Quantization(parsing: name)
        else { return nil }
        return quantization.weights(parameters: parameters)
    }

    /// All files together, in bytes; nil when one is unknown.
    private var fileSize: Int64? {
        variant.files.isEmpty ? nil : sum(variant.files.map(\.size))
    }

    private var projectors: Int64 {
        sum(variant.files.filter { FileName($0.name)?.kind == .projector }.map { $0.size ?? 0 }) ?? 0
    }

    private func sum(_ sizes: [Int64?]) -> Int64? {
        sizes.reduce(0) { sum, size in
            guard let sum, let size else { return nil }
            return min(Self.mostBytes, sum + min(max(size, 0), Self.mostBytes))
        }
    }

    /// Weights in bytes: what llama.cpp's quantizer would write where that agrees with the files' size, else that size
    /// less what headers usually take.
    private func weights(of shape: ModelShape) -> Int64? {
        let computed = variant.quantization.flatMap { Quantization(parsing: $0) }?.weights(of: shape)
        guard let size = fileSize else { return computed ?? estimatedSize }
        let models = size - projectors
        if let computed, computed <= models, models - computed <= Int64(shape.vocabularySize) * 80 { return computed }
        return max(0, models - Int64(shape.vocabularySize) * 30)
    }

    // MARK: Against the budget

    private func verdict(
        _ required: Int64, layers: Int?, movable: Int64
    ) -> (FitReport.Verdict, [FitReport.Reason]) {
        // A tenth to spare: what runs besides grows.
        if let now = budget.now, required <= now - now / 10 { return (.fits, [.spare(now - required)]) }
        if let gpu = budget.gpu, required <= gpu { return (.fits, [.wholeOnGPU, .spare(gpu - required)]) }
        if let now = budget.now, required <= now { return (.tight, [.spare(now - required)]) }
        if let split = split(required, layers: layers, movable: movable) { return split }
        if let later = budget.afterClosing, required <= later {
            return (.tight, [.afterClosingPrograms(missing: required - (budget.now ?? 0))])
        }
        guard let most = [budget.now, budget.afterClosing].compactMap(\.self).max() else {
            return (.unknown, [.unknownBudget])
        }
        return (.tooLarge, [.missing(max(0, required - most))])
    }

    /// Some layers go to the graphics card. From reading llama.cpp (`llama-model.cpp`, `get_layer_buft_list`), not
    /// from measurement: each layer takes its weights and its cache along.
    private func split(
        _ required: Int64, layers: Int?, movable: Int64
    ) -> (FitReport.Verdict, [FitReport.Reason])? {
        guard let gpu = budget.gpu, gpu > 0, let now = budget.now else { return nil }
        let fixed = required - movable
        guard let layers, layers > 0 else {
            return required - min(gpu, required) <= now ? (.partial, []) : nil
        }
        let perLayer = max(1, movable / Int64(layers))
        // The card needs a compute buffer of its own.
        let count = min(Int64(layers), max(0, gpu - fixed) / perLayer)
        guard count > 0, required - count * perLayer <= now else { return nil }
        return (.partial, [.layersOnGPU(Int(count), of: layers)])
    }

    /// The longest context that fits now, in tokens; nil when the model's numbers are not known.
    func longestContext() -> Int? {
        guard let shape = variant.shape, shape.isSensible, let weights = weights(of: shape) else { return nil }
        return longestContext(shape, weights)
    }

    /// By halving: memory only grows with the context.
    private func longestContext(_ shape: ModelShape, _ weights: Int64) -> Int? {
        let room = max(budget.now ?? 0, budget.gpu ?? 0)
        guard room > 0 else { return nil }
        let extra = overhead(shape)
        func fits(_ context: Int) -> Bool {
            guard let estimate = try? estimate(shape, weights, context: context) else { return false }
            return estimate.total + extra <= room
        }
        let most = max(shape.contextLength, 256) / 256
        if fits(most * 256) { return shape.contextLength > 0 ? shape.contextLength : most * 256 }
        guard fits(256) else { return nil }
        var (low, high) = (1, most)
        while high - low > 1 {
            let middle = (low + high) / 2
            if fits(middle * 256) { low = middle } else { high = middle }
        }
        return low * 256
    }
}

extension Variant {
    /// What its files would take by the model's numbers, in bytes; nil when those, or the quantization, are unknown.
    public var estimatedSize: Int64? {
        guard let quantization, let mixture = Quantization(parsing: quantization) else { return nil }
        if let shape, let size = mixture.fileSize(of: shape) { return size }
        return parameters.map { mixture.weights(parameters: $0) }
    }
}
