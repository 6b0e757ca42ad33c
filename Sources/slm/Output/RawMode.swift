import Foundation
import Synchronization

/// A terminal that does not show what is typed: set here, and given back here, whatever ends the program.
enum RawMode {
    /// What comes.
    enum Kind {
        /// Each key at once. Ctrl-C stays a signal, see ``Interrupts``; Ctrl-Z and Ctrl-\ would leave the terminal as it is.
        case keys
        /// A line, as always.
        case line
    }

    private static let before = Mutex<(mode: termios, kind: Kind)?>(nil)
    /// `_POSIX_VDISABLE`: the key that does nothing.
    #if canImport(Darwin)
        private static let disabled: UInt8 = 0xFF
    #else
        private static let disabled: UInt8 = 0
    #endif

    static func during<Result>(_ kind: Kind, _ work: () throws -> Result) rethrows -> Result {
        var mode = termios()
        guard tcgetattr(STDIN_FILENO, &mode) == 0 else { return try work() }
        before.withLock { $0 = (mode, kind) }
        defer { restore() }
        mode.c_lflag &= ~tcflag_t(ECHO)
        if kind == .keys {
            mode.c_lflag &= ~tcflag_t(ICANON)
            withUnsafeMutableBytes(of: &mode.c_cc) { keys in
                keys[Int(VMIN)] = 1
                keys[Int(VTIME)] = 0
                for key in [VSUSP, VQUIT] { keys[Int(key)] = disabled }
            }
            Terminal.note("\u{1B}[?25l")
        }
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode)
        return try work()
    }

    /// Gives the terminal back as it was; for an end that no `defer` sees, too.
    static func restore() {
        before.withLock { before in
            guard let (old, kind) = before else { return }
            var mode = old
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode)
            if kind == .keys { Terminal.note("\u{1B}[?25h") }
            before = nil
        }
    }
}

/// What somebody presses.
enum Key: Equatable {
    case up, down, pageUp, pageDown, first, last, enter, escape
    /// The terminal has gone away.
    case end
    case other

    /// How long the rest of a sequence may take, in milliseconds: Esc alone has none.
    private static let patience: Int32 = 60

    /// The next one.
    ///
    /// - Throws: `CancellationError` when the program is to stop.
    static func next() throws -> Key {
        while true {
            if Interrupts.wasInterrupted { throw CancellationError() }
            if isReady(within: 100) { break }
        }
        switch byte() {
        case nil, 0x04: return .end
        case 0x0A, 0x0D: return .enter
        case UInt8(ascii: "k"), 0x10: return .up
        case UInt8(ascii: "j"), 0x0E: return .down
        case UInt8(ascii: "q"): return .escape
        case 0x1B: return isReady(within: patience) ? sequence() : .escape
        default: return .other
        }
    }

    /// After Esc: `[A`, `OA`, `[5~`.
    private static func sequence() -> Key {
        guard let first = byte(), first == UInt8(ascii: "[") || first == UInt8(ascii: "O") else { return .other }
        var parameter: UInt8 = 0
        while isReady(within: patience), let next = byte() {
            switch next {
            case UInt8(ascii: "A"): return .up
            case UInt8(ascii: "B"): return .down
            case UInt8(ascii: "H"): return .first
            case UInt8(ascii: "F"): return .last
            case UInt8(ascii: "~"):
                return switch parameter {
                case UInt8(ascii: "5"): .pageUp
                case UInt8(ascii: "6"): .pageDown
                case UInt8(ascii: "1"), UInt8(ascii: "7"): .first
                case UInt8(ascii: "4"), UInt8(ascii: "8"): .last
                default: .other
                }
            case 0x30...0x3F: parameter = next
            default: return .other
            }
        }
        return .other
    }

    static func isReady(within milliseconds: Int32) -> Bool {
        var state = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, milliseconds) > 0
    }

    private static func byte() -> UInt8? {
        var byte: UInt8 = 0
        return read(STDIN_FILENO, &byte, 1) == 1 ? byte : nil
    }
}
