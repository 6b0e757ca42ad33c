import Modelteca

/// The memory a model needs, part by part, against a device.
struct FitDetails: Answer {
    static var isAllThereIs: Bool { false }

    var ref: String
    @OrNull var architecture: String?
    var runtime: Workload.Runtime
    @OrNull var parameters: Int64?
    @OrNull var contextLength: Int?
    @OrNull var memory: MemoryParts?
    /// What comes on top of it.
    @OrNull var outside: OutsideParts?
    /// What a graphics card takes of it; null when there is none.
    @OrNull var offload: OffloadParts?
    var fit: FitVerdict
    /// Tokens a second that the device may write; null when its rates are not known.
    @OrNull var speed: Speed?
    /// What was read over the network to say so.
    var fetchedBytes: Int64
    /// When the header was read, where its origin could not be asked now; null else.
    @OrNull var headerReadAt: Timestamp?
    /// The profile's name; null for this machine.
    @OrNull var device: String?
    /// What it needs at other contexts; empty where the model's numbers are not known.
    var contexts: [ContextRow]

    /// For a person only.
    let workload: Workload
    let shape: ModelShape?
    let budget: Budget
    let reasons: [FitReport.Reason]
    let changes: [FitReport.Change]
    let explains: Bool
    let quantization: String?

    enum CodingKeys: CodingKey {
        case ref, architecture, runtime, parameters, contextLength, memory, outside, offload, fit, speed, fetchedBytes,
            headerReadAt
        case device, contexts
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

    init(_ answer: FitAnswer, workload: Workload, profile: DeviceProfile?, explains: Bool) {
        ref = answer.ref
        architecture = answer.shape?.architecture
        runtime = workload.runtime
        parameters = answer.parameters
        contextLength = answer.report.contextLength
        memory = answer.report.memory.map(MemoryParts.init)
        outside = answer.report.outside.map { OutsideParts($0, repacked: answer.repacked) }
        offload = answer.report.offload.map { OffloadParts($0, experts: answer.report.expertOffload) }
        fit = FitVerdict(answer.report, changes: answer.changes)
        speed = answer.speed.map(Speed.init)
        fetchedBytes = answer.fetched
        headerReadAt = answer.asOf.map(Timestamp.init)
        self.workload = workload
        shape = answer.shape
        budget = answer.report.budget
        reasons = answer.report.reasons
        changes = answer.changes
        device = profile?.id
        self.explains = explains
        quantization = answer.report.variant.quantization
        let most = answer.shape?.contextLength ?? 0
        let report = answer.report
        contexts =
            report.memory == nil || most < 1
            ? []
            : ContextRow.steps(upTo: most).map {
                ContextRow(report.with(contextLength: $0), contextLength: $0)
            }
    }

    func draw(on page: inout Page) {
        let language = Language.current
        let context = contextLength.map { language.grouped(Int64($0)) } ?? "?"
        page.paragraph(
            say(en: "\(ref) at context \(context) for \(program)", es: "\(ref) con contexto \(context) para \(program)")
        )
        if let headerReadAt {
            let day = headerReadAt.day
            page.paragraph(
                say(
                    en: "\("careful:", .careful) without a network: this is its header as it was on \(day)",
                    es: "\("atención:", .careful) sin red: es su cabecera tal como estaba el \(day)"))
        }
        if let choice = fit.choice { page.paragraph(Text(choice.sentence, .faint)) }
        page.line()
        if let memory {
            drawParts(memory, on: &page)
            if explains, let offload {
                page.line()
                offload.draw(on: &page, gpu: budget.gpu, memory: budget.now)
            }
        } else if let required = fit.requiredBytes {
            page.pairs([(say(en: "about", es: "unos"), Text(language.sum(required)))])
        }
        drawBars(on: &page)
        if explains, let table = ContextRow.table([(ref, contexts)]) {
            page.line()
            page.table(table)
        }
        page.line()
        drawVerdict(on: &page)
    }

    private func drawVerdict(on page: inout Page) {
        let sentences = reasons.map(\.sentence)
        page.paragraph(fit.verdict.word + (sentences.first.map { ": \($0)" } ?? ""))
        for sentence in sentences.dropFirst() { page.paragraph(Text(sentence)) }
        if let experts = offload?.cpuMoe {
            let size = Language.current.sum(experts.vramBytes)
            page.paragraph(
                say(
                    en:
                        "or `--n-cpu-moe \(experts.layers)`: all layers on the GPU with \(size), the experts of \(experts.layers) in memory",
                    es:
                        "o `--n-cpu-moe \(experts.layers)`: todas las capas en la GPU con \(size), los expertos de \(experts.layers) en la memoria"
                ))
        }
        // A context that was asked for and does not fit has had its shorter one among the reasons.
        let isSaid = reasons.contains { $0.code == "shorter-context-fits" }
        if let longest = fit.longestContext, longest != contextLength, !isSaid {
            let tokens = Language.current.grouped(Int64(longest))
            page.paragraph(
                say(en: "the longest context that fits is \(tokens)", es: "el contexto más largo que cabe es \(tokens)")
            )
        }
        for change in changes { page.paragraph(Text(change.sentence)) }
        if fit.verdict == .tooLarge, changes.isEmpty, memory != nil, fit.longestContext == nil, !isSaid {
            let list = "slm list --fits" + DeviceOptions.typed
            page.paragraph(
                say(
                    en: "no single change makes it fit; `\(list)` shows models that do",
                    es: "ningún cambio por sí solo hace que quepa; `\(list)` muestra modelos que caben"))
        }
        if !explains, memory != nil {
            page.line(say(en: "`--explain` shows the calculation", es: "`--explain` muestra el cálculo"))
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

/// The picture of it.
extension FitDetails {
    /// Wherever it lies; nil where the model's numbers are not known.
    var allBytes: Int64? {
        guard let memory else { return fit.requiredBytes }
        return memory.totalBytes + (outside?.processBytes ?? 0) + (outside?.projectorBytes ?? 0)
    }

    /// What is needed against what there is: one bar, or with a card one for each side.
    private func drawBars(on page: inout Page) {
        page.line()
        // Without a layer on it, a card still calculates with them.
        guard let offload, offload.vramBytes > 0 else {
            guard let used = fit.requiredBytes, let room = fit.room else { return }
            let width = min(48, page.width - 24)
            let parts = memory.map { MemoryParts.shades(weights: $0.weightsBytes, cache: $0.kvCacheBytes, all: used) }
            let bar = parts.map { Bar($0, of: room, width: width) } ?? Bar(used, of: room, width: width)
            page.line("  " + bar.text + Text("  " + MemoryParts.of(used, room)))
            if parts != nil { page.pieces(MemoryParts.key, gap: "  ", indent: "  ") }
            return
        }
        let sides = [
            ("GPU", offload.vram, offload.vramBytes, budget.gpu),
            (Labels.memory, offload.ram, offload.ramBytes, budget.now),
        ]
        let width = max(6, min(16, page.width - 28))
        let bars = sides.map { name, share, used, all -> Text in
            let parts = MemoryParts.shades(weights: share.weightsBytes, cache: share.kvCacheBytes, all: used)
            let bar = all.map { Bar(parts, of: $0, width: width).text + " " } ?? ""
            return Text("\(name) ") + bar + Text(MemoryParts.of(used, all))
        }
        let line = "  " + bars[0] + "   " + bars[1]
        if line.width <= page.width {
            page.line(line)
        } else {
            for bar in bars { page.line("  " + bar) }
        }
        page.pieces(MemoryParts.key, gap: "  ", indent: "  ")
    }
}

/// The sum, term by term, against the device.
extension FitDetails {
    private typealias Row = (name: String, bytes: Int64?, reason: String)

    fileprivate func drawParts(_ memory: MemoryParts, on page: inout Page) {
        let language = Language.current
        var rows: [Row] = [
            (
                Labels.weights, memory.weightsBytes,
                say(en: "as mapped from the file", es: "tal como se leen del archivo")
            ),
            (Labels.kvCache, memory.kvCacheBytes, cacheFormula(memory)),
            (
                Labels.compute, memory.computeBytes,
                say(en: "micro-batch \(workload.microBatch)", es: "microlote de \(workload.microBatch)")
            ),
        ]
        // Seldom more than the two digits after the point show.
        if memory.outputBytes >= 5_000_000 { rows.append((Labels.output, memory.outputBytes, "")) }
        rows.append((say(en: "total", es: "total"), memory.totalBytes, ""))
        rows += outsideRows(memory)
        let figures = rows.map { $0.bytes.map(language.sum) ?? "?" }
        let nameWidth = rows.map { displayWidth(of: $0.name) }.max() ?? 0
        let figureWidth = figures.map { displayWidth(of: $0) }.max() ?? 0
        for (row, figure) in zip(rows, figures) {
            let pad = String(repeating: " ", count: figureWidth - displayWidth(of: figure))
            let line = Text("  " + row.name).padded(to: nameWidth + 4) + "\(pad)\(figure)"
            guard explains, !row.reason.isEmpty else {
                page.clipped(line)
                continue
            }
            let margin = line.width + 3
            if page.width - margin < 24 {
                page.clipped(line + "   \(row.reason, .faint)")
            } else {
                page.paragraph(
                    Text(row.reason, .faint), indent: String(repeating: " ", count: margin), first: line + "   ")
            }
        }
    }

    /// What comes on top of the total, and what there is.
    private func outsideRows(_ memory: MemoryParts) -> [Row] {
        guard let outside else { return [] }
        let language = Language.current
        var rows: [Row] = []
        func add(_ name: String, _ bytes: Int64?, _ reason: String = "") { rows.append((name, bytes, reason)) }
        if let projector = outside.projectorBytes {
            let reason = say(
                en: "for pictures or sound, as large as its file", es: "para imágenes o sonido, como su archivo")
            add(Labels.projector, projector, reason)
        }
        let all = allBytes
        let process = language.sum(outside.processBytes)
        let why = say(en: "\(process) for vocabulary and program", es: "\(process) para vocabulario y programa")
        add(say(en: "with the program", es: "con el programa"), all, why)
        if explains, let copy = outside.repackBytes, copy > 0 {
            let size = language.sum(copy)
            let reason = say(
                en: "\(size) copied for the processor, unless `--no-repack`",
                es: "\(size) copiados para el procesador, salvo con `--no-repack`")
            add(say(en: "peak while loading", es: "pico al cargar"), all.map { $0 + copy }, reason)
        }
        let here = say(en: "available here", es: "disponible aquí")
        let there = say(en: "available there", es: "disponible allí")
        // The GPU's side has a table of its own.
        if !reasons.contains(.wholeOnGPU) {
            add(device != nil ? there : here, fit.budgetBytes, budgetFormula)
        } else if !explains {
            add(say(en: "on the GPU", es: "en la GPU"), fit.requiredBytes)
            add(there, fit.budgetBytes)
        }
        return rows
    }

    private var budgetFormula: String {
        guard budget.reserve > 0 else { return "" }
        let kept = Language.current.sum(budget.reserve)
        return say(en: "after \(kept) kept for the system", es: "tras dejar \(kept) al sistema")
    }

    /// The product behind the cache, where it is one: equal layers that all see the whole context.
    private func cacheFormula(_ memory: MemoryParts) -> String {
        guard let shape, let context = contextLength, case .same(let heads)? = shape.headCountKV,
            workload.cacheTypeK == workload.cacheTypeV
        else { return "" }
        let (_, _, keys, values) = shape.heads(of: 0)
        guard keys > 0, keys == values else { return "" }
        let type = workload.cacheTypeK
        let factors = [shape.blockCount, heads, keys, context, 2].map(Int64.init)
        let elements = factors.reduce((Int64(1), false)) { product, factor in
            let (result, overflow) = product.0.multipliedReportingOverflow(by: factor)
            return (result, product.1 || overflow)
        }
        guard !elements.1, type.byteCount(elements: elements.0, row: Int64(keys)) == memory.kvCacheBytes else {
            return ""
        }
        let tokens = Language.current.grouped(Int64(context))
        let bits = Language.current.decimal(type.bitsPerWeight / 8, digits: type.blockSize == 1 ? 0 : 2)
        let name = type.option
        return say(
            en:
                "\(shape.blockCount) layers × \(heads) heads × \(keys) × \(tokens) × 2 (K and V) × \(bits) bytes (\(name))",
            es:
                "\(shape.blockCount) capas × \(heads) cabezas × \(keys) × \(tokens) × 2 (K y V) × \(bits) bytes (\(name))"
        )
    }
}
