import Disk
package import SystemPackage

extension StoreLayout {
    /// Where the store is unless the user names a place: `SLM_STORE`, else `slm` in the user's Downloads folder.
    ///
    /// On Linux the desktop keeps the name of that folder in `user-dirs.dirs` (`Descargas` on a Spanish one);
    /// source: `man 5 user-dirs.dirs`. A Mac shows `~/Downloads` translated, the name on the disk is always this one.
    ///
    /// - Parameters:
    ///   - environment: Of the process; `SLM_STORE` and `XDG_CONFIG_HOME` are looked at.
    ///   - home: The user's home folder.
    package static func defaultRoot(environment: [String: String], home: FilePath) -> FilePath {
        if let store = environment["SLM_STORE"], !store.isEmpty { return FilePath(store) }
        return downloads(environment: environment, home: home).appending("slm")
    }

    private static func downloads(environment: [String: String], home: FilePath) -> FilePath {
        let usual = home.appending("Downloads")
        #if canImport(Darwin)
            return usual
        #else
            var settings = home.appending(".config")
            // The specification says that a relative path here is to be ignored.
            if let named = environment["XDG_CONFIG_HOME"], named.hasPrefix("/") { settings = FilePath(named) }
            guard let text = readText(at: settings.appending("user-dirs.dirs"), limit: 64 << 10) else { return usual }
            return downloads(userDirectories: text, home: home) ?? usual
        #endif
    }

    /// Reads `XDG_DOWNLOAD_DIR="$HOME/Descargas"` or `XDG_DOWNLOAD_DIR="/data/downloads"`; nil when the file does not
    /// name a folder, or names the home folder itself, which is how a desktop says that there is none.
    static func downloads(userDirectories text: String, home: FilePath) -> FilePath? {
        var found: FilePath?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            guard line.hasPrefix("XDG_DOWNLOAD_DIR=\"") else { continue }
            guard let value = quoted(line.dropFirst("XDG_DOWNLOAD_DIR=\"".count)) else { continue }
            // A shell reads this file, so the last line wins.
            if value.hasPrefix("$HOME/") {
                found = home.appending(String(value.dropFirst("$HOME/".count)))
            } else if value.hasPrefix("/"), !value.unicodeScalars.contains("\0") {
                found = FilePath(value)
            }
        }
        guard let found = found?.lexicallyNormalized(), found != home.lexicallyNormalized() else { return nil }
        return found
    }

    /// The text up to the closing quote, with the shell's backslashes resolved; nil when the quote is never closed.
    private static func quoted(_ text: Substring) -> String? {
        var value = ""
        var characters = text.makeIterator()
        while let character = characters.next() {
            switch character {
            case "\"": return value
            case "\\": if let next = characters.next() { value.append(next) }
            default: value.append(character)
            }
        }
        return nil
    }
}
