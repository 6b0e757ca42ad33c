import Foundation
import ModelShare
import Modelteca

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

    /// The status of an error; one that nobody explains is a bug of ours.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as any Explained: error.status
            case is CancellationError: .tryAgain
            default: UsageWords.words(for: error) == nil ? .bug : .usage
            }
    }

    /// Ends the program.
    func leave() -> Never { exit(rawValue) }
}

// The one place that knows which status an error has. No switch has a default: a new error asks for its own.

extension UsageError {
    var status: ExitStatus { .usage }
}

extension SettingsFault {
    var status: ExitStatus { .usage }
}

extension ConfigFault {
    var status: ExitStatus { .usage }
}

extension MemoryEstimateError {
    var status: ExitStatus { .usage }
}

extension FileNameFault {
    var status: ExitStatus { .data }
}

extension MissingFile {
    var status: ExitStatus { .missing }
}

extension TokenFileFault {
    var status: ExitStatus { .cannotCreate }
}

extension RefusedToken {
    var status: ExitStatus { .notAllowed }
}

extension NothingChosen {
    var status: ExitStatus { .tryAgain }
}

extension RunnerMissing {
    var status: ExitStatus { .unavailable }
}

extension PageFault {
    var status: ExitStatus {
        switch self {
        case .tooManyModels: .usage
        case .anotherPage, .cannotWrite: .cannotCreate
        }
    }
}

extension PictureNotWritten {
    var status: ExitStatus { .cannotCreate }
}

extension OutputError {
    var status: ExitStatus { .inputOutput }
}

extension ThreadError {
    var status: ExitStatus { .tryAgain }
}

extension TooFewFiles {
    var status: ExitStatus { .tryAgain }
}

extension GGUFError {
    var status: ExitStatus {
        switch self {
        case .unreadable(_, errno: ENOENT): .missing
        case .unreadable: .inputOutput
        case .notGGUF, .unsupportedVersion, .truncated, .tooLarge, .unknownType, .unknownTensorType, .notText,
            .badName, .badValue, .badTensor, .badOffset, .missing:
            .data
        }
    }
}

extension ReferenceError {
    var status: ExitStatus {
        switch self {
        case .notACatalogName: .missing
        case .empty, .tooLong, .hiddenCharacter, .missingPart, .notAHubRepository, .notAModelPage, .unsafePath,
            .notARegistryName, .notAnAddress, .credentialsInAddress, .unknownScheme:
            .usage
        }
    }
}

extension CatalogError {
    var status: ExitStatus {
        switch self {
        case .ambiguous: .usage
        case .malformed, .unsupportedSchema, .tooLarge, .cacheDamaged: .data
        case .unknownModel, .unknownQuantization: .missing
        }
    }
}

extension CatalogUpdateError {
    var status: ExitStatus {
        switch self {
        case .noKey, .noAddress, .insecureAddress: .usage
        case .notSigned, .notTrusted, .expired, .truncated, .damaged, .older, .sameVersion, .versionDisagrees, .badKey:
            .data
        case .cannotWrite: .cannotCreate
        case .busy: .tryAgain
        }
    }
}

extension HTTPError {
    var status: ExitStatus {
        switch self {
        case .unsupported: .usage
        case .tooLarge: .data
        case .stoppedByReceiver, .outOfFiles: .tryAgain
        case .unreachable, .interrupted, .stalled, .timedOut, .tls, .tooManyRedirects, .insecureRedirect,
            .strayRedirect, .tooSlow, .proxyRefused, .proxyUnreachable, .offline, .protocolError:
            .unavailable
        }
    }
}

extension HubError {
    var status: ExitStatus {
        switch self {
        case .unsupportedOrigin: .usage
        case .unsafeName: .data
        case .noRepository, .noRevision, .noFile, .noModelFiles, .missingParts, .noQuantization, .disabled,
            .noQuantizationsOf, .noLocalFile:
            .missing
        case .rateLimited, .unexpectedAnswer, .webPage: .unavailable
        case .gated, .tokenRefused: .notAllowed
        }
    }
}

extension RegistryError {
    var status: ExitStatus {
        switch self {
        case .digestMismatch, .digestUnsupported, .unsafeName: .data
        case .noRepository, .noTag, .onlyInCloud, .noModelFile: .missing
        case .rateLimited, .unexpectedAnswer: .unavailable
        case .notAuthorized, .denied, .needsNewerOllama: .notAllowed
        }
    }
}

extension DownloadError {
    var status: ExitStatus {
        switch self {
        case .unsupportedAddress: .usage
        case .digestMismatch, .sizeMismatch, .notAModel, .knownBadDigest: .data
        case .missing: .missing
        case .changing, .givenUp, .insecureRedirect, .redirectLoop: .unavailable
        case .noSpace, .cannotWrite, .disk(_, errno: EFBIG): .cannotCreate
        case .disk: .inputOutput
        case .interrupted, .timeIsUp: .tryAgain
        case .refused: .notAllowed
        }
    }
}

extension StoreError {
    var status: ExitStatus {
        switch self {
        case .nested: .usage
        case .outsideStore, .unsafeName, .changed, .indexDamaged, .indexNewer: .data
        case .notStored, .absent, .incomplete, .nothingKept: .missing
        case .noSpace, .readOnly, .permission, .occupied, .notEmpty, .noLocks, .nameRefused: .cannotCreate
        case .io: .inputOutput
        case .locked, .beingFetched, .moving, .superseded: .tryAgain
        }
    }
}

extension ModeltecaError {
    var status: ExitStatus {
        switch self {
        case .needsConfirmation, .digestNotPossible: .usage
        case .changedUpstream: .data
        case .noOrigin, .beyondRepair: .missing
        case .declined: .tryAgain
        }
    }
}

extension LinkError {
    var status: ExitStatus {
        switch self {
        case .notOfHub: .usage
        case .notReady: .data
        case .noProgram: .missing
        case .occupied, .otherDisk: .cannotCreate
        case .io: .inputOutput
        }
    }
}

extension ImportError {
    var status: ExitStatus {
        switch self {
        case .insideStore: .usage
        case .cutShort, .damaged, .badManifest, .link: .data
        case .missing, .nothing, .emptyManifest, .partsMissing: .missing
        case .otherDisk, .taken: .cannotCreate
        case .changed: .tryAgain
        }
    }
}

extension ExportError {
    var status: ExitStatus {
        switch self {
        case .insideStore: .usage
        case .fileTooLarge: .cannotCreate
        case .damaged: .inputOutput
        }
    }
}

extension ShareError {
    var status: ExitStatus {
        switch self {
        case .noSuchAddress, .publicAddress, .portNotAllowed: .usage
        case .noNetwork: .unavailable
        case .nobodyCame, .portTaken: .tryAgain
        }
    }
}
