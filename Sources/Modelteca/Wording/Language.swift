/// A language that users are spoken to in. Every sentence is written in all of them, side by side.
public enum Language: String, Sendable, CaseIterable {
    case en, es

    /// The user's language: what was asked for, else `LC_ALL`, `LC_MESSAGES`, `LANG` (the first that is set and not
    /// empty decides, as in POSIX), else English.
    public init(asked: String? = nil, environment: [String: String]) {
        let names = [asked, environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]]
        let chosen = names.compactMap(\.self).first { !$0.isEmpty } ?? "en"
        // `es`, `es_MX.UTF-8`, `es-419`; not `est`, which is Estonian.
        self = chosen.lowercased().prefix { $0.isLetter } == "es" ? .es : .en
    }

    /// Picks the sentence for this language.
    public func say(en: String, es: String) -> String {
        switch self {
        case .en: en
        case .es: es
        }
    }
}
