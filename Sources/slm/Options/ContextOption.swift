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

    /// The context asked for, else the usual one.
    var length: Int { context ?? Self.usual }

    /// As an app on a phone runs a model.
    var forApps: Workload {
        var workload = Workload.phoneApp
        if let context { workload.contextLength = context }
        return workload
    }

    /// The context that a person has in mind who says nothing: enough for a conversation of some pages.
    static let usual = 4096
}
