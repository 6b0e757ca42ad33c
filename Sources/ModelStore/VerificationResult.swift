public import ModelCatalog
public import ModelDownload

/// What a check of a stored model's bytes found.
public struct VerificationResult: Hashable, Sendable {
    /// `ready` when every byte was proven, `damaged`, or `missing`.
    public var state: StoredModel.State
    /// Where the bytes are wrong, as exactly as is known.
    public var damagedRanges: [DamagedRange]
    /// What was learned of files that the store knew no digest of, or whose block hashes were lost.
    public var learned: [LearnedContent]

    /// Takes what was found.
    public init(state: StoredModel.State, damagedRanges: [DamagedRange] = [], learned: [LearnedContent] = []) {
        self.state = state
        self.damagedRanges = damagedRanges
        self.learned = learned
    }
}

/// A stretch of a stored file that is not what it was.
public struct DamagedRange: Hashable, Sendable {
    /// The file's name.
    public var file: String
    /// Where it begins, in bytes from the file's start.
    public var offset: Int64
    /// In bytes.
    public var length: Int64

    /// Takes the three.
    public init(file: String, offset: Int64, length: Int64) {
        self.file = file
        self.offset = offset
        self.length = length
    }
}

/// The content of a stored file, as a complete reading of it gave it.
public struct LearnedContent: Hashable, Sendable {
    /// The file's name.
    public var file: String
    /// SHA-256 of all its bytes.
    public var digest: Digest
    /// What the digest was held against.
    public var proof: VerifiedFile.Proof
    /// Fast hashes of its blocks.
    public var blocks: BlockHashes

    /// Takes what a complete reading gave.
    public init(file: String, digest: Digest, proof: VerifiedFile.Proof, blocks: BlockHashes) {
        self.file = file
        self.digest = digest
        self.proof = proof
        self.blocks = blocks
    }
}
