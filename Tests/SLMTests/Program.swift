import Foundation
import SystemPackage
import TestSupport

/// The built program with a home, a store and a Hub of its own: no test reaches a real folder or the real network.
struct Program {
    let hub: LoopbackHub
    let folder: FilePath

    var store: FilePath { folder.appending("store") }

    /// Runs it to its end.
    func run(
        _ arguments: String..., language: String = "en", columns: Int = 100, input: String = "",
        environment: [String: String] = [:]
    ) async throws -> RunningCommand.Result {
        try await run(arguments, language: language, columns: columns, input: input, environment: environment)
    }

    func run(
        _ arguments: [String], language: String = "en", columns: Int = 100, input: String = "",
        environment: [String: String] = [:]
    ) async throws -> RunningCommand.Result {
        try await RunningCommand.run(
            builtProgram("slm"), arguments, environment: self.environment(language, columns, environment),
            folder: folder, input: input)
    }

    /// Starts it.
    func start(_ arguments: String..., environment: [String: String] = [:]) throws -> RunningCommand {
        try RunningCommand(
            builtProgram("slm"), arguments, environment: self.environment("en", 100, environment), folder: folder)
    }

    /// Starts it in a terminal of 100 columns.
    func startInTerminal(_ arguments: String..., environment: [String: String] = [:]) throws -> RunningCommand {
        let own = self.environment("en", 100, ["TERM": "xterm", "LANG": "en_US.UTF-8"])
        return try RunningCommand(
            builtProgram("slm"), arguments, environment: own.merging(environment) { _, new in new }, folder: folder,
            inTerminal: true)
    }

    /// Runs it with `--json` and reads the one document that it writes.
    func json(_ arguments: String..., environment: [String: String] = [:]) async throws -> JSON {
        let result = try await RunningCommand.run(
            builtProgram("slm"), arguments + ["--json"], environment: self.environment("en", 100, environment),
            folder: folder)
        return try JSON(parsing: result.standardOutput)
    }

    private func environment(_ language: String, _ columns: Int, _ more: [String: String]) -> [String: String] {
        [
            "HOME": folder.appending("home").string, "SLM_STORE": store.string, "HF_ENDPOINT": hub.address,
            "OLLAMA_REGISTRY": hub.address, "LANG": language == "es" ? "es_ES.UTF-8" : "C.UTF-8",
            "COLUMNS": String(columns), "NO_PROXY": "127.0.0.1",
        ].merging(more) { _, new in new }
    }
}

/// Runs a body with a program of its own; everything is gone afterwards.
func withProgram(_ body: (Program) async throws -> Void) async throws {
    try await withLoopbackHub { hub in
        try await withTemporaryFolder { folder in
            let program = Program(hub: hub, folder: folder)
            // Its name is given, so it has to be there.
            try FileManager.default.createDirectory(
                atPath: program.store.string, withIntermediateDirectories: false)
            try await body(program)
        }
    }
}

/// A JSON value that tests look into.
enum JSON: Equatable {
    case object([String: JSON])
    case array([JSON])
    case text(String)
    case number(Double)
    case truth(Bool)
    case null

    struct NotJSON: Error {
        let text: String
    }

    init(parsing text: String) throws {
        guard let data = text.data(using: .utf8),
            let value = try? JSONDecoder().decode(JSON.self, from: data)
        else { throw NotJSON(text: text) }
        self = value
    }

    subscript(key: String) -> JSON? {
        if case .object(let fields) = self { fields[key] } else { nil }
    }

    var elements: [JSON] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var keys: Set<String> {
        if case .object(let fields) = self { Set(fields.keys) } else { [] }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var integer: Int? {
        if case .number(let number) = self { Int(exactly: number) } else { nil }
    }
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Each miss is an error whose stack is looked up: what is most frequent is tried first.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .truth(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }
}
