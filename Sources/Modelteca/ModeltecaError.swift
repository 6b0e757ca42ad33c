public import Foundation
public import ModelCatalog
public import ModelHub

/// What can go wrong between the modules.
public enum ModeltecaError: Error, Sendable {
    /// No file of the model is known; the Hub has found these, and nobody was there to choose.
    case needsConfirmation(model: String, found: [FoundRepository])
    /// The user did not want what was found.
    case declined(model: String)
    /// The file at the Hub is no longer the one that the catalog describes.
    case changedUpstream(ref: String, repository: String, expected: Digest, now: Digest)
    /// The model is named with a digest that no file of it has.
    case digestNotPossible(ref: String, files: Int)
    /// A stored model whose origin cannot be asked for a newer or a whole file.
    case noOrigin(ref: String)
    /// A damaged model whose origin, and every mirror that was asked, no longer has its bytes.
    case beyondRepair(ref: String)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .needsConfirmation: "needs-confirmation"
        case .declined: "declined"
        case .changedUpstream: "changed-upstream"
        case .digestNotPossible: "digest-not-possible"
        case .noOrigin: "no-origin"
        case .beyondRepair: "beyond-repair"
        }
    }
}

extension ModeltecaError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .needsConfirmation(let model, _): "No file of \(model) is known; the Hub has some made by others."
        case .declined(let model): "Nothing was downloaded for \(model)."
        case .changedUpstream(let ref, _, _, _): "The file of \(ref) has changed at its origin."
        case .digestNotPossible(let ref, let files): "One SHA-256 cannot verify \(ref): it has \(files) files."
        case .beyondRepair(let ref): "The origin of \(ref) no longer has its bytes."
        case .noOrigin(let ref): "It is not known where \(ref) came from."
        }
    }
}
