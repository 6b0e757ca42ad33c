/// What a model is for.
public enum ModelType: String, Hashable, Sendable, Codable, CaseIterable {
    /// Answers, in general. One that sees pictures besides is of this type too.
    case chat
    /// Continues a text and does not answer.
    case base
    /// Made for programs.
    case code
    /// Made for pictures.
    case vision
    /// Turns texts into vectors, for search.
    case embedding
    /// Puts what a search found into order.
    case reranker
    case translation
    /// Thinks at length before it answers.
    case reasoning

    /// Whether one can talk with it.
    public var answers: Bool { [.chat, .reasoning, .code, .vision].contains(self) }
}

/// What a model takes in.
public enum Modality: String, Hashable, Sendable, Codable, CaseIterable {
    case text, image, audio, video
}

/// Whether a model writes down its thoughts before it answers.
public enum Thinking: String, Hashable, Sendable, Codable, CaseIterable {
    case never, switchable, always
}

/// How a publisher advises to pick words; what it does not say is nil.
public struct SamplingAdvice: Hashable, Sendable, Codable {
    /// Nil where the advice is for both.
    public var mode: Mode?
    /// llama.cpp's `--temp`.
    public var temperature: Double?
    /// `--top-p`.
    public var topP: Double?
    /// `--top-k`.
    public var topK: Int?
    /// `--min-p`.
    public var minP: Double?
    /// `--repeat-penalty`.
    public var repeatPenalty: Double?
    /// `--presence-penalty`.
    public var presencePenalty: Double?

    /// With thinking or without.
    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        case thinking
        case quick = "non_thinking"
    }

    private enum CodingKeys: String, CodingKey {
        case mode, temperature
        case topP = "top_p"
        case topK = "top_k"
        case minP = "min_p"
        case repeatPenalty = "repeat_penalty"
        case presencePenalty = "presence_penalty"
    }
}

/// The file that turns pictures or sound into what a language model reads.
public struct CatalogProjector: Hashable, Sendable {
    /// The repository, its commit where one is pinned, and the path.
    public var hubReference: HubReference
    /// In bytes; nil when no source gives it.
    public var size: Int64?
    /// Nil when no source prints one.
    public var digest: Digest?

    /// What it is stored under.
    public var name: String { hubReference.fileName }
}

/// One of several files that make up a model.
public struct CatalogPart: Hashable, Sendable {
    /// Path inside the repository.
    public var path: String
    /// In bytes; nil when no source gives it.
    public var size: Int64?
    /// Nil when no source prints one.
    public var digest: Digest?
}

extension HubReference {
    /// The last component of the path; empty where no file is named.
    var fileName: String {
        guard case .path(let path) = selection else { return "" }
        return path.split(separator: "/").last.map(String.init) ?? path
    }
}
