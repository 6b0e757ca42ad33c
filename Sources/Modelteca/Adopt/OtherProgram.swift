/// A program that keeps models on this disk, in a place and a layout of its own.
public enum OtherProgram: String, Sendable, CaseIterable {
    case ollama
    case lmStudio = "lmstudio"
    case llamaCpp = "llama.cpp"
    case huggingFace = "hf"
    case gpt4All = "gpt4all"
    case jan
    case ramaLama = "ramalama"
    case docker
    case modelScope = "modelscope"

    /// As it writes its own name.
    public var name: String {
        switch self {
        case .ollama: "Ollama"
        case .lmStudio: "LM Studio"
        case .llamaCpp: "llama.cpp"
        case .huggingFace: "Hugging Face"
        case .gpt4All: "GPT4All"
        case .jan: "Jan"
        case .ramaLama: "RamaLama"
        case .docker: "Docker Model Runner"
        case .modelScope: "ModelScope"
        }
    }
}
