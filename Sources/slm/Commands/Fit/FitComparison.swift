import Modelteca

/// One model on several devices, a column each.
struct FitComparison: Answer {
    static var isAllThereIs: Bool { false }

    var devices: [FitDetails]

    enum CodingKeys: CodingKey { case devices }

    /// The fields of one answer are those of the first device; all of them stand in `devices`.
    func encode(to encoder: any Encoder) throws {
        try devices.first?.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(devices, forKey: .devices)
    }

    func draw(on page: inout Page) {
        let language = Language.current
        let names = devices.map(\.ref).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        page.paragraph(Text(names.joined(separator: ", "), .strong))
        page.line()
        var table = Table(columns: [.init(title: "")])
        table.columns += devices.map { .init(title: $0.device ?? "", alignment: .right) }
        func row(_ name: String, _ cell: (FitDetails) -> Text?) {
            let cells = devices.map { cell($0) }
            if cells.contains(where: { $0 != nil }) { table.rows.append([Text(name)] + cells.map { $0 ?? "–" }) }
        }
        func sizes(_ name: String, _ bytes: (FitDetails) -> Int64?) {
            row(name) { bytes($0).map { Text(language.sum($0)) } }
        }
        if names.count > 1 { row(say(en: "quantization", es: "cuantización")) { Text($0.quantization ?? "–") } }
        row(Labels.context) { $0.contextLength.map { Text(language.grouped(Int64($0))) } }
        sizes(Labels.weights) { $0.memory?.weightsBytes }
        sizes(Labels.kvCache) { $0.memory?.kvCacheBytes }
        sizes(Labels.compute) { $0.memory?.computeBytes }
        sizes(Labels.projector) { $0.outside?.projectorBytes }
        sizes(say(en: "all of it", es: "en total")) { $0.allBytes }
        sizes(say(en: "on the GPU", es: "en la GPU")) { $0.offload.flatMap { $0.vramBytes > 0 ? $0.vramBytes : nil } }
        sizes(say(en: "available", es: "disponible")) { $0.fit.room }
        row("") { details in
            details.fit.requiredBytes.flatMap { used in details.fit.room.map { Bar(used, of: $0, width: 12).text } }
        }
        row(say(en: "longest context", es: "contexto máximo")) {
            $0.fit.longestContext.map { Text(language.grouped(Int64($0))) }
        }
        row(say(en: "speed", es: "velocidad")) {
            $0.speed.map { Text(language.range($0.from...max($0.from, $0.to)) + " tok/s") }
        }
        row(Labels.verdict) { $0.fit.verdict.word }
        page.table(table)
        for details in devices {
            guard let change = details.changes.first else { continue }
            page.line()
            page.paragraph(Text("\(details.device ?? ""): \(change.sentence)"))
        }
    }
}
