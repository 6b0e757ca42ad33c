import ArgumentParser
import Foundation
import HostHardware
import Modelteca
import Threads

/// The program: picks the command, runs it, and turns what went wrong into words and an exit status.
@main
struct SLM: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "slm",
            abstract: say(
                en: "Small language models: which fit this device, and how to get them.",
                es: "Modelos de lenguaje pequeños: cuáles caben en su equipo y cómo descargarlos."),
            version: "slm \(Version.current)",
            subcommands: commands)
    }

    static var commands: [any ParsableCommand.Type] {
        [
            ListCommand.self, SearchCommand.self, ShowCommand.self, RecommendCommand.self, GetCommand.self,
            AdoptCommand.self, ImportCommand.self, ExportCommand.self, LinkCommand.self, PushCommand.self,
            LSCommand.self, PathCommand.self, VerifyCommand.self,
            RMCommand.self, PruneCommand.self, StoreCommand.self, RollbackCommand.self, PinCommand.self,
            UnpinCommand.self,
            OutdatedCommand.self, UpdateCommand.self, DeviceCommand.self, FitCommand.self, CatalogCommand.self,
            DoctorCommand.self, ShareCommand.self, RunCommand.self, WebCommand.self, CompletionCommand.self,
            CompleteCommand.self,
            ManualCommand.self, EnvCommand.self, LoginCommand.self, LogoutCommand.self,
        ]
    }

    @OptionGroup var global: GlobalOptions

    /// Who wants to know what is wrong in the configuration, or what could stand there, is told.
    private static func mendsSettings(_ command: some ParsableCommand) -> Bool {
        command is EnvCommand || command is DoctorCommand || command is CompleteCommand
            || (command as? DeviceCommand)?.profiles == true
    }

    static func main() async {
        Terminal.openClosedStreams()
        // A reader that goes away shows as a failed write, see `Terminal.send`; libcurl's sockets do the same.
        signal(SIGPIPE, SIG_IGN)
        ThisProcess.shareHeap()
        ConfigFile.load()
        let arguments = OtherNames.replaced(in: Array(ThisProcess.arguments.dropFirst()))
        let asJSON = arguments.prefix { $0 != "--" }.contains("--json")
        do {
            try SystemThread.check(threads)
            try TooFewFiles.check(ThisProcess.raisedFileLimit())
            guard ThisProcess.hasOnlyText else {
                throw UsageError(
                    say(en: "an argument is not UTF-8 text", es: "un argumento no es texto UTF-8"),
                    hint: say(
                        en: "rename the file or folder, or name the folder above it",
                        es: "cambie el nombre del archivo o de la carpeta, o nombre la carpeta que lo contiene"))
            }
        } catch {
            end(with: error, asJSON: asJSON)
        }
        let work = Task { try await perform(arguments) }
        do {
            try Interrupts.watch(asJSON: asJSON) { work.cancel() }
        } catch {
            end(with: error, asJSON: asJSON)
        }
        switch await work.result {
        case .success: ExitStatus.done.leave()
        case .failure(let error): end(with: error, asJSON: asJSON)
        }
    }

    /// What the cooperative pool may want, and a few of our own. Where they cannot be had the pool would wait for them
    /// without an end.
    private static var threads: Int { min(ProcessInfo.processInfo.activeProcessorCount, 16) + 4 }

    private static func perform(_ arguments: [String]) async throws {
        if HelpPage.isWanted(by: arguments) { return try Terminal.answer(HelpPage.text) }
        if let topic = HelpTopic(arguments) { return try Terminal.answer(topic.page(columns: HelpPage.columns)) }
        // The parser's own option for it would complete neither models nor profiles.
        if let shell = Shell.asked(in: arguments) { return try await perform(["completion", shell]) }
        try UsageWords.checkCommandName(in: arguments, among: commands)
        do {
            // Whoever asks nothing wants to know what there is for this device.
            let asked = HelpPage.commandWord(in: arguments) == nil && !isHelp(arguments) ? ["recommend"] : []
            var command = try parseAsRoot(asked + arguments)
            if let fault = ConfigFile.current?.faults.first, !mendsSettings(command) { throw fault }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch  where exitCode(for: error) == .success {
            // Help and version are thrown.
            try Terminal.answer(HelpPage.localized(fullMessage(for: error, columns: HelpPage.unfolded)))
        }
    }

    private static func isHelp(_ arguments: [String]) -> Bool {
        arguments.contains { ["--version", "-V", "--help", "-h", "-help"].contains($0) }
    }

    private static func end(with error: any Error, asJSON: Bool) -> Never {
        if let finding = error as? CheckFailed { finding.status.leave() }
        let failure = Failure(error)
        if Interrupts.claimEnd() { failure.report(asJSON: asJSON) }
        failure.status.leave()
    }
}
