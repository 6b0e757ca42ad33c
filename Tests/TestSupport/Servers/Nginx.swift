public import Foundation
public import SystemPackage

/// nginx on ports of 127.0.0.1, with TLS and an authority of its own: a server that was not written for these tests.
public struct Nginx: Sendable {
    /// What a client meets at a port.
    public enum Port: String, CaseIterable, Sendable {
        /// TLS with HTTP/2 for who offers it.
        case http2
        /// The same once more: another origin, which ends each connection after two requests.
        case other
        /// TLS with HTTP/1.1 only.
        case http1
        /// TLS with a certificate whose time is over.
        case expired
        /// TLS with a certificate for another host.
        case otherHost
        /// No TLS.
        case plain
    }

    /// A request as nginx noted it down.
    public struct Request: Decodable, Sendable {
        /// The port it came to.
        public let port: UInt16
        /// `HTTP/2.0`, `HTTP/1.1`.
        public let version: String
        /// Of the answer.
        public let status: Int
        /// With the query, percent-encoded.
        public let path: String
        /// Empty when there was none.
        public let authorization: String
        /// Who asked.
        public let userAgent: String
        /// Empty when there was none.
        public let range: String
        /// Equal numbers are one connection.
        public let connection: Int
        /// From 1: which request of its connection it was.
        public let ordinal: Int
        /// Of the body, in bytes.
        public let sent: Int
    }

    /// nginx did not start, or a certificate was not made.
    public struct StartFailure: Error {
        /// In the words of nginx or openssl.
        public let text: String
    }

    /// Whether nginx and the openssl program are here. Tests that need them are skipped where they are not.
    public static let isInstalled = installedProgram("nginx") != nil && installedProgram("openssl") != nil

    /// Its certificate vouches for `http2`, `other` and `http1`, as 127.0.0.1 and as localhost.
    public let caFile: FilePath
    private let folder: FilePath
    private let ports: [Port: UInt16]
    private let process: RunningCommand

    /// `https://127.0.0.1:PORT`.
    public func address(_ port: Port, host: String = "127.0.0.1") -> String {
        "\(port == .plain ? "http" : "https")://\(host):\(number(port))"
    }

    /// The address of a path at a port.
    ///
    /// - Throws: When the path has to be encoded first.
    public func url(_ port: Port, _ path: String, host: String = "127.0.0.1") throws -> URL {
        guard let url = URL(string: address(port, host: host) + path) else { throw StartFailure(text: path) }
        return url
    }

    /// The number of a port.
    public func number(_ port: Port) -> UInt16 { ports[port] ?? 0 }

    /// Puts a file in place of another, as an upload does: under another ETag.
    ///
    /// - Throws: When it cannot be written.
    public func put(_ name: String, _ content: Content) throws {
        let path = folder.appending("root").appending(name)
        try? FileManager.default.removeItem(atPath: path.string)
        try path.write(content.allBytes())
    }

    /// Ends nginx and gives the requests that it has answered, in the order of their ends.
    ///
    /// - Throws: `CancellationError`, and when the log cannot be read.
    public func finish() async throws -> [Request] {
        process.send(SIGQUIT)
        // Between looking whether it is to end and waiting for connections nginx does not notice: a connection wakes it.
        if let connection = try? Socket.connected(to: number(.http1)) { connection.close() }
        _ = try await process.wait()
        let lines = try folder.appending("access.log").readBytes().split(separator: UInt8(ascii: "\n"))
        return try lines.map { try JSONDecoder().decode(Request.self, from: Data($0)) }
    }

    /// Ends nginx as a lost machine ends: nobody says goodbye.
    ///
    /// - Throws: `CancellationError`.
    public func die() async throws {
        process.send(SIGKILL)
        _ = try await process.wait()
        try? FileManager.default.removeItem(atPath: folder.appending("access.log").string)
    }

    /// nginx on the same ports, after its end, with a log of its own.
    ///
    /// - Throws: When it does not start.
    public func restarted() async throws -> Nginx { try await Nginx(self) }

    fileprivate init(_ files: [String: Content], _ site: Site, in folder: FilePath) async throws {
        self.folder = folder
        let authority = try await Authority(in: folder)
        caFile = authority.certificate
        try await authority.issue("good", hosts: "IP:127.0.0.1,DNS:localhost")
        try await authority.issue("expired", hosts: "IP:127.0.0.1,DNS:localhost", until: "20200201000000Z")
        try await authority.issue("elsewhere", hosts: "DNS:elsewhere.invalid")
        for (name, content) in files { try folder.appending("root").appending(name).write(content.allBytes()) }
        // Somebody may take a port between the search for it and nginx.
        for attempt in 1...3 {
            let ports = try Self.freePorts()
            try folder.appending("nginx.conf").write(Array(site.configuration(ports).utf8))
            do {
                process = try await Self.start(in: folder)
                self.ports = ports
                return
            } catch let failure as StartFailure where attempt < 3 && failure.text.contains("bind()") {
                continue
            }
        }
        throw StartFailure(text: "no free ports")
    }

    private init(_ before: Nginx) async throws {
        (folder, caFile, ports) = (before.folder, before.caFile, before.ports)
        process = try await Self.start(in: folder)
    }

    private static func start(in folder: FilePath) async throws -> RunningCommand {
        guard let program = installedProgram("nginx") else { throw ProgramMissing(name: "nginx") }
        let process = try RunningCommand(
            program, ["-p", folder.string, "-c", folder.appending("nginx.conf").string, "-e", "stderr"])
        // It listens before it says this.
        try await process.waitForOutput(containing: "event method")
        guard process.isRunning else { throw StartFailure(text: try await process.wait().standardError) }
        return process
    }

    private static func freePorts() throws -> [Port: UInt16] {
        let sockets = try Port.allCases.map { _ in try Socket.listening(port: 0) }
        defer { for socket in sockets { socket.close() } }
        return Dictionary(uniqueKeysWithValues: zip(Port.allCases, sockets.map(\.port)))
    }
}

/// nginx with files for the length of a body; it ends whatever happens.
///
/// - Parameter files: By path. Below `/two/` the same files are given to at most two connections at a time, below `/slow/`
///   at half a megabyte a second each.
public func withNginx<Result>(
    isolation: isolated (any Actor)? = #isolation, _ files: [String: Content] = [:], _ site: Nginx.Site = Nginx.Site(),
    _ body: (Nginx) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let nginx = try await Nginx(files, site, in: folder)
        return try await body(nginx)
    }
}
