internal import Disk
internal import Foundation
internal import ModelCatalog

/// Stored files as a Hub has them, for programs that are pointed here by `HF_ENDPOINT`. Read only.
///
/// What clients ask: `huggingface/huggingface_hub`, `hf_api.py` (`model_info`, `list_repo_tree`) and `file_download.py`
/// (`get_hf_file_metadata`); `ggml-org/llama.cpp`, `common/download.cpp` (`/v2/…/manifests/…`) and `common/hf-cache.cpp`
/// (`refs`, `tree`).
package struct HubMirror: SharedSite {
    /// One repository, with those of its files that are here.
    package struct Repository: Sendable {
        /// `owner/name`.
        package var id: String
        /// The commit that the files came from; any other 40 hexadecimal digits where it is not known.
        package var commit: String
        /// By path in the repository. Only files with a digest can be proven, so only they are given.
        package var files: [String: SharedFile]

        package init(id: String, commit: String, files: [String: SharedFile]) {
            (self.id, self.commit, self.files) = (id, commit, files)
        }
    }

    /// In the order of their names.
    private let repositories: [Repository]
    private let byName: [String: Int]

    package init(_ repositories: [Repository]) {
        self.repositories = repositories.sorted { $0.id < $1.id }
        byName = Dictionary(self.repositories.enumerated().map { ($1.id.lowercased(), $0) }) { first, _ in first }
    }

    package func answer(_ request: SharedRequest) -> SharedAnswer {
        var path = request.path[...]
        switch path.first {
        case "api":
            path.removeFirst()
            guard path.popFirst() == "models" else { return .missing }
            return path.isEmpty ? list(request.query) : describe(path, request)
        case "v2": return manifest(path.dropFirst())
        default: return file(path)
        }
    }

    private func repository(_ owner: String, _ name: String) -> Repository? {
        byName["\(owner)/\(name)".lowercased()].map { repositories[$0] }
    }

    // MARK: The programming interface

    private struct Model: Encodable {
        var id: String
        var modelId: String
        var sha: String
        var `private` = false
        var gated = false
        var disabled = false
        var downloads = 0
        var tags = ["gguf"]
        var siblings: [Sibling]
    }

    private struct Sibling: Encodable {
        var rfilename: String
        var size: Int64
        var blobId: String
        var lfs: LFS
    }

    private struct LFS: Encodable {
        var sha256: String
        var size: Int64
        var pointerSize = 135
    }

    private struct TreeEntry: Encodable {
        struct LFS: Encodable {
            var oid: String
            var size: Int64
            var pointerSize = 135
        }

        var type = "file"
        var oid: String
        var size: Int64
        var path: String
        var lfs: LFS
    }

    private struct References: Encodable {
        struct Branch: Encodable {
            var name = "main"
            var ref = "refs/heads/main"
            var targetCommit: String
        }

        var branches: [Branch]
        var tags: [Branch] = []
        var converts: [Branch] = []
    }

    private struct Manifest: Encodable {
        struct File: Encodable {
            var rfilename: String
            var size: Int64
        }

        var ggufFile: File
        var mmprojFile: File?
    }

    private func list(_ query: String) -> SharedAnswer {
        let words = query.split(separator: "&").first { $0.hasPrefix("search=") }
            .flatMap { String($0.dropFirst(7)).replacing("+", with: " ").percentDecoded }?.lowercased()
        return json(repositories.filter { words.map($0.id.lowercased().holds) ?? true }.map(Self.model))
    }

    private func describe(_ path: ArraySlice<String>, _ request: SharedRequest) -> SharedAnswer {
        let path = Array(path)
        guard path.count >= 2, let repository = repository(path[0], path[1]) else {
            return refusal("RepoNotFound", "Repository not found")
        }
        switch path.dropFirst(2).first {
        case nil: return json(Self.model(repository))
        case "revision" where path.count == 4:
            return has(repository, path[3]) ? json(Self.model(repository)) : noRevision(path[3])
        case "refs": return json(References(branches: [.init(targetCommit: repository.commit)]))
        case "tree" where path.count >= 4:
            guard has(repository, path[3]) else { return noRevision(path[3]) }
            let folder = path.dropFirst(4).joined(separator: "/")
            let entries = repository.sorted.filter { folder.isEmpty || $0.path.hasPrefix(folder + "/") }
            return json(
                entries.map { path, file, digest in
                    TreeEntry(
                        oid: String(digest.hex.prefix(40)), size: file.size, path: path,
                        lfs: .init(oid: digest.hex, size: file.size))
                })
        default: return .missing
        }
    }

    private static func model(_ repository: Repository) -> Model {
        Model(
            id: repository.id, modelId: repository.id, sha: repository.commit,
            siblings: repository.sorted.map { path, file, digest in
                Sibling(
                    rfilename: path, size: file.size, blobId: String(digest.hex.prefix(40)),
                    lfs: LFS(sha256: digest.hex, size: file.size))
            })
    }

    /// What llama.cpp asks with `-hf owner/name:TAG`: which file is meant.
    private func manifest(_ path: ArraySlice<String>) -> SharedAnswer {
        let path = Array(path)
        guard path.count == 4, path[2] == "manifests", let repository = repository(path[0], path[1]) else {
            return .missing
        }
        let names = repository.sorted.map(\.path)
        let models = names.filter { !$0.lowercased().holds("mmproj") }
        let tag = path[3].lowercased()
        let wanted = tag == "latest" ? models.first : models.first { $0.lowercased().holds(tag) }
        guard let wanted, let size = repository.files[wanted]?.size else { return noRevision(path[3]) }
        let projector = names.first { $0.lowercased().holds("mmproj") }
        return json(
            Manifest(
                ggufFile: .init(rfilename: wanted, size: size),
                mmprojFile: projector.map { .init(rfilename: $0, size: repository.files[$0]?.size ?? 0) }))
    }

    private func has(_ repository: Repository, _ revision: String) -> Bool {
        revision == "main" || revision.lowercased() == repository.commit
    }

    // MARK: Files

    private func file(_ path: ArraySlice<String>) -> SharedAnswer {
        let path = Array(path)
        guard path.count >= 5, path[2] == "resolve" else { return .missing }
        guard let repository = repository(path[0], path[1]) else {
            return refusal("RepoNotFound", "Repository not found")
        }
        guard has(repository, path[3]) else { return noRevision(path[3]) }
        guard let file = repository.files[path[4...].joined(separator: "/")], let digest = file.digest else {
            return refusal("EntryNotFound", "Entry not found", ["X-Repo-Commit": repository.commit])
        }
        return .file(
            file,
            headers: [
                "X-Repo-Commit": repository.commit, "X-Linked-Etag": "\"\(digest.hex)\"",
                "X-Linked-Size": "\(file.size)", "Content-Disposition": PageSite.attachment(file.name),
            ])
    }

    // MARK: Words of the interface

    private func noRevision(_ revision: String) -> SharedAnswer {
        refusal("RevisionNotFound", "Invalid rev id: \(revision)")
    }

    private func refusal(_ code: String, _ message: String, _ more: [String: String] = [:]) -> SharedAnswer {
        let plain = String(message.unicodeScalars.filter { 0x20..<0x7F ~= $0.value }.map(Character.init))
        guard case .document(var answer) = json(["error": plain]) else { return .missing }
        answer.status = 404
        answer.headers = more.merging(["X-Error-Code": code, "X-Error-Message": plain]) { _, new in new }
        return .document(answer)
    }

    private func json(_ value: some Encodable) -> SharedAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return .missing }
        return .document(SharedDocument(String(decoding: data, as: UTF8.self), type: "application/json"))
    }
}

extension HubMirror.Repository {
    /// The files that can be proven, in the order of their paths.
    fileprivate var sorted: [(path: String, file: SharedFile, digest: Digest)] {
        files.compactMap { path, file in file.digest.map { (path, file, $0) } }.sorted { $0.path < $1.path }
    }
}
