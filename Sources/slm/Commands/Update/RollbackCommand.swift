import ArgumentParser
import Modelteca

/// `slm rollback`: the version before the last update.
struct RollbackCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "rollback", en: "Go back to the version that `slm update --keep` kept.",
            es: "Vuelve a la versión que conservó `slm update --keep`.",
            more: say(
                en: "The present version is kept in its place: the same command goes forward again.",
                es: "La versión actual se conserva en su lugar: el mismo comando vuelve a avanzar."))
    }

    @Argument(
        help: .say(en: "A stored model.", es: "Un modelo guardado.", value: Labels.model), completion: .known(.stored))
    var ref: String

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let (old, new) = try await global.shelf().rollBack(ref)
        try console.show(
            RolledBack(
                ref: new.ref, path: new.path.string, fromSha256: old.files.first?.digest?.hex,
                toSha256: new.files.first?.digest?.hex, sizeBytes: new.size))
    }
}

/// What a model is again.
struct RolledBack: Answer {
    static var isAllThereIs: Bool { false }

    var ref: String
    var path: String
    @OrNull var fromSha256: String?
    @OrNull var toSha256: String?
    var sizeBytes: Int64

    func draw(on page: inout Page) {
        let (old, new) = (fromSha256?.prefix(8) ?? "–", toSha256?.prefix(8) ?? "–")
        page.line(
            say(
                en: "\("✓", .good) \(ref) is \(new)… again; \(old)… was kept",
                es: "\("✓", .good) \(ref) vuelve a ser \(new)…; se conservó \(old)…"))
        page.line(
            say(
                en: "`slm pin \(ref)` keeps updates away from it, `slm rollback \(ref)` goes forward again.",
                es: "`slm pin \(ref)` evita que se actualice; `slm rollback \(ref)` vuelve a avanzar."))
    }
}
