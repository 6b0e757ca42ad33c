import Modelteca

/// What a model needs at one length of context.
struct ContextRow: Encodable {
    var contextLength: Int
    @OrNull var requiredBytes: Int64?
    var verdict: FitReport.Verdict

    /// What it is held against, in bytes; for a person only.
    let room: Int64?

    enum CodingKeys: CodingKey { case contextLength, requiredBytes, verdict }

    init(_ report: FitReport, contextLength: Int) {
        self.contextLength = contextLength
        requiredBytes = report.required
        verdict = report.verdict
        room = report.budget.bytes(of: report.room)
    }

    /// Doublings from what phones' apps have to what most models are made for, in tokens.
    static let usualSteps = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072]

    /// The lengths that a person compares, up to the most that a model knows: doublings, the last eight.
    static func steps(upTo most: Int) -> [Int] {
        let steps = usualSteps.filter { $0 < most } + [most]
        return Array(steps.suffix(8))
    }

    /// Rows of bars; nil where nothing is known.
    ///
    /// - Parameter devices: For each the same lengths, and what it is called where there are several.
    static func table(_ devices: [(name: String, rows: [ContextRow])]) -> Table? {
        guard let first = devices.first, first.rows.contains(where: { $0.requiredBytes != nil }) else { return nil }
        let language = Language.current
        let isAlone = devices.count == 1
        var table = Table(columns: [.init(title: Labels.context.uppercased(), alignment: .right)])
        for (index, device) in devices.enumerated() {
            let rooms = Set(device.rows.map(\.room))
            let room = rooms.count == 1 ? rooms.first.flatMap { $0 }.map(language.memory) : nil
            let of = room.map { say(en: "OF \($0)", es: "DE \($0)") } ?? ""
            table.columns += [
                .init(title: isAlone ? of : device.name, sacrifice: 2 + index),
                .init(title: Labels.needs.uppercased(), alignment: .right),
                .init(title: Labels.verdict.uppercased()),
            ]
        }
        let width = isAlone ? 24 : 12
        table.rows = first.rows.indices.map { index in
            [Text(language.grouped(Int64(first.rows[index].contextLength)))]
                + devices.flatMap { device -> [Text] in
                    let row = device.rows[index]
                    let bar = row.requiredBytes.flatMap { used in
                        row.room.map { Bar(used, of: $0, width: width).text }
                    }
                    return [bar ?? "", Text(row.requiredBytes.map(language.memory) ?? "–"), row.verdict.word]
                }
        }
        return table
    }
}
