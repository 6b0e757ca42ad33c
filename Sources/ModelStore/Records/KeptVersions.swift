import Disk
import Foundation
import ModelCatalog
import ModelDownload
import SystemPackage

/// The versions that models had before an update, where they were to be kept: `.slm/versions/X.json` is the record that
/// model X had, and beside it lie its files, each named by its digest. One version a model.
///
/// A version's files come first and its record then; what no record speaks of is swept away. While the model is being
/// replaced, the record is `X.next`, and the version that was kept before stays: it takes its place when the note of the
/// same name in `.slm/pending` comes into force, and is nothing without that note.
struct KeptVersions {
    private let folder: Folder
    private let pending: Folder?

    /// Nil when no version was ever kept.
    init?(in layout: StoreLayout) throws {
        guard let slm = try layout.openBookkeeping(), let folder = try slm.folder(StoreLayout.versionsName) else {
            return nil
        }
        self.init(folder: folder, pending: try slm.folder(StoreLayout.pendingName))
    }

    static func create(in layout: StoreLayout) throws -> KeptVersions {
        let slm = try layout.creatingBookkeeping()
        return KeptVersions(
            folder: try slm.creatingFolder(StoreLayout.versionsName),
            pending: try slm.creatingFolder(StoreLayout.pendingName))
    }

    private init(folder: Folder, pending: Folder?) { (self.folder, self.pending) = (folder, pending) }

    /// All of them.
    func records() throws -> [ModelRecord] {
        try folder.names().filter { $0.hasSuffix(".json") }.compactMap { try RecordFolder.read($0, in: folder) }
    }

    /// The version that was kept of this model; nil when none was, or when a file of it is not what it was.
    func record(of ref: String) throws -> ModelRecord? {
        guard let record = try RecordFolder.read(RecordFolder.name(ref), in: folder), record.ref == ref else {
            return nil
        }
        let isWhole = try record.files.allSatisfy { file in
            guard let digest = file.digest else { return false }
            return file.matches(try folder.status(digest.hex))
        }
        return isWhole ? record : nil
    }

    /// Where a file of a kept version is.
    func path(of digest: Digest) -> FilePath { folder.path.appending(digest.hex) }

    /// A kept file with this content that is as it was when it was proven.
    func file(with digest: Digest) throws -> (record: ModelRecord, file: ModelRecord.FileRecord)? {
        for record in try records() {
            guard let file = record.files.first(where: { $0.digest == digest }) else { continue }
            if file.matches(try folder.status(digest.hex)) { return (record, file) }
        }
        return nil
    }

    /// Is about to keep a model's present version, in place of an older one: its files share their blocks with the stored
    /// ones, or are second names of them. Does nothing for a model that is not proven as it is.
    func announce(_ record: ModelRecord, in layout: StoreLayout) throws {
        guard record.verifiedAt != nil, record.files.allSatisfy({ $0.digest != nil }),
            let repository = try layout.openRepository(record.publisher, record.repository)
        else { return }
        var kept = record
        for position in kept.files.indices {
            let file = kept.files[position]
            guard let digest = file.digest, file.matches(try repository.status(file.name)) else { return }
            if try self.file(with: digest) == nil {
                try folder.remove(digest.hex)
                try folder.duplicate(repository.path.appending(file.name), size: file.size, as: digest.hex)
            }
            // A copy has a time of its own.
            guard let status = try folder.status(digest.hex), status.size == file.size else { return }
            kept.files[position].modified = status.modified
        }
        try folder.sync()
        try folder.write(RecordFolder.encoded(kept), as: RecordFolder.name(record.ref, .next))
    }

    /// Keeps what was announced, in place of what was kept before; nothing where nothing was.
    ///
    /// - Parameter note: The name of the note in `.slm/pending` that has come into force.
    func confirm(_ note: String) throws {
        guard try folder.status(note) != nil else { return }
        try folder.rename(note, to: Self.kept(note))
        try folder.sync()
    }

    /// Takes an announcement back.
    func withdraw(_ note: String) throws { try folder.remove(note) }

    private static func kept(_ note: String) -> String {
        String(note.dropLast(RecordFolder.Note.next.rawValue.count)) + "json"
    }

    /// Forgets the version that was kept of a model.
    ///
    /// - Returns: Bytes that are free now.
    func remove(_ ref: String) throws -> Int64 {
        try folder.remove(RecordFolder.name(ref))
        return try sweep()
    }

    /// Removes what belongs to no kept version, and the versions of models that are not stored.
    ///
    /// - Parameter refs: The models that are stored; nil when that is not the question.
    /// - Returns: Bytes that are free now.
    @discardableResult
    func sweep(storing refs: Set<String>? = nil) throws -> Int64 {
        var freed: Int64 = 0
        for path in try files(storing: refs).others {
            guard let name = path.lastComponent?.string else { continue }
            let bytes = FreedSpace.bytes(byRemoving: path)
            if try folder.remove(name), Digest(hex: name) != nil { freed += bytes }
        }
        return freed
    }

    /// What is here: the files of each version, its record first, and what belongs to none.
    ///
    /// - Parameter refs: As for `sweep`.
    func files(
        storing refs: Set<String>? = nil
    ) throws -> (versions: [(ref: String, files: [FilePath])], others: [FilePath]) {
        let names = try folder.names()
        var named: Set<String> = []
        var versions: [(ref: String, files: [FilePath])] = []
        for name in names where try name.hasSuffix(".next") && pending?.status(name) != nil {
            named.formUnion([name] + (try RecordFolder.read(name, in: folder)?.files.compactMap(\.digest?.hex) ?? []))
        }
        for name in names where name.hasSuffix(".json") {
            guard let record = try RecordFolder.read(name, in: folder), refs?.contains(record.ref) ?? true else {
                continue
            }
            let files = [name] + record.files.compactMap(\.digest?.hex)
            named.formUnion(files)
            versions.append((record.ref, files.map(folder.path.appending)))
        }
        let others = try names.filter { name in
            try !named.contains(name) && folder.status(name).map { $0.kind != .folder } ?? false
        }
        return (versions, others.map(folder.path.appending))
    }

    /// Takes the files' present times for those that were written down: the files were just proven, on another disk.
    func takeTimes() throws {
        for var record in try records() {
            for position in record.files.indices {
                guard let digest = record.files[position].digest, let status = try folder.status(digest.hex),
                    status.size == record.files[position].size
                else { continue }
                record.files[position].modified = status.modified
            }
            try folder.write(RecordFolder.encoded(record), as: RecordFolder.name(record.ref))
        }
    }

    /// The contents that are kept.
    func digests() throws -> Set<Digest> { Set(try records().flatMap(\.files).compactMap(\.digest)) }
}
