import ArgumentParser
import Modelteca
import SystemPackage

/// `slm __manual DIR`: writes the manual pages of this language, for those who pack the program.
struct ManualCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "__manual", shouldDisplay: false)
    }

    @Argument(help: .hidden, completion: .directory)
    var folder: String

    /// The day that the pages speak of.
    @Option(help: .hidden)
    var date: String

    /// Read from the arguments before they are parsed, see `Language.current`.
    @Option(help: .hidden)
    var lang: String?

    func run() async throws {
        guard let program = CommandFacts.program else { return }
        for page in ManualPage.all(of: program, date: date) {
            let file = FilePath(folder).appending("\(page.name).1")
            let descriptor = try FileDescriptor.open(
                file, .writeOnly, options: [.create, .truncate], permissions: .init(rawValue: 0o644))
            try descriptor.closeAfter { _ = try descriptor.writeAll(page.source.utf8) }
        }
    }
}
