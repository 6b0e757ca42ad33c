/// What other tools call what commands do here. They are answered, and stand in no list.
enum OtherNames {
    private static let commands: [String: [String]] = [
        "pull": ["get"], "install": ["get"], "download": ["get"], "add": ["get"],
        "remove": ["rm"], "uninstall": ["rm"], "delete": ["rm"],
        "info": ["show"], "inspect": ["show"], "tags": ["show"],
        "upgrade": ["update"],
        "chat": ["run"], "serve": ["run", "--server"],
        "version": ["--version"],
    ]

    /// Each with the command that it is here, in the order of the alphabet.
    static var all: [(name: String, meaning: String)] {
        commands.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: " ")) }
    }

    /// The arguments with a command's own name in the place of another one for it.
    static func replaced(in arguments: [String]) -> [String] {
        var arguments = arguments
        let positions = HelpPage.wordPositions(in: arguments)
        guard let first = positions.first else { return arguments.map { $0 == "-V" ? "--version" : $0 } }
        if let words = commands[arguments[first]] {
            arguments.replaceSubrange(first...first, with: words)
        } else if arguments[first] == "help", let asked = positions.dropFirst().first,
            let name = commands[arguments[asked]]?.first, !name.hasPrefix("-")
        {
            arguments[asked] = name
        }
        return arguments
    }
}
