import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Ctrl-C and a polite `kill`: the first stops the work cleanly, the second stops at once.
///
/// A stop by Ctrl-C exits with 130, one by SIGTERM with 75: somebody else wanted it, so it may be tried again.
enum Interrupts {
    private static let caught = Mutex<(signal: Int32, keepsBytes: Bool)>((0, false))
    private static let isTold = Mutex(false)

    static var wasInterrupted: Bool { caught.withLock { $0.signal != 0 } }

    static var status: ExitStatus { caught.withLock { $0.signal == SIGTERM ? .tryAgain : .interrupted } }

    /// True for the first who asks: the end of the program is told once.
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

    /// Keeps the signals from all threads, so that they wait for the one that `watch` starts. To be called on the main
    /// thread before there are others: those inherit it.
    ///
    /// A dispatch source would do the same, but it ignores the signals while it starts: on a busy machine a Ctrl-C in
    /// that moment was lost.
    static func hold() {
        var set = signals
        _ = pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Passes the first signal on to `cancel`; a second one ends the program at once.
    ///
    /// - Parameter asJSON: How the end is told when the work does not stop by itself in time.
    static func watch(asJSON: Bool, cancel: @escaping @Sendable () -> Void) {
        let thread = Thread {
            var number: Int32 = 0
            var set = signals
            while sigwait(&set, &number) == 0 {
                let isFirst = caught.withLock { state in
                    defer { if state.signal == 0 { state.signal = number } }
                    return state.signal == 0
                }
                guard isFirst else { _exit(status.rawValue) }
                cancel()
                // Partial files are journalled as they grow: nothing is lost by not waiting longer.
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(900)) {
                    guard claimEnd() else { return }
                    Failure(CancellationError()).report(asJSON: asJSON, paint: Paint(isOn: false))
                    _exit(status.rawValue)
                }
            }
        }
        thread.name = "signals"
        thread.start()
    }

    private static var signals: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }
}
