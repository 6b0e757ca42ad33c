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
    package var answers: Bool { [.chat, .reasoning, .code, .vision].contains(self) }

    /// Whether it writes text, token after token: the others read a text and give numbers.
    package var writes: Bool { self != .embedding && self != .reranker }
}

/// What a model takes in.
public enum Modality: String, Hashable, Sendable, Codable, CaseIterable {
    case text, image, audio, video
}

/// Whether a model writes down its thoughts before it answers.
public enum Thinking: String, Hashable, Sendable, Codable, CaseIterable {
    case never, switchable, always
}

/// An app for phones that offers a model.
package struct PhoneApp: Hashable, Sendable, Codable {
    /// As its stores call it.
    package var name: String
    /// The memory that it asks a phone to have, in the gigabytes that phones are sold by; nil when it does not say.
    package var minMemory: Int?

    private enum CodingKeys: String, CodingKey {
        case name
        case minMemory = "min_memory_gb"
    }
}

/// How a publisher advises to pick words; what it does not say is nil.
package struct SamplingAdvice: Hashable, Sendable, Codable {
    /// Nil where the advice is for both.
    package var mode: Mode?
    /// llama.cpp's `--temp`.
    package var temperature: Double?
    /// `--top-p`.
    package var topP: Double?
    /// `--top-k`.
    package var topK: Int?
    /// `--min-p`.
    package var minP: Double?
    /// `--repeat-penalty`.
    package var repeatPenalty: Double?
    /// `--presence-penalty`.
    package var presencePenalty: Double?

    /// With thinking or without.
    package enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
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
package struct CatalogProjector: Hashable, Sendable {
    /// The repository, its commit where one is pinned, and the path.
    package var hubReference: HubReference
    /// In bytes; nil when no source gives it.
    package var size: Int64?
    /// Nil when no source prints one.
    package var digest: Digest?

    /// What it is stored under.
    package var name: String { hubReference.fileName }
}

/// One of several files that make up a model.
package struct CatalogPart: Hashable, Sendable {
    /// Path inside the repository.
    package var path: String
    /// In bytes; nil when no source gives it.
    package var size: Int64?
    /// Nil when no source prints one.
    package var digest: Digest?
}

extension HubReference {
    /// The last component of the path; empty where no file is named.
    var fileName: String {
        guard case .path(let path) = selection else { return "" }
        return path.split(separator: "/").last.map(String.init) ?? path
    }
}
