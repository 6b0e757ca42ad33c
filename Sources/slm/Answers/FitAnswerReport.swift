import Modelteca

/// The memory a model needs, part by part, against a device.
struct FitAnswerReport: Report {
    var ref: String
    @OrNull var architecture: String?
    var runtime: Workload.Runtime
    @OrNull var parameters: Int64?
    @OrNull var contextLength: Int?
    @OrNull var memory: Memory?
    var fit: FitVerdict
    /// Tokens a second that the device may write; null when its rates are not known.
    @OrNull var speed: Speed?
    /// What was read over the network to say so.
    var fetchedBytes: Int64

    /// For a person only.
    private let workload: Workload
    private let shape: ModelShape?
    private let budget: Budget
    private let reasons: [FitReport.Reason]
    private let isOtherDevice: Bool
    private let explains: Bool

    enum CodingKeys: CodingKey {
        case ref, architecture, runtime, parameters, contextLength, memory, fit, speed, fetchedBytes
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

    struct Memory: Encodable {
        var weightsBytes: Int64
        var kvCacheBytes: Int64
        var computeBytes: Int64
        var outputBytes: Int64
        var totalBytes: Int64

        init(_ estimate: MemoryEstimate) {
            weightsBytes = estimate.weights
            kvCacheBytes = estimate.kvCache
            computeBytes = estimate.compute
            outputBytes = estimate.output
            totalBytes = estimate.total
        }
    }

    init(_ answer: FitAnswer, workload: Workload, isOtherDevice: Bool, explains: Bool) {
        ref = answer.ref
        architecture = answer.shape?.architecture
        runtime = workload.runtime
        parameters = answer.parameters
        contextLength = answer.report.contextLength
        memory = answer.report.memory.map(Memory.init)
        fit = FitVerdict(answer.report)
        speed = answer.speed.map(Speed.init)
        fetchedBytes = answer.fetched
        self.workload = workload
        shape = answer.shape
        budget = answer.report.budget
        reasons = answer.report.reasons
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
        } else if let required = fit.requiredBytes {
            page.pairs([(say(en: "about", es: "unos"), Text(language.gibibytes(required)))])
        }
        page.line()
        drawVerdict(on: &page)
    }

    private func drawParts(_ memory: Memory, on page: inout Page) {
        let language = Speech.language
        let given = fit.budgetBytes.map(language.gibibytes) ?? "?"
        let device =
            isOtherDevice
            ? say(en: "that device gives", es: "ese equipo da") : say(en: "this device gives", es: "este equipo da")
        let rows: [(String, String, String)] = [
            (
                say(en: "weights", es: "pesos"), language.gibibytes(memory.weightsBytes),
                say(en: "as mapped from the file", es: "tal como se leen del archivo")
            ),
            (say(en: "KV cache", es: "caché KV"), language.gibibytes(memory.kvCacheBytes), cacheFormula(memory)),
            (
                say(en: "compute", es: "cálculo"), language.gibibytes(memory.computeBytes),
                say(en: "micro-batch \(workload.microBatch)", es: "microlote de \(workload.microBatch)")
            ),
            (say(en: "output", es: "salida"), language.gibibytes(memory.outputBytes), ""),
            (say(en: "total", es: "total"), language.gibibytes(memory.totalBytes), ""),
            (
                say(en: "with the process", es: "con el proceso"), fit.requiredBytes.map(language.gibibytes) ?? "?",
                say(en: "vocabulary and the program itself", es: "vocabulario y el propio programa")
            ),
            (device, given, budgetFormula),
        ]
        let names = rows.map { displayWidth(of: $0.0) }.max() ?? 0
        let figures = rows.map { displayWidth(of: $0.1) }.max() ?? 0
        for (name, figure, reason) in rows {
            let left = String(repeating: " ", count: names - displayWidth(of: name) + 2)
            let pad = String(repeating: " ", count: figures - displayWidth(of: figure))
            let line: Text = "  \(name)\(left)\(pad)\(figure)   \(reason, .faint)"
            page.clipped(explains && !reason.isEmpty ? line : "  \(name)\(left)\(pad)\(figure)")
        }
    }

    private func drawVerdict(on page: inout Page) {
        let sentences = reasons.map(\.sentence)
        guard let first = sentences.first else {
            page.line(fit.verdict.word)
            return
        }
        page.line("\(fit.verdict.word): \(first)")
        for sentence in sentences.dropFirst() { page.paragraph(sentence) }
        if let longest = fit.longestContext, longest != contextLength {
            let tokens = Speech.language.grouped(Int64(longest))
            page.paragraph(
                say(en: "the longest context that fits is \(tokens)", es: "el contexto más largo que cabe es \(tokens)")
            )
        }
        if !fit.verdict.isYes, workload.cacheTypeK == .f16, workload.cacheTypeV == .f16 {
            page.paragraph(
                say(
                    en: "a smaller quantization or `--cache-type-k q8_0 --cache-type-v q8_0` needs less",
                    es: "una cuantización menor o `--cache-type-k q8_0 --cache-type-v q8_0` necesita menos"))
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

    private var budgetFormula: String {
        guard budget.reserve > 0 else { return "" }
        let kept = Speech.language.gibibytes(budget.reserve)
        return say(en: "after \(kept) kept for the system", es: "tras dejar \(kept) al sistema")
    }

    /// The product behind the cache, where it is one: equal layers that all see the whole context.
    private func cacheFormula(_ memory: Memory) -> String {
        guard let shape, let context = contextLength, case .same(let heads)? = shape.headCountKV,
            let keys = shape.keyLength ?? headSize(of: shape), keys == shape.valueLength ?? keys,
            workload.cacheTypeK == workload.cacheTypeV
        else { return "" }
        let type = workload.cacheTypeK
        let factors = [shape.blockCount, heads, keys, context, 2].map(Int64.init)
        let values = factors.reduce((Int64(1), false)) { product, factor in
            let (result, overflow) = product.0.multipliedReportingOverflow(by: factor)
            return (result, product.1 || overflow)
        }
        guard !values.1, type.byteCount(elements: values.0, row: Int64(keys)) == memory.kvCacheBytes else { return "" }
        let tokens = Speech.language.grouped(Int64(context))
        let bits = Speech.language.decimal(type.bitsPerWeight / 8, digits: type.blockSize == 1 ? 0 : 2)
        let name = type.name.lowercased()
        return say(
            en:
                "\(shape.blockCount) layers × \(heads) heads × \(keys) × \(tokens) × 2 (K and V) × \(bits) bytes (\(name))",
            es:
                "\(shape.blockCount) capas × \(heads) cabezas × \(keys) × \(tokens) × 2 (K y V) × \(bits) bytes (\(name))"
        )
    }

    private func headSize(of shape: ModelShape) -> Int? {
        guard case .same(let heads) = shape.headCount, heads > 0 else { return nil }
        return shape.embeddingLength / heads
    }
}
