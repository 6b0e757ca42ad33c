import Foundation
import HostHardware
import Modelteca

/// The language of this run. Help texts are made while the arguments are parsed, so it is read from them before.
enum Speech {
    static let environment = ProcessInfo.processInfo.environment

    static let language = Language(asked: asked(in: Array(ThisProcess.arguments.dropFirst())), environment: environment)

    /// The value of `--lang`, wherever it stands.
    static func asked(in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { return nil }
            if argument == "--lang", index + 1 < arguments.count { return arguments[index + 1] }
            if argument.hasPrefix("--lang=") { return String(argument.dropFirst(7)) }
        }
        return nil
    }
}

/// A sentence in the language of this run.
func say(en: @autoclosure () -> String, es: @autoclosure () -> String) -> String {
    Speech.language == .es ? es() : en()
}

/// A sentence with tones in the language of this run.
func say(en: @autoclosure () -> Text, es: @autoclosure () -> Text) -> Text {
    Speech.language == .es ? es() : en()
}
