import Modelteca

/// The memory a model needs, part by part, against a device.
struct FitAnswerReport: Report {
    var ref: String
    @OrNull var architecture: String?
    var runtime: Workload.Runtime
    @OrNull var parameters: Int64?
    @OrNull var contextLength: Int?
    @OrNull var memory: FitMemory?
    /// What comes on top of it.
    @OrNull var outside: FitOutside?
    /// What a graphics card takes of it; null when there is none.
    @OrNull var offload: FitOffload?
    var fit: FitVerdict
    /// Tokens a second that the device may write; null when its rates are not known.
    @OrNull var speed: Speed?
    /// What was read over the network to say so.
    var fetchedBytes: Int64

    /// For a person only.
    let workload: Workload
    let shape: ModelShape?
    let budget: Budget
    let reasons: [FitReport.Reason]
    let changes: [FitReport.Change]
    let isOtherDevice: Bool
    let explains: Bool

    enum CodingKeys: CodingKey {
        case ref, architecture, runtime, parameters, contextLength, memory, outside, offload, fit, speed, fetchedBytes
    }

    struct Speed: Encodable {
        var from: Double
        var to: Double
        /// The same for reading a prompt.
        @OrNull var prompt: ListedModel.Speed?

        init(_ estimate: SpeedEstimate) {
            (from, to) = (estimate.tokensPerSecond.lowerBound, estimate.tokensPerSecond.upperBound)
            prompt = estimate.promptTokensPerSecond.map { .init(from: $0.lowerBound, to: $0.upperBound) }
        }
    }

    init(_ answer: FitAnswer, workload: Workload, isOtherDevice: Bool, explains: Bool) {
        ref = answer.ref
        architecture = answer.shape?.architecture
        runtime = workload.runtime
        parameters = answer.parameters
        contextLength = answer.report.contextLength
        memory = answer.report.memory.map(FitMemory.init)
        outside = answer.report.outside.map { FitOutside($0, repacked: answer.repacked) }
        offload = answer.report.offload.map { FitOffload($0, experts: answer.report.expertOffload) }
        fit = FitVerdict(answer.report, changes: answer.changes)
        speed = answer.speed.map(Speed.init)
        fetchedBytes = answer.fetched
        self.workload = workload
        shape = answer.shape
        budget = answer.report.budget
        reasons = answer.report.reasons
        changes = answer.changes
        self.isOtherDevice = isOtherDevice
        self.explains = explains
    }

    func draw(on page: inout Page) {
        let language = Speech.language
        let context = contextLength.map { language.grouped(Int64($0)) } ?? "?"
        let name = printable(ref)
        page.paragraph(
            say(
                en: "\(name) at context \(context) for \(program)",
                es: "\(name) con contexto \(context) para \(program)"))
        page.line()
        if let memory {
            drawParts(memory, on: &page)
            if explains, let offload {
                page.line()
                offload.draw(on: &page, gpu: budget.gpu, memory: budget.now)
            }
        } else if let required = fit.requiredBytes {
            page.pairs([(say(en: "about", es: "unos"), Text(language.gibibytes(required)))])
        }
        page.line()
        drawVerdict(on: &page)
    }

    private func drawVerdict(on page: inout Page) {
        let sentences = reasons.map(\.sentence)
        guard let first = sentences.first else {
            page.line(fit.verdict.word)
            return
        }
        let line: Text = "\(fit.verdict.word): \(first)"
        if line.width <= page.width {
            page.line(line)
        } else {
            page.line(fit.verdict.word + ":")
            page.paragraph(first, indent: "  ")
        }
        for sentence in sentences.dropFirst() { page.paragraph(sentence) }
        if let experts = offload?.cpuMoe {
            let size = Speech.language.gibibytes(experts.vramBytes)
            page.paragraph(
                say(
                    en: "or `--n-cpu-moe \(experts.layers)`: all layers on the card with \(size), the experts of "
                        + "\(experts.layers) in memory",
                    es: "o `--n-cpu-moe \(experts.layers)`: todas las capas en la tarjeta con \(size), los expertos de "
                        + "\(experts.layers) en la memoria"))
        }
        // A context that was asked for and does not fit has had its shorter one among the reasons.
        let isSaid = reasons.contains { $0.code == "shorter-context-fits" }
        if let longest = fit.longestContext, longest != contextLength, !isSaid {
            let tokens = Speech.language.grouped(Int64(longest))
            page.paragraph(
                say(en: "the longest context that fits is \(tokens)", es: "el contexto más largo que cabe es \(tokens)")
            )
        }
        for change in changes { page.paragraph(change.sentence) }
        if fit.verdict == .tooLarge, changes.isEmpty, memory != nil {
            page.paragraph(
                say(
                    en: "no single change makes it fit; `slm list --fits` shows models that do",
                    es: "ningún cambio por sí solo hace que quepa; `slm list --fits` muestra modelos que caben"))
        }
        if !explains, memory != nil {
            page.line(
                Text(say(en: "`--explain` shows how it is worked out", es: "`--explain` muestra cómo se calcula")))
        }
    }

    private var program: String {
        switch runtime {
        case .cli: "llama-cli"
        case .server: "llama-server"
        case .library: say(en: "programs with the library's defaults", es: "programas con los valores de la biblioteca")
        }
    }
}
