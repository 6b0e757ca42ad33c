import Foundation
import SystemPackage

/// Names that come from a pipe: `slm list -q | slm get -`.
enum InputNames {
    /// Room for thousands, and an end for a pipe that has none.
    private static let limit = 1 << 20

    /// The names with those of standard input, one a line, in the place of `-`.
    ///
    /// - Throws: `UsageError`: too much, no text, or no name at all.
    static func expanded(_ names: [String]) throws -> [String] {
        guard let place = names.firstIndex(of: "-") else { return names }
        let data: Data
        do {
            data = try FileDescriptor.standardInput.contents(limit: limit + 1)
        } catch {
            let reason = (error as? Errno)?.words ?? "\(error)"
            throw UsageError(
                say(
                    en: "standard input cannot be read: \(reason)",
                    es: "no se puede leer la entrada estándar: \(reason)"))
        }
        guard data.count <= limit, let text = String(validating: data, as: UTF8.self) else {
            throw UsageError(
                say(
                    en: "what came on standard input is no list of models",
                    es: "lo que llegó por la entrada estándar no es una lista de modelos"),
                hint: oneALine)
        }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }
        let typed = names.filter { $0 != "-" }
        let all = typed[..<place] + lines.filter { !$0.isEmpty } + typed[place...]
        guard !all.isEmpty else {
            throw UsageError(
                say(en: "no name came on standard input", es: "no llegó ningún nombre por la entrada estándar"),
                hint: oneALine)
        }
        return Array(all)
    }

    private static var oneALine: String {
        say(
            en: "one model a line, as `slm list --quiet` writes them",
            es: "un modelo por línea, como los escribe `slm list --quiet`")
    }
}
