public import ModelCatalog
public import ModelDownload
public import ModelFit
public import ModelHub
public import SystemPackage

/// How a `get` is to go about it.
public struct GetOptions: Sendable {
    /// What the model is to do, for choosing the quantization that fits; nil for what is usual on the device, see
    /// ``Workload/usual(on:)``.
    public var workload: Workload?
    /// The SHA-256 that the file must have, from the user.
    public var digest: Digest?
    /// Whether a vision projector that lies beside a model on the Hub comes along.
    public var withProjector: Bool
    /// Whether to read the header of what no catalog describes before its bytes, so that `GetEvent.resolved` says when
    /// llama.cpp would not run it. Small files are told after their bytes, which costs no more.
    package var readsHeaderFirst: Bool
    /// From when on `Downloader.Options.maxTime` counts; nil means from the beginning of each transfer.
    package var started: ContinuousClock.Instant?
    /// Chooses among repositories that the Hub found for a model with no known files; nil declines. Without it nothing
    /// is chosen and `ModeltecaError.needsConfirmation` is thrown.
    public var choose: (@Sendable (_ model: String, _ found: [FoundRepository]) async throws -> FoundRepository?)?

    /// Nothing special.
    public init(
        workload: Workload? = nil, digest: Digest? = nil, withProjector: Bool = true,
        readsHeaderFirst: Bool = false, started: ContinuousClock.Instant? = nil,
        choose: (@Sendable (_ model: String, _ found: [FoundRepository]) async throws -> FoundRepository?)? = nil
    ) {
        self.workload = workload
        self.digest = digest
        self.withProjector = withProjector
        self.readsHeaderFirst = readsHeaderFirst
        self.started = started
        self.choose = choose
    }
}

/// What happens during a `get` or an `update`.
public enum GetEvent: Sendable {
    /// The reference has a meaning: this variant will be fetched.
    case resolved(Variant, FitReport)
    /// So many entries of the repository's listing could not be read, and were passed over.
    case unreadable(entries: Int, repository: String)
    /// Another process works on the same model: this one waits for it.
    case waitingForOther(ref: String)
    /// Another program has this file on this disk: it is not fetched.
    case foundHere(file: String, program: OtherProgram, path: FilePath)
    /// Bytes, at most ten times a second for each file.
    case transfer(TransferEvent)
}
