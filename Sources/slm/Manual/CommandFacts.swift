import ArgumentParser
import Foundation

/// What the argument parser knows about a command: completions and manual pages are made from it, as the help is, so
/// that none of them can tell of an option that is not there.
struct CommandFacts: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var subcommands: [CommandFacts]?
    var arguments: [ArgumentFacts]?

    /// The program with all its commands, in the language of this run.
    static var program: CommandFacts? {
        do {
            _ = try SLM.parseAsRoot(["--experimental-dump-help"])
            return nil
        } catch {
            return try? JSONDecoder().decode(Document.self, from: Data(SLM.fullMessage(for: error).utf8)).command
        }
    }

    private struct Document: Decodable { var command: CommandFacts }

    /// The commands that are for people.
    var shownCommands: [CommandFacts] { (subcommands ?? []).filter { $0.shouldDisplay != false } }

    /// The arguments that are for people.
    var shownArguments: [ArgumentFacts] { (arguments ?? []).filter { $0.shouldDisplay != false } }

    var positionals: [ArgumentFacts] { shownArguments.filter { $0.kind == .positional } }

    var options: [ArgumentFacts] { shownArguments.filter { $0.kind != .positional } }

    func command(named name: String) -> CommandFacts? { subcommands?.first { $0.commandName == name } }
}

/// An argument, an option or a flag.
struct ArgumentFacts: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }

    struct Name: Decodable {
        enum Kind: String, Decodable { case long, short, longWithSingleDash }

        var kind: Kind
        var name: String

        /// As it is typed.
        var typed: String { (kind == .long ? "--" : "-") + name }
    }

    /// What the parser was told about the values that it can be given.
    struct Completion: Decodable {
        struct Values: Decodable { var values: [String] }
        struct Source: Decodable { var command: String }
        struct Nothing: Decodable {}

        var list: Values?
        var shellCommand: Source?
        var file: Nothing?
        var directory: Nothing?
    }

    var kind: Kind
    var shouldDisplay: Bool?
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var allValues: [String]?
    var completionKind: Completion?
    var abstract: String?

    /// The name to write it by.
    var longest: String { (names ?? []).map(\.typed).max { $0.count < $1.count } ?? valueName ?? "" }
}
