import Foundation
import SystemPackage

extension FilePath {
    /// Where the program was started.
    static var workingFolder: FilePath { FilePath(FileManager.default.currentDirectoryPath) }

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
