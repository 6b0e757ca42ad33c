import ArgumentParser
import Modelteca

/// `slm prune`: removes what nobody needs.
struct PruneCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "prune", en: "Remove half downloads, kept older versions and what is left over.",
            es: "Borra descargas a medias, versiones anteriores conservadas y lo que sobra.",
            more: say(
                en: "Models stay. What another process is working on stays too.\n\n  slm prune --dry-run",
                es: "Los modelos se quedan, y también aquello en lo que trabaja otro proceso.\n\n  slm prune --dry-run")
        )
    }

    @Flag(help: .say(en: "Only say what would be removed.", es: "Solo dice qué se borraría."))
    var dryRun = false

    @Flag(
        name: [.long, .customShort("y"), .customShort("f")], help: .say(en: "Do not ask.", es: "No pregunta."))
    var yes = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try global.storeShelf()
        try shelf.checkStore()
        let found = try await shelf.store.prunable()
        if dryRun || found.leftovers.isEmpty {
            return try console.show(PrunedStore(found, isDry: true))
        }
        if !yes, console.canAsk {
            let size = Language.current.bytes(found.bytes)
            let question = say(en: "Remove all of this and free \(size)?", es: "¿Borrar todo esto y liberar \(size)?")
            guard console.ask(Text(question), about: PrunedStore(found, isDry: true)) else {
                console.say(say(en: "Nothing was removed.", es: "No se borró nada."))
                return
            }
        }
        try console.show(PrunedStore(try await shelf.store.prune(found), isDry: false))
    }
}

/// What nobody needs, or needed.
struct PrunedStore: Answer {
    static var isAllThereIs: Bool { false }

    /// What was removed; with `dryRun`, what would be.
    var removed: [Row]
    var freedBytes: Int64
    var dryRun: Bool
    /// The models of which something stays, because a process is working on them.
    var inUse: [String]

    struct Row: Encodable {
        var kind: Leftover.Kind
        @OrNull var ref: String?
        var files: [String]
        var freedBytes: Int64
    }

    init(_ found: Prunable, isDry: Bool) {
        removed = found.leftovers.map { leftover in
            Row(
                kind: leftover.kind, ref: leftover.ref, files: leftover.files.map(\.string),
                freedBytes: leftover.bytes)
        }
        freedBytes = found.bytes
        dryRun = isDry
        inUse = found.inUse
    }

    func draw(on page: inout Page) {
        let language = Language.current
        if removed.isEmpty {
            page.line(say(en: "There is nothing to remove.", es: "No hay nada que borrar."))
        } else {
            var table = Table(columns: [
                .init(title: say(en: "WHAT", es: "QUÉ")), .init(title: Labels.model.uppercased(), least: 20),
                .init(title: say(en: "FREES", es: "LIBERA"), alignment: .right),
            ])
            for kind in [Leftover.Kind.halfDownload, .keptVersion] {
                table.rows += removed.filter { $0.kind == kind }.map { row in
                    [Text(kind.word), Text(row.ref ?? ""), Text(language.bytes(row.freedBytes))]
                }
            }
            for kind in [Leftover.Kind.leftover, .orphan] {
                let rows = removed.filter { $0.kind == kind }
                guard !rows.isEmpty else { continue }
                let count = rows.reduce(0) { $0 + $1.files.count }
                table.rows.append([
                    Text(kind.word),
                    Text(
                        count == 1
                            ? say(en: "1 file", es: "1 archivo") : say(en: "\(count) files", es: "\(count) archivos")),
                    Text(language.bytes(rows.reduce(0) { $0 + $1.freedBytes })),
                ])
            }
            page.table(table)
            page.line()
            let size = language.bytes(freedBytes)
            page.line(
                dryRun
                    ? say(en: "\(size) would be freed", es: "se liberarían \(size)")
                    : say(en: "\("✓", .good) removed; \(size) freed", es: "\("✓", .good) borrado; se liberaron \(size)")
            )
        }
        for ref in inUse {
            page.line(
                say(
                    en: "\(ref) is being downloaded by another process and stays",
                    es: "otro proceso está descargando \(ref): se queda"))
        }
    }
}

extension Leftover.Kind {
    /// In the user's language.
    fileprivate var word: String {
        switch self {
        case .halfDownload: say(en: "half download", es: "descarga a medias")
        case .keptVersion: say(en: "older version", es: "versión anterior")
        case .leftover: say(en: "leftovers", es: "sobras")
        case .orphan: say(en: "of no model", es: "de ningún modelo")
        }
    }
}
