public import SystemPackage

/// Who shall use a stored file.
public enum LinkTarget: Hashable, Sendable {
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
public struct ModelLink: Hashable, Sendable, Codable {
    /// The stored model.
    public var ref: String
    /// Who uses it: `lmstudio`, `ollama`, `hf`, or a folder.
    public var target: String
    /// Where the name is.
    public var path: String
    /// The stored file.
    public var file: String
}
