/// What was checked.
struct Checkup: Answer {
    static var isAllThereIs: Bool { false }

    var checks: [Check]
    var version: String

    struct Check: Encodable {
        var name: Name
        var state: State
        var message: String
        @OrNull var hint: String?
        /// Whether `--fix` can do something about it.
        var isFixable = false

        private enum CodingKeys: CodingKey { case name, state, message, hint }

        init(_ name: Name, _ state: State, _ message: String, hint: String? = nil, isFixable: Bool = false) {
            self.isFixable = isFixable
            self.name = name
            self.state = state
            self.message = message
            self.hint = hint
        }

        init(_ name: Name, _ failure: Failure.Message) {
            self.init(name, .bad, failure.message, hint: failure.hint)
        }
    }

    enum State: String, Encodable { case good, fixed, careful, bad }

    func draw(on page: inout Page) {
        let widest = checks.map { displayWidth(of: $0.name.word) }.max() ?? 0
        for check in checks {
            let mark: Text =
                switch check.state {
                case .good, .fixed: Text("✓", .good)
                case .careful: Text("!", .careful)
                case .bad: Text("✗", .bad)
                }
            let margin = String(repeating: " ", count: widest + 4)
            page.paragraph(
                Text(check.message), indent: margin, first: (mark + " \(check.name.word)").padded(to: widest + 4))
            if let hint = check.hint { page.paragraph(Text(hint, .faint), indent: margin) }
        }
        page.line()
        page.line(
            Text(
                checks.contains { $0.state == .bad }
                    ? say(
                        en: "There are problems: see the lines with ✗.", es: "Hay problemas: revise las líneas con ✗.")
                    : checks.contains { $0.state == .careful }
                        ? say(
                            en: "It works; the lines with ! are worth a look.",
                            es: "Funciona; conviene mirar las líneas con !.")
                        : say(en: "All is well.", es: "Todo está bien.")))
        if checks.contains(where: \.isFixable) {
            page.line(
                Text(say(en: "`slm doctor --fix` fixes what it can.", es: "`slm doctor --fix` arregla lo que puede.")))
        }
    }

    enum Name: String, Encodable {
        case store, space, index, model, locks, leftovers, network, token, catalog, configuration

        var word: String {
            switch self {
            case .store: Labels.store
            case .space: say(en: "space", es: "espacio")
            case .index: say(en: "index", es: "índice")
            case .model: Labels.model
            case .locks: say(en: "locks", es: "bloqueos")
            case .leftovers: say(en: "downloads", es: "descargas")
            case .network: say(en: "network", es: "red")
            case .token: say(en: "token", es: "token")
            case .catalog: Labels.catalog
            case .configuration: say(en: "configuration", es: "configuración")
            }
        }
    }
}
