package import LlamaMemory
package import ModelCatalog

/// One form of a model, to be held against many devices for one workload: what it needs, and how that is divided among
/// cards, is worked out once.
package final class FormTrial {
    /// Where there is no memory at all.
    private let report: FitReport
    private var plan: OffloadPlan?

    package init(_ form: Variant, workload: Workload) {
        let nothing = Budget(now: nil, afterClosing: nil, reserve: 0)
        report = FitReport(form, budget: nothing, workload: workload, isAdvising: false)
    }

    /// The same as a `FitReport` for the device alone, which looks for no shorter context.
    package func report(on budget: Budget) -> FitReport {
        guard let memory = report.memory, let outside = report.outside, let shape = report.variant.shape,
            report.workload.contextLength ?? 0 > 0
        else { return FitReport(report.variant, budget: budget, workload: report.workload, isAdvising: false) }
        var judge = report.judge(report.workload)
        judge.budget = budget
        if budget.gpu ?? 0 > 0 {
            plan = plan ?? judge.plan(memory, shape, outside)
            judge.plan = plan
        }
        return judge.report(of: memory, shape)
    }
}
