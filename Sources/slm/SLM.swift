import ArgumentParser
import HostHardware
import Modelteca

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The program: picks the command, runs it, and turns what went wrong into words and an exit status.
@main
struct SLM: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "slm",
            abstract: say(
                en: "Small language models: which fit this device, and have them.",
                es: "Modelos de lenguaje pequeños: cuáles caben en este equipo, y tenerlos."),
            version: "slm \(Version.current)",
            subcommands: commands)
    }

    static var commands: [any ParsableCommand.Type] {
        [
            List.self, Search.self, Show.self, Recommend.self, Get.self, LS.self, Path.self, Verify.self, RM.self,
            Outdated.self, Update.self, ShowDevice.self, Fit.self, CatalogCommand.self, Doctor.self,
        ]
    }

    @OptionGroup var global: GlobalOptions

    static func main() async {
        // A reader that goes away shows as a failed write, see `Terminal.write`; libcurl's sockets do the same.
        signal(SIGPIPE, SIG_IGN)
        ThisProcess.shareHeap()
        let arguments = Array(ThisProcess.arguments.dropFirst())
        if HelpPage.isWanted(by: arguments) {
            Terminal.write(HelpPage.text, to: STDOUT_FILENO)
            return
        }
        let asJSON = arguments.prefix { $0 != "--" }.contains("--json")
        let work = Task { try await perform(arguments) }
        Interrupts.watch(asJSON: asJSON) { work.cancel() }
        let result = await work.result
        switch result {
        case .success: ExitStatus.done.leave()
        case .failure(let error): end(with: error, asJSON: asJSON)
        }
    }

    private static func perform(_ arguments: [String]) async throws {
        try UsageWording.checkCommandName(in: arguments, among: commands)
        var command = try parseAsRoot(arguments)
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
    }

    private static func end(with error: any Error, asJSON: Bool) -> Never {
        if error is Finding { ExitStatus.found.leave() }
        if exitCode(for: error) == .success {
            Terminal.write(HelpPage.localized(fullMessage(for: error, columns: HelpPage.columns)), to: STDOUT_FILENO)
            ExitStatus.done.leave()
        }
        let failure = Failure(error)
        let wantsColour =
            (Speech.environment["NO_COLOR"] ?? "").isEmpty && !ThisProcess.arguments.contains("--no-color")
        if Interrupts.claimEnd() {
            failure.report(asJSON: asJSON, paint: Paint(isOn: wantsColour && Terminal.errorIsTerminal))
        }
        failure.status.leave()
    }
}
