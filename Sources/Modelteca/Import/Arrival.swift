internal import Disk
internal import GGUF
internal import ModelCatalog
internal import ModelDownload
internal import ModelHub
internal import ModelStore
internal import SystemPackage

/// A model on its way in: what has come of it so far.
struct Arrival {
    struct File {
        var source: ImportSource.File
        /// The content as it was before anything was read.
        var status: FileStatus
        var incoming: IncomingFile
        var digest: Digest
        var origin: FileOrigin { source.origin ?? .local(source.content) }
    }

    let source: ImportSource
    let mode: ImportMode
    private(set) var files: [File] = []

    init(source: ImportSource, mode: ImportMode) { (self.source, self.mode) = (source, mode) }

    mutating func add(
        _ file: ImportSource.File, _ status: FileStatus, _ incoming: IncomingFile, _ digest: Digest
    ) {
        files.append(File(source: file, status: status, incoming: incoming, digest: digest))
    }

    /// Reads the headers, and gives the first.
    ///
    /// - Throws: `GGUFError`, `FileNameFault`, `ImportError.cutShort`, `.damaged`.
    func check() throws -> GGUFFile {
        var first: GGUFFile?
        for file in source.files {
            try FileNameRules.component(file.name)
            if let expected = file.size, let size = FileStatus.size(ofFile: file.content), size != expected {
                throw damaged(file, .size(expected: expected, actual: size))
            }
            let header = try GGUFFile(path: file.content.string)
            guard header.isComplete else {
                throw ImportError.cutShort(
                    path: file.path, size: header.availableLength, expected: header.expectedLength)
            }
            first = first ?? header
        }
        guard let first else { throw ImportError.missing(path: "") }
        return first
    }

    /// That a file is not what was written beside it, with what can be had instead.
    func damaged(_ file: ImportSource.File, _ fault: ImportError.Fault) -> ImportError {
        .damaged(path: file.path, fault, ref: source.identity?.ref, host: file.origin?.url.host())
    }

    /// The folder that it gets where nobody else knows it: what it was in is called.
    var repository: String {
        let folder = source.files[0].path.removingLastComponent().lastComponent?.string ?? ""
        return (try? FileNameRules.component(folder)) ?? "files"
    }

    /// What it is called where nobody else knows it: by the folder and the file it was, as what somebody puts into the
    /// store by hand is.
    func variant(_ header: GGUFFile) -> Variant {
        let first = source.files[0]
        let repository = repository
        let remotes = files.map { file in
            RemoteFile(name: file.source.name, origin: file.origin, size: file.status.size, digest: file.digest)
        }
        let named = FileName(first.name)?.quantization ?? (header.isLabelTrue ? header.quantization : nil)
        return Variant(
            ref: "local/\(repository)/\(first.name)", publisher: "local", repository: repository,
            quantization: named?.name, files: remotes)
    }

    /// Removes what was brought and is not kept.
    func discard() {
        for case .verified(let file) in files.map(\.incoming) {
            guard let name = file.path.lastComponent?.string else { continue }
            _ = try? Folder.root(file.path.removingLastComponent())?.remove(name)
        }
    }

    /// Removes the files from where they were, now that the store has them. One that is reached by a link stays, and so
    /// does one that somebody has written to since it was read.
    ///
    /// - Returns: Whether all are gone.
    func removeSources() -> Bool {
        var areGone = true
        for file in files {
            let path = file.source.path
            guard !file.source.isLink, FileStatus(of: path)?.isUnchanged(since: file.status) == true,
                let name = path.lastComponent?.string,
                (try? Folder.root(path.removingLastComponent())?.remove(name)) == true
            else {
                areGone = false
                continue
            }
        }
        return areGone
    }
}
