internal import Disk
internal import GGUF
internal import ModelCatalog

/// The vision projectors of a repository, and which of them belongs to a model.
struct HubProjectors {
    private struct Projector {
        let sibling: ModelInfo.Sibling
        let bits: Double
    }

    /// By folder, in each the first with as many bits: few, however many files a repository lists.
    private var all: [[Substring]: [Projector]] = [:]

    init(_ siblings: [ModelInfo.Sibling]) {
        for sibling in siblings {
            let path = sibling.rfilename
            guard FileName.isProjector(path), (try? FileNameRules.relativePath(path)) != nil else { continue }
            let projector = Projector(sibling: sibling, bits: Self.bits(of: path))
            let folder = Self.folders(of: path)
            if all[folder]?.contains(where: { $0.bits == projector.bits }) == true { continue }
            all[folder, default: []].append(projector)
        }
    }

    /// As llama.cpp chooses (`common/download.cpp`, `find_best_mmproj`): in the model's folder or one above it, the
    /// nearest first; of several there, the first whose numbers have about as many bits as the model's.
    func best(for model: String) -> ModelInfo.Sibling? {
        guard !all.isEmpty else { return nil }
        let home = Self.folders(of: model)
        let bits = Self.bits(of: model)
        let nearest = (0...home.count).reversed().lazy.compactMap { all[Array(home.prefix($0))] }.first
        return nearest?.min { abs($0.bits - bits) < abs($1.bits - bits) }?.sibling
    }

    private static func folders(of path: String) -> [Substring] { path.split(separator: "/").dropLast() }

    /// Of one weight, for the most part; sixteen where the name does not say.
    private static func bits(of path: String) -> Double {
        FileName(path)?.quantization?.fileType.baseType.bitsPerWeight ?? 16
    }
}
