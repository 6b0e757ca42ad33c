import Foundation
import SystemPackage

extension FilePath {
    /// Where the program was started.
    static var workingFolder: FilePath { FilePath(FileManager.default.currentDirectoryPath) }

    /// A path as a user types it, from the root on: `~` is the home folder, and `.` and `..` are resolved.
    init(userPath text: String, home: FilePath) {
        let path =
            text == "~" ? home : text.hasPrefix("~/") ? home.appending(String(text.dropFirst(2))) : FilePath(text)
        self = path.absolute
    }

    /// For a page: the user's home as `~`, and nothing that could move a cursor.
    var shown: String {
        let home = FilePath(environment["HOME"] ?? "").lexicallyNormalized()
        var rest = self
        guard home.isAbsolute, !home.components.isEmpty, rest.removePrefix(home) else { return string }
        return rest.isEmpty ? "~" : "~/" + rest.string
    }

    /// The same path from the root on, without `.` and `..`.
    var absolute: FilePath {
        isAbsolute ? lexicallyNormalized() : FilePath.workingFolder.pushing(self).lexicallyNormalized()
    }
}
