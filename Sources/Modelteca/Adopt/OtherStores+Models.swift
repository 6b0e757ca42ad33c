internal import Disk
internal import Foundation
internal import GGUF
internal import ModelCatalog
internal import ModelHub
internal import SystemPackage

/// A model that another program has.
struct OtherModel: Sendable {
    var program: OtherProgram
    /// What it is called here. Digests are what its program says; names and origins likewise.
    var variant: Variant
    /// Where the content of each file is.
    var paths: [FilePath]
}

extension OtherStores {
    /// The models that programs have, GGUF only, in the order of the programs' names and their folders.
    ///
    /// - Parameter registries: Reads manifests that programs have kept.
    func models(of programs: [OtherProgram], _ registries: Registries) async -> [OtherModel] {
        var found: [OtherModel] = []
        for program in programs {
            for root in folders(of: program) {
                switch program {
                case .ollama: found += await ollama(root, registries)
                case .docker: found += await docker(root, registries)
                case .huggingFace: found += huggingFace(root)
                default: found += plain(root, program)
                }
            }
        }
        return found
    }

    // MARK: Registries' layouts

    /// `manifests/HOST/NAMESPACE/MODEL/TAG` and `blobs/sha256-HEX` (ollama/ollama, `manifest/paths.go`).
    private func ollama(_ root: FilePath, _ registries: Registries) async -> [OtherModel] {
        var found: [OtherModel] = []
        for path in Self.files(below: root.appending("manifests")) {
            let words = path.components.suffix(4).map(\.string)
            guard words.count == 4, let manifest = Self.read(path) else { continue }
            let text =
                switch words[0] {
                case "registry.ollama.ai": "ollama:\(words[1])/\(words[2]):\(words[3])"
                case "hf.co", "huggingface.co": "hf:\(words[1])/\(words[2]):\(words[3])"
                default: "oci://\(words[0])/\(words[1])/\(words[2]):\(words[3])"
                }
            func blob(_ digest: Digest) -> FilePath { root.pushing(FilePath("blobs/sha256-\(digest.hex)")) }
            guard let reference = Self.reference(text),
                let variant = try? await registries.variant(of: manifest, reference, content: { Self.read(blob($0)) })
            else { continue }
            found.append(
                OtherModel(program: .ollama, variant: variant, paths: variant.files.compactMap(\.digest).map(blob)))
        }
        return found
    }

    private struct DockerModels: Decodable {
        struct Row: Decodable {
            var id: String
            var tags: [String]?
        }

        var models: ReadableElements<Row>
    }

    /// `models.json`, `manifests/sha256/HEX`, `blobs/sha256/HEX` (docker/model-runner, `internal/store`).
    private func docker(_ root: FilePath, _ registries: Registries) async -> [OtherModel] {
        guard let document = Self.read(root.appending("models.json")),
            let models = try? JSONDecoder().decode(DockerModels.self, from: document).models.elements
        else { return [] }
        var found: [OtherModel] = []
        for row in models {
            guard let id = Digest(hex: row.id), let tag = row.tags?.first,
                let manifest = Self.read(root.pushing(FilePath("manifests/sha256/\(id.hex)")))
            else { continue }
            let first = tag.prefix { $0 != "/" }
            let hasHost = first.count < tag.count && (first.holds(".") || first.holds(":"))
            func blob(_ digest: Digest) -> FilePath { root.pushing(FilePath("blobs/sha256/\(digest.hex)")) }
            guard let reference = Self.reference("oci://" + (hasHost ? tag : "docker.io/" + tag)),
                let variant = try? await registries.variant(of: manifest, reference, content: { Self.read(blob($0)) })
            else { continue }
            found.append(
                OtherModel(program: .docker, variant: variant, paths: variant.files.compactMap(\.digest).map(blob)))
        }
        return found
    }

    private static func reference(_ text: String) -> ModelReference? { try? ModelReference(parsing: text) }

    // MARK: The Hub's cache

    /// `models--OWNER--NAME/snapshots/COMMIT/PATH`, each a link to `blobs/SHA256` (huggingface_hub, "Understand
    /// caching"); newer versions of llama.cpp keep their files there too.
    private func huggingFace(_ root: FilePath) -> [OtherModel] {
        var found: [OtherModel] = []
        for folder in Self.names(in: root) where folder.hasPrefix("models--") {
            let id = String(folder.dropFirst("models--".count).replacing("--", with: "/"))
            let snapshots = root.appending(folder).appending("snapshots")
            for commit in Self.names(in: snapshots) {
                let place = snapshots.appending(commit)
                let files = Self.files(below: place).filter(Self.isModel)
                for group in Self.groups(files) {
                    if let model = hubModel(id, commit, group, below: place, of: .huggingFace) { found.append(model) }
                }
            }
        }
        return found
    }

    /// A model of a repository of the Hub, or of ModelScope, as its program's folders say.
    private func hubModel(
        _ id: String, _ commit: String, _ paths: [FilePath], below root: FilePath, of program: OtherProgram
    ) -> OtherModel? {
        guard var reference = try? HubReference(parsing: id) else { return nil }
        let isModelScope = program == .modelScope
        let isCommit = commit.count == 40 && commit.allSatisfy(\.isHexDigit)
        var files: [RemoteFile] = []
        var contents: [FilePath] = []
        var first = reference.selection
        for path in paths {
            let inside = path.components.dropFirst(root.components.count).map(\.string).joined(separator: "/")
            guard let checked = try? HubReference(parsing: "\(id)/\(inside)"), checked.id == reference.id,
                let content = Self.real(path), let name = path.lastComponent?.string, FileNameRules.isSafe(name)
            else { return nil }
            reference = checked
            reference.revision = isCommit ? commit : nil
            let origin: FileOrigin? =
                isModelScope
                ? ModelScopeAddress.file(inside, of: id, revision: nil, at: .modelScope).map { .address($0) }
                : HubFile(reference, at: .huggingFaceHub).map { .hub($0) }
            guard let origin else { return nil }
            // What the snapshot names says what it should be, and is not believed. Its content may lie elsewhere, under a
            // hash of Xet's: huggingface_hub, `utils/_shared_blobs.py`.
            let claimed = Self.target(of: path)?.lastComponent.flatMap { Digest(hex: $0.string) }
            files.append(
                RemoteFile(name: name, origin: origin, size: FileStatus.size(ofFile: content), digest: claimed))
            contents.append(content)
            if files.count == 1 { first = reference.selection }
        }
        (reference.selection, reference.revision) = (first, nil)
        guard let repository = try? FileNameRules.component(reference.repository),
            let owner = try? FileNameRules.component(reference.owner ?? "huggingface")
        else { return nil }
        return OtherModel(
            program: program,
            variant: Variant(
                ref: (isModelScope ? ModelReference.modelScope(reference) : .hub(reference)).description,
                publisher: owner, repository: repository,
                quantization: FileName(files[0].name)?.quantization?.name, files: files,
                revision: isCommit ? commit : nil),
            paths: contents)
    }

    /// Where a link leads, one step; nil for what is none.
    private static func target(of link: FilePath) -> FilePath? {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: link.string)).map { FilePath($0) }
    }

    // MARK: Plain folders

    /// GGUF files wherever they lie: of nothing but their content is anything known.
    private func plain(_ root: FilePath, _ program: OtherProgram) -> [OtherModel] {
        Self.groups(Self.files(below: root).filter(Self.isModel)).compactMap { paths in
            if let model = namedByFolders(paths, root, program) { return model }
            guard let first = paths.first, let offer = try? PlainOrigin.offer(first),
                var variant = offer.variants.first,
                variant.files.count == paths.count
            else { return nil }
            let words = first.components.dropFirst(root.components.count).map(\.string)
            if program == .lmStudio, words.count == 3, words.allSatisfy(FileNameRules.isSafe) {
                (variant.publisher, variant.repository) = (words[0], words[1])
            }
            let contents = paths.compactMap(Self.real)
            return contents.count == paths.count
                ? OtherModel(program: program, variant: variant, paths: contents) : nil
        }
    }

    /// `huggingface/OWNER/NAME/snapshots/…/PATH` of RamaLama's (`model_store/store.py`), and ModelScope's
    /// `models/OWNER--NAME/snapshots/REVISION/PATH`; nil for all else. What RamaLama calls `sha256-…` is sometimes the hash
    /// of a name.
    private func namedByFolders(_ paths: [FilePath], _ root: FilePath, _ program: OtherProgram) -> OtherModel? {
        let words = paths.first?.components.dropFirst(root.components.count).map(\.string) ?? []
        let (id, depth): (String, Int)
        if program == .ramaLama, words.count > 5, words[0] == "huggingface", words[3] == "snapshots" {
            (id, depth) = ("\(words[1])/\(words[2])", 5)
        } else if program == .modelScope, words.count > 4, words[0] == "models", words[2] == "snapshots",
            words[3] == ModelScopeAddress.branch, let dashes = words[1].firstRange(of: "--")
        {
            (id, depth) = ("\(words[1][..<dashes.lowerBound])/\(words[1][dashes.upperBound...])", 4)
        } else {
            return nil
        }
        let folder = words.prefix(depth).reduce(root) { $0.appending($1) }
        return hubModel(id, "", paths, below: folder, of: program)
    }

    private static func isModel(_ path: FilePath) -> Bool {
        guard let name = path.lastComponent?.string, let parsed = FileName(name) else { return false }
        return parsed.kind == .model || parsed.kind == .projector
    }

    /// The parts of a divided model together, in order; those of which some are missing are left out.
    private static func groups(_ paths: [FilePath]) -> [[FilePath]] {
        let all = Set(paths)
        return paths.compactMap { path in
            guard let name = path.lastComponent.flatMap({ FileName($0.string) }), let shard = name.shard else {
                return [path]
            }
            guard shard.number == 1 else { return nil }
            let parts = name.allShards.map { path.removingLastComponent().appending($0) }
            return parts.allSatisfy(all.contains) ? parts : nil
        }
    }
}
