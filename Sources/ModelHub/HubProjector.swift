internal import GGUF
internal import ModelCatalog

/// Which of a repository's vision projectors belongs to a model.
enum HubProjector {
    /// As llama.cpp chooses (`common/download.cpp`, `find_best_mmproj`): in the model's folder or one above it, the
    /// nearest first; of several there, the one whose numbers have about as many bits as the model's.
    static func best(of siblings: [ModelInfo.Sibling], for model: String) -> ModelInfo.Sibling? {
        let home = folders(of: model)
        let bits = bits(of: model)
        let found = siblings.filter { sibling in
            FileName(sibling.rfilename)?.kind == .projector && home.starts(with: folders(of: sibling.rfilename))
                && (try? FileNameRules.relativePath(sibling.rfilename)) != nil
        }
        return found.enumerated().min { left, right in rank(left) < rank(right) }?.element

        func rank(_ item: (offset: Int, element: ModelInfo.Sibling)) -> (Int, Double, Int) {
            let path = item.element.rfilename
            return (-folders(of: path).count, abs(self.bits(of: path) - bits), item.offset)
        }
    }

    private static func folders(of path: String) -> [Substring] { path.split(separator: "/").dropLast() }

    /// Of one weight, for the most part; sixteen where the name does not say.
    private static func bits(of path: String) -> Double {
        FileName(path)?.quantization?.mixture.baseType.bitsPerWeight ?? 16
    }
}
