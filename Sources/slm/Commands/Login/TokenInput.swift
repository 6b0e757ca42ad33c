import Foundation
import ModelHub
import Modelteca
import SystemPackage
import Threads

/// A token as somebody types or pipes it.
enum TokenInput {
    /// The most that is read, in bytes: tokens have some forty.
    private static let limit = 4096
    /// How often a stopped program is noticed while nobody types, in milliseconds.
    private static let pause: Int32 = 100

    /// Asks on a terminal, without showing what is typed; else reads standard input.
    ///
    /// - Throws: `UsageError` for what can be no token; `CancellationError`.
    static func read(for hub: String) async throws -> String {
        let isTyped = Terminal.inputIsTerminal
        if isTyped {
            Terminal.note(
                say(en: "Token for \(hub) (it is not shown): ", es: "Token para \(hub) (no se muestra): "))
        }
        // Whoever types takes a while, and the cooperative pool has no thread to spare.
        let bytes: [UInt8]? = try await withCheckedThrowingContinuation { continuation in
            do {
                try SystemThread.start("token") { continuation.resume(returning: isTyped ? typed() : piped()) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        if isTyped { Terminal.note("\n") }
        try Task.checkCancellation()
        guard let bytes, bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self),
            let token = token(text)
        else {
            throw UsageError(
                say(en: "what came is no token", es: "lo que llegó no es un token"),
                hint: say(
                    en: "a token is one word, as https://huggingface.co/settings/tokens shows it once",
                    es: "un token es una sola palabra, como la muestra una vez https://huggingface.co/settings/tokens"))
        }
        return token
    }

    /// One word that a header can carry.
    private static func token(_ text: String) -> String? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let word = words.first.map(String.init), word.utf8.allSatisfy({ $0 < 0x80 }),
            Credentials.isToken(word)
        else { return nil }
        return word
    }

    private static func piped() -> [UInt8]? {
        (try? FileDescriptor.standardInput.contents(limit: limit + 1)).map { Array($0) }
    }

    /// One line, its characters not shown.
    private static func typed() -> [UInt8]? {
        RawMode.during(.line) {
            var line: [UInt8] = []
            var byte: UInt8 = 0
            while line.count <= limit, !Interrupts.wasInterrupted {
                guard Key.isReady(within: pause) else { continue }
                guard Foundation.read(STDIN_FILENO, &byte, 1) == 1, byte != 10 else { break }
                line.append(byte)
            }
            return line
        }
    }
}
