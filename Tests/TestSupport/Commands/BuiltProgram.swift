import Foundation
public import SystemPackage

/// A program of this package that was not built.
public struct ProgramMissing: Error {
    /// As in the package.
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
