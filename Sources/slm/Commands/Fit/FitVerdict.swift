import Modelteca

/// Whether a model fits.
struct FitVerdict: Encodable {
    var verdict: FitReport.Verdict
    @OrNull var requiredBytes: Int64?
    @OrNull var budgetBytes: Int64?
    @OrNull var contextLength: Int?
    /// What the verdict rests on, weightiest first.
    var reasons: [String]
    /// What would change the answer; absent where that was not asked.
    var changes: [FitChange]?
    /// Why this form of the model; absent where there was no choice.
    var choice: ChosenForm? { report.choice.map(ChosenForm.init) }
    private let report: FitReport

    /// The longest context that fits. A dozen estimates, which a table of models does not show.
    var longestContext: Int? { report.longestContext }

    /// What there is where the report puts the model, in bytes; for a person only.
    var room: Int64? { report.budget.bytes(of: report.room) }

    init(_ report: FitReport, changes: [FitReport.Change]? = nil) {
        self.changes = changes?.map(FitChange.init)
        verdict = report.verdict
        requiredBytes = report.required
        budgetBytes = report.budgetBytes
        contextLength = report.contextLength
        self.report = report
        reasons = report.reasons.map(\.code)
    }

    private enum CodingKeys: CodingKey {
        case verdict, requiredBytes, budgetBytes, contextLength, longestContext, reasons, changes, choice
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(verdict, forKey: .verdict)
        try values.encode(requiredBytes, forKey: .requiredBytes)
        try values.encode(budgetBytes, forKey: .budgetBytes)
        try values.encode(contextLength, forKey: .contextLength)
        try values.encode(longestContext, forKey: .longestContext)
        try values.encode(reasons, forKey: .reasons)
        try values.encodeIfPresent(changes, forKey: .changes)
        try values.encodeIfPresent(choice, forKey: .choice)
    }
}

/// Why one of several forms was taken.
struct ChosenForm: Encodable {
    /// A code: see `FormChoice.Reason`.
    var reason: FormChoice.Reason
    /// The form that was taken: its quantization, else its file.
    var form: String
    /// How many there were.
    var among: Int
    /// The form that people take unasked; null where that was taken.
    @OrNull var insteadOf: String?

    init(_ choice: FormChoice) {
        (reason, form, among, insteadOf) = (choice.reason, choice.name, choice.count, choice.usual)
    }

    /// For a person.
    var sentence: String {
        let usual = insteadOf ?? form
        return switch reason {
        case .usual:
            say(
                en: "\(form), of \(among) forms: the usual balance of size and quality, and it fits",
                es: "\(form), entre \(among) formas: el equilibrio habitual de tamaño y calidad, y cabe")
        case .largestThatFits:
            say(
                en: "\(form), of \(among) forms: the largest that fits; the usual \(usual) does not",
                es: "\(form), entre \(among) formas: la mayor que cabe; la habitual, \(usual), no cabe")
        case .largestThatRuns:
            say(
                en: "\(form), of \(among) forms: none fits with room to spare, and this is the largest that runs",
                es: "\(form), entre \(among) formas: ninguna cabe con holgura, y esta es la mayor que funciona")
        case .noneRuns:
            say(
                en: "\(form), of \(among) forms: none of them fits, and this is the usual one",
                es: "\(form), entre \(among) formas: ninguna cabe, y esta es la habitual")
        case .unknown:
            say(
                en: "\(form), of \(among) forms: the usual one, as nobody can say what fits",
                es: "\(form), entre \(among) formas: la habitual, pues no se puede saber cuál cabe")
        }
    }
}

/// One thing that would change the answer.
struct FitChange: Encodable {
    var code: String
    /// Of another form of the model.
    @OrNull var quant: String?
    /// Of that form; null where no file of it is known, and its size was calculated.
    @OrNull var ref: String?
    /// For keys and values.
    @OrNull var cacheType: String?
    @OrNull var contextLength: Int?
    /// As for llama.cpp's `--gpu-layers`.
    @OrNull var gpuLayers: Int?
    var requiredBytes: Int64
    var verdict: FitReport.Verdict

    init(_ change: FitReport.Change) {
        code = change.code
        requiredBytes = change.required
        verdict = change.verdict
        switch change.kind {
        case .quantization(let name, let ref): (quant, self.ref) = (name, ref)
        case .cacheType(let type): cacheType = type.option
        case .contextLength(let count): contextLength = count
        case .gpuLayers(let count, _): gpuLayers = count
        case .closingPrograms: break
        }
    }
}
