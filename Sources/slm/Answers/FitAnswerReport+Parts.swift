import Modelteca

/// The sum, term by term, against the device.
extension FitAnswerReport {
    private typealias Row = (name: String, bytes: Int64?, reason: String)

    func drawParts(_ memory: FitMemory, on page: inout Page) {
        let language = Speech.language
        var rows: [Row] = [
            (
                say(en: "weights", es: "pesos"), memory.weightsBytes,
                say(en: "as mapped from the file", es: "tal como se leen del archivo")
            ),
            (say(en: "KV cache", es: "caché KV"), memory.kvCacheBytes, cacheFormula(memory)),
            (
                say(en: "compute", es: "cálculo"), memory.computeBytes,
                say(en: "micro-batch \(workload.microBatch)", es: "microlote de \(workload.microBatch)")
            ),
            (say(en: "output", es: "salida"), memory.outputBytes, ""),
            (say(en: "total", es: "total"), memory.totalBytes, ""),
        ]
        rows += outsideRows(memory)
        let figures = rows.map { $0.bytes.map(language.gibibytes) ?? "?" }
        let nameWidth = rows.map { displayWidth(of: $0.name) }.max() ?? 0
        let figureWidth = figures.map { displayWidth(of: $0) }.max() ?? 0
        for (row, figure) in zip(rows, figures) {
            let left = String(repeating: " ", count: nameWidth - displayWidth(of: row.name) + 2)
            let pad = String(repeating: " ", count: figureWidth - displayWidth(of: figure))
            let line: Text = "  \(row.name)\(left)\(pad)\(figure)"
            page.clipped(explains && !row.reason.isEmpty ? line + "   \(row.reason, .faint)" : line)
        }
    }

    /// What comes on top of the total, and what there is.
    private func outsideRows(_ memory: FitMemory) -> [Row] {
        guard let outside else { return [] }
        var rows: [Row] = []
        if let projector = outside.projectorBytes {
            rows.append(
                (
                    say(en: "projector", es: "proyector"), projector,
                    say(
                        en: "for pictures or sound, as large as its file", es: "para imágenes o sonido, como su archivo"
                    )
                ))
        }
        let all = memory.totalBytes + outside.processBytes + (outside.projectorBytes ?? 0)
        let process = Speech.language.gibibytes(outside.processBytes)
        rows.append(
            (
                say(en: "with the process", es: "con el proceso"), all,
                say(en: "\(process) for vocabulary and program", es: "\(process) para vocabulario y programa")
            ))
        if explains, let copy = outside.repackBytes, copy > 0 {
            let size = Speech.language.gibibytes(copy)
            rows.append(
                (
                    say(en: "peak while loading", es: "pico al cargar"), all + copy,
                    say(
                        en: "\(size) copied for the processor, unless `--no-repack`",
                        es: "\(size) copiados para el procesador, salvo con `--no-repack`")
                ))
        }
        // The card's side has a table of its own.
        if !reasons.contains(.wholeOnGPU) {
            rows.append(
                (
                    isOtherDevice
                        ? say(en: "that device gives", es: "ese equipo da")
                        : say(en: "this device gives", es: "este equipo da"), fit.budgetBytes, budgetFormula
                ))
        } else if !explains {
            rows.append((say(en: "on the card", es: "en la tarjeta"), fit.requiredBytes, ""))
            rows.append((say(en: "the card gives", es: "la tarjeta da"), fit.budgetBytes, ""))
        }
        return rows
    }

    private var budgetFormula: String {
        guard budget.reserve > 0 else { return "" }
        let kept = Speech.language.gibibytes(budget.reserve)
        return say(en: "after \(kept) kept for the system", es: "tras dejar \(kept) al sistema")
    }

    /// The product behind the cache, where it is one: equal layers that all see the whole context.
    private func cacheFormula(_ memory: FitMemory) -> String {
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
