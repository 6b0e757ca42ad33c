internal import Disk
internal import GGUF
internal import ModelCatalog

/// The vision projectors of a repository, and which of them belongs to a model.
struct HubProjectors {
    private struct Projector {
        let sibling: ModelInfo.Sibling
        let folders: [Substring]
        let bits: Double
    }

    private let all: [Projector]

    init(_ siblings: [ModelInfo.Sibling]) {
        all = siblings.compactMap { sibling in
            let path = sibling.rfilename
            guard FileName(path)?.kind == .projector, (try? FileNameRules.relativePath(path)) != nil else { return nil }
            return Projector(sibling: sibling, folders: Self.folders(of: path), bits: Self.bits(of: path))
        }
    }

    /// As llama.cpp chooses (`common/download.cpp`, `find_best_mmproj`): in the model's folder or one above it, the
    /// nearest first; of several there, the first whose numbers have about as many bits as the model's.
    func best(for model: String) -> ModelInfo.Sibling? {
        let home = Self.folders(of: model)
        let bits = Self.bits(of: model)
        func rank(_ projector: Projector) -> (Int, Double) { (-projector.folders.count, abs(projector.bits - bits)) }
        return all.filter { home.starts(with: $0.folders) }.min { rank($0) < rank($1) }?.sibling
    }

    private static func folders(of path: String) -> [Substring] { path.split(separator: "/").dropLast() }

    /// Of one weight, for the most part; sixteen where the name does not say.
    private static func bits(of path: String) -> Double {
        FileName(path)?.quantization?.fileType.baseType.bitsPerWeight ?? 16
    }
}
