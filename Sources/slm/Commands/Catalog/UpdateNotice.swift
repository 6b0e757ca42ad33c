import Disk
import Foundation
import Modelteca
import SystemPackage

/// That there is a newer slm: told at most once a day, where a catalog was fetched that says so. Nothing is asked for it.
enum UpdateNotice {
    private static let day = 86_400.0

    /// Whether the last time is long enough ago; then this is a time. Where that cannot be noted it is told once more.
    static func isDue(_ settings: Shelf.Settings) -> Bool {
        let stamp = settings.caches.appending("modelteca/update-notice")
        if let last = FileStatus(of: stamp)?.modified {
            let seconds = Date().timeIntervalSince1970 - Double(last) / 1e9
            if (0..<day).contains(seconds) { return false }
        }
        let folder = stamp.removingLastComponent()
        try? FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        try? Data().write(to: URL(filePath: stamp.string))
        return true
    }

    static func words(_ version: String) -> Text {
        say(
            en: "slm \(version) is out; this is \(Version.current).",
            es: "Hay una versión nueva, slm \(version); esta es la \(Version.current).")
    }
}
