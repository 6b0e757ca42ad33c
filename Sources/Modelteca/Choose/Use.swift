package import ModelCatalog

/// What somebody wants a model for.
public enum Use: Hashable, Sendable {
    /// To talk with, in general.
    case chat
    /// To write programs.
    case code
    /// To complete code in an editor, between what stands before and behind it.
    case editor
    /// To read and write a language, by its ISO 639-1 code.
    case language(String)
    /// To write well, by the votes of people who read without knowing who wrote.
    case writing
    /// To say what is in a picture.
    case pictures
    /// To find something in one's own documents.
    case documents
    /// To answer at once on any device.
    case tiny

    /// What most people ask for, in the order in which it is told.
    public static let usual: [Use] = [.chat, .code, .language("es"), .pictures, .documents, .tiny]

    /// Takes the words of `--use`.
    public init?(parsing text: String) {
        switch text.lowercased() {
        case "chat", "conversation", "conversación", "conversacion": self = .chat
        case "code", "código", "codigo", "programming": self = .code
        case "editor", "completion", "autocompletar": self = .editor
        case "spanish", "español", "espanol": self = .language("es")
        case "writing", "prose", "redacción", "redaccion": self = .writing
        case "pictures", "vision", "visión", "images", "imágenes", "imagenes": self = .pictures
        case "documents", "embedding", "embeddings", "documentos": self = .documents
        case "tiny", "pequeño", "pequeno": self = .tiny
        default: return nil
        }
    }

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .chat: "chat"
        case .code: "code"
        case .editor: "editor"
        case .language("es"): "spanish"
        case .language: "language"
        case .writing: "writing"
        case .pictures: "pictures"
        case .documents: "documents"
        case .tiny: "tiny"
        }
    }

    /// What is made for the use alone comes before what can do it too.
    func isMade(_ entry: CatalogEntry) -> Bool { self == .editor && entry.type == .code }

    /// Slower than this a model is no help for the use, in tokens a second.
    package var leastSpeed: Double {
        switch self {
        // The rest of a line has to be there while one hesitates. Each word of one's documents goes through the model, and
        // its vectors are no better for being waited for.
        case .editor, .documents: 20
        default: Self.readingSpeed
        }
    }

    /// Slower than people read there is no use, in tokens a second; more is asked of what has to be quick.
    static let readingSpeed = 4.0

    /// Weights; at four bits half a gigabyte, which the smallest board and an old phone have.
    private static let tinyLimit: Int64 = 1_000_000_000

    /// Which models are for this at all, as far as a file of them is known.
    package var filter: CatalogFilter {
        var filter = CatalogFilter()
        filter.hasFiles = true
        filter.types = [.chat, .reasoning]
        switch self {
        case .chat, .writing: break
        case .code: filter.types = [.chat, .reasoning, .code]
        case .language(let code): filter.language = code
        case .pictures:
            filter.types = Set(ModelType.allCases.filter(\.answers))
            filter.sees = true
        case .editor:
            filter.types = nil
            filter.fillsInTheMiddle = true
        case .documents: filter.types = [.embedding]
        case .tiny: filter.parametersBelow = Self.tinyLimit
        }
        return filter
    }

    /// The tests by which models are ordered for this. No test asks for other languages than Spanish: there general
    /// ability decides among the models that know the language.
    var tested: QualityUse? {
        switch self {
        // Tests of code ask for short programs; none asks to complete a line.
        case .editor: nil
        case .chat, .tiny: .chat
        case .code: .code
        case .language(let code): code == "es" ? .spanish : .chat
        case .writing: .writing
        case .pictures: .vision
        case .documents: .embedding
        }
    }
}
