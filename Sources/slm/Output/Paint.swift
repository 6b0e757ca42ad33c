/// Colours, or none: without a terminal, with `NO_COLOR` or `--no-color`, a text is its words alone.
struct Paint: Sendable {
    /// Whether anything is painted.
    let isOn: Bool

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
        }
    }
}
