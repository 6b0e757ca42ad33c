import Foundation
import Modelteca

/// The command was not written as it has to be.
struct UsageError: Explained {
    var words: Words

    var code: String { "usage" }

    init(_ message: String, hint: String? = nil) { words = Words(message, hint: hint) }

    /// As the parser has it of an argument that nobody asks for.
    static func missing(_ name: String, of command: String) -> UsageError {
        UsageError(
            say(en: "missing: `<\(name)>`", es: "falta: `<\(name)>`"), hint: UsageWords.helpHint(command: command))
    }
}

/// A file that was named is not there, or cannot be read.
struct MissingFile: Explained {
    var path: String
    /// The variable that names it; nil when the user typed it.
    var variable: String?

    var code: String { "no-such-file" }

    var words: Words {
        Words(
            en: "there is no readable file `\(path)`", es: "no hay un archivo legible `\(path)`",
            hint: variable.map {
                say(en: "\($0) names it: change or unset it", es: "lo nombra \($0): cámbielo o quítelo")
            })
    }
}

/// The answer was given, and it is a finding: scripts see that in the exit status.
struct CheckFailed: Error {
    var status = ExitStatus.found
}

/// Of several models some could not be had. The exit status is that of the first.
struct PartialFailure: Error {
    /// Never empty; in the order of the command, each as it was typed.
    var failed: [(ref: String, error: any Error)]
    /// What came all the same.
    var installed: [Installed.Row]

    /// The same for programs: the first error where a single one would be, then who failed and what came.
    struct Document: Encodable {
        var error: Failure.Message
        var failed: [Row]
        var installed: [Installed.Row]

        struct Row: Encodable {
            var ref: String
            var error: Failure.Message
        }
    }
}

/// An error on its way out: what is said, and the exit status.
struct Failure {
    private(set) var status: ExitStatus
    private(set) var message: Message
    /// Where the error is one of several.
    private var partial: PartialFailure.Document?
    private var others: [Failure] = []

    /// What is said about an error, for people and for scripts.
    struct Message: Encodable {
        var code: String
        var message: String
        @OrNull var hint: String?

        init(code: String, _ words: Words) {
            (self.code, message) = (code, words.message)
            hint = words.hint.map { Text($0).plain }
        }
    }

    init(_ error: any Error) {
        guard let some = error as? PartialFailure, let first = some.failed.first else {
            self.init(one: error)
            return
        }
        let failures = some.failed.map { Failure(one: $0.error) }
        self.init(one: first.error, beside: some.failed.dropFirst().map(\.error))
        // An interrupt concerns them all and is reported once.
        others = Interrupts.wasInterrupted ? [] : Array(failures.dropFirst())
        partial = PartialFailure.Document(
            error: message, failed: zip(some.failed, failures).map { .init(ref: $0.ref, error: $1.message) },
            installed: some.installed)
    }

    private init(one error: any Error, beside others: [any Error] = []) {
        if Interrupts.wasInterrupted {
            status = Interrupts.status
            message = Message(code: "interrupted", Words(Labels.interrupted, hint: Self.kept(by: [error] + others)))
            return
        }
        // What the disk says to whoever reads the store is the store's error.
        let error = StoreError.from(error)
        status = ExitStatus(error)
        message =
            switch error {
            case let error as any Explained: Message(code: error.code, error.words)
            case is CancellationError: Message(code: "interrupted", Words(Labels.interrupted))
            default:
                UsageWords.words(for: error).map { Message(code: "usage", $0) }
                    ?? Message(
                        code: "bug",
                        Words(
                            en: "a bug of slm: \(error)", es: "un fallo de slm: \(error)",
                            hint: say(
                                en: "please report it with the command that you gave",
                                es: "por favor, comuníquelo junto con el comando que escribió")))
            }
    }

    /// Whatever an interrupted step threw, the user only wants to know that it stopped, and what is kept.
    private static func kept(by errors: [any Error]) -> String? {
        let kept = errors.reduce(Int64(0)) { sum, error in
            if case DownloadError.interrupted(_, let kept) = error { sum + kept } else { sum }
        }
        if kept > 0 { return DownloadError.resume(kept) }
        guard Interrupts.keepsBytes else { return nil }
        return say(
            en: "what has arrived is kept; the same command resumes there",
            es: "lo que ha llegado se conserva; el mismo comando continúa desde ahí")
    }

    /// Who looked and wants none of what there is made no error.
    private var isChoice: Bool { message.code == "declined" }

    /// Says it, as JSON on standard output where JSON was asked for.
    func report(asJSON: Bool) {
        if asJSON,
            let document = try? partial.map({ try JSONOutput.document($0) })
                ?? JSONOutput.document(["error": message])
        {
            if (try? Terminal.answer(document + "\n")) != nil { return }
        }
        var page = Page(width: Terminal.columns, paint: Paint(on: STDERR_FILENO))
        let line: Text =
            isChoice
            ? Text(message.message.prefix(1).uppercased() + message.message.dropFirst() + ".")
            : "\(say(en: "error: ", es: "error: "), .bad)\(message.message)"
        // A log keeps it on one line, for whoever searches.
        if Terminal.errorIsTerminal { page.paragraph(line) } else { page.whole(line) }
        if let hint = message.hint {
            let label = say(en: "hint: ", es: "pista: ")
            let margin = String(repeating: " ", count: displayWidth(of: label))
            page.paragraph(Text(hint), indent: margin, first: Text(label, .strong))
        }
        Terminal.note(page.text)
        for other in others where other.message.message != message.message {
            other.report(asJSON: false)
        }
    }
}
