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
        let lock = try await linksLock()
        defer { lock.release() }
        let before = try self.links(of: nil)
        let ours = Set(before.flatMap { $0.made ?? [] })
        let links = try planned(model, target).map { link in
            var link = link
            // What another program has there is never ours to remove.
            link.made = places(of: link, model).filter { ours.contains($0.string) || FileStatus(of: $0) == nil }
                .map(\.string)
            return link
        }
        // All of it is known to be possible before anything is made, and noted: what nobody knows of would stay for ever.
        for link in links where isForeign(link, before) { throw LinkError.occupied(path: FilePath(link.path)) }
        try keep(before.filter { old in !links.contains { $0.isSame(old) } } + links)
        do {
            for link in links { try make(link, target, model) }
        } catch {
            for link in links where !before.contains(where: link.isSame) { try? remove(link, beside: before) }
            try? keep(before)
            throw error
        }
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
        let lock = try await linksLock()
        defer { lock.release() }
        let all = try self.links(of: nil)
        let going = all.filter { $0.ref == ref && (target == nil || $0.target == target?.name) }
        let staying = all.filter { !going.contains($0) }
        for link in going { try remove(link, beside: staying) }
        if !going.isEmpty { try keep(staying) }
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

    /// Held from reading what there is to writing what shall be.
    func linksLock() async throws -> StoreLock { try await store.lock("links") }

    /// For who holds ``linksLock()``.
    func keep(_ links: [ModelLink]) throws {
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
                guard let blob = HubCacheEntry.blob(of: file, below: root) else {
                    throw LinkError.notOfHub(ref: model.ref)
                }
                return blob
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

    // MARK: Making and removing

    /// Whether something has the place that we did not put there for this model.
    private func isForeign(_ link: ModelLink, _ known: [ModelLink]) -> Bool {
        guard let status = FileStatus(of: FilePath(link.path)), !known.contains(where: link.isSame) else {
            return false
        }
        // A blob of this digest is as good as ours, and stays theirs.
        return link.target != LinkTarget.huggingFace.name || status.kind != .file
    }

    /// All that has to be there for a link.
    private func places(of link: ModelLink, _ model: StoredModel) -> [FilePath] {
        let entry = link.target == LinkTarget.huggingFace.name ? HubCacheEntry(link, of: model) : nil
        return entry?.paths ?? [FilePath(link.path)]
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
                try HubCacheEntry(link, of: model)?.makeSnapshot()
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

    /// `FROM` once for each file that Ollama reads (ollama/ollama, `docs/modelfile.md`).
    private static func modelfile(_ model: StoredModel) -> String {
        model.files.filter { $0.name.lowercased().hasSuffix(".gguf") }.map { "FROM \($0.path.string)\n" }.joined()
    }

    static func symlink(_ path: FilePath, to target: String) throws {
        do {
            try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: target)
        } catch {
            throw LinkError.io(path: path, errno: .ioError)
        }
    }

    /// Removes what was made for a link, is still as it was, and serves no other.
    private func remove(_ link: ModelLink, beside others: [ModelLink]) throws {
        if link.target == LinkTarget.huggingFace.name {
            let shared = Set(others.flatMap { $0.made ?? [] })
            let size = FileStatus(of: FilePath(link.file))?.size
            return try HubCacheEntry.remove(link.made ?? [], but: shared, blob: FilePath(link.path), size: size)
        }
        let path = FilePath(link.path)
        guard let status = FileStatus(of: path) else { return }
        if link.target == LinkTarget.ollama.name {
            guard status.kind == .file else { return }
        } else {
            let leads = try? FileManager.default.destinationOfSymbolicLink(atPath: link.path)
            guard leads == link.file else { return }
        }
        try Self.remove(path, emptyFolders: link.target == LinkTarget.lmStudio.name ? 2 : 0)
    }

    /// Removes a file, and of the folders above it so many as are empty then.
    static func remove(_ path: FilePath, emptyFolders levels: Int) throws {
        do {
            try FileManager.default.removeItem(atPath: path.string)
        } catch {
            throw LinkError.io(path: path, errno: .ioError)
        }
        var folder = path.removingLastComponent()
        for _ in 0..<levels {
            let name = folder.lastComponent?.string ?? ""
            folder.removeLastComponent()
            guard (try? Folder.root(folder)?.removeFolderIfEmpty(name)) == true else { return }
        }
    }
}
