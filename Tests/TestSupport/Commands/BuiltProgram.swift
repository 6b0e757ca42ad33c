import Foundation
public import SystemPackage

/// A program that is not here: one of this package that was not built, or another that is not installed.
public struct ProgramMissing: Error {
    /// Without a folder.
    public let name: String
}

/// A program that this package builds: it lies beside the test bundle.
///
/// - Throws: `ProgramMissing`.
public func builtProgram(_ name: String) throws -> FilePath {
    // On Linux the bundle of the running tests is the build folder; on macOS it is a folder in it.
    let bundles = [Bundle.main] + Bundle.allBundles.filter { $0.bundlePath.hasSuffix(".xctest") }
    for bundle in bundles {
        for folder in [FilePath(bundle.bundlePath), FilePath(bundle.bundlePath).removingLastComponent()] {
            let path = folder.appending(name)
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path.string, isDirectory: &isFolder)
            if exists, !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: path.string) { return path }
        }
    }
    throw ProgramMissing(name: name)
}

/// A program of this machine; nil when it is not installed.
public func installedProgram(_ name: String) -> FilePath? {
    // Servers are often in folders that only an administrator's shell looks into.
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"])
        .map { FilePath($0).appending(name) }
        .first { FileManager.default.isExecutableFile(atPath: $0.string) }
}
