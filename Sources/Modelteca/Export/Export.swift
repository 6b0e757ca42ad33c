internal import Disk
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelStore
package import SystemPackage

/// What an export wrote of one model.
package struct Exported: Sendable {
    /// The stored model.
    package var ref: String
    /// Its files in the folder.
    package var files: [FilePath]
    /// Of all of them, in bytes.
    package var size: Int64
    /// What was written in this run, in bytes; the rest was there.
    package var written: Int64
}

extension Shelf {
    /// Writes stored models into a folder, for a disk that is carried elsewhere, with a manifest of what they are.
    ///
    /// A file has its name only when what was written has been read again and has the right SHA-256. What an earlier run
    /// left is gone on with, and models that the folder's manifest has stay in it.
    ///
    /// - Parameters:
    ///   - fileLimit: The largest file that the disk of a folder takes, in bytes; nil for no limit.
    ///   - onProgress: A file's name, bytes written or read again of it, and its size; from other threads.
    /// - Throws: `ExportError`, `StoreError`, `ImportError.badManifest`, `LinkError.notReady`, `DownloadError.disk`;
    ///   `CancellationError`.
    package func export(
        _ texts: [String], to folder: FilePath,
        fileLimit: @Sendable (FilePath) -> Int64? = { DiskSpace.fileLimit(at: $0) },
        onProgress: @escaping @Sendable (_ file: String, _ done: Int64, _ size: Int64) -> Void = { _, _, _ in }
    ) async throws -> [Exported] {
        // Who carries models elsewhere says which: a stick has no room for what was not meant.
        let models = texts.isEmpty ? [] : try await storedModels(texts, changing: true)
        for model in models {
            guard model.state == .ready, model.files.allSatisfy({ $0.digest != nil }) else {
                throw LinkError.notReady(ref: model.ref)
            }
        }
        do {
            return try await write(models, to: folder, fileLimit, onProgress)
        } catch {
            throw StoreError.from(error)
        }
    }

    private func write(
        _ models: [StoredModel], to path: FilePath, _ fileLimit: (FilePath) -> Int64?,
        _ onProgress: @escaping @Sendable (String, Int64, Int64) -> Void
    ) async throws -> [Exported] {
        let folder = try Folder.creatingRoot(path)
        let store = OtherStores.realFolder(self.store.layout.root) ?? self.store.layout.root
        guard OtherStores.realFolder(path)?.starts(with: store) != true else {
            throw ExportError.insideStore(path: path)
        }
        // All of it is known to be possible before anything is written.
        if let limit = fileLimit(path), let large = models.flatMap(\.files).first(where: { $0.size > limit }) {
            throw ExportError.fileTooLarge(file: large.name, size: large.size, limit: limit, folder: path)
        }
        var manifest = try ExportManifest.read(folder) ?? ExportManifest()
        let files = models.flatMap { model in model.files.compactMap { ExportedFile(model, $0, in: path) } }
        let missing = files.reduce(Int64(0)) { $0 + $1.missing }
        if let free = DiskSpace.free(at: path), free < missing {
            throw StoreError.noSpace(path: path, needed: missing, free: free)
        }
        var exported: [Exported] = []
        for model in models {
            var result = Exported(ref: model.ref, files: [], size: model.size, written: 0)
            for file in files where file.ref == model.ref {
                try Task.checkCancellation()
                let isOurs = manifest.models.contains { $0.files.contains { $0.path == file.inside } }
                result.written += try await file.write(mayReplace: isOurs) { onProgress(file.name, $0, file.size) }
                result.files.append(file.path)
            }
            manifest.models.removeAll { $0.ref == model.ref }
            manifest.models.append(described(model))
            manifest.models.sort { $0.ref < $1.ref }
            try manifest.write(folder)
            exported.append(result)
        }
        return exported
    }

    private func described(_ model: StoredModel) -> ExportManifest.Model {
        let identity = model.identity
        let known = model.files.lazy.compactMap { $0.digest.flatMap { catalog.file(with: $0)?.entry.license } }.first
        let license = known ?? model.reference.flatMap { (try? catalog.find($0))?.entries.first?.license }
        return ExportManifest.Model(
            ref: model.ref, publisher: identity.publisher, repository: identity.repository,
            quantization: identity.quantization, revision: identity.revision,
            license: license.map {
                ExportManifest.License(
                    id: $0.id, name: $0.name, url: $0.url, commercialUse: $0.commercialUse.rawValue)
            } ?? identity.license.map { ExportManifest.License(id: $0) },
            sizeBytes: model.size,
            files: model.files.compactMap { file in
                file.digest.map { digest in
                    // Where a file was on this disk tells nobody elsewhere anything.
                    let origin = file.origin.flatMap { $0.url.isFileURL ? nil : $0 }
                    return ExportManifest.File(
                        path: ExportedFile.path(of: model, file), role: file.role, sizeBytes: file.size,
                        sha256: digest, url: origin?.withoutSecrets.url.absoluteString, origin: origin?.withoutSecrets)
                }
            })
    }
}

/// One stored file on its way to another folder.
private struct ExportedFile: Sendable {
    let ref: String
    let name: String
    let size: Int64
    let source: FilePath
    let digest: Digest
    /// From the folder on.
    let inside: String
    let path: FilePath

    /// Nil where nobody knows what its content should be.
    init?(_ model: StoredModel, _ file: StoredFile, in root: FilePath) {
        guard let digest = file.digest else { return nil }
        self.digest = digest
        (ref, name, size, source) = (model.ref, file.name, file.size, file.path)
        inside = Self.path(of: model, file)
        path = root.pushing(FilePath(inside))
    }

    static func path(of model: StoredModel, _ file: StoredFile) -> String {
        "\(model.identity.publisher)/\(model.identity.repository)/\(file.name)"
    }

    /// Where its bytes collect: by content, so that what an older version left is never gone on with.
    private var partialName: String { ".slm-\(digest.hex.prefix(32)).part" }
    private var partial: FilePath { path.removingLastComponent().appending(partialName) }

    /// What has still to be written, in bytes.
    var missing: Int64 {
        FileStatus.size(ofFile: path) == size ? 0 : max(0, size - (FileStatus(of: partial)?.allocated ?? 0))
    }

    /// Writes what is not there, proves what is, and gives it its name.
    ///
    /// - Parameter mayReplace: Whether a file of another content that has the name was written by an earlier export.
    /// - Returns: Bytes written.
    func write(mayReplace: Bool, onProgress: @escaping @Sendable (Int64) -> Void) async throws -> Int64 {
        let folder = try Folder.creatingRoot(path.removingLastComponent())
        if let status = try folder.status(name) {
            guard status.kind == .file else { throw StoreError.occupied(path: path) }
            if status.size == size, try await FileHasher.hash(path, onProgress: onProgress).digest == digest {
                return 0
            }
            guard mayReplace else { throw StoreError.occupied(path: path) }
        }
        if let left = try folder.status(partialName), left.kind != .file || left.links > 1 || left.size > size {
            try folder.remove(partialName)
        }
        let there = try folder.status(partialName)?.size ?? 0
        for start in there > 0 ? [there, 0] : [0] {
            if start == 0 { try folder.remove(partialName) }
            try await FileCopy.complete(partial, from: source, size: size, onProgress: onProgress)
            if try await FileHasher.hash(partial, onProgress: onProgress).digest == digest {
                try folder.rename(partialName, to: name)
                try folder.sync()
                return size - start
            }
        }
        // What is wrong now would be wrong the next time.
        try folder.remove(partialName)
        throw ExportError.damaged(file: name, path: path)
    }
}
