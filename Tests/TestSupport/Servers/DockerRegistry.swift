import Foundation
internal import SystemPackage

/// The CNCF's registry (Debian's `docker-registry`) on a port of 127.0.0.1: one that was not written for these tests.
public struct DockerRegistry: Sendable {
    /// Whether it is here. Tests that need it are skipped where it is not.
    public static let isInstalled = installedProgram("docker-registry") != nil
    /// The account of a registry that asks for one.
    public static let user = "ada"
    /// Its password.
    public static let password = "secret"
    /// The password as `htpasswd -B` writes it.
    private static let entry = "ada:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"

    /// `127.0.0.1:PORT`.
    public let host: String
    private let process: RunningCommand

    fileprivate init(asks: Bool, in folder: FilePath) async throws {
        guard let program = installedProgram("docker-registry") else { throw ProgramMissing(name: "docker-registry") }
        let socket = try Socket.listening(port: 0)
        let port = socket.port
        socket.close()
        host = "127.0.0.1:\(port)"
        try folder.appending("htpasswd").write(Array(Self.entry.utf8))
        var configuration = """
            version: 0.1
            log: {level: info, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: \(folder.appending("data"))}
              delete: {enabled: true}
            http:
              addr: \(host)
              secret: loopback-only

            """
        if asks {
            configuration += "auth:\n  htpasswd: {realm: test, path: \(folder.appending("htpasswd"))}\n"
        }
        try folder.appending("config.yml").write(Array(configuration.utf8))
        process = try RunningCommand(program, ["serve", folder.appending("config.yml").string])
        try await process.waitForOutput(containing: "listening on")
    }

    fileprivate func end() async throws {
        process.send(SIGTERM)
        _ = try await process.wait()
    }
}

/// A registry for the length of a body; it ends whatever happens.
///
/// - Parameter asks: Whether it wants to know who comes.
public func withDockerRegistry(asks: Bool = false, _ body: (DockerRegistry) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        let registry = try await DockerRegistry(asks: asks, in: folder)
        do {
            try await body(registry)
        } catch {
            try? await registry.end()
            throw error
        }
        try await registry.end()
    }
}
