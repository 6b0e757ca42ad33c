import Modelteca

extension ListedModel {
    /// What one chooses a model by, one row each.
    ///
    /// - Parameter publishers: Whose file it is; as many as models.
    static func offers(_ models: [ListedModel], publishers: [String?]) -> Table {
        let language = Language.current
        var table = Table(columns: [
            .init(title: Labels.model.uppercased()), .init(title: Labels.quant.uppercased(), sacrifice: 3),
            .init(title: Labels.size.uppercased(), alignment: .right),
            .init(title: Labels.licence.uppercased(), sacrifice: 1, least: 11),
            .init(title: Labels.publisher.uppercased(), sacrifice: 4),
            .init(title: Labels.verdict.uppercased(), sacrifice: 2),
        ])
        table.rows = zip(models, publishers).map { model, publisher in
            [
                Text(model.name), Text(model.quant ?? "–"),
                Text(model.downloadBytes.map { language.bytes($0) } ?? "–"), model.license.short,
                Text(publisher ?? "–"),
                model.fit.verdict.word + (model.installed ? Text(say(en: ", here", es: ", ya está")) : ""),
            ]
        }
        return table
    }
}

extension HubRepository {
    /// The same of repositories that the Hub has found.
    static func offers(_ rows: [HubRepository]) -> Table {
        var table = Table(columns: [
            .init(title: say(en: "REPOSITORY", es: "REPOSITORIO")),
            .init(title: Labels.quant.uppercased(), sacrifice: 2),
            .init(title: Labels.size.uppercased(), alignment: .right),
            .init(title: Labels.needs.uppercased(), alignment: .right, sacrifice: 4),
            .init(title: Labels.verdict.uppercased()),
            .init(title: Labels.licence.uppercased(), sacrifice: 1, least: 11),
            .init(title: say(en: "DOWNLOADS/MONTH", es: "DESCARGAS/MES"), alignment: .right, sacrifice: 3),
        ])
        table.rows = rows.map { row in
            [Text(row.ref)] + (row.model?.brief?.row ?? ["–", "–", "–", "–"])
                + [
                    row.model?.license?.short ?? "–",
                    Text(row.downloads.map { Language.current.grouped(Int64($0)) } ?? "–"),
                ]
        }
        return table
    }
}
