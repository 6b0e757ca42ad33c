import Foundation
import SystemPackage

/// What the three standard streams are connected to.
enum Terminal {
    static let inputIsTerminal = isatty(STDIN_FILENO) == 1
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1

    /// Whether lines on standard error can be drawn again in place.
    static let canRedraw = errorIsTerminal && environment["TERM"] != "dumb"

    /// Columns of the screen now: what `COLUMNS` says, else what the terminal says, else 100.
    static var columns: Int {
        if let told = environment["COLUMNS"].flatMap({ Int($0) }), told > 0 { return max(20, min(told, 400)) }
        return size.flatMap { $0.ws_col > 0 ? max(20, Int($0.ws_col)) : nil } ?? 100
    }

    /// Rows of the screen now; 24 where nobody says.
    static var rows: Int { size.flatMap { $0.ws_row > 0 ? Int($0.ws_row) : nil } ?? 24 }

    private static var size: winsize? {
        for stream in [STDOUT_FILENO, STDERR_FILENO] {
            var size = winsize()
            if ioctl(stream, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return size }
        }
        return nil
    }

    /// Gives standard streams that are closed somewhere to lead, else the next file that is opened takes their place.
    /// Nobody reads what is written there: standard output says so to whoever writes to it.
    static func openClosedStreams() {
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            _ = open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Whether standard output was closed when the program started.
    static var outputWasClosed: Bool { fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE == O_RDONLY }

    /// Writes to standard output.
    ///
    /// - Throws: `OutputError`: an answer that does not arrive is none.
    static func answer(_ text: String) throws(OutputError) {
        if let code = send(text, to: STDOUT_FILENO) { throw OutputError(reason: Errno(rawValue: code)) }
    }

    /// Writes UTF-8 to standard output.
    ///
    /// - Throws: `OutputError`.
    static func answer(_ bytes: [UInt8]) throws(OutputError) {
        let code = bytes.withUnsafeBytes { send($0, to: STDOUT_FILENO) }
        if let code { throw OutputError(reason: Errno(rawValue: code)) }
    }

    /// Writes to standard error, as far as it takes it.
    static func note(_ text: String) { _ = send(text, to: STDERR_FILENO) }

    /// Writes all of a text; a reader that went away (`slm list | head -1`) ends the program as it ends others.
    ///
    /// - Returns: Why it could not be written; nil when it was.
    private static func send(_ text: String, to stream: Int32) -> Int32? {
        var text = text
        return text.withUTF8 { send(UnsafeRawBufferPointer($0), to: stream) }
    }

    private static func send(_ bytes: UnsafeRawBufferPointer, to stream: Int32) -> Int32? {
        var bytes = bytes
        while !bytes.isEmpty {
            let count = write(stream, bytes.baseAddress, bytes.count)
            if count > 0 {
                bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
                continue
            }
            switch errno {
            case EPIPE:
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
                return EPIPE
            case EINTR: break
            case EAGAIN:
                var state = pollfd(fd: stream, events: Int16(POLLOUT), revents: 0)
                poll(&state, 1, -1)
            case let code: return code
            }
        }
        return nil
    }

}

/// Standard output does not take the answer: its disk is full, for instance.
struct OutputError: Explained {
    var reason: Errno

    var code: String { "output" }

    var words: Words {
        Words(
            en: "the answer could not be written to standard output: \(reason.words)",
            es: "no se pudo escribir la respuesta en la salida estándar: \(reason.words)")
    }
}
