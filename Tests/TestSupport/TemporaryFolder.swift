import Foundation
public import SystemPackage

/// A folder of its own for the length of a body; it is removed whatever happens.
///
/// - Throws: What the body throws, and when the folder cannot be made.
public func withTemporaryFolder<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (FilePath) async throws -> Result
) async throws -> Result {
    let folder = try makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    return try await body(folder)
}

/// A folder of its own for the length of a body; it is removed whatever happens.
///
/// - Throws: What the body throws, and when the folder cannot be made.
public func withTemporaryFolder<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
    let folder = try makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    return try body(folder)
}

/// The name is resolved: on some systems the temporary folder is behind a link, and paths are compared.
private func makeTemporaryFolder() throws -> FilePath {
    let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    let folder = base.appending(path: "modelteca-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return FilePath(folder.path(percentEncoded: false))
}

extension FilePath {
    /// Writes a whole file, with the folders above it.
    ///
    /// - Throws: When it cannot be written.
    public func write(_ bytes: [UInt8]) throws {
        let file = URL(filePath: string)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    /// Reads a whole file.
    ///
    /// - Throws: When it cannot be read.
    public func readBytes() throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: string))) }
}
