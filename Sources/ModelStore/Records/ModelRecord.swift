import Disk
import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage

/// Everything the store knows of one model; its JSON form is the file in `.slm/records`, its rows are in the index.
///
/// The file is the truth and is written first. The index is made anew from these files when it is lost; see `Store`.
struct ModelRecord: Codable, Hashable, Sendable {
    var ref: String
    var publisher: String
    var repository: String
    var quantization: String?
    var revision: String?
    var license: String?
    /// Whole seconds, so that a time survives both forms unchanged.
    var installedAt: Date
    var verifiedAt: Date?
    var state: StoredModel.State
    var files: [FileRecord]

    struct FileRecord: Codable, Hashable, Sendable {
        var name: String
        /// In bytes.
        var size: Int64
        /// Nanoseconds since 1970. Size and time together say that the file is still the one that was proven.
        var modified: Int64
        var digest: Digest?
        var proof: VerifiedFile.Proof
        /// Nil for a file that was found in the folder.
        var recordedOrigin: RecordedOrigin?
        /// While a model is being kept: the file's name under `.slm/partial`, when it has yet to be moved from there.
        var partial: String?

        var origin: FileOrigin? {
            get { recordedOrigin?.value }
            set { recordedOrigin = newValue.map(RecordedOrigin.init) }
        }

        /// Whether the disk holds the very file that is written down here.
        func matches(_ status: FileStatus?) -> Bool {
            status?.isFile(of: size, modified: modified) ?? false
        }
    }

    /// More shards than any model has.
    static let fileLimit = 10_000
    /// A reference is a name or an address; this is more than either needs. In bytes.
    static let refLimit = 4096

    /// Path from the root on, as a key: `publisher/repository/file.gguf`.
    func key(of file: FileRecord) -> String { key(of: file.name) }

    func key(of name: String) -> String { "\(publisher)/\(repository)/\(name)" }

    var keys: [String] { files.map(key(of:)) }

    /// Whether the reference names a revision, and so does not follow what the default branch becomes.
    var isPinned: Bool { identity.isPinned }

    var identity: ModelIdentity {
        ModelIdentity(
            ref: ref, publisher: publisher, repository: repository, quantization: quantization, revision: revision,
            license: license)
    }

    /// Whether these are still the files that somebody has read of the model before.
    func isStill(_ model: StoredModel) -> Bool {
        files.map(\.name) == model.files.map(\.name) && files.map(\.digest) == model.files.map(\.digest)
    }

    /// Whether somebody else put the files there and the store only found them.
    var isFound: Bool { files.allSatisfy { $0.recordedOrigin == nil } }

    /// Whether the other is only what somebody found of this model's files before it was kept.
    func supersedes(_ other: ModelRecord) -> Bool {
        other.isFound && other.ref != ref && Set(other.keys).isSubset(of: keys)
    }

    /// Whether the store may put another content in place of these files, when `ref` is asked for: it brought them
    /// itself, or somebody updates this very model after a check.
    func mayBeReplaced(for ref: String) -> Bool { !isFound || (self.ref == ref && verifiedAt != nil) }

    /// Refuses what could lead out of the store or is senseless; a record may have been edited by anybody.
    func check() throws(StoreError) {
        guard !ref.isEmpty, ref.utf8.count <= Self.refLimit, !ref.utf8.contains(0) else { throw .unsafeName(ref) }
        guard FileNameRules.isSafe(publisher) else { throw .unsafeName(publisher) }
        guard FileNameRules.isSafe(repository) else { throw .unsafeName(repository) }
        for file in files {
            guard FileNameRules.isSafe(file.name) else { throw .unsafeName(file.name) }
            if let partial = file.partial, !FileNameRules.isSafe(partial) { throw .unsafeName(partial) }
            guard file.size >= 0 else { throw .unsafeName(ref) }
        }
        guard (1...Self.fileLimit).contains(files.count),
            files.count == 1 || Set(files.map(\.name)).count == files.count
        else { throw .unsafeName(ref) }
    }

    /// As the rest of the program sees it.
    func model(in layout: StoreLayout) -> StoredModel {
        let folder = "\(layout.rootText)/\(publisher)/\(repository)/"
        return StoredModel(
            identity: identity,
            files: files.map { file in
                StoredFile(
                    name: file.name, pathText: folder + file.name, size: file.size, digest: file.digest,
                    proof: file.proof, recordedOrigin: file.recordedOrigin)
            },
            installedAt: installedAt, verifiedAt: verifiedAt,
            state: state.shown(isProven: verifiedAt != nil, isFound: isFound))
    }
}

extension Date {
    /// Without the fraction of a second.
    var wholeSeconds: Date { Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down)) }
}

extension ModelRecord.FileRecord {
    private enum CodingKeys: String, CodingKey { case name, size, modified, digest, proof, origin, partial }
    /// What version 0.1 wrote instead of an origin: the address of the bytes.
    private enum OldKeys: String, CodingKey { case source }

    init(
        name: String, size: Int64, modified: Int64, digest: Digest? = nil, proof: VerifiedFile.Proof,
        origin: FileOrigin?, partial: String? = nil
    ) {
        self.init(
            name: name, size: size, modified: modified, digest: digest, proof: proof,
            recordedOrigin: origin.map(RecordedOrigin.init), partial: partial)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(size, forKey: .size)
        try values.encode(modified, forKey: .modified)
        try values.encodeIfPresent(digest, forKey: .digest)
        try values.encode(proof, forKey: .proof)
        try values.encodeIfPresent(origin, forKey: .origin)
        try values.encodeIfPresent(partial, forKey: .partial)
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        size = try values.decode(Int64.self, forKey: .size)
        modified = try values.decode(Int64.self, forKey: .modified)
        digest = try values.decodeIfPresent(Digest.self, forKey: .digest)
        proof = try values.decode(VerifiedFile.Proof.self, forKey: .proof)
        partial = try values.decodeIfPresent(String.self, forKey: .partial)
        recordedOrigin =
            try
            (values.decodeIfPresent(FileOrigin.self, forKey: .origin)
            ?? decoder.container(keyedBy: OldKeys.self).decodeIfPresent(String.self, forKey: .source)
            .flatMap(FileOrigin.init(recordedAddress:))).map(RecordedOrigin.init)
    }
}
