internal import Disk
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelStore
internal import SystemPackage

/// A file in the Hub's cache, as huggingface_hub puts it there: `blobs/DIGEST`, `snapshots/COMMIT/PATH` that leads to it, and
/// `refs/REVISION` with the commit that a branch or tag stands for (`file_download.py`).
struct HubCacheEntry {
    private let blob: FilePath
    private let origin: HubFile
    /// Nil where the model was asked for by its commit.
    private let revision: String?

    /// Nil for files that did not come from the Hub, or of which no commit is known.
    init?(_ link: ModelLink, of model: StoredModel) {
        guard let origin = model.files.first(where: { $0.path.string == link.file })?.origin?.hubFile, origin.isCommit
        else { return nil }
        (blob, self.origin) = (FilePath(link.path), origin)
        let asked = model.reference?.revision ?? "main"
        revision = HubFile.isCommit(asked) ? nil : asked
    }

    /// Where the content of a stored file belongs; nil for files that the cache cannot have.
    static func blob(of file: StoredFile, below root: FilePath) -> FilePath? {
        guard let origin = file.origin?.hubFile, let digest = file.digest, origin.isCommit else { return nil }
        // `repo_folder_name`
        let repository = root.appending("models--" + origin.reference.id.replacing("/", with: "--"))
        return repository.appending("blobs").appending(digest.hex)
    }

    private static func repository(of blob: FilePath) -> FilePath {
        blob.removingLastComponent().removingLastComponent()
    }

    private var repository: FilePath { Self.repository(of: blob) }
    private var snapshot: FilePath {
        repository.pushing(FilePath("snapshots/\(origin.revision)/\(origin.path)"))
    }
    private var reference: FilePath? { revision.map { repository.pushing(FilePath("refs/\($0)")) } }

    /// All that belongs to it.
    var paths: [FilePath] { [blob, snapshot] + [reference].compactMap(\.self) }

    /// A relative link to the blob, and the name of the revision, each where there is none yet.
    ///
    /// - Throws: `DiskError`, `LinkError`.
    func makeSnapshot() throws {
        let folder = try Folder.creatingRoot(snapshot.removingLastComponent())
        if let name = snapshot.lastComponent?.string, try folder.status(name) == nil {
            let ups = String(repeating: "../", count: 2 + origin.path.split(separator: "/").count - 1)
            try Shelf.symlink(snapshot, to: "\(ups)blobs/\(blob.lastComponent?.string ?? "")")
        }
        guard let reference, let name = reference.lastComponent?.string else { return }
        let names = try Folder.creatingRoot(reference.removingLastComponent())
        if try names.status(name) == nil { try names.write(Array(origin.revision.utf8), as: name) }
    }

    /// Removes what was made of an entry and is still as it was: nothing that something else leads to. Where the commit of
    /// a revision is not known to be ours, somebody else may have moved it on.
    ///
    /// - Parameters:
    ///   - made: Paths of this entry and no others.
    ///   - shared: What other entries need.
    ///   - size: Of the content, in bytes; nil where that is not known any more.
    /// - Throws: `LinkError`.
    static func remove(_ made: [String], but shared: Set<String>, blob: FilePath, size: Int64?) throws {
        let repository = repository(of: blob)
        let (snapshots, names) = (repository.appending("snapshots"), repository.appending("refs"))
        func leadsHere(_ path: FilePath) -> Bool {
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path.string)
            return target?.hasSuffix("/blobs/\(blob.lastComponent?.string ?? "")") == true
        }
        func remove(_ path: FilePath) throws {
            try Shelf.remove(path, emptyFolders: path.components.count - repository.components.count)
        }
        let going = made.filter { !shared.contains($0) }.map { FilePath($0) }
        for path in going where path.starts(with: snapshots) && leadsHere(path) { try remove(path) }
        for path in going where path.starts(with: names) {
            guard let bytes = readBytes(at: path, limit: 64) else { continue }
            let commit = String(decoding: bytes, as: UTF8.self)
            let isOurs =
                HubFile.isCommit(commit)
                && made.contains { FilePath($0).starts(with: snapshots.appending(commit)) }
            if isOurs { try remove(path) }
        }
        guard going.contains(blob), let status = FileStatus(of: blob), status.kind == .file, status.size == size,
            !OtherStores.files(below: snapshots).contains(where: leadsHere)
        else { return }
        try remove(blob)
    }
}

extension HubFile {
    fileprivate var isCommit: Bool { Self.isCommit(revision) }

    fileprivate static func isCommit(_ revision: String) -> Bool {
        revision.count == 40 && revision.allSatisfy(\.isHexDigit)
    }
}
