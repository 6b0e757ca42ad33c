import Disk
import Foundation
import GGUF
import ModelCatalog
import SystemPackage

/// What the folder itself says is stored, without the index. Only reads.
struct StoreScan {
    /// Every model as it is on the disk now, those included that nobody had written down.
    var records: [ModelRecord]
    /// References of models that were found without a record.
    var added: [String] = []
    /// Files that are in no model and could not become one: not GGUF, a link, a part without the others.
    var ignored: [FilePath] = []
    /// Records that cannot be read.
    var unreadable: [FilePath] = []
    /// Names of records that are kept from this user, and that others can read.
    var denied: Set<String> = []

    /// Names a model whose files were found in the store: publisher, repository, first file.
    typealias Naming = @Sendable (_ publisher: String, _ repository: String, _ file: String) -> String

    static func run(_ layout: StoreLayout, naming: Naming, now: Date) throws -> StoreScan {
        var scan = StoreScan(records: [])
        try scan.readRecords(layout)
        scan.records = scan.records.refreshed(in: layout)
        try scan.addUntracked(layout, naming: naming, now: now)
        scan.records.sort { $0.ref < $1.ref }
        return scan
    }

    /// Takes over what the index knows of models whose records are kept from this user, and when the files of the others
    /// were last proven.
    mutating func takeOver(_ rows: [ModelRecord], in layout: StoreLayout) {
        let mine = Set(records.map(\.ref))
        let kept = rows.filter { denied.contains(RecordFolder.name($0.ref)) && !mine.contains($0.ref) }
        records = (records + kept.refreshed(in: layout)).sorted { $0.ref < $1.ref }
        let known = Dictionary(rows.map { ($0.ref, $0) }, uniquingKeysWith: { $1 })
        for position in records.indices {
            guard let row = known[records[position].ref], row.isAsProven(as: records[position]) else { continue }
            records[position].verifiedAt = [records[position].verifiedAt, row.verifiedAt].compactMap(\.self).max()
        }
    }

    private mutating func readRecords(_ layout: StoreLayout) throws {
        guard let folder = try RecordFolder(in: layout) else { return }
        var found: [String: ModelRecord] = [:]
        for name in try folder.names() {
            if let record = try folder.read(name) {
                found[record.ref] = record
            } else if folder.isDenied(name) {
                denied.insert(name)
            } else {
                unreadable.append(folder.records.path.appending(name))
            }
        }
        // Work that a crash left half done counts as done when it is, also where we may not finish it.
        for record in try folder.notes(.next) {
            let repository = try? layout.openRepository(record.publisher, record.repository)
            let isThere = record.files.allSatisfy { file in
                file.matches((try? repository?.status(file.name)) ?? nil)
            }
            if isThere { found[record.ref] = record }
        }
        for record in try folder.notes(.gone) { found[record.ref] = nil }
        records = Array(found.values)
    }

    /// One file in a repository's folder that no record speaks of.
    private struct UntrackedFile {
        var name: String
        var status: FileStatus
    }

    private mutating func addUntracked(_ layout: StoreLayout, naming: Naming, now: Date) throws {
        guard let root = try Folder.root(layout.root) else { return }
        let known = Set(records.flatMap(\.keys))
        var refs = Set(records.map(\.ref))
        var contents: [Content: Digest]?
        for publisher in try root.names() where FileNameRules.isSafe(publisher) {
            guard let folder = try? root.folder(publisher) else { continue }
            for repository in (try? folder.names()) ?? [] where FileNameRules.isSafe(repository) {
                guard let files = try? folder.folder(repository) else { continue }
                let untracked = untracked(in: files) { known.contains("\(publisher)/\(repository)/\($0)") }
                for group in models(of: untracked, in: files.path) {
                    if contents == nil { contents = try Self.contents(layout) }
                    let path = "\(publisher)/\(repository)/\(group[0].name)"
                    let proposed = naming(publisher, repository, group[0].name)
                    let ref = refs.contains(proposed) ? path : proposed
                    let record = ModelRecord(
                        ref: ref, publisher: publisher, repository: repository, installedAt: now.wholeSeconds,
                        state: .ready,
                        files: group.map { file in
                            let content = Content(size: file.status.size, modified: file.status.modified)
                            return ModelRecord.FileRecord(
                                name: file.name, size: file.status.size, modified: file.status.modified,
                                digest: contents?[content], proof: .none)
                        })
                    guard (try? record.check()) != nil, refs.insert(ref).inserted else { continue }
                    records.append(record)
                    added.append(ref)
                }
            }
        }
    }

    private mutating func untracked(in folder: Folder, isKnown: (String) -> Bool) -> [UntrackedFile] {
        var untracked: [UntrackedFile] = []
        for name in (try? folder.names()) ?? [] where name.lowercased().hasSuffix(".gguf") && !isKnown(name) {
            // A file that begins otherwise is a page saved by mistake, or a copy still under way.
            // Source: the GGUF specification, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
            if FileNameRules.isSafe(name), let status = try? folder.status(name), status.kind == .file,
                folder.begins(name, with: Array("GGUF".utf8))
            {
                untracked.append(UntrackedFile(name: name, status: status))
            } else {
                ignored.append(folder.path.appending(name))
            }
        }
        return untracked
    }

    /// Puts the parts of split models together; every other file is a model by itself.
    private mutating func models(of untracked: [UntrackedFile], in folder: FilePath) -> [[UntrackedFile]] {
        var models: [[UntrackedFile]] = []
        var split: [SplitModel: [Int: UntrackedFile]] = [:]
        for file in untracked {
            if let name = FileName(file.name), let shard = name.shard {
                split[SplitModel(stem: name.stem, count: shard.count), default: [:]][shard.number] = file
            } else {
                models.append([file])
            }
        }
        for (model, parts) in split {
            let ordered = parts.sorted { $0.key < $1.key }.map(\.value)
            if parts.count == model.count {
                models.append(ordered)
            } else {
                ignored += ordered.map { folder.appending($0.name) }
            }
        }
        return models.sorted { $0[0].name < $1[0].name }
    }

    private struct SplitModel: Hashable {
        var stem: String
        var count: Int
    }

    private struct Content: Hashable {
        var size: Int64
        var modified: Int64
    }

    /// The contents of which block hashes are kept, by the file they were taken from.
    private static func contents(_ layout: StoreLayout) throws -> [Content: Digest] {
        guard let folder = try layout.openBookkeeping()?.folder(StoreLayout.blocksName) else { return [:] }
        var contents: [Content: Digest] = [:]
        for name in try folder.names() {
            guard let digest = Digest(hex: name), let file = try BlockFile.read(digest, in: layout) else { continue }
            contents[Content(size: file.size, modified: file.modified)] = digest
        }
        return contents
    }
}

extension Folder {
    fileprivate func begins(_ name: String, with magic: [UInt8]) -> Bool {
        guard let found = try? open(name) else { return false }
        defer { try? found.close() }
        let start = try? [UInt8](unsafeUninitializedCapacity: magic.count) { buffer, count in
            count = try found.fill(UnsafeMutableRawBufferPointer(buffer), at: 0)
        }
        return start == magic
    }
}
