public import GGUF
public import HostHardware
public import ModelCatalog

/// The variant of a candidate that suits a device, and why.
public struct FitChoice: Sendable {
    /// The one to take.
    public let variant: Variant
    /// How it fits.
    public let report: FitReport

    /// Chooses among a candidate's variants.
    ///
    /// The first, which the catalog or the origin prefers, when it runs at all; else the largest that fits; else the
    /// largest that just so runs; else the first again, so that there is something to say no to.
    public init(of candidate: Candidate, on device: Device, for workload: Workload) {
        let budget = Budget(device: device)
        let rows = candidate.variants.map { variant in
            (variant: variant, report: FitReport(variant, budget: budget, for: workload))
        }
        func largest(_ verdict: FitReport.Verdict) -> (variant: Variant, report: FitReport)? {
            rows.filter { $0.report.verdict == verdict }.max { ($0.report.required ?? 0) < ($1.report.required ?? 0) }
        }
        let first = rows[0]
        let chosen: (variant: Variant, report: FitReport) =
            switch first.report.verdict {
            case .fits, .tight, .partial, .unknown: first
            case .tooLarge: largest(.fits) ?? largest(.partial) ?? largest(.tight) ?? first
            }
        variant = chosen.variant
        report = chosen.report
    }
}

extension FitReport {
    /// Judges a variant by what is known of it before its header is read.
    public init(_ variant: Variant, budget: Budget, for workload: Workload) {
        self.init(shape: variant.shape, weights: variant.weights, budget: budget, for: workload)
    }

    /// The longest context with which the verdict is still `fits`, in tokens; nil when there is none.
    ///
    /// - Parameter limit: No longer than this: what the model was trained for.
    public static func longestContext(
        shape: ModelShape, weights: Int64, budget: Budget, for workload: Workload, limit: Int
    ) -> Int? {
        func fits(_ context: Int) -> Bool {
            var asked = workload
            asked.contextLength = context
            let verdict = FitReport(shape: shape, weights: weights, budget: budget, for: asked).verdict
            return verdict == .fits
        }
        // Caches grow in steps of 256 cells.
        var low = 0
        var high = max(1, limit / 256)
        guard fits(256) else { return nil }
        while low + 1 < high {
            let middle = (low + high) / 2
            if fits(middle * 256) { low = middle } else { high = middle }
        }
        return fits(high * 256) ? min(high * 256, max(limit, 256)) : max(low, 1) * 256
    }
}

extension Variant {
    /// The size of all tensor data in bytes: the files without their headers, or what the quantizer would write for
    /// the model's numbers; nil when neither is known.
    public var weights: Int64? {
        if let size { return max(0, size - (shape.map { Int64($0.vocabularySize) * 30 } ?? 0)) }
        return estimatedSize.map { max(0, $0 - (shape.map { Int64($0.vocabularySize) * 30 } ?? 0)) }
    }

    /// What its files would take by the model's numbers, in bytes; nil when those, or the quantization, are unknown.
    public var estimatedSize: Int64? {
        guard let quantization, let mixture = Quantization(parsing: quantization) else { return nil }
        if let shape, let size = mixture.fileSize(of: shape) { return size }
        return parameters.map { mixture.weights(parameters: $0) }
    }
}
