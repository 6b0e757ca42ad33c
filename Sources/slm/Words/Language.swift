import Foundation
import HostHardware

/// A language that users are spoken to in. Every sentence is written in both, side by side.
enum Language: String, Sendable, CaseIterable {
    case en, es

    /// The language of this run. Help texts are made while the arguments are parsed, so it is read from them before.
    @TaskLocal static var current = Language(
        asked: givenValue(of: "--lang") ?? ConfigFile.current?.values[.language],
        environment: environment)

    /// The user's language: what was asked for, else `LC_ALL`, `LC_MESSAGES`, `LANG` (the first that is set and not
    /// empty decides, as in POSIX), else English.
    init(asked: String? = nil, environment: [String: String]) {
        let names = [asked, environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]]
        let chosen = names.compactMap(\.self).first { !$0.isEmpty } ?? "en"
        // `es`, `es_MX.UTF-8`, `es-419`; not `est`, which is Estonian.
        self = chosen.lowercased().prefix { $0.isLetter } == "es" ? .es : .en
    }
}

/// The variables that this run was started with.
let startEnvironment = ProcessInfo.processInfo.environment

/// The same, and what the configuration file says where they are silent.
let environment = ConfigFile.current?.completing(startEnvironment) ?? startEnvironment

/// The sentence for the language of this run.
func say(en: @autoclosure () -> String, es: @autoclosure () -> String) -> String {
    switch Language.current {
    case .en: en()
    case .es: es()
    }
}

/// The sentence for the language of this run, with tones.
func say(en: @autoclosure () -> Text, es: @autoclosure () -> Text) -> Text {
    switch Language.current {
    case .en: en()
    case .es: es()
    }
}
