import Foundation
import Synchronization
import Threads

/// Ctrl-C, a polite `kill` and a terminal that goes away: the first stops the work cleanly, the second stops at once.
///
/// A stop by Ctrl-C exits with 130, one by SIGTERM or SIGHUP with 75: it was not the user's, so trying again makes
/// sense.
enum Interrupts {
    private static let caught = Mutex<(signal: Int32, keepsBytes: Bool)>((0, false))
    private static let isTold = Mutex(false)

    static var wasInterrupted: Bool { caught.withLock { $0.signal != 0 } }

    static var status: ExitStatus {
        caught.withLock { [SIGTERM, SIGHUP].contains($0.signal) ? .tryAgain : .interrupted }
    }

    /// True for the first caller: the end of the program is reported once.
    static func claimEnd() -> Bool {
        isTold.withLock { told in
            defer { told = true }
            return !told
        }
    }

    /// Whether what the command has done so far is kept for the next run.
    static var keepsBytes: Bool { caught.withLock { $0.keepsBytes } }

    /// From here on an interrupted run has something to go on with.
    static func noteTransfer() { caught.withLock { $0.keepsBytes = true } }

    /// Where the handler leaves the number of a signal, and the end from which the watching thread reads it.
    private static let channel: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        return (ends[0], ends[1])
    }()

    /// How long the work has to stop, in milliseconds.
    private static let patience: Int32 = 900

    /// Passes the first signal on to `cancel`; a second one ends the program at once.
    ///
    /// A handler and a pipe, not a dispatch source: a source ignores the signals until it is set up, and on a busy
    /// machine a Ctrl-C in that moment was lost. What was ignored when the program started stays ignored, as for
    /// programs that a script puts into the background.
    /// - Parameter asJSON: How the end is reported when the work does not stop by itself in time.
    /// - Throws: `ThreadError`.
    static func watch(asJSON: Bool, cancel: @escaping @Sendable () -> Void) throws(ThreadError) {
        let source = channel.read
        try SystemThread.start("signals") {
            var number: UInt8 = 0
            while true {
                var state = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
                // Partial files are journalled as they grow: nothing is lost by not waiting longer.
                let count = poll(&state, 1, wasInterrupted ? patience : -1)
                if count == 0 { return end(asJSON: asJSON) }
                if count < 0, errno == EINTR { continue }
                guard read(source, &number, 1) == 1 else { return }
                received(Int32(number), cancel: cancel)
            }
        }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let before = signal(number) { number in
                // Only what a signal handler may do: one write.
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Interrupts.channel.write, &byte, 1)
            }
            if isIgnoring(before) { signal(number, SIG_IGN) }
        }
    }

    private static func isIgnoring(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
        unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func received(_ number: Int32, cancel: @Sendable () -> Void) {
        let isFirst = caught.withLock { state in
            defer { if state.signal == 0 { state.signal = number } }
            return state.signal == 0
        }
        guard isFirst else {
            RawMode.restore()
            _exit(status.rawValue)
        }
        cancel()
    }

    /// The work has not stopped in time.
    private static func end(asJSON: Bool) {
        guard claimEnd() else { return }
        RawMode.restore()
        Failure(CancellationError()).report(asJSON: asJSON)
        _exit(status.rawValue)
    }
}
