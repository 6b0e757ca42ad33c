import ArgumentParser
import Modelteca

/// `slm pin`: holds a model at its version.
struct PinCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "pin", en: "Hold models at the version they have: `slm update` leaves them alone.",
            es: "Fija modelos en la versión que tienen: `slm update` no los toca.")
    }

    @Argument(
        help: .say(en: "Stored models.", es: "Modelos guardados.", value: Labels.model), completion: .known(.stored))
    var refs: [String]

    @Flag(help: .say(en: "Let them be updated again, as `slm unpin` does.", es: "Los suelta, como `slm unpin`."))
    var off = false

    @OptionGroup var global: GlobalOptions

    func run() async throws { try await pin(refs, !off, global, console) }
}

/// `slm unpin`: lets a model be updated again.
struct UnpinCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "unpin", en: "Let pinned models be updated again.", es: "Permite que los modelos fijados se actualicen.")
    }

    @Argument(
        help: .say(en: "Stored models.", es: "Modelos guardados.", value: Labels.model), completion: .known(.stored))
    var refs: [String]

    @OptionGroup var global: GlobalOptions

    func run() async throws { try await pin(refs, false, global, console) }
}

private func pin(_ refs: [String], _ isPinned: Bool, _ global: GlobalOptions, _ console: Console) async throws {
    let shelf = try await global.shelf()
    var rows: [PinnedModels.Row] = []
    for ref in refs {
        rows.append(PinnedModels.Row(ref: try await shelf.setHeld(isPinned, ref).ref, pinned: isPinned))
    }
    try console.show(PinnedModels(models: rows))
}

/// Which models are held.
struct PinnedModels: Answer {
    static var isAllThereIs: Bool { false }

    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var pinned: Bool
    }

    func draw(on page: inout Page) {
        for row in models {
            page.line(
                row.pinned
                    ? say(
                        en: "\("✓", .good) \(row.ref) is pinned: `slm update` leaves it alone",
                        es: "\("✓", .good) \(row.ref) queda fijado: `slm update` no lo toca")
                    : say(
                        en: "\("✓", .good) \(row.ref) follows its origin again",
                        es: "\("✓", .good) \(row.ref) vuelve a seguir a su origen"))
        }
    }
}
