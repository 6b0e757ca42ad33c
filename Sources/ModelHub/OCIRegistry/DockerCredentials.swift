internal import Disk
internal import Foundation
internal import ModelCatalog
internal import SystemPackage
internal import Threads

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
        readText(at: FilePath(path), limit: fileLimit).flatMap {
            try? JSONDecoder().decode(File.self, from: Data($0.utf8))
        }
    }

    private static func secret(_ entry: File.Entry) -> Secret? {
        if let token = entry.identitytoken, !token.isEmpty { return .identityToken(token) }
        if let auth = entry.auth, let data = Data(base64Encoded: auth) {
            let text = String(decoding: data, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return nil }
            let password = text[text.index(after: colon)...].filter { $0 != "\0" }
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
            do {
                try SystemThread.start("credentials") { continuation.resume(returning: ask(server)) }
            } catch {
                continuation.resume(returning: nil)
            }
        }
        guard let answer, let found = try? JSONDecoder().decode(Answer.self, from: answer), !found.secret.isEmpty else {
            return nil
        }
        return found.username == "<token>"
            ? .identityToken(found.secret) : .password(user: found.username, password: found.secret)
    }

    private func ask(_ server: String) -> Data? {
        guard let input = try? FileDescriptor.pipe(), let output = try? FileDescriptor.pipe() else { return nil }
        let ends = [input.readEnd, input.writeEnd, output.readEnd, output.writeEnd]
        let identifier = start(reading: input.readEnd, writing: output.writeEnd, without: ends)
        try? input.readEnd.close()
        try? output.writeEnd.close()
        defer { try? output.readEnd.close() }
        guard let identifier else {
            try? input.writeEnd.close()
            return nil
        }
        let stop = DispatchWorkItem { kill(identifier, SIGTERM) }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience, execute: stop)
        _ = try? input.writeEnd.closeAfter { try input.writeEnd.writeAll((server + "\n").utf8) }
        var answer = Data()
        var piece = [UInt8](repeating: 0, count: 4096)
        while let count = try? piece.withUnsafeMutableBytes({ try output.readEnd.read(into: $0) }), count > 0 {
            answer.append(contentsOf: piece.prefix(count))
        }
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        stop.cancel()
        return status == 0 ? answer : nil
    }

    /// Starts the program with these ends of pipes as its input and output.
    private func start(
        reading input: FileDescriptor, writing output: FileDescriptor, without ends: [FileDescriptor]
    ) -> pid_t? {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.rawValue, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.rawValue, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        for end in ends { posix_spawn_file_actions_addclose(&actions, end.rawValue) }
        let variables = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("get"), nil]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) }
        environment.append(nil)
        defer { for text in arguments + environment { free(text) } }
        var identifier: pid_t = 0
        return posix_spawn(&identifier, program, &actions, nil, &arguments, &environment) == 0 ? identifier : nil
    }
}
