import ArgumentParser
import CurlHTTP
import Modelteca

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Exit statuses, after `sysexits.h`.
enum ExitStatus: Int32, Sendable {
    case done = 0
    /// The check found something: damage, something newer, a model that does not fit.
    case found = 1
    case usage = 64
    case data = 65
    case missing = 66
    case unavailable = 69
    case bug = 70
    case cannotCreate = 73
    case inputOutput = 74
    case tryAgain = 75
    case notAllowed = 77
    /// 128 and the number of SIGINT, as shells have it.
    case interrupted = 130

    /// Ends the program.
    func leave() -> Never { exit(rawValue) }
}

/// The command was not written as it has to be.
struct UsageError: Error {
    var message: String
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// A file that was named is not there, or cannot be read.
struct MissingFile: Error {
    var path: String
}

/// The answer was given, and it is one that scripts want to see in the exit status.
struct Finding: Error {}

/// An error on its way out: what is said, and the exit status.
struct Failure {
    var status: ExitStatus
    var wording: Words
    /// Where the error is one of several.
    private var several: SomeFailedAnswer?
    private var others: [Failure] = []

    /// What is said about an error, for people and for scripts.
    struct Words: Encodable {
        var code: String
        var message: String
        @OrNull var hint: String?
    }

    init(_ error: any Error) {
        if let some = error as? SomeFailed { self.init(some) } else { self.init(one: error) }
    }

    private init(_ some: SomeFailed) {
        let failures = some.failed.map { Failure(one: $0.error) }
        self.init(one: some.failed.first?.error ?? some)
        // An interrupt concerns them all, and is told once.
        others = Interrupts.wasInterrupted ? [] : Array(failures.dropFirst())
        several = SomeFailedAnswer(
            error: wording, failed: zip(some.failed, failures).map { .init(ref: $0.ref, error: $1.wording) },
            installed: some.installed)
    }

    private init(one error: any Error) {
        status = Self.status(of: error)
        switch error {
        case let error as UsageError:
            wording = Words(code: "usage", message: error.message, hint: error.hint)
        case let error as MissingFile:
            wording = Words(
                code: "no-such-file",
                message: say(
                    en: "there is no readable file `\(error.path)`", es: "no hay un archivo legible `\(error.path)`"),
                hint: nil)
        default:
            wording =
                ErrorWording(error, in: Speech.language).map {
                    Words(code: $0.code, message: $0.message, hint: $0.hint)
                } ?? UsageWording.words(for: error) ?? Self.bug(error)
        }
        if Interrupts.wasInterrupted { sayInterrupted(error) }
    }

    /// Says it, as JSON on standard output where JSON was asked for.
    func report(asJSON: Bool, paint: Paint) {
        if asJSON,
            let document = try? several.map({ try JSONOutput.document($0) })
                ?? JSONOutput.document(["error": wording])
        {
            Terminal.write(document + "\n", to: STDOUT_FILENO)
            return
        }
        let mark = Text(say(en: "error: ", es: "error: "), .bad)
        var lines = [paint(mark) + printable(wording.message)]
        if let hint = wording.hint {
            let label = say(en: "hint: ", es: "pista: ")
            let width = max(60, Terminal.columns(environment: Speech.environment))
            let margin = String(repeating: " ", count: displayWidth(of: label))
            let rows = wrapped(printable(hint), to: width - margin.count)
            lines += rows.enumerated().map { ($0.offset == 0 ? paint(Text(label, .strong)) : margin) + $0.element }
        }
        Terminal.write(lines.map { $0 + "\n" }.joined(), to: STDERR_FILENO)
        for other in others where other.wording.message != wording.message { other.report(asJSON: false, paint: paint) }
    }

    /// Whatever an interrupted step threw, the user only wants to know that it stopped, and what is kept.
    private mutating func sayInterrupted(_ error: any Error) {
        status = Interrupts.status
        if let error = error as? DownloadError, case .interrupted(_, let bytes) = error, bytes > 0 {
            let size = Speech.language.bytes(bytes)
            wording = Words(
                code: "interrupted", message: say(en: "interrupted", es: "interrumpido"),
                hint: say(
                    en: "\(size) are kept: the same command goes on from there",
                    es: "se conservan \(size): la misma orden sigue desde ahí"))
            return
        }
        let kept: String? =
            Interrupts.keepsBytes
            ? say(
                en: "what has arrived is kept: the same command goes on from there",
                es: "lo que ha llegado se conserva: la misma orden sigue desde ahí") : nil
        wording = Words(code: "interrupted", message: say(en: "interrupted", es: "interrumpido"), hint: kept)
    }

    private static func bug(_ error: any Error) -> Words {
        Words(
            code: "bug", message: say(en: "a bug of slm: \(error)", es: "un fallo de slm: \(error)"),
            hint: say(
                en: "please report it with the command that you gave",
                es: "por favor, comuníquelo junto con la orden que dio"))
    }

    // MARK: The one switch

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is UsageError: .usage
        case is MissingFile: .missing
        case is CancellationError: .tryAgain
        case let error as ReferenceError: status(of: error)
        case let error as CatalogError: status(of: error)
        case let error as HubError: status(of: error)
        case let error as HTTPError: status(of: error)
        case let error as DownloadError: status(of: error)
        case let error as StoreError: status(of: error)
        case let error as GGUFError: status(of: error)
        case let error as ModeltecaError: status(of: error)
        case is FileNameFault: .data
        case is MemoryEstimateError: .usage
        default: UsageWording.words(for: error) == nil ? .bug : .usage
        }
    }

    private static func status(of error: ReferenceError) -> ExitStatus {
        switch error {
        case .notACatalogName: .missing
        case .empty, .tooLong, .hiddenCharacter, .missingPart, .notAHubRepository, .notAModelPage, .unsafePath,
            .notARegistryName, .notAnAddress, .credentialsInAddress, .unknownScheme:
            .usage
        }
    }

    private static func status(of error: CatalogError) -> ExitStatus {
        switch error {
        case .malformed, .unsupportedSchema, .tooLarge: .data
        case .unknownModel, .unknownQuantization: .missing
        case .ambiguous: .usage
        }
    }

    private static func status(of error: HubError) -> ExitStatus {
        switch error {
        case .noRepository, .noRevision, .noFile, .noModelFiles, .noQuantization, .disabled, .noQuantizationsOf,
            .noLocalFile:
            .missing
        case .gated, .tokenRefused: .notAllowed
        case .rateLimited, .unexpectedAnswer: .unavailable
        case .unsafeName: .data
        case .unsupportedOrigin: .usage
        }
    }

    private static func status(of error: HTTPError) -> ExitStatus {
        switch error {
        case .unreachable, .interrupted, .stalled, .timedOut, .tls, .tooManyRedirects, .insecureRedirect,
            .protocolError, .tooSlow, .offline:
            .unavailable
        case .tooLarge: .data
        case .unsupported: .usage
        case .stoppedByReceiver: .tryAgain
        }
    }

    private static func status(of error: DownloadError) -> ExitStatus {
        switch error {
        case .digestMismatch, .sizeMismatch, .notAModel, .knownBadDigest: .data
        case .missing: .missing
        case .refused: .notAllowed
        case .changing, .givenUp, .insecureRedirect, .redirectLoop: .unavailable
        case .noSpace, .cannotWrite: .cannotCreate
        case .disk: .inputOutput
        case .unsupportedAddress: .usage
        case .interrupted, .timeIsUp: .tryAgain
        }
    }

    private static func status(of error: StoreError) -> ExitStatus {
        switch error {
        case .noSpace, .readOnly, .permission, .occupied: .cannotCreate
        case .io: .inputOutput
        case .outsideStore, .unsafeName, .changed, .indexDamaged, .indexNewer: .data
        case .notStored: .missing
        case .locked: .tryAgain
        }
    }

    private static func status(of error: GGUFError) -> ExitStatus {
        switch error {
        case .unreadable(_, let code): code == ENOENT ? .missing : .inputOutput
        case .notGGUF, .unsupportedVersion, .truncated, .tooLarge, .unknownType, .notText, .badName, .badValue,
            .badTensor, .badOffset, .missing:
            .data
        }
    }

    private static func status(of error: ModeltecaError) -> ExitStatus {
        switch error {
        case .needsConfirmation, .digestNotPossible: .usage
        case .declined: .tryAgain
        case .changedUpstream: .data
        case .noOrigin: .missing
        }
    }
}
