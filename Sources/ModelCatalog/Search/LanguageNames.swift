/// What the languages of models are called in English and Spanish. Codes are ISO 639-1.
package enum LanguageNames {
    /// English and Spanish names by code; a system's own tables would differ between machines.
    static let names: [String: [String]] = [
        "af": ["Afrikaans", "afrikáans"], "am": ["Amharic", "amárico"], "ar": ["Arabic", "árabe"],
        "as": ["Assamese", "asamés"], "az": ["Azerbaijani", "azerí"], "ba": ["Bashkir", "baskir"],
        "be": ["Belarusian", "bielorruso"], "bg": ["Bulgarian", "búlgaro"], "bn": ["Bengali", "bengalí"],
        "bo": ["Tibetan", "tibetano"], "bs": ["Bosnian", "bosnio"], "ca": ["Catalan", "catalán"],
        "cs": ["Czech", "checo"], "cy": ["Welsh", "galés"], "da": ["Danish", "danés"], "de": ["German", "alemán"],
        "el": ["Greek", "griego"], "en": ["English", "inglés"], "es": ["Spanish", "español", "castellano"],
        "et": ["Estonian", "estonio"], "eu": ["Basque", "euskera", "vasco"], "fa": ["Persian", "persa"],
        "fi": ["Finnish", "finés"], "fo": ["Faroese", "feroés"], "fr": ["French", "francés"],
        "ga": ["Irish", "irlandés"], "gl": ["Galician", "gallego"], "gu": ["Gujarati", "guyaratí"],
        "ha": ["Hausa", "hausa"], "he": ["Hebrew", "hebreo"], "hi": ["Hindi", "hindi"], "hr": ["Croatian", "croata"],
        "ht": ["Haitian Creole", "criollo haitiano"], "hu": ["Hungarian", "húngaro"], "hy": ["Armenian", "armenio"],
        "id": ["Indonesian", "indonesio"], "ig": ["Igbo", "igbo"], "is": ["Icelandic", "islandés"],
        "it": ["Italian", "italiano"], "ja": ["Japanese", "japonés"], "jv": ["Javanese", "javanés"],
        "ka": ["Georgian", "georgiano"], "kk": ["Kazakh", "kazajo"], "km": ["Khmer", "jemer"],
        "kn": ["Kannada", "canarés"], "ko": ["Korean", "coreano"], "lb": ["Luxembourgish", "luxemburgués"],
        "li": ["Limburgish", "limburgués"], "lo": ["Lao", "lao"], "lt": ["Lithuanian", "lituano"],
        "lv": ["Latvian", "letón"], "mg": ["Malagasy", "malgache"], "mk": ["Macedonian", "macedonio"],
        "ml": ["Malayalam", "malabar"], "mn": ["Mongolian", "mongol"], "mr": ["Marathi", "maratí"],
        "ms": ["Malay", "malayo"], "mt": ["Maltese", "maltés"], "my": ["Burmese", "birmano"],
        "ne": ["Nepali", "nepalí"], "nl": ["Dutch", "neerlandés", "holandés"], "no": ["Norwegian", "noruego"],
        "oc": ["Occitan", "occitano"], "or": ["Odia", "oriya"], "pa": ["Punjabi", "panyabí"],
        "pl": ["Polish", "polaco"], "pt": ["Portuguese", "portugués"], "ro": ["Romanian", "rumano"],
        "ru": ["Russian", "ruso"], "sc": ["Sardinian", "sardo"], "sd": ["Sindhi", "sindi"],
        "si": ["Sinhala", "cingalés"], "sk": ["Slovak", "eslovaco"], "sl": ["Slovenian", "esloveno"],
        "sn": ["Shona", "shona"], "sq": ["Albanian", "albanés"], "sr": ["Serbian", "serbio"],
        "su": ["Sundanese", "sundanés"], "sv": ["Swedish", "sueco"], "sw": ["Swahili", "suajili"],
        "ta": ["Tamil", "tamil"], "te": ["Telugu", "telugu"], "tg": ["Tajik", "tayiko"], "th": ["Thai", "tailandés"],
        "tl": ["Tagalog", "tagalo"], "tr": ["Turkish", "turco"], "tt": ["Tatar", "tártaro"],
        "ug": ["Uyghur", "uigur"], "uk": ["Ukrainian", "ucraniano"], "ur": ["Urdu", "urdu"],
        "uz": ["Uzbek", "uzbeko"], "vi": ["Vietnamese", "vietnamita"], "wo": ["Wolof", "wólof"],
        "xh": ["Xhosa", "xhosa"], "yi": ["Yiddish", "yidis"], "yo": ["Yoruba", "yoruba"], "zh": ["Chinese", "chino"],
        "zu": ["Zulu", "zulú"],
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
