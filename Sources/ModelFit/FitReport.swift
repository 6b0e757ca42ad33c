public import LlamaMemory
public import ModelCatalog

/// Whether a variant of a model runs on a device, and why.
public struct FitReport: Sendable {
    /// The variant that this is about: the chosen one, when there was a choice.
    public var variant: Variant
    /// The answer in a word.
    public var verdict: Verdict
    /// What llama.cpp allocates, part by part; nil when only the size of the files is known, or it cannot run.
    public var memory: MemoryEstimate?
    /// What has to be had beside ``memory``; nil when that is.
    package var outside: OutsideMemory?
    /// Everything that has to be had, in bytes: what llama.cpp allocates, the process itself, a projector. Where all of
    /// it goes to a graphics card, what is needed there.
    public var required: Int64?
    /// Where llama.cpp puts it; nil when the model's numbers do not say.
    public var placement: Placement?
    /// What a graphics card takes; nil when there is none, or nothing would fit there.
    package var offload: Offload?
    /// Weights by layer, where a header has told.
    var layers: LayerWeights?
    /// What the device can give.
    package var budget: Budget
    /// The context that all this is for, in tokens; nil when unknown.
    public var contextLength: Int?
    /// What it was judged for.
    public var workload: Workload
    /// Why this variant, where there were several and nobody named one.
    package var choice: FormChoice?
    /// What the verdict rests on, and what would change it, weightiest first.
    public var reasons: [Reason]

    /// The answer in a word, as in the command line contract.
    public enum Verdict: String, Hashable, Sendable, Codable, CaseIterable {
        /// It runs with a tenth to spare, or lies wholly in the graphics card's memory.
        case fits
        /// It runs with less to spare, or after closing other programs.
        case tight
        /// It runs when some layers go to the graphics card and the rest to memory.
        case partial
        case tooLarge = "too-large"
        /// What was needed to say it is not known.
        case unknown
        /// llama.cpp refuses it, whatever memory there is.
        case cannotRun = "cannot-run"

        /// Whether one would run it.
        package var isYes: Bool { self == .fits || self == .tight }
    }

    /// Where llama.cpp puts a model's layers.
    public enum Placement: Hashable, Sendable {
        /// All of them are in memory.
        case memory
        /// All of them go to the graphics card.
        case gpu
        /// So many of them go to the graphics card, the output counted as one: see `Offload`.
        case layersOnGPU(Int, of: Int)
    }

    /// What a verdict rests on. Sizes are in bytes, contexts in tokens.
    public enum Reason: Hashable, Sendable {
        /// So much is left when it runs.
        case spare(Int64)
        /// So much is missing now, but would be free after closing programs.
        case afterClosingPrograms(missing: Int64)
        /// So much is missing whatever is closed.
        case missing(Int64)
        /// All of it goes to the graphics card.
        case wholeOnGPU
        /// So many of its layers go to the graphics card, the output counted as one: see `Offload`.
        case layersOnGPU(Int, of: Int)
        /// No context was asked for, and its own does not fit: a shorter one was taken, as llama.cpp does.
        case contextLowered(from: Int, to: Int)
        /// It would run with this context.
        case shorterContextFits(Int)
        /// Only the size of the files is known; the rest was guessed.
        case estimatedFromSize
        /// The architecture is not known; layers like Llama's were taken.
        case genericArchitecture
        /// llama.cpp does not load it.
        case refused(LoadRefusal)
        /// The context is longer than the model was trained for, in tokens: llama-cli goes on with a warning,
        /// llama-server gives each conversation no more than that (`llama-context.cpp`, `server-context.cpp`).
        case beyondTraining(Int)
        /// llama.cpp refuses these settings.
        case cannotRun(MemoryEstimateError)
        /// The device does not tell how much memory it has.
        case unknownBudget
        /// Nobody says how large the model is.
        case unknownSize
        /// Layers were meant for a graphics card, and there is none.
        case noGPU

        /// Name for `--json`. Scripts match on it, so it is never translated.
        public var code: String {
            switch self {
            case .spare: "spare"
            case .afterClosingPrograms: "after-closing-programs"
            case .missing: "missing"
            case .wholeOnGPU: "whole-on-gpu"
            case .layersOnGPU: "layers-on-gpu"
            case .contextLowered: "context-lowered"
            case .shorterContextFits: "shorter-context-fits"
            case .estimatedFromSize: "estimated-from-size"
            case .genericArchitecture: "generic-architecture"
            case .refused(let refusal): refusal.code
            case .beyondTraining: "beyond-training"
            case .cannotRun: "cannot-run"
            case .unknownBudget: "unknown-budget"
            case .unknownSize: "unknown-size"
            case .noGPU: "no-gpu"
            }
        }
    }

    /// The number that `required` was held against, in bytes: the graphics card's memory where all of it goes there.
    public var budgetBytes: Int64? { budget.bytes(of: placement == .gpu ? .card : .memory) }

    /// The longest context that fits now, in tokens; nil when none does or it is not known. Found by trying, about a
    /// dozen estimates, each time it is asked for.
    public var longestContext: Int? {
        for case .shorterContextFits(let longest) in reasons { return longest }
        return verdict == .cannotRun ? nil : judge(workload).longestContext()
    }

    /// The same with a tenth of the memory to spare, as the verdict `fits` asks.
    package var comfortableContext: Int? { judge(workload).longestContext(comfortably: true) }

    /// For a model with experts that the card cannot hold whole: all its layers there, and the experts of as few as need
    /// be in memory. Each token meets only some experts, so that this is often faster than whole layers in memory.
    package var expertOffload: Offload? {
        guard let memory, let outside else { return nil }
        return judge(workload).expertOffload(memory, outside)
    }

    /// The same model on the same device with another context, in tokens.
    package func with(contextLength: Int) -> FitReport {
        var workload = workload
        (workload.contextLength, workload.contextMayShrink) = (contextLength, false)
        return judge(workload).report()
    }

    /// Which memory the needs are held against.
    package var room: Budget.Room { placement == .gpu ? .card : verdict == .partial ? .both : .memory }

    func judge(_ workload: Workload) -> FitJudge {
        FitJudge(
            variant: variant, weights: memory?.weights, layers: layers, refusal: nil, budget: budget, workload: workload
        )
    }
}

extension FitReport {
    /// Judges one variant.
    ///
    /// - Parameters:
    ///   - weights: The size of its tensor data in bytes, where a header has told (`GGUFFile.dataSpan`); else it is
    ///     worked out from the files' size and the quantization.
    ///   - layers: The same by layer.
    ///   - refusal: Why llama.cpp would not load it.
    ///   - hasHeader: Whether its header was asked for that; else its names are.
    ///   - isAdvising: Whether to look for a shorter context that would do, which takes ten times as long and changes
    ///     no verdict.
    package init(
        _ variant: Variant, weights: Int64? = nil, layers: LayerWeights? = nil, refusal: LoadRefusal? = nil,
        hasHeader: Bool = false, budget: Budget, workload: Workload, isAdvising: Bool = true
    ) {
        self =
            FitJudge(
                variant: variant, weights: weights, layers: layers,
                refusal: refusal ?? (hasHeader ? nil : variant.refusal), budget: budget,
                workload: workload.suited(to: variant.shape?.contextLength ?? 0), isAdvising: isAdvising
            ).report()
    }
}
