public import HostHardware
public import LlamaMemory
public import ModelCatalog

extension Offer {
    /// Chooses what to have on a device: the largest model that fits, else one that runs less well, else the smallest.
    public func best(on device: Device, for workload: Workload) -> FitReport {
        best(within: Budget(device: device), for: workload)
    }

    /// The same for a budget of known size.
    package func best(within budget: Budget, for workload: Workload) -> FitReport {
        best(within: budget, for: workload, isAdvising: true)
    }

    /// The same, and without a look for shorter contexts for whoever only wants to know the verdict.
    package func best(within budget: Budget, for workload: Workload, isAdvising: Bool) -> FitReport {
        let report = best { FitReport($0, budget: budget, workload: workload, isAdvising: false) }
        guard isAdvising, report.verdict != .fits else { return report }
        var advising = FitReport(report.variant, budget: budget, workload: workload)
        advising.choice = report.choice
        return advising
    }

    /// The same where somebody else says how a form runs.
    package func best(judging report: (Variant) -> FitReport) -> FitReport {
        let reports = models.map { Self.best(of: $0, judging: report) }
        for verdict in [FitReport.Verdict.fits, .tight, .partial] {
            if let report = reports.first(where: { $0.verdict == verdict }) { return report }
        }
        // The type says never empty; were it so, there would be nothing to report on.
        let none = Variant(ref: name, publisher: "", repository: "", quantization: nil, files: [])
        return reports.last ?? report(none)
    }

    /// Of one model the first form, which is its publisher's or the catalog's own choice, when it fits; else the largest
    /// smaller one that does; else one that runs in a less good way; else the first.
    private static func best(of forms: [Variant], judging judge: (Variant) -> FitReport) -> FitReport {
        var report = taken(of: forms, judging: judge)
        if forms.count > 1 { report.choice = FormChoice(report, of: forms) }
        return report
    }

    private static func taken(of forms: [Variant], judging report: (Variant) -> FitReport) -> FitReport {
        let preferred = report(forms[0])
        if preferred.verdict == .fits || forms.count == 1 { return preferred }
        let smaller = forms.dropFirst().map(report)
            .filter { ($0.required ?? .max) < (preferred.required ?? .max) }
            .sorted { ($0.required ?? 0) > ($1.required ?? 0) }
        for verdict in [FitReport.Verdict.fits, .tight, .partial] {
            if preferred.verdict == verdict { return preferred }
            if let other = smaller.first(where: { $0.verdict == verdict }) { return other }
        }
        return preferred.verdict == .cannotRun ? smaller.first { $0.verdict != .cannotRun } ?? preferred : preferred
    }
}
