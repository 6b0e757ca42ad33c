public import Foundation
internal import GGUF
public import ModelCatalog
public import SystemPackage

/// Files that no hub describes: an address, or a path on this disk.
public enum PlainOrigin {
    /// A candidate for an address. Size and digest are unknown until the server answers, unless `digest` is given.
    ///
    /// Stored as `host/folder/file`: the last folder of the address, or `files`.
    /// - Throws: `HubError.unsafeName`.
    public static func candidate(_ url: URL, digest: Digest?) throws(HubError) -> Candidate {
        let parts = url.path(percentEncoded: false).split(separator: "/").map(String.init)
        let host = url.host() ?? ""
        guard let last = parts.last, let name = try? FileNameRules.component(last) else {
            throw .unsafeName(id: host, name: parts.last ?? "")
        }
        let folder = parts.dropLast().last.flatMap { try? FileNameRules.component($0) } ?? "files"
        let publisher = (try? FileNameRules.component(host)) ?? "web"
        let file = RemoteFile(name: name, url: url, digest: digest)
        return one(file, .address(url), publisher: publisher, repository: folder)
    }

    /// A candidate for a file on this disk.
    ///
    /// Stored as `local/folder/file`, after the folder it is in now.
    /// - Throws: `HubError.noLocalFile`, `.unsafeName`.
    public static func candidate(_ path: FilePath, digest: Digest?) throws(HubError) -> Candidate {
        let absolute = path.isAbsolute ? path : FilePath(FileManager.default.currentDirectoryPath).pushing(path)
        let attributes = try? FileManager.default.attributesOfItem(atPath: absolute.string)
        guard let attributes, let size = (attributes[.size] as? NSNumber)?.int64Value,
            attributes[.type] as? FileAttributeType != .typeDirectory
        else { throw .noLocalFile(path: path.string) }
        let last = absolute.lastComponent?.string ?? ""
        guard let name = try? FileNameRules.component(last) else { throw .unsafeName(id: path.string, name: last) }
        let parent = absolute.removingLastComponent().lastComponent?.string
        let folder = parent.flatMap { try? FileNameRules.component($0) } ?? "files"
        let file = RemoteFile(name: name, url: URL(filePath: absolute.string), size: size, digest: digest)
        return one(file, .file(absolute), publisher: "local", repository: folder)
    }

    private static func one(
        _ file: RemoteFile, _ reference: ModelReference, publisher: String, repository: String
    ) -> Candidate {
        let variant = Variant(
            ref: reference.description, publisher: publisher, repository: repository,
            quantization: FileName(file.name)?.quantization?.name, files: [file])
        return Candidate(reference: reference, name: file.name, variants: [variant])
    }
}
