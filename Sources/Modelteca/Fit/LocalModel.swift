internal import Foundation
internal import GGUF
package import LlamaMemory
internal import ModelCatalog
package import SystemPackage

/// A model on this disk as llama.cpp would find it: the headers of all its parts, and why it would refuse them.
struct LocalModel {
    /// All parts as one; nil where not even a header can be read.
    var file: GGUFFile?
    /// Nil where nothing speaks against it.
    var refusal: LoadRefusal?

    /// Reads the file, and of a split model all the parts that its name promises.
    ///
    /// - Throws: `GGUFError`.
    init(at path: FilePath) throws(GGUFError) {
        let folder = path.removingLastComponent()
        let name = FileName(path.lastComponent?.string ?? "")
        let paths = (name?.allShards ?? []).map { folder.appending($0) }
        let missing = paths.count > 1 ? paths.filter { !FileManager.default.fileExists(atPath: $0.string) } : []
        guard let first = paths.first(where: { !missing.contains($0) }), paths.count > 1 else {
            try self.init(whole: path, missing: [])
            return
        }
        guard missing.isEmpty else {
            try self.init(whole: first, missing: missing.compactMap { $0.lastComponent?.string })
            return
        }
        try self.init(parts: paths)
    }

    private init(whole path: FilePath, missing: [String]) throws(GGUFError) {
        guard let header = try read(path) else { return }
        file = header
        refusal =
            missing.isEmpty
            ? LoadRefusal(header)
                ?? (header.split == nil ? nil : .splitName(path.lastComponent?.string ?? path.string))
            : .splitPartMissing(missing)
    }

    /// What its own header says counts, not its name: of a file that is no part of anything the others are not asked.
    private init(parts paths: [FilePath]) throws(GGUFError) {
        guard let first = try read(paths[0]) else { return }
        (file, refusal) = (first, LoadRefusal(first))
        guard let split = first.split else { return }
        guard split.count == paths.count, split.index == 0 else {
            refusal = refusal ?? .splitPartsDiffer(paths[0].lastComponent?.string ?? "")
            return
        }
        var others: [GGUFFile] = []
        for (index, path) in paths.enumerated().dropFirst() {
            guard let part = try read(path) else { return }
            refusal = refusal ?? LoadRefusal(part)
            if part.split?.index != index {
                refusal = refusal ?? .splitPartsDiffer(path.lastComponent?.string ?? "")
            }
            others.append(part)
        }
        let whole = first.joined(with: others)
        if let count = split.tensorCount, count != whole.tensors.count {
            refusal = refusal ?? .splitPartsDiffer(paths[0].lastComponent?.string ?? "")
        }
        file = whole
    }

    /// Nil, with the refusal set, where the header is sound and only llama.cpp, or this reader, does not know it.
    private mutating func read(_ path: FilePath) throws(GGUFError) -> GGUFFile? {
        do throws(GGUFError) {
            return try GGUFFile(path: path.string)
        } catch {
            guard let found = LoadRefusal(error) else { throw error }
            refusal = found
            return nil
        }
    }
}

extension Shelf {
    /// Why llama.cpp would not run a file as a model; nil where nothing speaks against it, or the file cannot be read.
    ///
    /// - Parameter path: A file, or any part of a split model.
    package static func refusal(of path: FilePath) -> LoadRefusal? { (try? LocalModel(at: path))?.refusal }
}
