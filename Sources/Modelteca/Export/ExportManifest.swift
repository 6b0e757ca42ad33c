internal import Disk
internal import Foundation
internal import GGUF
internal import ModelCatalog
internal import ModelStore
internal import SystemPackage

/// What a folder of exported models holds: `slm-export.json` for this program, and `SHA256SUMS` for `sha256sum -c`.
struct ExportManifest: Codable {
    static let name = "slm-export.json"
    static let sumsName = "SHA256SUMS"
    private static let known = "slm-export-1"
    /// Of either file, in bytes: more than a disk of models needs.
    private static let limit = 16 << 20

    var format = Self.known
    var models: [Model] = []

    struct Model: Codable {
        var ref: String
        var publisher: String
        var repository: String
        var quantization: String?
        var revision: String?
        var license: License?
        var sizeBytes: Int64
        var files: [File]

        var identity: ModelIdentity {
            ModelIdentity(
                ref: ref, publisher: publisher, repository: repository, quantization: quantization,
                revision: revision, license: license?.id)
        }
    }

    struct License: Codable {
        var id: String
        var name: String?
        var url: String?
        var commercialUse: String?
    }

    struct File: Codable {
        /// From the folder on, with `/`.
        var path: String
        var role: String
        var sizeBytes: Int64
        var sha256: Digest
        /// For people.
        var url: String?
        var origin: FileOrigin?

        var name: String { path.split(separator: "/").last.map(String.init) ?? "" }
    }

    /// Reads the manifest of a folder; nil where there is none.
    ///
    /// - Throws: `ImportError.badManifest`, `DiskError`.
    static func read(_ folder: Folder) throws -> ExportManifest? {
        guard let bytes = try folder.read(name, limit: limit) else {
            guard try folder.status(name) != nil else { return nil }
            throw ImportError.badManifest(path: folder.path.appending(name), entry: name)
        }
        let path = folder.path.appending(name)
        let manifest: ExportManifest
        do {
            manifest = try JSONDecoder().decode(ExportManifest.self, from: Data(bytes))
        } catch {
            throw ImportError.badManifest(path: path, entry: "JSON")
        }
        guard manifest.format == known else { throw ImportError.badManifest(path: path, entry: manifest.format) }
        for model in manifest.models { try model.check(path) }
        return manifest
    }

    /// The sums that a folder has of its files, whoever made them, by the paths from the folder on.
    static func sums(_ folder: Folder) throws -> [String: Digest] {
        guard let bytes = try folder.read(sumsName, limit: limit) else { return [:] }
        var sums: [String: Digest] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let (digest, path) = entry(line) else { continue }
            sums[path] = digest
        }
        return sums
    }

    /// A line of `sha256sum`: the digest, two blanks or a blank and a star, the path (GNU coreutils, "md5sum invocation").
    private static func entry(_ line: Substring) -> (Digest, String)? {
        guard let digest = Digest(hex: String(line.prefix(64))) else { return nil }
        let rest = line.dropFirst(64)
        guard rest.hasPrefix("  ") || rest.hasPrefix(" *") else { return nil }
        let path = rest.dropFirst(2)
        return (digest, String(path.hasPrefix("./") ? path.dropFirst(2) : path))
    }

    /// Writes both files, each in one step, and keeps what the sums say of other files.
    ///
    /// - Throws: `DiskError`, `EncodingError`.
    func write(_ folder: Folder) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try folder.write(encoder.encode(self), as: Self.name)
        var sums = try Self.sums(folder)
        for file in models.flatMap(\.files) { sums[file.path] = file.sha256 }
        let lines = sums.sorted { $0.key < $1.key }.map { "\($0.value.hex)  \($0.key)\n" }
        try folder.write(Array(lines.joined().utf8), as: Self.sumsName)
    }
}

extension ExportManifest.Model {
    /// Refuses what could lead out of the folder, or out of the store.
    ///
    /// - Throws: `ImportError.badManifest`.
    fileprivate func check(_ path: FilePath) throws {
        for name in [publisher, repository] where !FileNameRules.isSafe(name) {
            throw ImportError.badManifest(path: path, entry: name)
        }
        guard !ref.isEmpty, !files.isEmpty, Set(files.map(\.name)).count == files.count else {
            throw ImportError.badManifest(path: path, entry: ref)
        }
        let names = Set(files.map(\.name))
        for part in files.flatMap({ FileName($0.name)?.allShards ?? [] }) where !names.contains(part) {
            throw ImportError.badManifest(path: path, entry: part)
        }
        for file in files {
            guard (try? FileNameRules.relativePath(file.path)) != nil, file.sizeBytes >= 0 else {
                throw ImportError.badManifest(path: path, entry: file.path)
            }
        }
    }
}

extension StoredFile {
    /// What it is for, in the words of `--json`.
    var role: String { FileName.isProjector(name) ? "projector" : "model" }
}
