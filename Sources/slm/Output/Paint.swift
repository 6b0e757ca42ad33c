import Foundation
import HostHardware

/// Colours, or none: then a text is its words alone.
struct Paint: Sendable {
    /// Whether anything is painted.
    let isOn: Bool

    init(isOn: Bool) { self.isOn = isOn }

    /// - Parameter isRefused: With `--no-color`.
    init(on stream: Int32, isRefused: Bool = ThisProcess.arguments.contains("--no-color")) {
        let isTerminal = stream == STDOUT_FILENO ? Terminal.outputIsTerminal : Terminal.errorIsTerminal
        self.init(isOn: !isRefused && Self.isWanted(onTerminal: isTerminal, environment: environment))
    }

    /// What the environment says about colours, for programs of all kinds (no-color.org, bixense.com/clicolors,
    /// force-color.org).
    static func isWanted(onTerminal isTerminal: Bool, environment: [String: String]) -> Bool {
        func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
        if isSet("NO_COLOR") { return false }
        if isSet("CLICOLOR_FORCE"), environment["CLICOLOR_FORCE"] != "0" { return true }
        if isSet("FORCE_COLOR") { return !["0", "false"].contains(environment["FORCE_COLOR"]) }
        return isTerminal && environment["CLICOLOR"] != "0" && environment["TERM"] != "dumb"
    }

    func callAsFunction(_ text: Text) -> String {
        guard isOn else { return text.plain }
        return text.spans.map { span in
            guard let code = Self.code(of: span.tone), !span.text.isEmpty else { return span.text }
            return "\u{1B}[\(code)m\(span.text)\u{1B}[0m"
        }.joined()
    }

    /// ECMA-48, Select Graphic Rendition: the sixteen colours that follow the user's own palette.
    private static func code(of tone: Text.Tone) -> String? {
        switch tone {
        case .plain: nil
        case .good: "32"
        case .careful: "33"
        case .bad: "31"
        case .faint: "2"
        case .strong: "1"
        case .code: "30;107"
        }
    }
}
