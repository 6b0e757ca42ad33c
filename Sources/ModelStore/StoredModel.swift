public import Foundation
public import ModelCatalog
public import ModelDownload
public import SystemPackage

/// The name of a model and where its files belong; what the store needs to know besides the files.
package struct ModelIdentity: Hashable, Sendable {
    /// The canonical reference that names exactly this variant: `gemma2:2b:q4_k_m`. One with an `@` names a fixed
    /// content (`hf:owner/repo@commit`, `oci://…@sha256:…`); any other follows the file when it is updated.
    package var ref: String
    /// Who publishes it: the upper of the two folders that the files are stored in.
    package var publisher: String
    /// In which repository: the lower of the two folders.
    package var repository: String
    /// As the file names it: `Q4_K_M`; nil when unknown.
    package var quantization: String?
    /// The commit, tag or manifest that was resolved; nil for plain origins.
    package var revision: String?
    /// The licence's SPDX identifier; nil when unknown.
    package var license: String?

    /// Takes the parts as they are; `Store.keep` refuses names that cannot be folders.
    package init(
        ref: String, publisher: String, repository: String, quantization: String? = nil, revision: String? = nil,
        license: String? = nil
    ) {
        self.ref = ref
        self.publisher = publisher
        self.repository = repository
        self.quantization = quantization
        self.revision = revision
        self.license = license
    }
}

/// A model in the store, as it is on the disk at this moment.
public struct StoredModel: Hashable, Sendable {
    /// What it is called, and where it belongs.
    package var identity: ModelIdentity
    /// In the order they were kept in; never empty.
    public var files: [StoredFile]
    /// When it came into the store, to the second.
    public var installedAt: Date
    /// When all its bytes were last proven, to the second; nil when never, or when a file has changed since.
    public var verifiedAt: Date?
    /// Whether it can be used.
    public var state: State
    /// Of a model that is only half here: how many bytes of it have come. Nil for all others.
    package var fetched: Int64?

    /// The canonical reference.
    public var ref: String { identity.ref }
    /// The same, read; nil where a found file's own path is all the name it has.
    package var reference: ModelReference? { try? ModelReference(parsing: ref) }
    /// The first file: what a runtime is given. The parts of a divided model follow it by name.
    public var path: FilePath { files.first?.path ?? "" }
    /// Bytes of all files together.
    public var size: Int64 { files.reduce(0) { $0.addingReportingOverflow($1.size).partialValue } }

    /// Whether a model can be used. The raw values are those of `--json`.
    public enum State: String, Hashable, Sendable, Encodable, CaseIterable {
        /// Every file is there, and is the one that was last proven, or that was found.
        case ready
        /// A file was written to since it was last proven: only a check can tell whether it is still the same.
        case changed
        /// It is still being fetched, or its download was broken off.
        case partial
        /// A file has another size, or its content failed a check.
        case damaged
        /// Some of its files are there.
        case incomplete
        /// None of its files is there.
        case missing
        /// The system does not let a check read a file.
        case unreadable
    }
}

extension StoredModel.State {
    /// What people are told: a model that came through the store and is not proven as it is has changed.
    func shown(isProven: Bool, isFound: Bool) -> Self { self == .ready && !isProven && !isFound ? .changed : self }
}

extension StoredModel.State: Decodable {
    /// Reads a record. Version 0.1 called a model partial of which files are missing.
    public init(from decoder: any Decoder) throws {
        let word = try decoder.singleValueContainer().decode(String.self)
        guard let state = Self(recorded: word) else { throw RecordFault.unknownState(word) }
        self = state
    }

    /// As records and the index have it.
    init?(recorded word: String) {
        switch word {
        // Nearly all are.
        case "ready": self = .ready
        case "partial": self = .incomplete
        default: self.init(rawValue: word)
        }
    }

    private enum RecordFault: Error { case unknownState(String) }
}

/// One file of a stored model.
public struct StoredFile: Hashable, Sendable {
    /// The last part of its path.
    public var name: String
    /// Where it is, from the store's root on.
    public var path: FilePath {
        get { FilePath(pathText) }
        set { pathText = newValue.string }
    }
    /// The same as text. Of ten thousand listed files few are asked for their paths, and a path takes longer to make than
    /// all the rest of a row.
    package private(set) var pathText: String
    /// In bytes.
    public var size: Int64
    /// SHA-256 of the content as it was last proven; nil for a file that was found in the folder and never read.
    public var digest: Digest?
    /// What the digest was held against when the file came.
    public var proof: VerifiedFile.Proof
    /// Where the bytes came from; nil for a file that was found in the folder.
    package var origin: FileOrigin? { recordedOrigin?.value }
    let recordedOrigin: RecordedOrigin?

    init(
        name: String, pathText: String, size: Int64, digest: Digest?, proof: VerifiedFile.Proof,
        recordedOrigin: RecordedOrigin?
    ) {
        (self.name, self.pathText, self.size, self.digest) = (name, pathText, size, digest)
        (self.proof, self.recordedOrigin) = (proof, recordedOrigin)
    }
}

/// One file on its way into the store.
package enum IncomingFile: Hashable, Sendable {
    /// It was fetched and proven.
    case verified(VerifiedFile)
    /// The store has the content already, for this or for another model: it gets this name, and is not fetched.
    case stored(Digest, name: String, origin: FileOrigin)

    /// The name it is to have.
    package var name: String {
        switch self {
        case .verified(let file): file.name
        case .stored(_, let name, _): name
        }
    }

    /// Where it comes from.
    var origin: FileOrigin {
        switch self {
        case .verified(let file): file.origin
        case .stored(_, _, let origin): origin
        }
    }
}
