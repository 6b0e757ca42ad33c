/// What no name may have and no terminal may get: a row for each kind, and each way in which five older rules differed.
enum HiddenCharacters {
    static let all: [(kind: String, character: String)] = [
        ("null", "\u{0}"), ("bell", "\u{7}"), ("backspace", "\u{8}"), ("shift out", "\u{E}"), ("delete", "\u{7F}"),
        ("padding (C1)", "\u{80}"), ("application command (C1)", "\u{9F}"), ("soft hyphen", "\u{AD}"),
        ("combining grapheme joiner", "\u{34F}"), ("Arabic letter mark", "\u{61C}"), ("Arabic number sign", "\u{600}"),
        ("Hangul filler", "\u{115F}"), ("Hangul filler", "\u{3164}"), ("half-width Hangul filler", "\u{FFA0}"),
        ("Khmer vowel without a form", "\u{17B4}"), ("Mongolian variation selector", "\u{180B}"),
        ("Mongolian vowel separator", "\u{180E}"), ("zero-width space", "\u{200B}"),
        ("zero-width non-joiner", "\u{200C}"), ("zero-width joiner", "\u{200D}"), ("left-to-right mark", "\u{200E}"),
        ("right-to-left mark", "\u{200F}"), ("left-to-right embedding", "\u{202A}"),
        ("right-to-left override", "\u{202E}"), ("word joiner", "\u{2060}"), ("invisible times", "\u{2062}"),
        ("unassigned and ignorable", "\u{2065}"), ("right-to-left isolate", "\u{2067}"),
        ("pop directional isolate", "\u{2069}"), ("nominal digit shapes", "\u{206F}"),
        ("byte order mark", "\u{FEFF}"), ("interlinear annotation", "\u{FFF9}"),
        ("variation selector after a letter", "\u{FE0F}"), ("variation selector after a letter", "\u{FE00}"),
        ("variation selector after a letter", "\u{E0100}"), ("shorthand format", "\u{1BCA0}"),
        ("musical format", "\u{1D173}"), ("language tag", "\u{E0001}"), ("tag a", "\u{E0061}"),
        ("cancel tag", "\u{E007F}"), ("noncharacter", "\u{FFFF}"),
    ]

    /// Hidden from names too, where `printable` makes a space of them.
    static let breaks = ["\t", "\n", "\u{B}", "\u{C}", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"]

    /// What both let pass.
    static let shown = [
        "", "a", "model-Q4_K_M.gguf", "modelo ñandú.gguf", "e\u{301}", "日本語", "葛\u{E0100}", "한국어", "עברית", "ไทย",
        "👍", "👍🏽", "❤\u{FE0F}", "☀\u{FE0E}", "x²", "a\u{A0}b", "a\u{3000}b", "\u{E000}", "🇪🇸",
    ]
}
