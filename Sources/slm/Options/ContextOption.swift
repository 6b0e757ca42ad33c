import ArgumentParser
import Modelteca

/// How long a text the model keeps in mind.
struct ContextOption: ParsableArguments {
    @Option(help: .say(en: "Context length in tokens.", es: "Longitud del contexto en tokens.", value: "tokens"))
    var context: Int?

    func validate() throws {
        if let context, context < 1 || context > 100_000_000 {
            throw invalid(en: "no context has \(context) tokens", es: "ningún contexto tiene \(context) tokens")
        }
    }

    /// The context asked for, else the usual one of a device.
    func length(on device: Device) -> Int { context ?? Self.usual(on: device) }

    /// The work that a model is chosen for.
    func workload(on device: Device) -> Workload { Self.workload(context, on: device) }

    /// The context that a person has in mind who says nothing, in tokens: enough for a conversation of some pages, and on
    /// phones what their apps have.
    static func usual(on device: Device) -> Int { workload(on: device).contextLength ?? 4096 }

    /// A conversation of so many tokens; nil for the usual one, and models made for less then have their own. On phones
    /// as their apps run it.
    static func workload(_ context: Int? = nil, on device: Device) -> Workload {
        var workload = Workload.usual(on: device)
        if let context { workload.contextLength = context }
        workload.contextMayShrink = context == nil
        return workload
    }
}
