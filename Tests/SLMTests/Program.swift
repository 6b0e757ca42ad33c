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
