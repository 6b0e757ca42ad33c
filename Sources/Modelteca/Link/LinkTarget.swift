package import SystemPackage

/// Who shall use a stored file.
package enum LinkTarget: Hashable, Sendable {
    /// LM Studio's models folder.
    case lmStudio
    /// A Modelfile: Ollama takes models in by itself only.
    case ollama
    /// The Hub's cache, where huggingface_hub and llama.cpp look.
    case huggingFace
    /// Any folder.
    case folder(FilePath)

    /// The name in the record.
    var name: String {
        switch self {
        case .lmStudio: "lmstudio"
        case .ollama: "ollama"
        case .huggingFace: "hf"
        case .folder(let path): path.string
        }
    }
}

/// A name that a stored file has elsewhere.
package struct ModelLink: Hashable, Sendable, Codable {
    /// The stored model.
    package var ref: String
    /// Who uses it: `lmstudio`, `ollama`, `hf`, or a folder.
    package var target: String
    /// Where the name is.
    package var path: String
    /// The stored file.
    package var file: String
    /// What was put there for it, at `path` and elsewhere: only that is removed with it.
    var made: [String]?

    /// Whether both are the same name for the same model.
    func isSame(_ other: ModelLink) -> Bool { path == other.path && ref == other.ref }
}
