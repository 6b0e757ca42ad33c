internal import Foundation
internal import ModelCatalog

/// What Docker, Podman and others have kept of the user's accounts at registries (docker/cli, `cli/config/configfile`).
struct DockerCredentials: Sendable {
    /// What a registry, or the host that gives its tokens, is told.
    enum Secret: Sendable, Equatable {
        case password(user: String, password: String)
        /// Is exchanged for a token; no password.
        case identityToken(String)

        /// The header's value.
        var basic: String? {
            guard case .password(let user, let password) = self else { return nil }
            return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        }
    }

    private struct File: Decodable {
        var auths: [String: Entry]?
        var credHelpers: [String: String]?
        var credsStore: String?

        struct Entry: Decodable {
            var auth: String?
            var username: String?
            var password: String?
            var identitytoken: String?
        }
    }

    /// The largest file that is read, in bytes.
    private static let fileLimit = 1 << 20

    let files: [String]
    let searchPath: String

    /// The user's account at a host; nil when there is none, or none that can be read.
    func secret(for host: String) async -> Secret? {
        let names = Self.names(of: host)
        for path in files {
            guard let file = Self.read(path) else { continue }
            let helper = names.lazy.compactMap { file.credHelpers?[$0] }.first ?? file.credsStore
            if let helper {
                for name in names {
                    if let secret = await CredentialHelper(helper, in: searchPath)?.secret(for: name) { return secret }
                }
            }
            for name in names {
                if let secret = file.auths?[name].flatMap(Self.secret) { return secret }
            }
        }
        return nil
    }

    /// How a host is written in these files: Docker Hub by the address of its first registry.
    private static func names(of host: String) -> [String] {
        if host == Registries.dockerHub {
            return ["https://index.docker.io/v1/", "index.docker.io", "docker.io", host]
        }
        return [
            host, "https://\(host)", "https://\(host)/", "https://\(host)/v2/", "https://\(host)/v1/", "http://\(host)",
        ]
    }

    private static func read(_ path: String) -> File? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: fileLimit)).flatMap { try? JSONDecoder().decode(File.self, from: $0) }
    }

    private static func secret(_ entry: File.Entry) -> Secret? {
        if let token = entry.identitytoken, !token.isEmpty { return .identityToken(token) }
        if let auth = entry.auth, let data = Data(base64Encoded: auth) {
            let text = String(decoding: data, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return nil }
            let password = text[text.index(after: colon)...].trimmingCharacters(in: ["\0"])
            return .password(user: String(text[..<colon]), password: password)
        }
        guard let user = entry.username, let password = entry.password, !user.isEmpty else { return nil }
        return .password(user: user, password: password)
    }
}

/// `docker-credential-NAME`: a program that keeps credentials (docker/docker-credential-helpers, `README.md`).
struct CredentialHelper: Sendable {
    private struct Answer: Decodable {
        var username: String
        var secret: String

        enum CodingKeys: String, CodingKey {
            case username = "Username"
            case secret = "Secret"
        }
    }

    /// It may have to ask the user's keyring, which may have to ask the user. In seconds.
    private static let patience = 60.0

    private let program: String

    /// Nil when there is no such program, or when its name is no plain word.
    init?(_ name: String, in searchPath: String) {
        let isWord = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F].contains(byte)
        }
        let folders = searchPath.split(separator: ":").filter { $0.hasPrefix("/") }
        let programs = folders.lazy.map { "\($0)/docker-credential-\(name)" }
        guard isWord, !name.isEmpty,
            let program = programs.first(where: { FileManager.default.isExecutableFile(atPath: $0) })
        else { return nil }
        self.program = program
    }

    /// Nil when it knows none.
    func secret(for server: String) async -> DockerCredentials.Secret? {
        let answer: Data? = await withCheckedContinuation { continuation in
            // Waiting for a program needs a thread that nobody else needs.
            Thread { continuation.resume(returning: ask(server)) }.start()
        }
        guard let answer, let found = try? JSONDecoder().decode(Answer.self, from: answer), !found.secret.isEmpty else {
            return nil
        }
        return found.username == "<token>"
            ? .identityToken(found.secret) : .password(user: found.username, password: found.secret)
    }

    private func ask(_ server: String) -> Data? {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: program)
        process.arguments = ["get"]
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return nil }
        let identifier = process.processIdentifier
        let stop = DispatchWorkItem { kill(identifier, SIGTERM) }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience, execute: stop)
        try? input.fileHandleForWriting.write(contentsOf: Data((server + "\n").utf8))
        try? input.fileHandleForWriting.close()
        let answer = try? output.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        stop.cancel()
        return process.terminationStatus == 0 ? answer : nil
    }
}
