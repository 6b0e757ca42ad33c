internal import ModelCatalog

/// Why one of several forms of a model was taken, where nobody named one.
package struct FormChoice: Hashable, Sendable {
    /// What decided.
    package var reason: Reason
    /// The form that was taken: its quantization, else its file.
    package var name: String
    /// How many there were.
    package var count: Int
    /// The form that people take unasked, where it was not taken.
    package var usual: String?

    /// What decided; the text is for `--json`.
    package enum Reason: String, Hashable, Sendable, Codable {
        /// People take it unasked, and it fits.
        case usual
        /// The usual one does not fit, and this is the largest that does.
        case largestThatFits = "largest-that-fits"
        /// None fits with room to spare; this is the largest that runs.
        case largestThatRuns = "largest-that-runs"
        /// None runs; this one says the most about it.
        case noneRuns = "none-runs"
        /// What the device or the file takes is not known: then it is the usual one.
        case unknown
    }

    /// - Parameter forms: The usual one first.
    init(_ report: FitReport, of forms: [Variant]) {
        let isUsual = report.variant.ref == forms[0].ref
        reason =
            switch report.verdict {
            case .fits: isUsual ? .usual : .largestThatFits
            case .tight, .partial: .largestThatRuns
            case .tooLarge, .cannotRun: .noneRuns
            case .unknown: .unknown
            }
        name = Self.name(of: report.variant)
        usual = isUsual ? nil : Self.name(of: forms[0])
        count = forms.count
    }

    private static func name(of variant: Variant) -> String {
        variant.quantization ?? variant.files.first?.name ?? variant.ref
    }
}
