internal import Disk
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelStore
internal import SystemPackage

extension Shelf {
    /// Lets another program use a stored model, without a second copy.
    ///
    /// A link points to the stored file and follows its updates. The Hub's cache alone gets a second name for the same
    /// content (or one that shares its blocks): its own program removes what its links lead to.
    /// - Returns: What leads to the model now, also where it did before.
    /// - Throws: `LinkError`, `StoreError`.
    package func link(_ text: String, to target: LinkTarget) async throws -> [ModelLink] {
        let model = try await requireStored(text, changing: true)
        guard model.state == .ready else { throw LinkError.notReady(ref: model.ref) }
        let links = try planned(model, target)
        // All of it is known to be possible before anything is made.
        for link in links where isForeign(link) { throw LinkError.occupied(path: FilePath(link.path)) }
        for link in links { try make(link, target, model) }
        let before = try self.links(of: nil)
        try await keep(before.filter { old in !links.contains { $0.path == old.path } } + links)
        return links
    }

    /// Undoes `link`.
    ///
    /// - Parameter target: Nil for all.
    /// - Returns: What was removed.
    /// - Throws: `LinkError`, `StoreError`.
    @discardableResult
    package func unlink(_ text: String, from target: LinkTarget?) async throws -> [ModelLink] {
        let ref = try await requireStored(text, changing: true).ref
        let all = try self.links(of: nil)
        let going = all.filter { $0.ref == ref && (target == nil || $0.target == target?.name) }
        for link in going { try remove(link) }
        if !going.isEmpty { try await keep(all.filter { !going.contains($0) }) }
        return going
    }

    /// What leads to a stored model, or to all of them.
    ///
    /// - Throws: `LinkError`.
    package func links(of ref: String?) throws -> [ModelLink] {
        do throws(DiskError) {
            guard let folder = try Folder.root(store.layout.bookkeeping),
                let bytes = try folder.read(StoreLayout.linksName, limit: 16 << 20),
                let all = try? JSONDecoder().decode([ModelLink].self, from: Data(bytes))
            else { return [] }
            return ref == nil ? all : all.filter { $0.ref == ref }
        } catch {
            throw LinkError.io(path: error.path, errno: error.errno)
        }
    }

    func keep(_ links: [ModelLink]) async throws {
        let lock = try await store.lock("links")
        defer { lock.release() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            try Folder.root(store.layout.bookkeeping)?.write(encoder.encode(links), as: StoreLayout.linksName)
        } catch let error as DiskError {
            throw LinkError.io(path: error.path, errno: error.errno)
        }
    }

    // MARK: Where

    private func planned(_ model: StoredModel, _ target: LinkTarget) throws -> [ModelLink] {
        func links(_ path: (StoredFile) throws -> FilePath) rethrows -> [ModelLink] {
            try model.files.map {
                ModelLink(ref: model.ref, target: target.name, path: try path($0).string, file: $0.path.string)
            }
        }
        switch target {
        case .folder(let folder):
            return links { folder.appending($0.name) }
        case .lmStudio:
            let root = try folder(of: .lmStudio)
            let (publisher, repository) = (model.identity.publisher, model.identity.repository)
            return links { root.appending(publisher).appending(repository).appending($0.name) }
        case .huggingFace:
            let root = settings.otherStores.usualFolder(of: .huggingFace)
            return try links { file in
                guard let origin = file.origin?.hubFile, let digest = file.digest, origin.isCommit else {
                    throw LinkError.notOfHub(ref: model.ref)
                }
                return Self.repository(of: origin, root).appending("blobs").appending(digest.hex)
            }
        case .ollama:
            guard let first = model.files.first else { return [] }
            let path = store.layout.bookkeeping.appending(StoreLayout.modelfileName(for: model.ref))
            return [ModelLink(ref: model.ref, target: target.name, path: path.string, file: first.path.string)]
        }
    }

    private func folder(of program: OtherProgram) throws -> FilePath {
        guard let folder = settings.otherStores.folders(of: program).first else {
            throw LinkError.noProgram(
                name: program.name, folder: settings.otherStores.usualFolder(of: program))
        }
        return folder
    }

    /// `models--OWNER--NAME` (huggingface_hub, `file_download.py`, `repo_folder_name`).
    private static func repository(of file: HubFile, _ root: FilePath) -> FilePath {
        root.appending("models--" + file.reference.id.replacing("/", with: "--"))
    }

    // MARK: Making and removing

    /// Whether something has the place that we did not put there.
    private func isForeign(_ link: ModelLink) -> Bool {
        let path = FilePath(link.path)
        guard let status = FileStatus(of: path) else { return false }
        if (try? links(of: nil).contains { $0.path == link.path }) == true { return false }
        // A blob of this digest is as good as ours, and stays theirs.
        return link.target != LinkTarget.huggingFace.name || status.kind != .file
    }

    private func make(_ link: ModelLink, _ target: LinkTarget, _ model: StoredModel) throws {
        let path = FilePath(link.path)
        do {
            let folder = try Folder.creatingRoot(path.removingLastComponent())
            let name = path.lastComponent?.string ?? ""
            switch target {
            case .folder, .lmStudio:
                try folder.remove(name)
                try Self.symlink(path, to: link.file)
            case .ollama: try folder.write(Array(Self.modelfile(model).utf8), as: name)
            case .huggingFace:
                if FileStatus(of: path) == nil, try !folder.share(FilePath(link.file), as: name) {
                    throw LinkError.otherDisk(path: path)
                }
                try makeSnapshot(of: link, model)
            }
        } catch let error as DiskError {
            throw LinkError.io(path: error.path, errno: error.errno)
        }
    }

    /// Makes what leads to a file lead to where the file is now. What somebody has changed since stays.
    func relink(_ link: ModelLink, to now: ModelLink) throws {
        let path = FilePath(now.path)
        guard let name = path.lastComponent?.string else { return }
        do {
            guard let folder = try Folder.root(path.removingLastComponent()) else { return }
            switch link.target {
            // It has a name of its own for the content.
            case LinkTarget.huggingFace.name: return
            case LinkTarget.ollama.name:
                guard let bytes = try folder.read(name, limit: 1 << 20) else { return }
                let text = String(decoding: bytes, as: UTF8.self).replacing(link.file, with: now.file)
                try folder.write(Array(text.utf8), as: name)
            default:
                guard (try? FileManager.default.destinationOfSymbolicLink(atPath: now.path)) == link.file else {
                    return
                }
                try folder.remove(name)
                try Self.symlink(path, to: now.file)
            }
        } catch let error as DiskError {
            throw LinkError.io(path: error.path, errno: error.errno)
        }
    }

    /// `snapshots/COMMIT/PATH`, a relative link to the blob, and `refs/main` where there is none yet.
    private func makeSnapshot(of link: ModelLink, _ model: StoredModel) throws {
        guard let (snapshot, origin) = Self.snapshot(of: link, model) else { return }
        let repository = FilePath(link.path).removingLastComponent().removingLastComponent()
        let folder = try Folder.creatingRoot(snapshot.removingLastComponent())
        if let name = snapshot.lastComponent?.string, try folder.status(name) == nil {
            let ups = String(repeating: "../", count: 2 + origin.path.split(separator: "/").count - 1)
            let blob = FilePath(link.path).lastComponent?.string ?? ""
            try Self.symlink(snapshot, to: "\(ups)blobs/\(blob)")
        }
        let refs = try Folder.creatingRoot(repository.appending("refs"))
        if try refs.status("main") == nil { try refs.write(Array(origin.revision.utf8), as: "main") }
    }

    private static func snapshot(of link: ModelLink, _ model: StoredModel) -> (path: FilePath, origin: HubFile)? {
        guard let origin = model.files.first(where: { $0.path.string == link.file })?.origin?.hubFile else {
            return nil
        }
        let repository = FilePath(link.path).removingLastComponent().removingLastComponent()
        return (repository.pushing(FilePath("snapshots/\(origin.revision)/\(origin.path)")), origin)
    }

    /// `FROM` once for each file that Ollama reads (ollama/ollama, `docs/modelfile.md`).
    private static func modelfile(_ model: StoredModel) -> String {
        model.files.filter { $0.name.lowercased().hasSuffix(".gguf") }.map { "FROM \($0.path.string)\n" }.joined()
    }

    private static func symlink(_ path: FilePath, to target: String) throws {
        do {
            try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: target)
        } catch {
            throw LinkError.io(path: path, errno: .ioError)
        }
    }

    /// Removes what is still as it was made.
    private func remove(_ link: ModelLink) throws {
        let path = FilePath(link.path)
        guard let status = FileStatus(of: path) else { return }
        let stored = FileStatus(of: FilePath(link.file))
        switch link.target {
        case LinkTarget.huggingFace.name:
            let repository = path.removingLastComponent().removingLastComponent()
            for link in OtherStores.files(below: repository.appending("snapshots"))
            where (try? FileManager.default.destinationOfSymbolicLink(atPath: link.string))?
                .hasSuffix("/blobs/\(path.lastComponent?.string ?? "")") == true
            {
                try? FileManager.default.removeItem(atPath: link.string)
            }
            guard status.kind == .file, status.size == stored?.size else { return }
        case LinkTarget.ollama.name: guard status.kind == .file else { return }
        default:
            let leads = try? FileManager.default.destinationOfSymbolicLink(atPath: link.path)
            guard leads == link.file else { return }
        }
        do {
            try FileManager.default.removeItem(atPath: link.path)
        } catch {
            throw LinkError.io(path: path, errno: .ioError)
        }
        removeEmptyFolders(above: path, of: link)
    }

    /// Folders that were made for the link, as far up as they are empty; those of a program stay.
    private func removeEmptyFolders(above path: FilePath, of link: ModelLink) {
        let levels = link.target == LinkTarget.lmStudio.name ? 2 : 0
        var folder = path.removingLastComponent()
        for _ in 0..<levels {
            let name = folder.lastComponent?.string ?? ""
            folder.removeLastComponent()
            guard (try? Folder.root(folder)?.removeFolderIfEmpty(name)) == true else { return }
        }
    }
}

extension HubFile {
    fileprivate var isCommit: Bool { revision.count == 40 && revision.allSatisfy(\.isHexDigit) }
}
