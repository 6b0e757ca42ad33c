package import Disk
package import ModelCatalog
package import ModelDownload
package import SystemPackage

/// What a check of a stored model's bytes found.
package struct VerificationResult: Hashable, Sendable {
    /// `ready` when every byte was proven, `damaged`, or `missing`.
    package var state: StoredModel.State
    /// Where the bytes are wrong, as exactly as is known.
    package var damagedRanges: [DamagedRange]
    /// What was learned of files that the store knew no digest of, or whose block hashes were lost.
    package var learned: [LearnedContent]
    /// Whether SHA-256 was taken of all files, and not only the block hashes of some.
    package var isProof = true
    /// The files as they were when they were read.
    package var seen: [FilePath: FileStatus] = [:]

    /// Takes what was found.
    package init(state: StoredModel.State, damagedRanges: [DamagedRange] = [], learned: [LearnedContent] = []) {
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
    package init(file: String, offset: Int64, length: Int64) {
        self.file = file
        self.offset = offset
        self.length = length
    }
}

/// The content of a stored file, as a complete reading of it gave it.
package struct LearnedContent: Hashable, Sendable {
    /// The file's name.
    package var file: String
    /// SHA-256 of all its bytes.
    package var digest: Digest
    /// What the digest was held against.
    package var proof: VerifiedFile.Proof
    /// Fast hashes of its blocks.
    package var blocks: BlockHashes

    /// Takes what a complete reading gave.
    package init(file: String, digest: Digest, proof: VerifiedFile.Proof, blocks: BlockHashes) {
        self.file = file
        self.digest = digest
        self.proof = proof
        self.blocks = blocks
    }
}
