import Foundation
import SystemPackage

/// A program that the user's shell would find; nil when it is not installed.
func program(_ name: String) -> FilePath? {
    (environment["PATH"] ?? "").split(separator: ":").lazy.map { FilePath(String($0)).appending(name) }
        .first { access($0.string, X_OK) == 0 }
}
