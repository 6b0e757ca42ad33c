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
        let report = chosen(within: budget, for: workload)
        guard isAdvising, report.verdict != .fits else { return report }
        var advising = FitReport(report.variant, budget: budget, workload: workload)
        advising.choice = report.choice
        return advising
    }

    private func chosen(within budget: Budget, for workload: Workload) -> FitReport {
        let reports = models.map { Self.best(of: $0, within: budget, for: workload) }
        for verdict in [FitReport.Verdict.fits, .tight, .partial] {
            if let report = reports.first(where: { $0.verdict == verdict }) { return report }
        }
        // The type says never empty; were it so, there would be nothing to report on.
        let none = Variant(ref: name, publisher: "", repository: "", quantization: nil, files: [])
        return reports.last ?? FitReport(none, budget: budget, workload: workload)
    }

    /// Of one model the first form, which is its publisher's or the catalog's own choice, when it fits; else the largest
    /// smaller one that does; else one that runs in a less good way; else the first.
    private static func best(of forms: [Variant], within budget: Budget, for workload: Workload) -> FitReport {
        var report = taken(of: forms, within: budget, for: workload)
        if forms.count > 1 { report.choice = FormChoice(report, of: forms) }
        return report
    }

    private static func taken(of forms: [Variant], within budget: Budget, for workload: Workload) -> FitReport {
        let preferred = report(on: forms[0], within: budget, for: workload)
        if preferred.verdict == .fits || forms.count == 1 { return preferred }
        let smaller = forms.dropFirst().map { report(on: $0, within: budget, for: workload) }
            .filter { ($0.required ?? .max) < (preferred.required ?? .max) }
            .sorted { ($0.required ?? 0) > ($1.required ?? 0) }
        for verdict in [FitReport.Verdict.fits, .tight, .partial] {
            if preferred.verdict == verdict { return preferred }
            if let other = smaller.first(where: { $0.verdict == verdict }) { return other }
        }
        return preferred.verdict == .cannotRun ? smaller.first { $0.verdict != .cannotRun } ?? preferred : preferred
    }

    private static func report(on variant: Variant, within budget: Budget, for workload: Workload) -> FitReport {
        FitReport(variant, budget: budget, workload: workload, isAdvising: false)
    }
}
