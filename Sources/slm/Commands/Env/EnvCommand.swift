import ArgumentParser
import Modelteca

/// `slm env`: the settings of this run, and who has set each.
struct EnvCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "env", en: "Every setting, and where it comes from.", es: "Cada ajuste, y de dónde viene.",
            more: say(
                en: """
                      slm env --json

                    An option comes first, then a variable, then ~/.config/slm/config.yaml with lines like `store: ~/models`.
                    A token is never shown, only whether there is one.
                    """,
                es: """
                      slm env --json

                    Primero cuenta una opción, luego una variable y luego ~/.config/slm/config.yaml, con líneas como
                    `store: ~/modelos`. El token no se muestra nunca, solo si lo hay.
                    """))
    }

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let settings = global.settings
        try console.show(
            SettingsList(
                settings: Setting.all(settings, global),
                faults: (ConfigFile.current?.faults ?? []).map { Failure.Message(code: $0.code, $0.words) }
                    + settings.faults.map { Failure.Message(code: $0.code, $0.words) }))
    }
}

/// All settings.
struct SettingsList: Answer {
    var settings: [Setting]
    /// What is set and cannot be used: most commands refuse to work then.
    var faults: [Failure.Message]

    func draw(on page: inout Page) {
        page.pairs(
            settings.map { setting in
                (setting.title, Text(setting.shown) + Text("  " + setting.whence, .faint))
            }, indent: "")
        for fault in faults {
            page.line()
            page.paragraph("\("!", .bad) \(fault.message)")
            if let hint = fault.hint { page.paragraph(Text(hint), indent: "  ") }
        }
    }
}
