public import GGUF
public import HostHardware
public import ModelCatalog

/// Whether a model runs on a device as asked, and what that rests on.
public struct FitReport: Hashable, Sendable {
    /// The short answer. The raw values are those of `--json`.
    public enum Verdict: String, Hashable, Sendable, Codable, CaseIterable {
        /// With room to spare.
        case fits
        /// Just so, or after closing programs.
        case tight
        /// Some layers on the graphics processor, the others in memory.
        case partial
        case tooLarge = "too-large"
        /// Something that would be needed to say is not known.
        case unknown
    }

    /// What the verdict rests on. Amounts in bytes.
    public enum Reason: Hashable, Sendable {
        /// This much is left below the budget.
        case spare(Int64)
        /// This much is missing, even after closing programs.
        case missing(Int64)
        /// Only when other programs give this much back.
        case closePrograms(Int64)
        /// All of it goes to the graphics processor.
        case onGPU
        /// So many of so many layers go there.
        case layersOnGPU(Int, of: Int)
        /// The model was not made for so long a context, in tokens.
        case trainedContext(Int)
        /// Estimated from the file's size alone: the model's numbers are not known.
        case roughly
        /// llama.cpp refuses the settings.
        case refused(MemoryEstimateError)
        /// Nobody has said how large the file is, nor the model's numbers.
        case sizeUnknown
        /// The probe could not learn how much memory there is.
        case memoryUnknown
    }

    public let verdict: Verdict
    /// Part by part; nil when only a rough figure is possible, or none.
    public let memory: MemoryEstimate?
    /// What must be free, in bytes: all that llama.cpp allocates and what its process takes besides.
    public let required: Int64?
    /// What the device gives for it, in bytes.
    public let budget: Int64?
    /// The context that was calculated with, in tokens.
    public let contextLength: Int
    public let reasons: [Reason]

    /// A model that fits leaves this share of the budget alone.
    static let comfortableShare = 0.9

    /// Judges a model of known numbers.
    ///
    /// - Parameters:
    ///   - shape: The model's numbers; nil for a rough answer from `weights` alone.
    ///   - weights: The size of its tensor data in bytes; nil when unknown.
    public init(shape: ModelShape?, weights: Int64?, on device: Device, for workload: Workload) {
        self.init(shape: shape, weights: weights, budget: Budget(device: device), for: workload)
    }

    /// Judges a model of known numbers against a budget.
    public init(shape: ModelShape?, weights: Int64?, budget: Budget, for workload: Workload) {
        var reasons: [Reason] = []
        var memory: MemoryEstimate?
        if let shape, let weights {
            (memory, reasons) = Self.estimate(shape, weights, workload)
        }
        let refused = reasons.contains { if case .refused = $0 { true } else { false } }
        let required: Int64? =
            if let memory, let shape {
                memory.total + Self.processOverhead(shape)
            } else {
                refused ? nil : weights.map(Self.roughly)
            }
        if memory == nil, required != nil { reasons.append(.roughly) }

        self.memory = memory
        self.required = required
        contextLength = memory?.contextLength ?? workload.contextLength ?? shape?.contextLength ?? 0
        guard let required else {
            verdict = refused ? .tooLarge : .unknown
            self.budget = budget.now ?? budget.afterClosing
            self.reasons = reasons + (refused ? [] : [.sizeUnknown])
            return
        }
        let judgement = Judgement(required, memory, layers: shape?.blockCount ?? 0, budget)
        verdict = judgement.verdict
        self.budget = judgement.budget
        self.reasons = reasons + judgement.reasons
    }

    /// Where the context asked for is longer than a model's table of positions, the longest that it takes.
    private static func estimate(
        _ shape: ModelShape, _ weights: Int64, _ workload: Workload
    ) -> (MemoryEstimate?, [Reason]) {
        do throws(MemoryEstimateError) {
            return (try MemoryEstimate(shape: shape, weights: weights, workload: workload), [])
        } catch {
            guard case .contextTooLong(_, let most) = error else { return (nil, [.refused(error)]) }
            var shorter = workload
            shorter.contextLength = most
            let memory = try? MemoryEstimate(shape: shape, weights: weights, workload: shorter)
            return (memory, [.trainedContext(most)])
        }
    }

    /// The process itself: 7 MiB, and its copy of the vocabulary with 155 bytes a token and about 130 a merge.
    ///
    /// Measured on llama.cpp 0.5.0 for vocabularies from 32,000 to 256,000 tokens. Vocabularies of the SentencePiece
    /// kind (Llama 2, Gemma) have no merges; the larger of the others have about as many as tokens.
    static func processOverhead(_ shape: ModelShape) -> Int64 {
        let hasMerges = shape.vocabularySize > 33_000 && !shape.architecture.hasPrefix("gemma")
        return 7 << 20 + Int64(clamping: shape.vocabularySize) * (hasMerges ? 285 : 155)
    }

    /// For a model of which only the file's size is known: a tenth for the cache and 300 MB for everything else.
    private static func roughly(_ weights: Int64) -> Int64 { weights + weights / 10 + 300_000_000 }
}

/// Holds a need against a budget.
private struct Judgement {
    var verdict: FitReport.Verdict
    var budget: Int64?
    var reasons: [FitReport.Reason]

    init(_ required: Int64, _ memory: MemoryEstimate?, layers: Int, _ budget: Budget) {
        if let gpu = budget.gpu, required <= gpu {
            self.init(Self.margin(required, gpu), gpu, [.onGPU, .spare(gpu - required)])
            return
        }
        let now = budget.now ?? budget.afterClosing
        guard let now, let most = budget.afterClosing ?? budget.now else {
            self.init(.unknown, nil, [.memoryUnknown])
            return
        }
        let onGPU = Self.layersOnGPU(memory, layers, budget.gpu ?? 0)
        let together = most + (onGPU > 0 ? budget.gpu ?? 0 : 0)
        if onGPU > 0, required <= together {
            self.init(.partial, together, [.layersOnGPU(onGPU, of: layers), .spare(together - required)])
        } else if required <= now {
            self.init(Self.margin(required, now), now, [.spare(now - required)])
        } else if required <= most {
            self.init(.tight, most, [.closePrograms(required - now)])
        } else {
            self.init(.tooLarge, most, [.missing(required - most)])
        }
    }

    private init(_ verdict: FitReport.Verdict, _ budget: Int64?, _ reasons: [FitReport.Reason]) {
        self.verdict = verdict
        self.budget = budget
        self.reasons = reasons
    }

    private static func margin(_ required: Int64, _ budget: Int64) -> FitReport.Verdict {
        Double(required) <= Double(budget) * FitReport.comfortableShare ? .fits : .tight
    }

    /// Layers whose weights and cache fit beside the compute buffer on the graphics processor. From reading
    /// llama.cpp's `llama-model.cpp` (`n_gpu_layers`), not from measurement.
    private static func layersOnGPU(_ memory: MemoryEstimate?, _ layers: Int, _ gpu: Int64) -> Int {
        guard let memory, layers > 0, gpu > memory.compute else { return 0 }
        let each = max(1, (memory.weights + memory.kvCache) / Int64(layers))
        return min(layers, Int((gpu - memory.compute) / each))
    }
}
