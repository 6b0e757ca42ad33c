import GGUF
package import LlamaMemory
package import ModelCatalog

/// Holds one variant against a budget.
struct FitJudge {
    let variant: Variant
    /// From the header itself, in bytes; nil when that was not read.
    let weights: Int64?
    /// From the header itself; nil when that was not read.
    let layers: LayerWeights?
    /// Why llama.cpp would not load it; nil when nothing says so.
    let refusal: LoadRefusal?
    var budget: Budget
    let workload: Workload
    /// Whether to say which shorter context would do where the verdict stands without: a dozen estimates.
    var isAdvising = true
    /// How it is divided among cards, where that was worked out before for the context that was given.
    var plan: OffloadPlan?

    /// A shorter context than this is not taken unasked (llama.cpp, `fit_params_min_ctx`).
    static let leastContext = 4096

    func report() -> FitReport {
        if let refusal {
            return FitReport(
                variant: variant, verdict: .cannotRun, budget: budget, contextLength: workload.contextLength,
                workload: workload, reasons: [.refused(refusal)])
        }
        guard let shape = variant.shape, shape.isSensible, let weights = weights ?? weights(of: shape) else {
            return bySize()
        }
        let memory: MemoryEstimate
        do throws(MemoryEstimateError) {
            memory = try MemoryEstimate(shape: shape, weights: weights, workload: workload)
        } catch {
            return FitReport(
                variant: variant, verdict: .cannotRun, budget: budget, contextLength: workload.contextLength,
                workload: workload, reasons: [.cannotRun(error)])
        }
        var report = judged(memory, shape)
        let isGiven = (workload.contextLength ?? 0) > 0
        if report.verdict != .fits, isAdvising || !isGiven, let longest = longestContext(shape, weights),
            longest < memory.contextLength
        {
            if isGiven {
                report.reasons.append(.shorterContextFits(longest))
            } else if longest >= Self.leastContext, let shorter = try? estimate(shape, weights, context: longest) {
                report = judged(shorter, shape)
                report.reasons.append(.contextLowered(from: memory.contextLength, to: shorter.contextLength))
            }
        }
        return remarked(report, shape)
    }

    /// The answer where the memory was worked out before, for a context that was given.
    func report(of memory: MemoryEstimate, _ shape: ModelShape) -> FitReport {
        remarked(judged(memory, shape), shape)
    }

    /// With what is to be said besides.
    private func remarked(_ report: FitReport, _ shape: ModelShape) -> FitReport {
        var report = report
        if shape.contextLength > 0, workload.contextLength ?? 0 > shape.contextLength {
            report.reasons.append(.beyondTraining(shape.contextLength))
        }
        if report.memory?.isGeneric == true { report.reasons.append(.genericArchitecture) }
        if workload.gpuLayers ?? 0 > 0, budget.gpu == nil { report.reasons.append(.noGPU) }
        return report
    }

    private func estimate(_ shape: ModelShape, _ weights: Int64, context: Int) throws(MemoryEstimateError)
        -> MemoryEstimate
    {
        var shorter = workload
        shorter.contextLength = context
        return try MemoryEstimate(shape: shape, weights: weights, workload: shorter)
    }

    private func judged(_ memory: MemoryEstimate, _ shape: ModelShape) -> FitReport {
        let outside = outside(shape)
        let offload = offload(memory, shape, outside)
        let required = memory.total + outside.total
        let judgement = judgement(required, offload)
        return FitReport(
            variant: variant, verdict: judgement.verdict, memory: memory, outside: outside,
            required: judgement.placement == .gpu ? offload?.vram.total : required, placement: judgement.placement,
            offload: offload, layers: layers, budget: budget, contextLength: memory.contextLength, workload: workload,
            reasons: judgement.reasons)
    }

    /// Only the files' size is known: the rest is taken as a sixth of it, at least 512 MiB.
    private func bySize() -> FitReport {
        guard let size = (fileSize ?? estimatedSize).map({ min(max($0, 0), Self.mostBytes) }) else {
            return FitReport(
                variant: variant, verdict: .unknown, budget: budget, contextLength: workload.contextLength,
                workload: workload, reasons: [.unknownSize])
        }
        let required = size + max(512 << 20, size / 6)
        var judgement = judgement(required, nil)
        if let gpu = budget.gpu, gpu > 0 {
            if required <= gpu {
                judgement = (.fits, .gpu, [.wholeOnGPU, .spare(gpu - required)])
            } else if judgement.verdict != .fits, let now = budget.now, required > now, required - gpu <= now {
                judgement = (.partial, nil, [])
            }
        }
        return FitReport(
            variant: variant, verdict: judgement.verdict, required: required, placement: judgement.placement,
            budget: budget, contextLength: workload.contextLength, workload: workload,
            reasons: judgement.reasons + [.estimatedFromSize])
    }

    // MARK: Against the budget

    private typealias Judgement = (
        verdict: FitReport.Verdict, placement: FitReport.Placement?, reasons: [FitReport.Reason]
    )

    private func judgement(_ required: Int64, _ offload: Offload?) -> Judgement {
        var placement = FitReport.Placement.memory
        var layers: [FitReport.Reason] = []
        if let offload, let gpu = budget.gpu, offload.gpuLayers > 0 {
            if isRoom(for: offload) {
                if offload.isWhole, offload.expertsInMemory == 0 {
                    return (.fits, .gpu, [.wholeOnGPU, .spare(gpu - offload.vram.total)])
                }
                placement = .layersOnGPU(offload.gpuLayers, of: offload.places)
                layers = [.layersOnGPU(offload.gpuLayers, of: offload.places)]
            } else if workload.gpuLayers != nil {
                let overflow = budget.now.map { max(0, offload.ram.total - $0) } ?? 0
                let missing = zip(offload.devices, budget.cards).reduce(0) {
                    $0 + max(0, $1.0.share.total - $1.1.usable)
                }
                return (.tooLarge, .memory, [.missing(missing + overflow)])
            }
        }
        // A tenth to spare: what runs besides grows.
        if let now = budget.now, required <= now {
            return (required <= now - now / 10 ? .fits : .tight, placement, [.spare(now - required)] + layers)
        }
        if !layers.isEmpty { return (.partial, placement, layers) }
        if let later = budget.afterClosing, required <= later {
            return (.tight, .memory, [.afterClosingPrograms(missing: required - (budget.now ?? 0))])
        }
        guard let most = [budget.now, budget.afterClosing].compactMap(\.self).max() else {
            return (.unknown, .memory, [.unknownBudget])
        }
        return (.tooLarge, .memory, [.missing(max(0, required - most))])
    }

    /// What cards take: as much as was asked for, else as much as there is room for; nil when that is nothing.
    private func offload(_ memory: MemoryEstimate, _ shape: ModelShape, _ outside: OutsideMemory) -> Offload? {
        guard let gpu = budget.gpu, gpu > 0 else { return nil }
        let plan = plan ?? plan(memory, shape, outside)
        if let asked = workload.gpuLayers { return plan.offload(gpuLayers: asked, to: budget.cards) }
        if let whole = plan.offload(gpuLayers: plan.places, within: budget.cards) { return whole }
        var best: Offload?
        var (low, high) = (0, plan.places)
        // Each try walks the graph: from a good guess on two mostly do, up to there and one more.
        var (guess, step): (Int?, Int) = (plan.likelyPlaces(within: budget.cards), 1)
        var direction = 0
        while high - low > 1 {
            let middle = guess.map { min(max($0, low + 1), high - 1) } ?? (low + high) / 2
            let some = plan.offload(gpuLayers: middle, within: budget.cards)
            if let some { (low, best) = (middle, some) } else { high = middle }
            let way = some == nil ? -1 : 1
            guess = direction == -way ? nil : middle + way * step
            (direction, step) = (way, step * 2)
        }
        return best
    }

    func plan(_ memory: MemoryEstimate, _ shape: ModelShape, _ outside: OutsideMemory) -> OffloadPlan {
        OffloadPlan(memory, layerWeights(shape, memory), shape: shape, workload: asked(memory), outside: outside)
    }

    /// The workload with the context that was estimated, which may be shorter than what was asked for.
    private func asked(_ memory: MemoryEstimate) -> Workload {
        guard memory.contextLength < workload.contextLength ?? .max else { return workload }
        var shorter = workload
        shorter.contextLength = memory.contextLength
        return shorter
    }

    /// All layers on the card but as few experts as need be: for models with experts that do not fit there whole; nil
    /// for others, and where that is not enough either.
    func expertOffload(_ memory: MemoryEstimate, _ outside: OutsideMemory) -> Offload? {
        guard let shape = variant.shape, let gpu = budget.gpu, gpu > 0, workload.gpuLayers == nil,
            workload.expertLayersInMemory == 0
        else { return nil }
        let plan = plan(memory, shape, outside)
        func divided(_ count: Int) -> Offload? {
            plan.offload(gpuLayers: .max, expertsInMemory: count, within: budget.cards)
        }
        guard plan.hasExperts, divided(0) == nil else { return nil }
        var (low, high) = (0, plan.places - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if divided(middle) != nil { high = middle } else { low = middle }
        }
        return divided(high).flatMap { isRoom(for: $0) ? $0 : nil }
    }

    private func layerWeights(_ shape: ModelShape, _ memory: MemoryEstimate) -> LayerWeights {
        layers
            ?? LayerWeights(shape, variant.quantization.flatMap { Quantization(parsing: $0) }, total: memory.weights)
    }

    private func isRoom(for offload: Offload) -> Bool {
        offload.isWithin(budget.cards) && budget.now.map { offload.ram.total <= $0 } ?? true
    }

    // MARK: The longest context

    /// The longest context that fits now, in tokens; nil when none does, or the model's numbers are not known.
    ///
    /// - Parameter comfortably: With a tenth to spare, as the verdict `fits` asks.
    func longestContext(comfortably: Bool = false) -> Int? {
        guard let shape = variant.shape, shape.isSensible, let weights = weights ?? weights(of: shape) else {
            return nil
        }
        return longestContext(shape, weights, comfortably: comfortably)
    }

    /// Memory only grows with the context, and nearly in proportion: in memory alone each try is where a straight line
    /// between the two before meets the budget, with cards the range is halved.
    private func longestContext(_ shape: ModelShape, _ weights: Int64, comfortably: Bool = false) -> Int? {
        guard max(budget.now ?? 0, budget.gpu ?? 0) > 0 else { return nil }
        let usesCards = budget.gpu ?? 0 > 0 || workload.gpuLayers != nil
        let outside = outside(shape)
        /// What is left in memory; nil where that decides nothing.
        func fits(_ context: Int) -> (isSo: Bool, spare: Int64?) {
            guard let memory = try? estimate(shape, weights, context: context) else { return (false, nil) }
            let required = memory.total + outside.total
            if workload.gpuLayers == nil {
                // Some layers on a card change nothing here: all of it is there, or it runs in memory.
                let spare = budget.now.map { (comfortably ? $0 - $0 / 10 : $0) - required }
                if let spare, spare >= 0 { return (true, spare) }
                guard usesCards, workload.expertLayersInMemory == 0 else { return (false, spare) }
                let plan = plan(memory, shape, outside)
                return (plan.offload(gpuLayers: plan.places, within: budget.cards).map(isRoom) ?? false, nil)
            }
            let verdict = judgement(required, offload(memory, shape, outside)).verdict
            if verdict == .fits || comfortably { return (verdict == .fits, nil) }
            if verdict == .tight { return (required <= budget.now ?? 0, nil) }
            return (verdict == .partial, nil)
        }
        let most = max(shape.contextLength, 256) / 256
        let longest = fits(most * 256)
        if longest.isSo { return shape.contextLength > 0 ? shape.contextLength : most * 256 }
        let shortest = fits(256)
        guard shortest.isSo else { return nil }
        var (low, spare, high, missing) = (1, shortest.spare, most, longest.spare)
        var tries = 0
        while high - low > 1 {
            var middle = (low + high) / 2
            tries += 1
            if tries <= 8, !usesCards, let spare, let missing {
                let part = Double(spare) / (Double(spare) - Double(missing))
                middle = min(max(low + Int(part * Double(high - low)), low + 1), high - 1)
            }
            let answer = fits(middle * 256)
            if answer.isSo { (low, spare) = (middle, answer.spare) } else { (high, missing) = (middle, answer.spare) }
        }
        return low * 256
    }
}

// MARK: Sizes

extension FitJudge {
    /// No file is larger, in bytes; what claims to be is cut to this before it is added to anything.
    static let mostBytes: Int64 = 1 << 56

    /// What is needed beside llama.cpp's own allocations.
    func outside(_ shape: ModelShape) -> OutsideMemory {
        OutsideMemory(
            process: ProcessOverhead.bytes(vocabularySize: shape.vocabularySize),
            projector: workload.loadsProjector ? projectors : 0)
    }

    var estimatedSize: Int64? {
        guard let parameters = variant.parameters, parameters > 0, let name = variant.quantization,
            let quantization = Quantization(parsing: name)
        else { return nil }
        return quantization.weights(parameters: parameters)
    }

    /// All files together, in bytes; nil when one of the model's own is unknown. A projector of unknown size counts
    /// nothing: of the model's own weights it says nothing either.
    var fileSize: Int64? {
        guard !variant.files.isEmpty else { return nil }
        return sum(variant.files.map { $0.size ?? (FileName.isProjector($0.name) ? 0 : nil) })
    }

    private var projectors: Int64 {
        sum(variant.files.filter { FileName.isProjector($0.name) }.map { $0.size ?? 0 }) ?? 0
    }

    private func sum(_ sizes: [Int64?]) -> Int64? {
        sizes.reduce(0) { sum, size in
            guard let sum, let size else { return nil }
            return min(Self.mostBytes, sum + min(max(size, 0), Self.mostBytes))
        }
    }

    /// Weights in bytes: what llama.cpp's quantizer would write where that agrees with the files' size, else that size
    /// less what headers usually take.
    func weights(of shape: ModelShape) -> Int64? {
        let computed = variant.quantization.flatMap { Quantization(parsing: $0) }?.weights(of: shape)
        guard let size = fileSize else { return computed ?? estimatedSize }
        let models = size - projectors
        if let computed, computed <= models, models - computed <= Int64(shape.vocabularySize) * 80 { return computed }
        return max(0, models - Int64(shape.vocabularySize) * 30)
    }
}

extension Variant {
    /// Why llama.cpp would not load it, as far as names tell; nil where they give no reason.
    package var refusal: LoadRefusal? {
        let label = quantization.flatMap { Quantization(parsing: $0) }
        return files.first.flatMap { FileName($0.name) }.flatMap { LoadRefusal($0) }
            ?? label.flatMap { LoadRefusal($0) }
    }

    /// What its files would take by the model's numbers, in bytes; nil when those, or the quantization, are unknown.
    package var estimatedSize: Int64? {
        guard let quantization, let known = Quantization(parsing: quantization) else { return nil }
        if let shape, let size = known.fileSize(of: shape) { return size }
        return parameters.map { known.weights(parameters: $0) }
    }
}
