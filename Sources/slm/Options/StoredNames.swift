import ArgumentParser

/// Names of stored models, for commands that otherwise take all.
struct StoredNames: ParsableArguments {
    @Argument(
        help: .say(
            en: "Stored models; without names, all.", es: "Modelos guardados; sin nombre, todos.", value: Labels.model),
        completion: .known(.stored))
    var refs: [String] = []
}
