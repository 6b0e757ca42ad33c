internal import Disk
internal import GGUF
internal import ModelCatalog
internal import ModelStore
internal import SystemPackage

/// A model that lies somewhere on this machine, to be taken in.
struct ImportSource {
    struct File {
        /// As it was named, or found.
        var path: FilePath
        /// Where its content is, links followed.
        var content: FilePath
        /// The name it is to have.
        var name: String
        /// What a manifest or a list of sums says it is; it is held against that.
        var digest: Digest?
        /// What a manifest says of it, in bytes.
        var size: Int64?
        var origin: FileOrigin?

        /// Whether the name is a link: what it leads to is somebody else's.
        var isLink: Bool { FileStatus(of: path)?.kind == .link }
    }

    /// In order: the shards, and the projector last.
    var files: [File]
    /// As a manifest has it.
    var identity: ModelIdentity?
    /// Why it cannot be taken in.
    var failure: (any Error)?

    init(_ files: [File], as identity: ModelIdentity? = nil, failure: (any Error)? = nil) {
        (self.files, self.identity, self.failure) = (files, identity, failure)
    }

    private init(_ path: FilePath, _ failure: any Error) {
        let name = path.lastComponent?.string ?? path.string
        self.init([File(path: path, content: path, name: name)], failure: failure)
    }

    // MARK: Finding

    /// What there is to take in under these paths: a folder with a manifest has what that says, any other folder its GGUF
    /// files; of a divided model that is named by one part, all parts.
    ///
    /// - Parameter store: Its root, of which nothing is looked at.
    static func found(
        at paths: [FilePath], outside store: FilePath, onFolder: (Int) -> Void = { _ in }
    ) -> [ImportSource] {
        let store = OtherStores.realFolder(store) ?? store
        var sources: [ImportSource] = []
        var files: [File] = []
        for path in paths {
            switch FileStatus(following: path)?.kind {
            case .folder?:
                do {
                    if let manifest = try Folder.root(path).flatMap({ try ExportManifest.read($0) }) {
                        if manifest.models.isEmpty {
                            let name = path.appending(ExportManifest.name)
                            sources.append(ImportSource(path, ImportError.emptyManifest(path: name)))
                        }
                        sources += try manifest.models.map { try Self.exported($0, in: path) }
                        continue
                    }
                    let inside = try models(below: path, outside: store, onFolder)
                    if inside.isEmpty { sources.append(ImportSource(path, ImportError.nothing(folder: path))) }
                    files += inside
                } catch {
                    sources.append(ImportSource(path, error))
                }
            case .file?:
                let parts = parts(of: path)
                if parts.contains(where: { $0.content.starts(with: store) }) {
                    sources.append(ImportSource(path, ImportError.insideStore(path: path)))
                } else {
                    files += parts
                }
            case nil, .link?, .other?: sources.append(ImportSource(path, ImportError.missing(path: path)))
            }
        }
        var seen: Set<FilePath> = []
        return sources + joined(files.filter { seen.insert($0.path).inserted })
    }

    /// What a manifest says of one model. None of its files may be behind a link.
    private static func exported(_ model: ExportManifest.Model, in root: FilePath) throws -> ImportSource {
        var files: [File] = []
        var failure: (any Error)?
        for file in model.files {
            let path = root.pushing(FilePath(file.path))
            var folder = try Folder.root(root)
            for part in file.path.split(separator: "/").dropLast() {
                do throws(DiskError) { folder = try folder?.folder(String(part)) } catch {
                    failure = ImportError.link(path: path)
                }
            }
            let kind = try folder?.status(file.name)?.kind
            if failure == nil, kind != .file {
                failure = kind == .link ? ImportError.link(path: path) : ImportError.missing(path: path)
            }
            // Where it was on the other machine is nowhere on this one.
            let origin = file.origin.flatMap { $0.url.isFileURL ? nil : $0 }
            files.append(
                File(
                    path: path, content: path, name: file.name, digest: file.sha256, size: file.sizeBytes,
                    origin: origin))
        }
        return ImportSource(files, as: model.identity, failure: failure)
    }

    /// How deep a folder is looked into that somebody has named: all of it, and no circle.
    private static let deepest = 100

    /// Whether a system, and not its user, has given the name: what macOS writes beside each file on other disks, and
    /// where each puts what was thrown away.
    private static func isOfSystem(_ name: String) -> Bool {
        name.hasPrefix("._") || name.hasPrefix(".Trash") || name == "$RECYCLE.BIN"
    }

    private static func models(
        below root: FilePath, outside store: FilePath, _ onFolder: (Int) -> Void
    ) throws -> [File] {
        let sums = try Folder.root(root).map { try ExportManifest.sums($0) } ?? [:]
        let depth = root.components.count
        return OtherStores.files(
            below: root, depth: deepest, atMost: .max, passing: { !isOfSystem($0) }, onFolder: onFolder
        ).compactMap { path in
            guard let parsed = FileName(path.lastComponent?.string ?? ""), [.model, .projector].contains(parsed.kind),
                let content = OtherStores.real(path), !content.starts(with: store)
            else { return nil }
            let inside = path.components.dropFirst(depth).map(\.string).joined(separator: "/")
            return File(path: path, content: content, name: parsed.name, digest: sums[inside])
        }
    }

    /// A file, or all parts of the model that it is a part of. What is no GGUF file by its name may be one.
    private static func parts(of path: FilePath) -> [File] {
        let name = path.lastComponent?.string ?? ""
        let folder = path.removingLastComponent()
        return (FileName(name)?.allShards ?? [name]).compactMap { part in
            let path = folder.appending(part)
            guard let content = OtherStores.real(path) else {
                // Whoever may not read it is told so.
                return part == name ? File(path: path, content: path, name: named(part)) : nil
            }
            return File(path: path, content: content, name: named(part))
        }
    }

    private static func named(_ name: String) -> String { name.lowercased().hasSuffix(".gguf") ? name : name + ".gguf" }

    // MARK: What belongs together

    /// One model for each file, or for the parts of one; a projector goes with the models beside it that it is for.
    private static func joined(_ files: [File]) -> [ImportSource] {
        struct Group: Hashable {
            var folder: FilePath
            var stem: String
            var count: Int
        }
        var order: [Group] = []
        var groups: [Group: [File]] = [:]
        for file in files {
            let name = FileName(file.name)
            let group = Group(
                folder: file.path.removingLastComponent(), stem: name?.shard == nil ? file.name : name?.stem ?? "",
                count: name?.shard?.count ?? 1)
            if groups[group] == nil { order.append(group) }
            groups[group, default: []].append(file)
        }
        let sources = order.map { group in
            let parts = (groups[group] ?? []).sorted { $0.name < $1.name }
            let missing = Set(FileName(parts[0].name)?.allShards ?? []).subtracting(parts.map(\.name))
            guard group.count > 1, !missing.isEmpty else { return ImportSource(parts) }
            return ImportSource(
                parts, failure: ImportError.partsMissing(file: parts[0].name, missing: missing.sorted()))
        }
        return withProjectors(sources)
    }

    private static func withProjectors(_ sources: [ImportSource]) -> [ImportSource] {
        let projectors = sources.filter(\.isProjector)
        guard !projectors.isEmpty else { return sources }
        var used: Set<FilePath> = []
        let models = sources.filter { !$0.isProjector }.map { source in
            let beside = projectors.filter { $0.folder == source.folder }
            let own = beside.filter { source.mayOwn($0, alone: beside.count == 1, among: sources) }
            guard own.count == 1, source.failure == nil else { return source }
            used.insert(own[0].files[0].path)
            var whole = source
            whole.files += own[0].files
            return whole
        }
        // One that belongs to none of them is taken in by itself.
        return models + projectors.filter { !used.contains($0.files[0].path) }
    }

    /// Whether other parts of the same model are not here.
    var isPartial: Bool { if case .partsMissing = failure as? ImportError { true } else { false } }

    private var folder: FilePath { files[0].path.removingLastComponent() }
    private var isProjector: Bool { FileName.isProjector(files[0].name) }
    private var base: String { FileName(files[0].name)?.base.lowercased() ?? "" }

    /// Whether a projector is this model's: it has the model's name in its own, or the folder has this model alone, in
    /// whatever quantizations.
    private func mayOwn(_ projector: ImportSource, alone: Bool, among sources: [ImportSource]) -> Bool {
        if !base.isEmpty, projector.files[0].name.lowercased().holds(base) { return true }
        return alone && sources.allSatisfy { $0.folder != folder || $0.isProjector || $0.base == base }
    }
}
