/// What people call a use or a topic, in both languages, for the facts of a model that no text of the catalog spells out.
enum SearchTags {
    static func words(for entry: CatalogEntry) -> [String] {
        var words = typed[entry.type] ?? []
        if entry.sees { words += pictures }
        if entry.modalities.contains(.audio) { words += ["audio", "sound", "speech", "sonido", "voz"] }
        if entry.modalities.contains(.video) { words += ["video", "vídeo"] }
        switch entry.thinking {
        case .always?, .switchable?: words += thinking
        case .never?, nil: break
        }
        if entry.tools == true {
            words += ["tools", "agent", "agents", "function", "herramientas", "agente", "funciones"]
        }
        if entry.fillsInTheMiddle == true {
            words += ["editor", "autocomplete", "completion", "fim", "infill", "autocompletar", "completar"]
        }
        if !entry.phoneApps.isEmpty { words += ["app", "apps", "android"] + entry.phoneApps.map(\.name) }
        if let count = entry.parameters, count < 1_000_000_000 {
            words += ["tiny", "small", "little", "pequeño", "chico", "diminuto", "mínimo"]
        }
        if let active = entry.activeParameters, active < entry.parameters ?? 0 {
            words += ["moe", "experts", "mixture", "expertos", "mezcla"]
        }
        return words
    }

    private static let pictures = [
        "vision", "visual", "picture", "pictures", "image", "images", "photo", "photos", "multimodal", "visión",
        "imagen", "imágenes", "foto", "fotos",
    ]
    private static let thinking = [
        "thinking", "reasoning", "math", "mathematics", "logic", "razonamiento", "razonar", "pensar", "matemáticas",
        "lógica",
    ]
    private static let typed: [ModelType: [String]] = [
        .chat: ["chat", "conversation", "assistant", "conversación", "conversar", "asistente"],
        .base: ["base", "completion", "continuar"],
        .code: [
            "code", "coder", "coding", "programming", "program", "developer", "código", "programar", "programación",
            "programador",
        ],
        .vision: pictures,
        .embedding: [
            "embedding", "embeddings", "search", "documents", "semantic", "rag", "buscar", "búsqueda", "documentos",
            "vectores", "incrustaciones",
        ],
        .reranker: ["reranker", "rerank", "search", "búsqueda", "ordenar"],
        .translation: ["translation", "translate", "translator", "traducción", "traducir", "traductor"],
        .reasoning: thinking,
    ]
}
