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
        var pieces: [(tone: Text.Tone, text: String)] = []
        for span in text.spans where !span.text.isEmpty {
            if pieces.last?.tone == span.tone {
                pieces[pieces.count - 1].text += span.text
            } else {
                pieces.append((span.tone, span.text))
            }
        }
        return pieces.map { tone, text in Self.code(of: tone).map { "\u{1B}[\($0)m\(text)\u{1B}[0m" } ?? text }.joined()
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
