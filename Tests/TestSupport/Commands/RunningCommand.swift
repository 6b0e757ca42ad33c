import Foundation
import Synchronization
public import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A program under test: started with an environment of its own, watched, signalled, and its output collected.
public final class RunningCommand: Sendable {
    /// How a program ended and what it said.
    public struct Result: Sendable {
        /// The exit status; nil when a signal ended it.
        public let status: Int32?
        /// The signal that ended it.
        public let signal: Int32?
        /// All of it.
        public let standardOutput: String
        /// All of it.
        public let standardError: String
    }

    private struct State: Sendable {
        var output = Data()
        var error = Data()
        /// Streams that have not ended yet.
        var open = 2
        var ended: (status: Int32, bySignal: Bool)?
        var isOver: Bool { open == 0 && ended != nil }
    }

    /// The number that the system gave it.
    public let processID: Int32
    private let state: Watched<State>
    private let process: Mutex<Process>

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - environment: All of it: nothing is taken over from the test, so that no test reaches a real home folder.
    ///   - input: What it reads on standard input; an empty input ends at once.
    /// - Throws: When it cannot be started.
    public init(
        _ program: FilePath, _ arguments: [String] = [], environment: [String: String] = [:],
        folder: FilePath? = nil, input: String = ""
    ) throws {
        let state = Watched(State())
        let process = Process()
        process.executableURL = URL(filePath: program.string)
        process.arguments = arguments
        process.environment = environment
        if let folder { process.currentDirectoryURL = URL(filePath: folder.string) }
        let (output, error, inputPipe) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        process.standardInput = inputPipe
        process.terminationHandler = { ended in
            let how = (ended.terminationStatus, ended.terminationReason == .uncaughtSignal)
            state.update { $0.ended = how }
        }
        try process.run()
        processID = process.processIdentifier
        Self.collect(output.fileHandleForReading, into: state) { $0.output.append($1) }
        Self.collect(error.fileHandleForReading, into: state) { $0.error.append($1) }
        let writer = inputPipe.fileHandleForWriting
        if !input.isEmpty { try? writer.write(contentsOf: Data(input.utf8)) }
        try? writer.close()
        self.state = state
        self.process = Mutex(process)
    }

    /// Sends a signal, such as `SIGINT`.
    public func send(_ signal: Int32) {
        // A process that has ended may have given its number to another.
        if state.value.ended == nil { _ = kill(processID, signal) }
    }

    /// Waits for the end.
    ///
    /// - Throws: `CancellationError`.
    public func wait() async throws -> Result {
        try await state.wait { $0.isOver }
        let end = state.value
        let (status, bySignal) = end.ended ?? (0, false)
        return Result(
            status: bySignal ? nil : status, signal: bySignal ? status : nil,
            standardOutput: String(decoding: end.output, as: UTF8.self),
            standardError: String(decoding: end.error, as: UTF8.self))
    }

    /// Returns once standard output or standard error contains a text, or the program has ended.
    ///
    /// - Throws: `CancellationError`.
    public func waitForOutput(containing text: String) async throws {
        try await state.wait { state in
            let parts = [state.output, state.error]
            return state.isOver || parts.contains { String(decoding: $0, as: UTF8.self).contains(text) }
        }
    }

    /// Runs a program to its end.
    ///
    /// - Throws: When it cannot be started, or `CancellationError`.
    public static func run(
        _ program: FilePath, _ arguments: [String] = [], environment: [String: String] = [:],
        folder: FilePath? = nil, input: String = ""
    ) async throws -> Result {
        try await RunningCommand(program, arguments, environment: environment, folder: folder, input: input).wait()
    }

    /// Reads a stream to its end on a thread of its own: two full pipes read in turn would block the program.
    private static func collect(
        _ stream: FileHandle, into state: Watched<State>,
        _ append: @escaping @Sendable (inout State, Data) -> Void
    ) {
        Thread.detachNewThread {
            while let data = try? stream.read(upToCount: 64 << 10), !data.isEmpty {
                state.update { append(&$0, data) }
            }
            state.update { $0.open -= 1 }
        }
    }
}
