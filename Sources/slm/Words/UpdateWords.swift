/// What an update would change.
enum UpdateWords {
    /// - Parameters:
    ///   - keys: Metadata that came, went, or has another value.
    ///   - changed: How many of the `tensors` are others.
    static func change(_ keys: [String], _ changed: Int, of tensors: Int) -> String {
        let template = keys.contains("tokenizer.chat_template")
        let others = keys.count - (template ? 1 : 0)
        var parts: [String] = []
        if template { parts.append(say(en: "chat template", es: "plantilla de chat")) }
        switch others {
        case 0: break
        case 1: parts.append(say(en: "1 metadata key", es: "1 clave de metadatos"))
        default: parts.append(say(en: "\(others) metadata keys", es: "\(others) claves de metadatos"))
        }
        let metadata =
            parts.isEmpty
            ? say(en: "no metadata", es: "ningún metadato") : parts.joined(separator: say(en: " and ", es: " y "))
        return say(
            en: "\(metadata); \(changed) of \(tensors) tensors", es: "\(metadata); \(changed) de \(tensors) tensores")
    }
}
