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
    /// Our end of its terminal; nil where it has none.
    private let terminal: FileDescriptor?

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - environment: All of it: nothing is taken over from the test, so that no test reaches a real home folder.
    ///   - input: What it reads on standard input; an empty input ends at once.
    ///   - inTerminal: Whether its standard input and standard error are a terminal, see ``type(_:)``.
    /// - Throws: When it cannot be started.
    public init(
        _ program: FilePath, _ arguments: [String] = [], environment: [String: String] = [:],
        folder: FilePath? = nil, input: String = "", inTerminal: Bool = false
    ) throws {
        let state = Watched(State())
        let process = Process()
        process.executableURL = URL(filePath: program.string)
        process.arguments = arguments
        process.environment = environment
        if let folder { process.currentDirectoryURL = URL(filePath: folder.string) }
        let (output, error) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        process.standardInput = try Self.stream(of: input)
        let ends = inTerminal ? try Self.openTerminal() : nil
        if let screen = ends?.its {
            process.standardInput = FileHandle(fileDescriptor: screen.rawValue, closeOnDealloc: false)
            process.standardError = process.standardInput
        }
        terminal = ends?.our
        defer { try? ends?.its.close() }
        process.terminationHandler = { ended in
            let how = (ended.terminationStatus, ended.terminationReason == .uncaughtSignal)
            state.update { $0.ended = how }
        }
        try Self.withoutBlockedSignals { try process.run() }
        processID = process.processIdentifier
        Self.collect(output.fileHandleForReading.fileDescriptor, into: state) { $0.output.append($1) }
        let errors = terminal?.rawValue ?? error.fileHandleForReading.fileDescriptor
        Self.collect(errors, into: state) { $0.error.append($1) }
        self.state = state
        self.process = Mutex(process)
    }

    /// Nothing is left running when a test ends early.
    deinit {
        send(SIGKILL)
        try? terminal?.close()
    }

    /// Whether it has not ended yet.
    public var isRunning: Bool { state.value.ended == nil }

    /// What has come on standard output so far.
    public var standardOutput: String { String(decoding: state.value.output, as: UTF8.self) }

    /// Sends a signal, such as `SIGINT`.
    public func send(_ signal: Int32) {
        // A process that has ended may have given its number to another.
        if state.value.ended == nil { _ = kill(processID, signal) }
    }

    /// Presses keys in its terminal.
    public func type(_ keys: String) throws { try terminal?.writeAll(Array(keys.utf8)) }

    /// Whether its terminal shows what is typed, and gives it by the line: as a shell wants it.
    public var terminalIsPlain: Bool {
        var mode = termios()
        guard let terminal, tcgetattr(terminal.rawValue, &mode) == 0 else { return false }
        return mode.c_lflag & tcflag_t(ICANON) != 0 && mode.c_lflag & tcflag_t(ECHO) != 0
    }

    private static func openTerminal() throws -> (our: FileDescriptor, its: FileDescriptor) {
        var (our, its): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&our, &its, nil, nil, &size) == 0 else { throw Errno(rawValue: errno) }
        _ = fcntl(our, F_SETFD, FD_CLOEXEC)
        return (FileDescriptor(rawValue: our), FileDescriptor(rawValue: its))
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

    /// Starts something that inherits which signals are blocked: on threads of Swift's pool nearly all are, and a program
    /// started there would not hear Ctrl-C.
    private static func withoutBlockedSignals(_ start: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        // Tests that a script runs in the background are started with Ctrl-C ignored, and so would be what they start.
        let disposition = signal(SIGINT, SIG_DFL)
        defer { signal(SIGINT, disposition) }
        try start()
    }

    /// A file rather than a pipe: writing into a pipe whose reader has gone would end the test with SIGPIPE.
    private static func stream(of input: String) throws -> FileHandle {
        guard !input.isEmpty else { return .nullDevice }
        let file = FileManager.default.temporaryDirectory.appending(path: "modelteca-input-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try FileHandle(forReadingFrom: file)
    }

    /// Reads a stream to its end on a thread of its own: two full pipes read in turn would block the program.
    private static func collect(
        _ stream: Int32, into state: Watched<State>, _ append: @escaping @Sendable (inout State, Data) -> Void
    ) {
        // A descriptor of our own, because the pipe closes its one when it is freed.
        let descriptor = FileDescriptor(rawValue: fcntl(stream, F_DUPFD_CLOEXEC, 0))
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while let count = try? buffer.withUnsafeMutableBytes({ try descriptor.read(into: $0) }), count > 0 {
                let data = Data(buffer[..<count])
                state.update { append(&$0, data) }
            }
            try? descriptor.close()
            state.update { $0.open -= 1 }
        }
    }
}
