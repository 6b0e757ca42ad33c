public import GGUF
import LlamaMemory
package import ModelCatalog

extension FitReport {
    /// One thing that would make a model run better on a device: worked out, not guessed.
    public struct Change: Hashable, Sendable {
        /// What to change.
        public var kind: Kind
        /// What would then be needed, in bytes, as ``FitReport/required``.
        public var required: Int64
        /// What would then be said.
        public var verdict: Verdict

        /// What can be changed.
        public enum Kind: Hashable, Sendable {
            /// The largest smaller form of the same model that runs: its quantization, and its reference where such a
            /// file is known. Without one this is what llama.cpp's quantizer would write.
            case quantization(String?, ref: String?)
            /// Keys and values cached in this type.
            case cacheType(TensorType)
            /// The longest context that leaves a tenth to spare, in tokens.
            case contextLength(Int)
            /// Other programs closed.
            case closingPrograms
            /// Another number of layers on the graphics card, the output counted as one.
            case gpuLayers(Int, of: Int)
        }

        /// Name for `--json`. Scripts match on it, so it is never translated.
        public var code: String {
            switch kind {
            case .quantization: "quantization"
            case .cacheType: "cache-type"
            case .contextLength: "context-length"
            case .closingPrograms: "closing-programs"
            case .gpuLayers: "gpu-layers"
            }
        }
    }

    /// No shorter context is proposed, in tokens: it would not hold a conversation.
    private static let leastProposed = 1024

    /// What would change the answer for the better, each by itself: a smaller quantization, a cache of half the size, a
    /// shorter context, closed programs, other layers on the card. Nothing when it fits, or when the model's numbers
    /// are not known. Takes some dozen estimates.
    ///
    /// - Parameter variants: All forms of this model that can be had; those of other models must not be among them.
    package func changes(among variants: [Variant] = []) -> [Change] {
        guard verdict != .fits, memory != nil, let contextLength else { return [] }
        // The same context, also where a shorter one was taken unasked: nothing else is to change.
        var asked = workload
        asked.contextLength = contextLength
        return [
            smaller(variants, asked), cache(asked), shorter(contextLength, asked), closing(asked), layers(asked),
        ].compactMap(\.self)
    }

    private func smaller(_ variants: [Variant], _ asked: Workload) -> Change? {
        if let known = largest(of: variants.filter { $0.ref != variant.ref && !$0.files.isEmpty }, asked) {
            return Change(.quantization(known.variant.quantization, ref: known.variant.ref), known)
        }
        let imagined = Self.offered.map { name in
            var other = variant
            (other.quantization, other.files) = (name, variant.files.filter { FileName.isProjector($0.name) })
            return other
        }
        return largest(of: imagined, asked).map { Change(.quantization($0.variant.quantization, ref: nil), $0) }
    }

    /// Quantizations that most publishers offer.
    private static let offered = [
        "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_M", "Q4_K_S", "IQ4_XS", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K",
    ]

    /// Of those that are smaller and run better the one with the best answer; of several the largest.
    private func largest(of variants: [Variant], _ asked: Workload) -> FitReport? {
        variants.map { FitReport($0, budget: budget, workload: asked) }
            .filter { $0.size < size && $0.rank > rank }
            .max { ($0.rank, $0.size) < ($1.rank, $1.size) }
    }

    private func cache(_ asked: Workload) -> Change? {
        // The first type that halves it; coarser ones are known to hurt.
        let type = TensorType.q80
        guard [asked.cacheTypeK, asked.cacheTypeV].allSatisfy({ $0.bitsPerWeight > type.bitsPerWeight }) else {
            return nil
        }
        var changed = asked
        (changed.cacheTypeK, changed.cacheTypeV) = (type, type)
        return better(judge(changed).report()).map { Change(.cacheType(type), $0) }
    }

    private func shorter(_ context: Int, _ asked: Workload) -> Change? {
        guard let length = judge(asked).longestContext(comfortably: true), length < context,
            length >= Self.leastProposed
        else { return nil }
        var changed = asked
        changed.contextLength = length
        return better(judge(changed).report()).map { Change(.contextLength(length), $0) }
    }

    private func closing(_ asked: Workload) -> Change? {
        guard let later = budget.afterClosing, later > budget.now ?? 0 else { return nil }
        var judge = judge(asked)
        judge.budget.now = later
        return better(judge.report()).map { Change(.closingPrograms, $0) }
    }

    private func layers(_ asked: Workload) -> Change? {
        guard asked.gpuLayers != nil, budget.gpu ?? 0 > 0 else { return nil }
        var changed = asked
        changed.gpuLayers = nil
        guard let report = better(judge(changed).report()) else { return nil }
        let places = report.offload ?? offload
        return Change(.gpuLayers(report.offload?.gpuLayers ?? 0, of: places?.places ?? 0), report)
    }

    private func better(_ other: FitReport) -> FitReport? { other.rank > rank ? other : nil }

    /// Of its weights, in bytes, or of its files.
    private var size: Int64 { memory?.weights ?? variant.size ?? .max }

    /// Higher is better. What runs only after closing programs does not run now.
    private var rank: Int {
        switch verdict {
        case .fits: 5
        case .tight: required ?? .max <= budget.now ?? 0 ? 4 : 2
        case .partial: 3
        case .tooLarge: 1
        case .unknown: 0
        case .cannotRun: -1
        }
    }
}

extension FitReport.Change {
    fileprivate init(_ kind: Kind, _ report: FitReport) {
        self.init(kind: kind, required: report.required ?? 0, verdict: report.verdict)
    }
}
