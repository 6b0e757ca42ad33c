/// What the languages of models are called in English and Spanish. Codes are ISO 639-1.
package enum LanguageNames {
    /// English and Spanish names by code; a system's own tables would differ between machines.
    static let names: [String: [String]] = [
        "ar": ["Arabic", "árabe"], "cs": ["Czech", "checo"], "da": ["Danish", "danés"], "de": ["German", "alemán"],
        "en": ["English", "inglés"], "es": ["Spanish", "español", "castellano"], "fi": ["Finnish", "finés"],
        "fr": ["French", "francés"], "he": ["Hebrew", "hebreo"], "hi": ["Hindi", "hindi"],
        "hu": ["Hungarian", "húngaro"], "it": ["Italian", "italiano"], "ja": ["Japanese", "japonés"],
        "ko": ["Korean", "coreano"], "nl": ["Dutch", "neerlandés", "holandés"], "no": ["Norwegian", "noruego"],
        "pl": ["Polish", "polaco"], "pt": ["Portuguese", "portugués"], "ru": ["Russian", "ruso"],
        "sv": ["Swedish", "sueco"], "th": ["Thai", "tailandés"], "tr": ["Turkish", "turco"],
        "uk": ["Ukrainian", "ucraniano"], "vi": ["Vietnamese", "vietnamita"], "zh": ["Chinese", "chino"],
    ]

    /// What a language is called; its code where no name is known.
    package static func name(of code: String, inSpanish: Bool) -> String {
        guard let known = names[code] else { return code }
        return inSpanish ? known[1] : known[0]
    }

    /// The code that a code or a name means; an unknown word stays as it is, in lower case.
    package static func code(_ word: String) -> String {
        let folded = CatalogSearch.fold(word)
        if names[folded] != nil { return folded }
        // `es-MX`, `pt_BR`: the first part is the language.
        if let head = folded.split(whereSeparator: { "-_".contains($0) }).first, names[String(head)] != nil {
            return String(head)
        }
        return names.first { $0.value.contains { CatalogSearch.fold($0) == folded } }?.key ?? folded
    }
}
