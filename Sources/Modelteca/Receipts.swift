public import ModelCatalog
public import ModelDownload
public import ModelFit
public import ModelHub
public import ModelStore

/// What is wished of a `get` beside the reference.
public struct GetOptions: Sendable {
    /// What the model is to do, for choosing the quantization that fits.
    public var workload: Workload
    /// The SHA-256 that the file must have, from the user.
    public var digest: Digest?
    /// Whether a vision projector that lies beside a model on the Hub comes along.
    public var withProjector: Bool
    /// From when on `Downloader.Options.maxTime` counts; nil means from the beginning of each transfer.
    public var started: ContinuousClock.Instant?
    /// Chooses among repositories that the Hub found for a model with no known files; nil declines. Without it nothing
    /// is chosen and `ModeltecaError.needsConfirmation` is thrown.
    public var choose: (@Sendable (_ model: String, _ found: [FoundRepository]) async throws -> FoundRepository?)?

    /// Nothing special.
    public init(
        workload: Workload = Workload(), digest: Digest? = nil, withProjector: Bool = true,
        started: ContinuousClock.Instant? = nil,
        choose: (@Sendable (_ model: String, _ found: [FoundRepository]) async throws -> FoundRepository?)? = nil
    ) {
        self.workload = workload
        self.digest = digest
        self.withProjector = withProjector
        self.started = started
        self.choose = choose
    }
}

/// What happens during a `get` or an `update`.
public enum GetEvent: Sendable {
    /// The reference has a meaning: this variant will be fetched.
    case resolved(Candidate, Variant, FitReport)
    /// Another process works on the same model: this one waits for it.
    case waitingForOther(ref: String)
    /// Bytes, at most ten times a second for each file.
    case transfer(TransferEvent)
}

/// What a `get` did.
public struct Receipt: Sendable {
    /// As it is in the store now.
    public var model: StoredModel
    /// The form that was chosen.
    public var variant: Variant
    /// Whether everything was here before.
    public var wasThere: Bool
    /// The weakest proof among its files.
    public var proof: VerifiedFile.Proof
    /// Bytes that came over the network.
    public var fetched: Int64
    /// Bytes that an earlier run had left.
    public var resumed: Int64
    /// From the first request to the index, in seconds.
    public var seconds: Double
}

/// What a check of a stored model found.
public struct Verification: Sendable {
    /// The model.
    public var ref: String
    /// All its files, in bytes.
    public var size: Int64
    /// `ready`, `damaged` or `missing`.
    public var state: StoredModel.State
    /// Where the bytes are wrong, in whole blocks.
    public var damaged: [DamagedRange]
    /// Bytes fetched again to mend it.
    public var repaired: Int64
    /// In seconds.
    public var seconds: Double
}

/// How a stored model stands to what its origin has now.
public struct Standing: Sendable {
    /// The model.
    public var ref: String
    /// SHA-256 of its first file here; nil when it was never read.
    public var have: Digest?
    /// Nil when the origin does not say, or has it no more.
    public var now: Digest?
    /// The two compared.
    public var status: Status
    /// What would be fetched, in bytes; nil when unknown.
    public var size: Int64?

    /// What the comparison says.
    public enum Status: String, Sendable {
        /// The origin has what is stored.
        case current
        /// The origin has something else.
        case changed
        /// The origin has it no more.
        case removed
        /// The origin does not say, or the model is held at a fixed commit.
        case unknown
    }
}

/// What an `update` did to one model.
public struct Updated: Sendable {
    /// The model.
    public var ref: String
    /// Whether there was something new.
    public var changed: Bool
    /// SHA-256 of its first file before.
    public var from: Digest?
    /// SHA-256 of its first file now.
    public var to: Digest?
    /// Of the new files, in bytes.
    public var size: Int64
    /// Over the network, in bytes.
    public var fetched: Int64
    /// Taken from the old files, in bytes.
    public var reused: Int64
}
