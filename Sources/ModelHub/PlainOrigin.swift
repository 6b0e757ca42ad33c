internal import CurlHTTP
internal import Disk
package import Foundation
internal import GGUF
package import ModelCatalog
package import SystemPackage

/// Files that no hub describes: an address, or a path on this disk.
package enum PlainOrigin {
    /// An offer for an address. Size and digest are unknown until the server answers.
    ///
    /// Stored as `host/folder/file`: the last folder of the address, or `files`.
    /// - Throws: `HubError.unsafeName`.
    package static func offer(_ url: URL) throws(HubError) -> Offer {
        let parts = url.path(percentEncoded: false).split(separator: "/").map(String.init)
        let host = url.host() ?? ""
        guard let last = parts.last, let name = try? FileNameRules.component(last) else {
            throw .unsafeName(id: host, name: parts.last ?? "")
        }
        let folder = parts.dropLast().last.flatMap { try? FileNameRules.component($0) } ?? "files"
        let publisher = (try? FileNameRules.component(host)) ?? "web"
        let file = RemoteFile(name: name, url: url)
        return one([file], .address(url), publisher: publisher, repository: folder)
    }

    /// An offer for a file on this disk, or for all parts of a split model of which one is named.
    ///
    /// Stored as `local/folder/file`, after the folder it is in now. A link is followed for the content, not for the
    /// name.
    /// - Throws: `HubError.noLocalFile`, `.unsafeName`.
    package static func offer(_ path: FilePath) throws(HubError) -> Offer {
        let base = FilePath(FileManager.default.currentDirectoryPath)
        let absolute = (path.isAbsolute ? path : base.pushing(path)).lexicallyNormalized()
        let last = absolute.lastComponent?.string ?? ""
        let folder = absolute.removingLastComponent()
        var files: [RemoteFile] = []
        for name in FileName(last)?.allShards ?? [last] {
            guard let safe = try? FileNameRules.component(name) else {
                throw .unsafeName(id: path.string, name: name)
            }
            let url = URL(filePath: folder.appending(safe).string).resolvingSymlinksInPath()
            guard let size = FileStatus.size(ofFile: FilePath(url.path(percentEncoded: false))) else {
                throw
                    .noLocalFile(path: name == last ? path.string : folder.appending(safe).string)
            }
            files.append(RemoteFile(name: safe, url: url, size: size))
        }
        let parent = folder.lastComponent.flatMap { try? FileNameRules.component($0.string) } ?? "files"
        return one(files, .file(absolute), publisher: "local", repository: parent)
    }

    private static func one(
        _ files: [RemoteFile], _ reference: ModelReference, publisher: String, repository: String
    ) -> Offer {
        let name = files.first?.name ?? ""
        let variant = Variant(
            ref: reference.description, publisher: publisher, repository: repository,
            quantization: FileName(name)?.quantization?.name, files: files)
        return Offer(reference: reference, name: name, models: [[variant]])
    }
}

extension Hub {
    /// Whether a plain server still seems to have the file that was fetched from it: the same size, and no later date.
    /// False when it says neither.
    ///
    /// - Throws: `HubError.noFile` when it says that it has it no more (404, 410); `HTTPError` when it cannot be reached.
    /// - Parameters:
    ///   - size: Of the fetched file, in bytes.
    ///   - date: When it was fetched.
    package func seemsUnchanged(_ url: URL, size: Int64, since date: Date) async throws -> Bool {
        let head: HTTPHead
        do {
            head = try await http.fetch(HTTPRequest(url, method: .head), limit: 0).head
        } catch let error as HTTPError {
            switch error {
            case .unreachable, .timedOut, .offline, .proxyRefused, .proxyUnreachable: throw error
            // Some servers do not know what to do with HEAD.
            default: return false
            }
        }
        if [404, 410].contains(head.status) {
            throw HubError.noFile(id: url.host() ?? "", path: url.lastPathComponent)
        }
        guard head.status == 200, head.contentLength == size else { return false }
        return head.lastModified.map { $0 < date } ?? true
    }
}
